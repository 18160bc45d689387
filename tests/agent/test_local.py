"""The unix socket between agent and executor, with both ends of ours."""

import asyncio
import os
import pathlib
import socket
import stat
import struct

import pytest

from linkhold.foundation.failures import NotPermitted, Temporary, TimedOut
from linkhold.wire import frames
from linkhold.wire.call import RpcError
from linkhold.wire.local_client import LocalClient
from linkhold.wire.local_server import Credentials, LocalCall, LocalServer


class Executor:
    """A handler of a few verbs."""

    def __init__(self) -> None:
        self.calls: list[LocalCall] = []
        self.open = asyncio.Event()
        self.ended: list[str] = []

    async def __call__(self, call: LocalCall) -> object:
        self.calls.append(call)
        if call.verb == "wait":
            await self.open.wait()
        self.ended.append(call.verb)
        if call.verb == "fail":
            raise RpcError(40, "Resource unavailable", {"reason": "busy"})
        if call.verb == "break":
            raise KeyError("x")
        if call.verb == "odd":
            return object()
        if call.verb == "subscribe":
            call.connection.subscribe()
            return True
        return call.params or None


def everybody(credentials: Credentials) -> bool:
    return True


@pytest.fixture
def path(tmp_path: pathlib.Path) -> str:
    return str(tmp_path / "executor.sock")


def test_requests_and_answers(path: str) -> None:
    async def scene() -> None:
        executor = Executor()
        server, client = LocalServer(path, everybody, executor), LocalClient(path)
        await server.start()
        assert await client.call("show", {"details": True}, request="flow-1") == {"details": True}
        assert await client.call("keep") is None
        call = executor.calls[0]
        assert (call.verb, call.params, call.request) == ("show", {"details": True}, "flow-1")
        assert call.credentials == (os.getpid(), os.getuid(), os.getgid())
        with pytest.raises(RpcError) as failed:
            await client.call("fail")
        assert (failed.value.code, failed.value.message, failed.value.data) == (
            40,
            "Resource unavailable",
            {"reason": "busy"},
        )
        for verb in ("break", "odd"):
            with pytest.raises(RpcError) as broken:
                await client.call(verb)
            assert broken.value.code == -32603
        await client.close()
        await server.close()

    asyncio.run(scene())


def test_requests_do_not_wait_for_each_other(path: str) -> None:
    async def scene() -> None:
        executor = Executor()
        server, client = LocalServer(path, everybody, executor), LocalClient(path)
        await server.start()
        waiting = [asyncio.create_task(client.call("wait", {"n": number})) for number in range(30)]
        assert await client.call("show", {"a": 1}) == {"a": 1}
        with pytest.raises(TimedOut):
            await client.call("wait", timeout=0.01)
        executor.open.set()
        assert await asyncio.gather(*waiting) == [{"n": number} for number in range(30)]
        assert len({id(call.connection) for call in executor.calls}) == 1
        await client.close()
        await server.close()

    asyncio.run(scene())


def test_who_is_not_admitted_is_closed_and_logged(path: str, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        asked: list[Credentials] = []

        def nobody(credentials: Credentials) -> bool:
            asked.append(credentials)
            return False

        executor = Executor()
        server, client = LocalServer(path, nobody, executor), LocalClient(path)
        await server.start()
        with pytest.raises(Temporary):
            await client.call("show")
        assert asked == [(os.getpid(), os.getuid(), os.getgid())]
        assert executor.calls == []
        await client.close()
        await server.close()

    asyncio.run(scene())
    assert f"refused process {os.getpid()} of user {os.getuid()}" in caplog.text


def test_nobody_listens(path: str) -> None:
    async def scene() -> None:
        with pytest.raises(Temporary, match="nobody listens"):
            await LocalClient(path).call("show")

    asyncio.run(scene())


def test_the_socket_has_its_rights_and_goes_with_the_server(path: str) -> None:
    async def scene() -> None:
        dead = socket.socket(socket.AF_UNIX)
        dead.bind(path)
        dead.close()
        server = LocalServer(path, everybody, Executor())
        await server.start(mode=0o660, group=os.getgid())
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o660
        await server.close()
        assert not os.path.exists(path)

    asyncio.run(scene())


@pytest.mark.skipif(os.getuid() != 0, reason="root has to become somebody else")
def test_who_may_not_open_the_socket_is_told_so(path: str) -> None:
    """The rights of the socket keep others out before any of our code runs."""

    async def scene() -> None:
        server = LocalServer(path, everybody, Executor())
        await server.start(mode=0o600)
        for folder in pathlib.Path(path).parents:
            if folder.stat().st_uid == 0 and len(folder.parts) > 2:
                folder.chmod(0o755)
        os.seteuid(65534)
        try:
            with pytest.raises(NotPermitted):
                await LocalClient(path).call("show")
        finally:
            os.seteuid(0)
        await server.close()

    asyncio.run(scene())


def test_a_socket_that_was_handed_over(path: str) -> None:
    async def scene() -> None:
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(path)
        listening.listen()
        server, client = LocalServer(listening.detach(), everybody, Executor()), LocalClient(path)
        await server.start()
        assert await client.call("show", {"a": 1}) == {"a": 1}
        await client.close()
        await server.close()
        assert os.path.exists(path)  # it is not ours to remove

    asyncio.run(scene())


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


@pytest.mark.parametrize(
    "said",
    [
        b"\xff\xff\xff\xff",
        struct.pack("!I", 2) + b"[]",
        struct.pack("!I", 4) + b"{..}",
        frames.encode({"verb": "show"}),
        frames.encode({"id": 1, "verb": 5}),
        frames.encode({"id": 1, "verb": "show", "params": []}),
        frames.encode({"id": 1, "verb": "show", "request": 7}),
        frames.encode({"id": True, "verb": "show"}),
    ],
)
def test_who_speaks_nonsense_is_closed_and_nobody_else(path: str, said: bytes) -> None:
    async def scene() -> None:
        executor = Executor()
        server, client = LocalServer(path, everybody, executor), LocalClient(path)
        await server.start()
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(said)
        assert await reader.read() == b""
        writer.close()
        assert await client.call("show", {"a": 1}) == {"a": 1}
        assert [call.verb for call in executor.calls] == ["show"]
        await client.close()
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
        writer.transport.pause_reading()
        while server._connections:
            server.publish("changed", {"x": "x" * 50_000})
            await asyncio.sleep(0)
        writer.close()
        await server.close()

    asyncio.run(scene())
