"""What an engine asks for, it finds: requests as it sends them, carried out by both processes, and read back by its rules."""

import asyncio
import typing

import pytest

from tests.agent.engine_view import Spec, in_sync
from tests.agent.pair import Pair
from tests.lab import namespaces
from tests.services.rigs.openvswitch import OpenVSwitch

Request = dict[str, typing.Any]

STATIC = {"bridged": "true", "STP": "no", "mtu": 1500, "switch": "legacy", "bootproto": "none"}
RED = {**STATIC, "nic": "eth1", "ipaddr": "192.0.2.7", "netmask": "255.255.255.0", "gateway": "192.0.2.1"}
RED_WANTED = Spec("red", ipv4="192.0.2.7/24", gateway="192.0.2.1")
SIX = {"ipv6addr": "2001:db8::7/64", "ipv6gateway": "::"}


@pytest.fixture
def pair(request: pytest.FixtureRequest, alone: None, netns: namespaces.Namespace) -> typing.Iterator[Pair]:
    """Both processes, and three cards with their cables plugged in."""
    far = netns.another()
    for number in (1, 2, 3):
        netns.ip("link", "add", f"eth{number}", "type", "veth", "peer", f"far{number}", "netns", far.path)
        netns.ip("link", "set", f"eth{number}", "up")
        far.ip("link", "set", f"far{number}", "up")
    provider = "auto" if "openvswitch" in request.fixturenames else "kernel"
    both = Pair('fake_cards = ["eth*"]\n', far, provider).start()
    yield both
    both.stop()


def reported(pair: Pair, networks: Request, bondings: Request | None = None) -> Request:
    """Capabilities after a request."""

    async def work() -> Request:
        async with pair.engine() as engine:
            request = {
                "networks": networks,
                "bondings": bondings or {},
                "options": {"connectivityCheck": "false", "commitOnSuccess": True},
            }
            assert await engine.call("Host.setupNetworks", request) == {"code": 0, "message": "Done"}
            return typing.cast(Request, await engine.call("Host.getCapabilities"))

    return asyncio.run(work())


def differences(caps: Request, *wanted: Spec) -> dict[str, list[str]]:
    return {one.name: found for one in wanted if (found := in_sync(caps, one))}


def test_a_bridged_network_with_both_families(pair: Pair) -> None:
    caps = reported(pair, {"red": {**RED, **SIX}})
    assert differences(caps, RED_WANTED._replace(ipv6="2001:db8::7/64")) == {}
    assert caps["netConfigDirty"] == "False"
    assert caps["lastClientIface"] == "lo"


def test_the_way_out_and_another_network_with_a_gateway(pair: Pair) -> None:
    out = {**STATIC, "nic": "eth2", "ipaddr": "198.51.100.7", "prefix": "25", "gateway": "198.51.100.1"}
    out |= {"defaultRoute": True, "nameservers": ["192.0.2.53"], "ipv6addr": "2001:db8:2::7/64"}
    caps = reported(pair, {"red": RED, "out": {**out, "ipv6gateway": "2001:db8:2::1"}})
    wanted = Spec("out", ipv4="198.51.100.7/25", gateway="198.51.100.1", default_route=True)
    wanted = wanted._replace(ipv6="2001:db8:2::7/64", ipv6_gateway="2001:db8:2::1", name_servers=("192.0.2.53",))
    assert differences(caps, RED_WANTED, wanted) == {}
    back = reported(
        pair, {"red": {**RED, "defaultRoute": True}, "out": out | {"defaultRoute": False, "nameservers": []}}
    )
    ways = (RED_WANTED._replace(default_route=True), wanted._replace(default_route=False, ipv6_gateway=""))
    assert differences(back, *ways) == {}


def test_bridgeless_and_without_addresses(pair: Pair) -> None:
    plain = {**RED, "bridged": "false", "mtu": 1400}
    caps = reported(pair, {"red": plain, "vm": {**STATIC, "nic": "eth2", "STP": "yes"}})
    assert differences(caps, RED_WANTED._replace(bridged=False, mtu=1400), Spec("vm")) == {}
    assert caps["bridges"]["vm"]["stp"] == "on"


@pytest.mark.needs("bond", "qos", "vlan")
def test_vlans_over_a_bond_with_shares(pair: Pair) -> None:
    qos = {"out": {"ls": {"m2": 50}, "ul": {"m2": 100_000_000}, "rt": {"m2": 5_000_000}}}
    on_bond = {key: value for key, value in RED.items() if key != "nic"} | {"bonding": "bond0"}
    networks = {
        "red": {**on_bond, "vlan": "101", "mtu": 1450, "hostQos": qos},
        "blue": {**STATIC, "bonding": "bond0", "vlan": "102", "hostQos": {"out": {"ls": {"m2": 30}}}},
        "plain": {**STATIC, "bonding": "bond0"},
    }
    bond = {"bond0": {"nics": ["eth1", "eth2"], "options": "mode=4 miimon=150 xmit_hash_policy=2"}}
    caps = reported(pair, networks, bond)
    wanted = (
        RED_WANTED._replace(vlan=101, mtu=1450, host_qos=qos),
        Spec("blue", vlan=102, host_qos={"out": {"ls": {"m2": 30}}}),
        Spec("plain"),
    )
    assert differences(caps, *wanted) == {}
    assert caps["bondings"]["bond0"]["opts"] == {"mode": "4", "miimon": "150", "xmit_hash_policy": "2"}
    assert caps["bondings"]["bond0"]["slaves"] == ["eth1", "eth2"]


@pytest.mark.needs("openvswitch", "openvswitch-datapath")
def test_open_vswitch(openvswitch: OpenVSwitch, pair: Pair) -> None:
    networks = {
        "red": {**RED, "switch": "ovs", "vlan": "101", **SIX},
        "blue": {**RED, "switch": "ovs", "nic": "eth1", "ipaddr": "198.51.100.7", "bridged": "false"},
    }
    for one in networks.values():
        del one["STP"]
    del networks["blue"]["gateway"]
    caps = reported(pair, networks)
    red = RED_WANTED._replace(switch="ovs", vlan=101, ipv6="2001:db8::7/64")
    blue = Spec("blue", switch="ovs", bridged=False, ipv4="198.51.100.7/24")
    assert differences(caps, red, blue) == {}
