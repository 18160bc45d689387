"""The unix socket between agent and executor, with both ends of ours: who may ask, what is answered."""

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
from linkhold.wire.local_server import Credentials, LocalServer
from tests.agent.locals import Executor, everybody


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
