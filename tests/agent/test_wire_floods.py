"""Clients that misbehave are closed, and nobody else notices."""

import asyncio
import contextlib
import json
from collections.abc import Callable

import pytest

from linkhold.foundation.failures import Failure
from linkhold.wire.call import Call, RpcError
from linkhold.wire.client import Client
from linkhold.wire.dispatch import Bounds
from linkhold.wire.server import Limits
from tests.agent.wires import SUBSCRIBE, Gate, Place, Raw, echo, ends_soon, request, settled


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


def test_who_does_not_read_is_closed_and_nobody_else(place: Place) -> None:
    async def large(call: Call) -> object:
        return "x" * 100_000 if call.method == "Test.large" else None

    async def scene() -> None:
        limits = Limits(unread=1_000_000)
        async with place.server(large, limits) as server, place.client(server) as client, place.raw(server) as slow:
            assert await settled(lambda: server.connections == 2)
            slow.stop_reading()
            slow.say(SUBSCRIBE + b"".join(request("Test.large", str(number)) for number in range(400)))
            assert await settled(lambda: server.connections == 1)
            assert await client.call("Test.none") is True

    asyncio.run(scene())


def test_who_does_not_read_is_not_heard_meanwhile(place: Place) -> None:
    """Answers pile up no further than the requests of one read, and all come when it reads again."""
    asked, served = 2000, 0

    async def large(call: Call) -> object:
        nonlocal served
        if call.method == "Test.large":
            served += 1
        return "x" * 10_000

    async def scene() -> None:
        limits = Limits(unread=10**9)
        async with place.server(large, limits) as server, place.client(server) as client, place.raw(server) as slow:
            slow.stop_reading()
            padding = {"padding": "x" * 4000}
            slow.say(SUBSCRIBE + b"".join(request("Test.large", str(number), **padding) for number in range(asked)))
            assert await settled(lambda: served > 0)
            while await served_more(client, lambda: served):
                pass
            assert served < asked
            slow.read_again()
            ids = [json.loads((await slow.frame()).body)["id"] for _ in range(asked)]
            assert len(set(ids)) == asked

    asyncio.run(scene())


async def served_more(client: Client, count: Callable[[], int]) -> bool:
    """Whether more was served while another client was given a hundred answers."""
    before = count()
    for _ in range(100):
        await client.call("Test.none")
    return count() > before


def test_when_the_server_is_full_nobody_else_comes_in(place: Place) -> None:
    async def scene() -> None:
        peers = [place.authority.issue(f"peer{number}") for number in range(3)]
        async with place.server(echo, Limits(connections=2)) as server, contextlib.AsyncExitStack() as stack:
            raws = [await stack.enter_async_context(place.raw(server, files)) for files in peers]
            assert [await was_refused(raw) for raw in raws] == [False, False, True]
            raws[0].writer.transport.abort()
            assert await settled(lambda: server.connections == 1)
            assert not await was_refused(await stack.enter_async_context(place.raw(server, peers[2])))

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


async def was_refused(raw: Raw) -> bool:
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


def test_too_many_calls_are_told_so(place: Place) -> None:
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
