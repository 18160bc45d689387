"""`linkhold agent call` against a server of ours, in a process of its own."""

import asyncio
import json
import sys

from linkhold.wire import tls
from linkhold.wire.server import Server
from tests.agent.wires import Place, echo


def files(said: tls.Files) -> list[str]:
    return ["--ca", said.authority, "--cert", said.certificate, "--key", said.key]


async def started(server: Server, *arguments: str, host: str = "localhost") -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "linkhold", "agent", "call", f"{host}:{server.port}", *arguments]
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)


async def called(server: Server, *arguments: str, host: str = "localhost", said: bytes = b"") -> tuple[int, str, str]:
    process = await started(server, *arguments, host=host)
    output, complaint = await process.communicate(said)
    assert process.returncode is not None
    return process.returncode, output.decode(), complaint.decode()


def test_calls(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo, address="::") as server:
            mine = files(place.centre)
            code, output, complaint = await called(server, "Host.ping2", "a=1", "b=x", "--flow", "f-1", *mine)
            assert (code, complaint) == (0, "")
            told = {"method": "Host.ping2", "params": {"a": 1, "b": "x"}, "peer": "centre", "correlation": "f-1"}
            assert json.loads(output) == told
            code, output, _ = await called(server, "Host.ping2", "-", *mine, host="[::1]", said=b"[1, 2]")
            assert (code, json.loads(output)["params"]) == (0, [1, 2])
            code, output, complaint = await called(server, "Test.fail", *mine)
            assert (code, json.loads(output)) == (1, {"error": {"code": 21, "message": "no", "data": {"why": "asked"}}})
            assert complaint == "linkhold: the host says no: no (code 21)\n"

    asyncio.run(scene())


def test_what_goes_wrong_is_told(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo, address="::") as server:
            code, _, complaint = await called(server, "Host.ping2", *files(place.foreign))
            assert code == 1
            assert "no TLS" in complaint
            assert "unable to get local issuer certificate" in complaint or "self-signed" in complaint
            code, _, complaint = await called(server, "Host.ping2", "--ca", "/nowhere.pem")
            assert (code, "/nowhere.pem: can't be read" in complaint) == (1, True)
            code, _, complaint = await called(server, "oops", "x", "y", *files(place.centre), host="a:b")
            assert (code, complaint.count("error[bad-call]")) == (65, 2)
            mine = files(place.centre)
            code, _, complaint = await called(server, "Test.none", *mine, host="127.0.0.2")
            assert (code, "IP address mismatch" in complaint) == (1, True)
            code, output, _ = await called(server, "Test.none", "--any-name", *mine, host="127.0.0.2")
            assert (code, output) == (0, "true\n")
        code, _, complaint = await called(server, "Host.ping2", *files(place.centre))
        assert (code, "can't be reached" in complaint) == (1, True)

    asyncio.run(scene())


def test_events_follow(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo, address="::") as server:
            process = await started(server, "Test.none", "--events", *files(place.centre))
            assert process.stdout is not None
            assert await process.stdout.readline() == b"true\n"
            server.publish("jms.queue.events", "|net|host_conn|no_id", {"notify_time": 1})
            line = json.loads(await process.stdout.readline())
            assert line == {"method": "|net|host_conn|no_id", "params": {"notify_time": 1}}
        _, complaint = await process.communicate()
        assert process.returncode == 1
        assert b"the host closed the connection" in complaint

    asyncio.run(scene())
