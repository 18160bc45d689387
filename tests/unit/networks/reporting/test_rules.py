"""Single rules of capabilities that golden cases do not show alone."""

import pytest

from linkhold.networks.configuration import Bonding, Configuration, Network
from linkhold.networks.facts import Facts, InterfaceFacts
from linkhold.networks.reporting.caps import capabilities
from linkhold.networks.reporting.visible import Patterns
from linkhold.state.interfaces.bond import Bond, BondOptions, LinkAggregation
from linkhold.state.interfaces.dummy import Dummy
from linkhold.state.interfaces.ethernet import Ethernet
from linkhold.state.interfaces.ip import IpAddress, Ipv4
from linkhold.state.interfaces.vlan import Vlan, VlanConfig
from linkhold.state.network import NetworkState
from linkhold.state.routes import Route, Routes


def caps(*interfaces, routes=(), facts=None, running=None, patterns=None, dirty=False):
    state = NetworkState(interfaces=interfaces, routes=Routes(running=tuple(routes)))
    given = (state, facts or Facts(), running or Configuration(), dirty)
    return capabilities(*given, *(() if patterns is None else (patterns,))).maps


def bond(mode, *ports, **more):
    return Bond(name="bond0", mtu=1500, bond=LinkAggregation(mode=mode, port=ports, options=BondOptions()), **more)


def default(via, interface="eth0", **more):
    return Route(destination="0.0.0.0/0", next_hop_address=via, next_hop_interface=interface, **more)


@pytest.mark.parametrize(
    ("mode", "speed"),
    [
        ("balance-rr", 1110),
        ("active-backup", 100),
        ("balance-xor", 1110),
        ("broadcast", 10),
        ("802.3ad", 1110),
        ("balance-tlb", 1110),
        ("balance-alb", 1110),
    ],
)
def test_the_speed_of_a_bond_is_that_of_its_mode(mode, speed):
    known = {f"eth{number}": InterfaceFacts(speed=10 ** (number + 1)) for number in range(3)}
    facts = Facts(interfaces={**known, "bond0": InterfaceFacts(active_port="eth1")})
    assert caps(bond(mode, "eth0", "eth1", "eth2"), facts=facts)["bondings"]["bond0"]["speed"] == speed


def test_a_bond_without_ports_has_no_speed():
    assert [caps(bond(mode))["bondings"]["bond0"]["speed"] for mode in ("broadcast", "802.3ad", "active-backup")] == [
        0
    ] * 3


def test_only_lacp_has_aggregators():
    facts = Facts(interfaces={"bond0": InterfaceFacts(aggregator="3", partner_mac="02:00:00:00:00:09")})
    lacp, other = (caps(bond(mode), facts=facts)["bondings"]["bond0"] for mode in ("802.3ad", "active-backup"))
    assert (lacp["ad_aggregator_id"], lacp["ad_partner_mac"]) == ("3", "02:00:00:00:00:09")
    assert {"ad_aggregator_id", "ad_partner_mac"} & set(other) == set()


def test_a_bond_belongs_to_the_switch_it_was_given_to():
    running = Configuration(bondings={"bond0": Bonding(ports=("eth0",), switch="ovs")})
    assert caps(bond("802.3ad"), running=running)["bondings"]["bond0"]["switch"] == "ovs"


def test_options_that_equal_their_defaults_are_not_told():
    said = {"mode": ("active-backup", "1"), "miimon": ("0", ""), "primary": ("eth1", ""), "arp_ip_target": ("", "")}
    facts = Facts(
        interfaces={"bond0": InterfaceFacts(bond_options=said)},
        bond_defaults={"active-backup": {"mode": "1", "miimon": "0", "primary": "", "arp_ip_target": ""}},
    )
    opts = caps(bond("active-backup"), facts=facts)["bondings"]["bond0"]["opts"]
    assert opts == {"mode": "1", "primary": "eth1"}


def test_patterns_are_the_hosts_own():
    shown = (
        Ethernet(name="wan0", mtu=1500),
        Dummy(name="test0", mtu=1500),
        Ethernet(name="eth5", mtu=1500, controller="bond0"),
        bond("802.3ad", "eth5"),
        Vlan(name="v7", mtu=1500, vlan=VlanConfig(parent="wan0", tag=7)),
    )
    assert set(caps(*shown)["nics"]) == {"eth5"}
    maps = caps(*shown, patterns=Patterns(("test*",), (), ("bond*",), ("v?",)))
    assert (set(maps["nics"]), maps["bondings"], maps["vlans"]) == ({"wan0", "test0"}, {}, {})


@pytest.mark.parametrize(
    ("routes", "told"),
    [
        ([], ("", False)),
        ([default("192.0.2.1")], ("192.0.2.1", True)),
        ([default("192.0.2.1", table_id=77)], ("192.0.2.1", False)),
        ([default("192.0.2.1", table_id=77), default("192.0.2.2")], ("192.0.2.2", True)),
        ([default("192.0.2.1", metric=200), default("192.0.2.2", metric=100)], ("192.0.2.2", True)),
        ([default("192.0.2.1", metric=200), default("192.0.2.9", "eth1", metric=100)], ("192.0.2.1", False)),
        ([default("0.0.0.0")], ("", False)),
        ([default("2001:db8::1")], ("", False)),
        ([default("192.0.2.9", "eth1")], ("", False)),
        ([Route(destination="0.0.0.0/0", route_type="unreachable")], ("", False)),
    ],
)
def test_the_gateway_of_an_interface(routes, told):
    entry = caps(Ethernet(name="eth0", mtu=1500), routes=routes)["nics"]["eth0"]
    assert (entry["gateway"], entry["ipv4defaultroute"]) == told


def test_the_gateway_that_was_given_comes_first_where_the_kernel_has_it():
    running = Configuration(networks={"red": Network(interface="eth0", bridged=False, gateway="192.0.2.1")})
    card, other = Ethernet(name="eth0", mtu=1500), default("192.0.2.2")
    both = caps(card, routes=[other, default("192.0.2.1", table_id=77)], running=running)["networks"]["red"]
    assert (both["gateway"], both["ipv4defaultroute"]) == ("192.0.2.1", False)
    gone = caps(card, routes=[other], running=running)["networks"]["red"]
    assert (gone["gateway"], gone["ipv4defaultroute"]) == ("192.0.2.2", True)


def test_the_primary_address_is_the_one_in_the_gateways_network():
    held = tuple(IpAddress(ip=ip, prefix_length=24) for ip in ("198.51.100.7", "192.0.2.7"))
    card = Ethernet(name="eth0", mtu=1500, ipv4=Ipv4(enabled=True, address=held))
    assert caps(card)["nics"]["eth0"]["addr"] == "198.51.100.7"
    assert caps(card, routes=[default("192.0.2.1")])["nics"]["eth0"]["addr"] == "192.0.2.7"


@pytest.mark.parametrize(
    ("length", "mask"), [(0, "0.0.0.0"), (1, "128.0.0.0"), (25, "255.255.255.128"), (32, "255.255.255.255")]
)
def test_netmasks(length, mask):
    address = IpAddress(ip="192.0.2.7", prefix_length=length)
    card = Ethernet(name="eth0", mtu=1500, ipv4=Ipv4(enabled=True, address=(address,)))
    assert caps(card)["nics"]["eth0"]["netmask"] == mask


def test_the_dirty_flag_is_text():
    assert [caps(dirty=dirty)["netConfigDirty"] for dirty in (True, False)] == ["True", "False"]
