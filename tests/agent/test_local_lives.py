"""The unix socket between agent and executor: events, and ends that go away and come back."""

import asyncio

import pytest

from linkhold.foundation.failures import Temporary
from linkhold.wire import frames
from linkhold.wire.call import RpcError
from linkhold.wire.local_client import LocalClient
from linkhold.wire.local_server import LocalCall, LocalServer
from tests.agent.locals import Executor, everybody


def test_what_was_asked_goes_on_when_the_asker_is_gone(path: str) -> None:
    async def scene() -> None:
        executor = Executor()
        server, client = LocalServer(path, everybody, executor), LocalClient(path)
        await server.start()
        waiting = asyncio.create_task(client.call("wait"))
        while not executor.calls:
            await asyncio.sleep(0.01)
        await client.close()
        with pytest.raises(Temporary):
            await waiting
        executor.open.set()
        while executor.ended != ["wait"]:
            await asyncio.sleep(0.01)
        await server.close()

    asyncio.run(scene())


def test_a_client_connects_again(path: str) -> None:
    async def scene() -> None:
        client = LocalClient(path)
        for _ in range(2):
            executor = Executor()
            server = LocalServer(path, everybody, executor)
            await server.start()
            waiting = asyncio.create_task(client.call("wait"))
            while not executor.calls:
                await asyncio.sleep(0.01)
            await server.close(grace=0)
            with pytest.raises(Temporary, match="the connection was lost"):
                await waiting
            executor.open.set()
        await client.close()

    asyncio.run(scene())


def test_events_and_their_coming_back(path: str) -> None:
    async def scene() -> None:
        client = LocalClient(path)
        heard: asyncio.Queue[tuple[str, dict[str, object]]] = asyncio.Queue()
        connected: asyncio.Queue[bool] = asyncio.Queue()
        following = asyncio.create_task(
            client.follow(lambda name, params: heard.put_nowait((name, params)), lambda: connected.put_nowait(True))
        )
        for generation in (1, 2):
            server = LocalServer(path, everybody, Executor())
            await server.start()
            await connected.get()
            server.publish("changed", {"generation": generation})
            assert await heard.get() == ("changed", {"generation": generation})
            assert await client.call("show") is None
            server.publish("drift", {})
            assert await heard.get() == ("drift", {})
            await server.close()
        following.cancel()
        await asyncio.wait([following])
        assert heard.empty()
        await client.close()

    asyncio.run(scene())


def test_events_come_when_the_executor_is_ready_to_tell_them(path: str, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        refusals = 2

        async def reluctant(call: LocalCall) -> object:
            nonlocal refusals
            refusals -= 1
            if refusals >= 0:
                raise RpcError(99, "Recovering from crash or Initializing")
            call.connection.subscribe()
            return True

        server, client, connected = LocalServer(path, everybody, reluctant), LocalClient(path), asyncio.Event()
        await server.start()
        following = asyncio.create_task(client.follow(lambda name, params: None, connected.set))
        await connected.wait()
        following.cancel()
        await asyncio.wait([following])
        await server.close()

    asyncio.run(scene())
    said = [record.getMessage() for record in caplog.records if "no events" in record.getMessage()]
    assert said == ["no events: Recovering from crash or Initializing"]


def test_a_bug_in_who_hears_events_is_not_lost(path: str) -> None:
    async def scene() -> None:
        def broken(name: str, params: dict[str, object]) -> None:
            raise ZeroDivisionError

        server, client = LocalServer(path, everybody, Executor()), LocalClient(path)
        await server.start()
        connected = asyncio.Event()
        following = asyncio.create_task(client.follow(broken, connected.set))
        await connected.wait()
        server.publish("changed", {})
        with pytest.raises(ZeroDivisionError):
            await following
        await server.close()

    asyncio.run(scene())


def test_who_does_not_read_is_cut_off(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from linkhold.wire import local_server

    monkeypatch.setattr(local_server, "MOST_UNREAD", 100_000)

    async def scene() -> None:
        executor = Executor()
        server = LocalServer(path, everybody, executor)
        await server.start()
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(frames.encode({"id": 1, "verb": "subscribe"}))
        await reader.readexactly(4)
        assert isinstance(writer.transport, asyncio.Transport)
        writer.transport.pause_reading()
        while server._connections:
            server.publish("changed", {"x": "x" * 50_000})
            await asyncio.sleep(0)
        writer.close()
        await server.close()

    asyncio.run(scene())


def test_the_servers_end_waits_for_what_is_being_carried_out(path: str) -> None:
    async def scene() -> None:
        executor = Executor()
        server, client = LocalServer(path, everybody, executor), LocalClient(path)
        await server.start()
        waiting = asyncio.create_task(client.call("wait", {"a": 1}))
        while not executor.calls:
            await asyncio.sleep(0.01)
        closing = asyncio.create_task(server.close(grace=60))
        await asyncio.sleep(0.05)
        executor.open.set()
        assert await waiting == {"a": 1}
        await closing
        with pytest.raises(Temporary):
            await client.call("show")
        await client.close()

    asyncio.run(scene())
