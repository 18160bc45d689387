"""The gateway probe on real links: ARP and neighbour solicitation are answered by the kernel of another namespace."""

import asyncio
import subprocess
import time

import pytest

from linkhold.state.network import NetworkState
from linkhold.state.routes import Route, Routes
from linkhold.transaction import neighbours, probing
from linkhold.transaction.probes import Probe, Unanswered


@pytest.fixture
def neighbour(netns: object) -> object:
    """A host at the other end of a veth pair, with 192.0.2.1 and 2001:db8::1."""
    with subprocess.Popen(["unshare", "--net", "sleep", "100"]) as other:
        inside = ["nsenter", f"--net=/proc/{other.pid}/ns/net", "ip"]
        mine = subprocess.run(["readlink", "/proc/self/ns/net"], capture_output=True, check=True).stdout
        while (
            subprocess.run(["readlink", f"/proc/{other.pid}/ns/net"], capture_output=True, check=False).stdout == mine
        ):
            time.sleep(0.02)
        run = subprocess.run
        run(["ip", "link", "add", "eth1", "type", "veth", "peer", "name", "far1", "netns", str(other.pid)], check=True)
        for words in (
            "link set far1 up",
            "address add 192.0.2.1/24 dev far1",
            "address add 2001:db8::1/64 dev far1 nodad",
        ):
            run([*inside, *words.split()], check=True)
        for words in (
            "link set eth1 up",
            "address add 192.0.2.10/24 dev eth1",
            "address add 2001:db8::10/64 dev eth1 nodad",
        ):
            run(["ip", *words.split()], check=True)
        yield other
        other.kill()


def within(seconds: float, interface: str, address: str) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(seconds):
            await neighbours.ask(interface, address)

    asyncio.run(bounded())


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_a_neighbour_answers(neighbour: object, address: str) -> None:
    within(3, "eth1", address)


@pytest.mark.parametrize("address", ["192.0.2.2", "2001:db8::2"])
def test_nobody_answers_for_an_address_that_is_not_there(neighbour: object, address: str) -> None:
    with pytest.raises(TimeoutError):
        within(0.5, "eth1", address)


def test_an_interface_that_is_gone_is_an_error_at_once(neighbour: object) -> None:
    with pytest.raises(OSError, match=r"No such device"):
        within(3, "gone0", "192.0.2.1")


def test_the_probe_passes_while_one_gateway_answers(neighbour: object) -> None:
    def through(address: str) -> Route:
        return Route(destination="0.0.0.0/0", next_hop_interface="eth1", next_hop_address=address)

    state = NetworkState(routes=Routes(config=(through("192.0.2.1"),)))
    asyncio.run(probing.attempt(Probe(kind="gateway"), state, 5))
    state = NetworkState(routes=Routes(config=(through("192.0.2.3"),)))
    with pytest.raises(Unanswered, match=r"192\.0\.2\.3 on eth1"):
        asyncio.run(probing.attempt(Probe(kind="gateway"), state, 5))
