"""Heart-beats and other deadlines of the server and the client, in a time that the tests move on."""

import asyncio

import pytest

from linkhold.foundation.failures import Temporary
from tests.agent.jumping import jump, run_jumping
from tests.agent.wires import SUBSCRIBE, Gate, Place, echo, ends_soon, request, settled


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


def test_the_server_beats_only_when_nothing_else_was_sent(place: Place) -> None:
    async def scene() -> None:
        async with place.server(echo) as server, place.raw(server) as raw:
            raw.say(b"CONNECT\naccept-version:1.2\nheart-beat:0,15000\n\n\0" + SUBSCRIBE)
            await raw.reader.readuntil(b"\0")
            for id_ in ("1", "2", "3"):
                jump(10)
                raw.say(request("Test.none", id_))
                assert (await raw.reader.readuntil(b"\0")).startswith(b"MESSAGE\n")
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
                assert connection._timer is not None
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
