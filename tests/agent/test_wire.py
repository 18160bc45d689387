"""The server and the client of the wire over real TLS: calls, answers, events, and connections that end."""

import asyncio
import json
import pathlib
import ssl

import pytest

from linkhold.foundation.failures import Failure, Temporary, TimedOut
from linkhold.wire import stomp, tls
from linkhold.wire.call import Call, Peer, RpcError
from tests.agent.wires import SUBSCRIBE, Gate, Place, echo, request, settled


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
    fingerprint = tls.fingerprint(ssl.PEM_cert_to_DER_cert(pem))
    assert peers == [Peer("centre", fingerprint, address, address)]


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


def test_who_is_not_welcome_hears_no_events_and_can_not_pretend_to_be_the_host(place: Place) -> None:
    """Every host of a fleet has a certificate of the same authority."""
    events = b"SUBSCRIBE\ndestination:jms.queue.events\nid:E\n\n\0"
    forged = b"SEND\ndestination:jms.queue.events\ncontent-length:2\n\n{}\0"

    async def scene() -> None:
        other = place.authority.issue("host2")
        async with (
            place.server(echo, welcome=lambda peer: peer.name == "centre") as server,
            place.raw(server) as centre,
            place.raw(server, other) as stranger,
        ):
            for raw in (centre, stranger):
                raw.say(SUBSCRIBE + events + request("Host.ping2", "there"))
                assert json.loads((await raw.frame()).body)["id"] == "there"
            stranger.say(forged)
            assert (await stranger.frame()).command == "ERROR"
            server.publish("jms.queue.events", "|net|host_conn|no_id", {})
            assert json.loads((await centre.frame()).body)["method"] == "|net|host_conn|no_id"
            stranger.say(request("Host.ping2", "again"))
            assert json.loads((await stranger.frame()).body)["id"] == "again"

    asyncio.run(scene())
