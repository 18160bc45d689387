"""The server and the client of the wire over real TLS: certificates, clients that misbehave, connections that end."""

import asyncio
import contextlib
import json
import pathlib

import pytest

from linkhold.foundation.failures import Failure, Refused, Temporary, TimedOut
from linkhold.wire import stomp, tls
from linkhold.wire.call import Call, Peer, RpcError
from linkhold.wire.server import Limits
from tests.agent.wires import Place, echo


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(pathlib.Path(tmp_path_factory.mktemp("certificates")))


SUBSCRIBE = stomp.control("SUBSCRIBE", {"destination": "jms.topic.vdsm_responses", "id": "R", "ack": "auto"})


def request(method: str, id_: str, **headers: str) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", "method": method, "params": {}, "id": id_}).encode()
    said = {"destination": "jms.topic.vdsm_requests", **headers, "content-length": str(len(body))}
    return stomp.encode(stomp.Frame("SEND", said, body))


class Gate:
    """A handler whose calls of `Test.wait` end when the test says so."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.begun = asyncio.Event()
        self.ended: list[str] = []

    async def __call__(self, call: Call) -> object:
        if call.method == "Test.wait":
            self.begun.set()
            await self.open.wait()
        self.ended.append(call.method)
        return call.method


def test_calls_and_their_answers(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo) as server, place.client(server) as client:
            answer = await client.call("Host.ping2", {"a": 1}, correlation="flow-1")
            assert answer == {"method": "Host.ping2", "params": {"a": 1}, "peer": "centre", "correlation": "flow-1"}
            assert await client.call("Test.none", [1]) is True
            with pytest.raises(RpcError) as failed:
                await client.call("Test.fail")
            assert (failed.value.code, failed.value.message, failed.value.data) == (21, "no", {"why": "asked"})
            with pytest.raises(RpcError) as broken:
                await client.call("Test.break")
            assert (broken.value.code, broken.value.message) == (
                -32603,
                "Internal JSON-RPC error: {'reason': 'broken'}",
            )

    asyncio.run(scene())


def test_many_calls_on_one_connection_at_the_same_time(place: Place) -> None:
    async def scene() -> None:
        gate = Gate()
        async with place.server(gate) as server, place.client(server) as client:
            waiting = [asyncio.create_task(client.call("Test.wait")) for _ in range(20)]
            await gate.begun.wait()
            assert await client.call("Host.ping2") == "Host.ping2"
            with pytest.raises(TimedOut):
                await client.call("Test.wait", timeout=0.01)
            gate.open.set()
            assert await asyncio.gather(*waiting) == ["Test.wait"] * 20

    asyncio.run(scene())


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1")])
def test_one_socket_takes_both_families_and_the_peer_is_known(place: Place, host: str, address: str) -> None:
    peers: list[Peer] = []

    async def handler(call: Call) -> object:
        peers.append(call.peer)
        return None

    async def scene() -> None:
        async with place.server(handler, address="::") as server, place.client(server, host=host) as client:
            await client.call("Host.ping2")

    asyncio.run(scene())
    pem = pathlib.Path(place.centre.certificate).read_text()
    fingerprint = tls.fingerprint(tls.ssl.PEM_cert_to_DER_cert(pem))
    assert peers == [Peer("centre", fingerprint, address, address)]


def test_who_has_no_good_certificate_stays_out(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    expired = place.authority.issue("late", days=-1)
    foreign = place.foreign._replace(authority=str(place.authority.certificate))

    async def scene() -> None:
        async with place.server(echo) as server:
            for files in (expired, foreign):
                with pytest.raises(Failure):
                    async with place.client(server, files):
                        pass
            await without_certificate(place, server.port)
            with pytest.raises(Refused):  # who trusts another authority does not let the host in
                async with place.client(server, place.foreign):
                    pass
            async with place.client(server) as client:
                assert await client.call("Test.none") is True
            assert await settled(lambda: server.connections == 0)

    asyncio.run(scene())
    refusals = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [text.split("::1: ")[1] for text in refusals] == [
        "certificate has expired",
        "unable to get local issuer certificate",
        "PEER_DID_NOT_RETURN_A_CERTIFICATE",
        "the connection was closed",
    ]


async def without_certificate(place: Place, port: int) -> None:
    context = tls.ssl.create_default_context(cafile=str(place.authority.certificate))
    with contextlib.suppress(OSError):  # the end shows at the first read or in the handshake, as TLS's version goes
        reader, writer = await asyncio.open_connection("::1", port, ssl=context)
        try:
            assert await reader.read() == b""
        finally:
            writer.transport.abort()


def test_a_host_with_an_expired_certificate_is_not_believed(place: Place) -> None:
    async def scene() -> None:
        server = tls.server_context(place.authority.issue("old-host", days=-1))
        async with place.server(echo) as running:
            running.replace_context(server)
            with pytest.raises(Refused) as refused:
                async with place.client(running):
                    pass
            assert refused.value.answer == "certificate has expired"

    asyncio.run(scene())


def test_new_certificates_leave_connections_alone(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo) as server, place.client(server) as client:
            server.replace_context(tls.server_context(place.authority.issue("host1-renewed")))
            assert await client.call("Test.none") is True
            async with place.raw(server) as raw:
                certificate = raw.writer.get_extra_info("peercert")
            assert tls.common_name(certificate) == "host1-renewed"

    asyncio.run(scene())


@pytest.mark.parametrize("version", [tls.ssl.TLSVersion.TLSv1_2, tls.ssl.TLSVersion.TLSv1_3])
def test_versions_of_tls(place: Place, version: tls.ssl.TLSVersion) -> None:
    async def scene() -> None:
        context = place.context()
        context.maximum_version = version
        async with place.server(echo) as server:
            reader, writer = await asyncio.open_connection("::1", server.port, ssl=context)
            writer.write(b"CONNECT\naccept-version:1.2\n\n\0")
            assert (await reader.readuntil(b"\0")).startswith(b"CONNECTED\n")
            writer.transport.abort()

    asyncio.run(scene())


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"CONNECT\n\nx", b"\x00\x00", b"SUBSCRIBE\nnonsense\n"])
def test_who_speaks_nonsense_is_closed_and_nobody_else(place: Place, said: bytes) -> None:
    """The second one is no nonsense as long as its frame has no end: it is told nothing, and stays."""

    async def scene() -> None:
        async with place.server(echo) as server, place.client(server) as client, place.raw(server) as raw:
            raw.say(said)
            if said.startswith(b"CONNECT"):
                raw.say(b"\0")
                assert (await raw.frame()).command == "ERROR"
            else:
                assert await raw.is_closed()
            assert await client.call("Test.none") is True

    asyncio.run(scene())


def test_what_is_no_tls_is_closed(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo) as server:
            reader, writer = await asyncio.open_connection("::1", server.port)
            writer.write(b"CONNECT\naccept-version:1.2\n\n\0")
            with contextlib.suppress(ConnectionError):
                assert b"CONNECTED" not in await reader.read()
            writer.close()
            async with place.client(server) as client:
                assert await client.call("Test.none") is True

    asyncio.run(scene())


def test_two_clients_with_equal_ids_get_their_own_answers(place: Place) -> None:
    async def scene() -> None:
        other = place.authority.issue("centre2")
        async with place.server(echo) as server, place.raw(server) as one, place.raw(server, other) as two:
            for raw in (one, two):
                raw.say(SUBSCRIBE)
            for raw in (one, two):
                raw.say(request("Host.ping2", "same"))
            names = [json.loads((await raw.frame()).body)["result"]["peer"] for raw in (one, two)]
            assert names == ["centre", "centre2"]
            two.say(request("Test.none", "only-two"))
            assert json.loads((await two.frame()).body)["id"] == "only-two"
            one.say(request("Test.none", "after"))
            assert json.loads((await one.frame()).body)["id"] == "after"

    asyncio.run(scene())


def test_an_answer_reaches_a_second_connection_of_the_same_peer(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo) as server, place.raw(server) as asking, place.raw(server) as hearing:
            hearing.say(stomp.control("SUBSCRIBE", {"destination": "mine", "id": "7"}) + b"CONNECT\n\n\0")
            assert (await hearing.frame()).command == "ERROR"
            asking.say(request("Test.none", "x", **{"reply-to": "mine"}))
            frame = await hearing.frame()
            assert (frame.headers["destination"], frame.headers["subscription"]) == ("mine", "7")

    asyncio.run(scene())


def test_events_reach_who_has_subscribed(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo) as server, place.client(server) as client, place.raw(server) as deaf:
            await client.call("Test.none")
            server.publish("jms.queue.events", "|net|host_conn|no_id", {"notify_time": 4310123})
            async for event in client.events():
                assert event == ("|net|host_conn|no_id", {"notify_time": 4310123})
                break
            deaf.say(SUBSCRIBE + request("Test.none", "1"))
            assert json.loads((await deaf.frame()).body)["id"] == "1"

    asyncio.run(scene())


def test_a_call_goes_on_when_its_connection_ends(place: Place) -> None:
    async def scene() -> None:
        gate = Gate()
        async with place.server(gate) as server:
            async with place.raw(server) as raw:
                raw.say(SUBSCRIBE + request("Test.wait", "1"))
                await gate.begun.wait()
            assert await settled(lambda: server.connections == 0)
            assert server.running == 1
            gate.open.set()
            assert await settled(lambda: gate.ended == ["Test.wait"])

    asyncio.run(scene())


def test_who_does_not_read_is_closed_and_nobody_else(place: Place) -> None:
    async def large(call: Call) -> object:
        return "x" * 100_000 if call.method == "Test.large" else None

    async def scene() -> None:
        limits = Limits(unread=1_000_000)
        async with place.server(large, limits) as server, place.client(server) as client, place.raw(server) as slow:
            slow.writer.transport.pause_reading()
            slow.say(SUBSCRIBE + b"".join(request("Test.large", str(number)) for number in range(400)))
            assert await settled(lambda: server.connections == 1)
            assert await client.call("Test.none") is True

    asyncio.run(scene())


def test_a_peer_with_too_many_connections_is_refused_and_nobody_else(place: Place) -> None:
    async def scene() -> None:
        limits = Limits(of_one_peer=3, connections=8)
        other = place.authority.issue("centre3")
        async with place.server(echo, limits) as server, contextlib.AsyncExitStack() as stack:
            raws = [await stack.enter_async_context(place.raw(server)) for _ in range(5)]
            assert await settled(lambda: server.connections == 3)
            closed = [raw for raw in raws if await was_refused(raw)]
            assert len(closed) == 2
            client = await stack.enter_async_context(place.client(server, other))
            assert await client.call("Test.none") is True

    asyncio.run(scene())


async def was_refused(raw: "object") -> bool:
    from tests.agent.wires import Raw

    assert isinstance(raw, Raw)
    raw.say(b"CONNECT\naccept-version:1.2\n\n\0")
    return await raw.is_closed()


def test_a_flood_without_handshakes_takes_no_place_of_another_address(place: Place) -> None:
    """Connections that say nothing come from ::1, the centre from 127.0.0.1."""

    async def scene() -> None:
        limits = Limits(handshakes=10, handshakes_from_one=5)
        async with place.server(echo, limits, address="::") as server, contextlib.AsyncExitStack() as stack:
            silent = [await asyncio.open_connection("::1", server.port) for _ in range(30)]
            for _, writer in silent:
                stack.callback(writer.transport.abort)
            ended = [await asyncio.create_task(ends_soon(reader)) for reader, _ in silent[5:]]
            assert all(ended)
            async with place.client(server, host="127.0.0.1") as client:
                assert await client.call("Test.none") is True
            with pytest.raises(Failure):
                async with place.client(server, host="::1"):
                    pass

    asyncio.run(scene())


async def ends_soon(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except ConnectionError:
        return True


def test_too_many_calls_are_told_so(place: Place) -> None:
    from linkhold.wire.dispatch import Bounds

    async def scene() -> None:
        gate = Gate()
        limits = Limits(bounds=Bounds(calls=4, of_one_peer=2))
        running = place.server(gate, limits)
        async with running as server, place.client(server) as client, place.client(server) as second:
            waiting = [asyncio.create_task(one.call("Test.wait")) for one in (client, second)]
            assert await settled(lambda: server.running == 2)
            with pytest.raises(RpcError) as refused:
                await client.call("Test.wait")
            assert refused.value.code == 1100
            gate.open.set()
            await asyncio.gather(*waiting)

    asyncio.run(scene())


def test_the_server_ends(place: Place) -> None:
    async def scene() -> None:
        gate = Gate()
        async with place.server(gate) as server, place.client(server) as client:
            waiting = asyncio.create_task(client.call("Test.wait"))
            await gate.begun.wait()
            closing = asyncio.create_task(server.close(grace=60))
            await asyncio.sleep(0)
            gate.open.set()
            assert await waiting == "Test.wait"
            await closing
            with pytest.raises(Temporary):
                await client.call("Host.ping2")
            with pytest.raises(Failure):
                async with place.client(server):
                    pass

    asyncio.run(scene())


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time the test moves on, so that waiting takes none."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


def run_jumping(scene: "object") -> None:
    assert callable(scene)
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(scene())


def jump(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, JumpingLoop)
    loop.ahead += seconds


def test_a_client_that_promised_to_beat_and_does_not_is_closed(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo) as server, place.raw(server) as raw:
            raw.say(b"CONNECT\naccept-version:1.2\nheart-beat:20000,0\n\n\0")
            assert (await raw.frame()).headers["heart-beat"] == "0,20000"
            jump(29)
            raw.say(b"\n" + SUBSCRIBE + request("Test.none", "1"))
            assert (await raw.frame()).command == "MESSAGE"
            jump(29)
            raw.say(request("Test.none", "2"))
            assert (await raw.frame()).command == "MESSAGE"
            jump(31)
            assert await raw.is_closed()

    run_jumping(scene)


def test_the_server_beats(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo) as server, place.raw(server) as raw:
            raw.say(b"CONNECT\naccept-version:1.2\nheart-beat:0,15000\n\n\0")
            assert (await raw.frame()).headers["heart-beat"] == "15000,0"
            for _ in range(3):
                jump(15)
                assert await raw.reader.readexactly(1) == b"\n"

    run_jumping(scene)


def test_who_says_nothing_is_closed(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo) as server, place.raw(server) as silent, place.raw(server) as hesitant:
            hesitant.say(b"CONN")
            assert await settled(lambda: server.connections == 2)
            jump(11)
            assert await silent.is_closed()
            assert await hesitant.is_closed()

    run_jumping(scene)


def test_who_speaks_without_connecting_may_stay(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo) as server, place.raw(server) as raw:
            raw.say(SUBSCRIBE)
            raw.say(request("Test.none", "1"))
            assert (await raw.frame()).command == "MESSAGE"
            jump(1000)
            raw.say(request("Test.none", "2"))
            assert (await raw.frame()).command == "MESSAGE"

    run_jumping(scene)


def test_a_client_notices_that_a_host_is_silent(place: Place) -> None:
    async def scene() -> None:
        gate = Gate()
        async with place.server(gate) as server, place.client(server) as client:
            waiting = asyncio.create_task(client.call("Test.wait"))
            await gate.begun.wait()
            for connection in list(server._connections.values()):
                connection._timer.cancel()  # the host hangs
            jump(23)
            with pytest.raises(Temporary, match="nothing was heard"):
                await waiting

    run_jumping(scene)


def test_a_handshake_that_does_not_come_is_given_up(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with place.server(echo) as server:
            reader, writer = await asyncio.open_connection("::1", server.port)
            assert await settled(lambda: server._handshakes.total() == 1)
            jump(11)
            assert await ends_soon(reader)
            assert await settled(lambda: server._handshakes.total() == 0)
            writer.close()

    run_jumping(scene)
    assert "SSL handshake is taking longer than 10.0 seconds" in caplog.text


def test_control_frames_come_whole_in_one_read(place: Place) -> None:
    """vdsm-jsonrpc-java reads 1024 bytes at a time and takes a frame without a length for complete."""

    async def scene() -> None:
        async with place.server(echo) as server, place.raw(server) as raw:
            for said, answer in (
                (b"CONNECT\naccept-version:1.2\nheart-beat:0,15000\n\n\0", b"CONNECTED\n"),
                (b"CONNECT\naccept-version:1.1\n\n\0", b"ERROR\n"),
                (b"DISCONNECT\nreceipt:5\n\n\0", b"RECEIPT\n"),
            ):
                raw.say(said)
                read = await raw.reader.read(1024)
                assert read.startswith(answer)
                assert read.index(b"\0") == len(read) - 1
                assert b"content-length" not in read

    asyncio.run(scene())


async def settled(condition: "object") -> bool:
    """Whether a condition comes true: waits for it for as long as the test may run."""
    assert callable(condition)
    while not condition():
        await asyncio.sleep(0.01)
    return True
