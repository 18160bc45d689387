"""Networks whose addresses come from a server: asked for, told when they are there, with routes of their own, and let go."""

import asyncio
import json
import pathlib
import subprocess
import typing
import zlib

import pytest

from linkhold.wire.client import Client
from tests.agent.pair import Pair
from tests.lab import namespaces
from tests.services.rigs.peer import Peer

pytestmark = pytest.mark.needs("dhcpcd", "dnsmasq", "radvd")

Plain = dict[str, typing.Any]


@pytest.fixture
def pair(alone: None, peer: Peer, netns: namespaces.Namespace) -> typing.Iterator[Pair]:
    """A server and a router at the other end of each of two cables."""
    resolver = pathlib.Path("/etc/resolv.conf")
    resolver.unlink(missing_ok=True)
    resolver.write_text("")
    for number in (1, 2):
        peer.cable(f"eth{number}")
        peer.dhcp(f"eth{number}", f"198.51.{number}.1/24", options=(f"option:dns-server,198.51.{number}.53",))
    both = Pair('fake_cards = ["eth*"]\n', peer.there, "auto").start()
    yield both
    both.stop()


async def setup(engine: Client, networks: Plain) -> None:
    request = {"networks": networks, "bondings": {}, "options": {"connectivityCheck": False}}
    assert await engine.call("Host.setupNetworks", request) == {"code": 0, "message": "Done"}


async def until(engine: Client, true: typing.Callable[[Plain], object]) -> Plain:
    """Capabilities, once they are so."""
    async with asyncio.timeout(40):
        while not true(caps := await engine.call("Host.getCapabilities")):
            await asyncio.sleep(0.2)
    return typing.cast(Plain, caps)


def rules(table: int) -> set[tuple[str, str]]:
    told = json.loads(subprocess.run(["ip", "-j", "rule"], check=True, capture_output=True).stdout)
    mine = [one for one in told if str(one.get("table")) == str(table)]
    return {(key, f"{one[key]}/{one[key + 'len']}") for one in mine for key in ("src", "dst") if key + "len" in one}


@pytest.mark.parametrize("bridged", [True, False])
def test_an_address_is_asked_for_and_comes(pair: Pair, netns: namespaces.Namespace, bridged: bool) -> None:
    """The flag is told at once, the address with an event when it is there; without it nothing is left."""
    red = {"nic": "eth1", "bridged": bridged, "bootproto": "dhcp"}
    table = zlib.adler32(b"red" if bridged else b"eth1")

    async def scene() -> None:
        async with pair.engine() as engine:
            await setup(engine, {"red": red})
            entry = (await engine.call("Host.getCapabilities"))["networks"]["red"]
            assert entry["dhcpv4"] is True
            caps = await until(engine, lambda caps: caps["networks"]["red"]["addr"])
            async with asyncio.timeout(30):
                async for event in engine.events():
                    if event.method == "|net|host_conn|no_id":
                        break
            assert caps["networks"]["red"]["ipv4defaultroute"] is False
            assert caps["nameservers"] == []
            async with asyncio.timeout(30):
                while rules(table) != {("src", "198.51.1.0/24"), ("dst", "198.51.1.0/24")}:
                    await asyncio.sleep(0.2)
            told = await until(engine, lambda caps: caps["networks"]["red"]["gateway"])
            assert told["networks"]["red"]["gateway"] == "198.51.1.1"
            await setup(
                engine, {"red": {**red, "bootproto": "none", "ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}}
            )
            entry = (await engine.call("Host.getCapabilities"))["networks"]["red"]
            assert (entry["dhcpv4"], entry["ipv4addrs"], entry["gateway"]) == (False, ["192.0.2.7/24"], "")
            assert rules(table) == set()

    asyncio.run(scene())


def test_the_way_out_moves_from_a_lease_to_another(pair: Pair, netns: namespaces.Namespace) -> None:
    """Name servers and the default route are those of the network that has it; the other one keeps its lease."""

    def out(name: str) -> typing.Callable[[Plain], object]:
        return lambda caps: caps["networks"][name]["ipv4defaultroute"] and caps["nameservers"]

    async def scene() -> None:
        async with pair.engine() as engine:
            red: Plain = {"nic": "eth1", "bootproto": "dhcp", "defaultRoute": True}
            blue: Plain = {"nic": "eth2", "bridged": False, "bootproto": "dhcp"}
            await setup(engine, {"red": red, "blue": blue})
            assert (await until(engine, out("red")))["nameservers"] == ["198.51.1.53"]
            await setup(engine, {"blue": {**blue, "defaultRoute": True}})
            caps = await until(engine, lambda caps: caps["nameservers"] == ["198.51.2.53"])
            assert caps["networks"]["blue"]["ipv4defaultroute"] is True
            assert caps["networks"]["red"]["ipv4defaultroute"] is False
            assert caps["networks"]["red"]["addr"].startswith("198.51.1.")
            await setup(engine, {"red": {"remove": True}, "blue": {"remove": True}})
            assert (await engine.call("Host.getCapabilities"))["nics"]["eth2"]["dhcpv4"] is False

    asyncio.run(scene())
    shown = netns.ip_json("-4", "address", "show", "eth2")
    assert not [one for link in shown for one in link.get("addr_info", ())]
    assert netns.ip_json("-4", "route", "show", "default") == []


@pytest.mark.parametrize("bridged", [True, False])
def test_a_router_gives_addresses(pair: Pair, peer: Peer, bridged: bool) -> None:
    """By autoconfiguration; the routes of a network that is not the way out stay in a table of its own."""
    peer.router("eth1", "2001:db8:1::/64")
    holder = "red" if bridged else "eth1"

    async def scene() -> None:
        async with pair.engine() as engine:
            red: Plain = {"nic": "eth1", "bridged": bridged}
            await setup(engine, {"red": {**red, "ipv6autoconf": True}})
            caps = await until(engine, lambda caps: caps["networks"]["red"]["ipv6addrs"])
            entry = caps["networks"]["red"]
            assert (entry["ipv6autoconf"], entry["dhcpv6"], entry["dhcpv4"]) == (True, False, False)
            assert all(one.startswith("2001:db8:1:") for one in entry["ipv6addrs"])
            main = peer.here.ip_json("-6", "route", "show", "default")
            assert [one for one in main if one["dev"] == holder] == []
            await setup(engine, {"red": red})
            entry = (await engine.call("Host.getCapabilities"))["networks"]["red"]
            assert (entry["ipv6autoconf"], entry["ipv6addrs"], entry["ipv6gateway"]) == (False, [], "::")

    asyncio.run(scene())
