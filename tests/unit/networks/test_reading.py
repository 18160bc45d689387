"""What requests mean: each attribute in each form that is sent, defaults, and what follows from what runs and what is there."""

import pytest

from linkhold.networks.configuration import Bonding, Curve, HostQos, Network
from linkhold.networks.request import SetupOptions
from tests.unit.networks.hosts import Plain, bond, card, host, mistakes, ran, setup

ATTRIBUTES: list[tuple[dict[str, Plain], dict[str, Plain]]] = [
    ({}, {}),
    ({"vlan": "101"}, {"vlan": 101}),
    ({"vlan": 0}, {"vlan": 0}),
    ({"vlan": "0"}, {"vlan": 0}),
    ({"vlan": 4094}, {"vlan": 4094}),
    ({"vlan": 7.0}, {"vlan": 7}),
    ({"vlan": ""}, {}),
    ({"vlan": None}, {}),
    ({"bridged": "false"}, {"bridged": False}),
    ({"bridged": False}, {"bridged": False}),
    ({"bridged": "no"}, {"bridged": False}),
    ({"bridged": "true"}, {}),
    ({"bridged": None}, {}),
    ({"STP": "yes"}, {"stp": True}),
    ({"STP": "On"}, {"stp": True}),
    ({"stp": True}, {"stp": True}),
    ({"STP": "no"}, {}),
    ({"STP": "off"}, {}),
    ({"STP": "yes", "bridged": "false"}, {"bridged": False}),
    ({"mtu": 9000}, {"mtu": 9000}),
    ({"mtu": "9000"}, {"mtu": 9000}),
    ({"mtu": ""}, {}),
    ({"mtu": 1500}, {}),
    ({"bootproto": "dhcp"}, {"bootproto": "dhcp"}),
    ({"bootproto": "DHCP"}, {"bootproto": "dhcp"}),
    ({"bootproto": "none"}, {}),
    ({"bootproto": "static"}, {}),
    ({"bootproto": "autoip"}, {}),
    ({"ipaddr": "192.0.2.7", "netmask": "255.255.254.0"}, {"ipaddr": "192.0.2.7", "prefix": 23}),
    ({"ipaddr": "192.0.2.7", "netmask": "255.255.255.255"}, {"ipaddr": "192.0.2.7", "prefix": 32}),
    ({"ipaddr": "192.0.2.7", "prefix": "24"}, {"ipaddr": "192.0.2.7", "prefix": 24}),
    ({"ipaddr": "192.0.2.7", "prefix": 24, "netmask": ""}, {"ipaddr": "192.0.2.7", "prefix": 24}),
    (
        {"ipaddr": "192.0.2.7", "prefix": 24, "gateway": "192.0.2.1"},
        {"ipaddr": "192.0.2.7", "prefix": 24, "gateway": "192.0.2.1"},
    ),
    ({"ipaddr": "", "netmask": "", "gateway": ""}, {}),
    ({"ipv6addr": "2001:DB8:0::7/64"}, {"ipv6addr": "2001:db8::7/64"}),
    ({"ipv6addr": "2001:db8::7"}, {"ipv6addr": "2001:db8::7/128"}),
    ({"ipv6addr": "2001:db8::7/64", "ipv6gateway": "::"}, {"ipv6addr": "2001:db8::7/64"}),
    (
        {"ipv6addr": "2001:db8::7/64", "ipv6gateway": "2001:DB8::1"},
        {"ipv6addr": "2001:db8::7/64", "ipv6gateway": "2001:db8::1"},
    ),
    (
        {"ipv6addr": "2001:db8::7/64", "ipv6gateway": "fe80::1"},
        {"ipv6addr": "2001:db8::7/64", "ipv6gateway": "fe80::1"},
    ),
    ({"dhcpv6": True, "ipv6gateway": "2001:db8::1"}, {"dhcpv6": True, "ipv6gateway": "2001:db8::1"}),
    ({"dhcpv6": "true", "ipv6autoconf": True}, {"dhcpv6": True, "ipv6autoconf": True}),
    ({"dhcpv6": False, "ipv6autoconf": "false"}, {}),
    ({"ipv6addr": "2001:db8::7/64", "ipv6autoconf": True}, {"ipv6addr": "2001:db8::7/64"}),
    ({"defaultRoute": True, "bootproto": "dhcp"}, {"default_route": True, "bootproto": "dhcp"}),
    ({"defaultRoute": False}, {}),
    ({"custom": {"default_route": "true"}, "bootproto": "dhcp"}, {"default_route": True, "bootproto": "dhcp"}),
    ({"custom": {"default_route": "false"}, "defaultRoute": True}, {}),
    (
        {"defaultRoute": True, "nameservers": ["192.0.2.53", "2001:DB8::53", "fe80::53%ens1", "192.0.2.53"]},
        {"default_route": True, "nameservers": ("192.0.2.53", "2001:db8::53", "fe80::53%ens1")},
    ),
    ({"nameservers": []}, {}),
    ({"switch": "legacy"}, {}),
    ({"switch": "ovs"}, {"switch": "ovs"}),
    ({"custom": {"ovs": "true"}}, {"switch": "ovs"}),
    ({"custom": {"ovs": "false"}}, {}),
    (
        {"hostQos": {"out": {"ls": {"m1": 0, "d": 0, "m2": 50}, "ul": {"m2": "1000000"}, "rt": None}}},
        {"host_qos": HostQos(ls=Curve(m2=50), ul=Curve(m2=1_000_000))},
    ),
    ({"hostQos": {}}, {}),
    ({"hostQos": {"out": {}}}, {}),
    (
        {"custom": {"mine": "kept", "count": 7, "flag": True, "none": None}},
        {"custom": {"mine": "kept", "count": "7", "flag": "true"}},
    ),
    (
        {"custom": {"bridge_opts": "group_fwd_mask=0x8 priority=7"}},
        {"custom": {"bridge_opts": "group_fwd_mask=0x8 priority=7"}},
    ),
    (
        {"custom": {"ethtool_opts": "-K ens1 rx on -C * rx-usecs 5"}},
        {"custom": {"ethtool_opts": "-K ens1 rx on -C * rx-usecs 5"}},
    ),
    ({"remove": False}, {}),
    ({"remove": "false"}, {}),
    ({"blockingdhcp": True}, {}),
    ({"nic": "ens1", "bonding": ""}, {}),
]


@pytest.mark.parametrize(("attributes", "fields"), ATTRIBUTES, ids=[str(row[0])[:70] for row in ATTRIBUTES])
def test_attributes_of_a_network(attributes: dict[str, Plain], fields: dict[str, Plain]) -> None:
    read = setup({"red": {"nic": "ens1", **attributes}}).networks["red"]
    assert read == Network(**{"interface": "ens1", "nameservers": (), **fields})


def test_a_network_with_nothing_below() -> None:
    assert setup({"red": {}}).networks == {"red": Network(nameservers=())}


def test_what_is_to_go() -> None:
    running = ran({"red": {"nic": "ens1"}, "blue": {"nic": "ens2"}}, {"bond0": {"nics": ["ens3"]}})
    networks = {"red": {"remove": "true"}, "blue": {"remove": True, "custom": {"x": "y"}}}
    read = setup(networks, {"bond0": {"remove": True, "nics": ["ens3"]}}, running=running)
    assert (read.networks, read.bondings) == ({"red": None, "blue": None}, {"bond0": None})


BONDS: list[tuple[dict[str, Plain], dict[str, Plain]]] = [
    ({}, {}),
    ({"options": ""}, {}),
    (
        {"options": "mode=4 miimon=100 xmit_hash_policy=2"},
        {"mode": "802.3ad", "miimon": "100", "xmit_hash_policy": "layer2+3"},
    ),
    ({"options": "mode=802.3ad lacp_rate=fast"}, {"mode": "802.3ad", "lacp_rate": "fast"}),
    ({"options": "lacp_rate=1   mode=4"}, {"mode": "802.3ad", "lacp_rate": "fast"}),
    (
        {"options": "mode=1 primary=ens1 fail_over_mac=0"},
        {"mode": "active-backup", "fail_over_mac": "none", "primary": "ens1"},
    ),
    ({"options": "mode=1 num_unsol_na=3"}, {"mode": "active-backup", "num_grat_arp": "3"}),
    ({"options": "mode=5 tlb_dynamic_lb=0"}, {"mode": "balance-tlb", "tlb_dynamic_lb": "0"}),
    (
        {"options": "mode=1 arp_interval=100 arp_ip_target=192.0.2.1,192.0.2.2"},
        {"mode": "active-backup", "arp_interval": "100", "arp_ip_target": "192.0.2.1,192.0.2.2"},
    ),
    ({"options": "mode=1 custom=x:y"}, {"mode": "active-backup"}),
]


@pytest.mark.parametrize(("attributes", "options"), BONDS)
def test_options_of_a_bond(attributes: dict[str, Plain], options: dict[str, str]) -> None:
    read = setup({}, {"bond0": {"nics": ["ens2", "ens1", "ens2"], **attributes}}).bondings["bond0"]
    assert read == Bonding(ports=("ens1", "ens2"), options=options or {"mode": "balance-rr"})
    assert next(iter(read.options)) == "mode"


def test_other_attributes_of_a_bond() -> None:
    given = {"nics": ["ens1"], "hwaddr": "02-00-00-00-00-0a", "switch": "ovs", "remove": False}
    read = setup({}, {"bond0": given}).bondings["bond0"]
    assert read == Bonding(ports=("ens1",), options={"mode": "balance-rr"}, hwaddr="02:00:00:00:00:0A", switch="ovs")


OPTIONS: list[tuple[dict[str, Plain], dict[str, Plain]]] = [
    ({}, {}),
    ({"connectivityCheck": "false"}, {"connectivity_check": False}),
    ({"connectivityCheck": 0}, {"connectivity_check": False}),
    ({"connectivityCheck": "true", "connectivityTimeout": 120}, {"connectivity_timeout": 120.0}),
    ({"connectivityTimeout": "60"}, {"connectivity_timeout": 60.0}),
    ({"connectivityTimeout": 2.5}, {"connectivity_timeout": 2.5}),
    ({"connectivityTimeout": 0}, {"connectivity_timeout": 1.0}),
    ({"connectivityTimeout": None}, {}),
    ({"commitOnSuccess": True}, {"commit_on_success": True}),
    ({"_inRollback": True}, {}),
]


@pytest.mark.parametrize(("given", "fields"), OPTIONS)
def test_options_of_a_request(given: dict[str, Plain], fields: dict[str, Plain]) -> None:
    assert setup({}, {}, given).options == SetupOptions(**fields)


def test_warnings() -> None:
    networks = {"red": {"nic": "ens1", "vlna": 7, "bridged": False, "STP": "yes", "bootproto": "autoip"}}
    read = setup(networks, {"bond0": {"nics": ["ens2"], "optoins": "mode=1"}}, {"comitOnSuccess": True})
    assert sorted((one.path[-1], one.code) for one in read.warnings) == [
        ("STP", "ignored"),
        ("bootproto", "ignored"),
        ("comitOnSuccess", "unknown-attribute"),
        ("optoins", "unknown-attribute"),
        ("vlna", "unknown-attribute"),
    ]
    assert "vlan" in next(one.hint for one in read.warnings if one.path[-1] == "vlna")


STATIC = {"nic": "ens1", "ipaddr": "192.0.2.7", "prefix": 24, "defaultRoute": True}
SERVERS = ("192.0.2.53", "192.0.2.54")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (STATIC, SERVERS),
        ({**STATIC, "nameservers": []}, ()),
        ({**STATIC, "nameservers": ["192.0.2.1"]}, ("192.0.2.1",)),
        ({**STATIC, "defaultRoute": False}, ()),
        ({"nic": "ens1", "bootproto": "dhcp", "defaultRoute": True}, ()),
    ],
)
def test_name_servers_are_inherited(attributes: dict[str, Plain], expected: tuple[str, ...]) -> None:
    network = setup({"red": attributes}, on=host(dns=SERVERS)).networks["red"]
    assert network is not None
    assert network.nameservers == expected


def test_the_default_route_moves() -> None:
    running = ran(
        {"old": {"nic": "ens1", "bootproto": "dhcp", "mtu": 9000, "defaultRoute": True}, "other": {"nic": "ens3"}}
    )
    read = setup({"new": {"nic": "ens2", "bootproto": "dhcp", "defaultRoute": True}}, running=running)
    assert read.networks.keys() == {"new", "old"}
    assert read.networks["old"] == running.networks["old"].replace(default_route=False, nameservers=())
    again = setup({"new": {"nic": "ens2"}}, running=running)
    assert again.networks.keys() == {"new"}
    named = setup(
        {"new": {"nic": "ens2", "bootproto": "dhcp", "defaultRoute": True}, "old": {"remove": True}}, running=running
    )
    assert named.networks["old"] is None


def test_name_servers_go_with_the_default_route() -> None:
    running = ran({"old": {**STATIC, "nameservers": ["192.0.2.53"]}})
    read = setup({"new": {"nic": "ens2", "bootproto": "dhcp", "defaultRoute": True}}, running=running)
    assert read.networks["old"] == running.networks["old"].replace(default_route=False, nameservers=())


def test_a_network_on_a_bond_of_others_takes_it_as_it_is() -> None:
    there = bond(
        "bond9",
        "ens2",
        "ens1",
        mode="802.3ad",
        options={"miimon": 100, "xmit_hash_policy": "layer3+4", "lacp_rate": "slow", "updelay": 0},
        **{"mac-address": "02:00:00:00:00:09"},
    )
    read = setup({"red": {"bonding": "bond9", "switch": "ovs"}}, on=host(there))
    assert read.bondings == {
        "bond9": Bonding(
            ports=("ens1", "ens2"),
            options={"mode": "802.3ad", "miimon": "100", "xmit_hash_policy": "layer3+4"},
            hwaddr="02:00:00:00:00:09",
            switch="ovs",
        )
    }


def test_a_bond_of_ours_stays_unnamed() -> None:
    running = ran({}, {"bond0": {"nics": ["ens1"]}})
    read = setup({"red": {"bonding": "bond0"}}, running=running, on=host(bond("bond0", "ens1")))
    assert read.bondings == {}


def test_a_bond_of_ours_that_is_gone_is_made_again() -> None:
    running = ran({}, {"bond0": {"nics": ["ens1"], "options": "mode=1"}})
    read = setup({"red": {"bonding": "bond0"}}, running=running)
    assert read.bondings == {"bond0": running.bondings["bond0"]}
    without = ran({}, {"bond0": {"nics": ["ens9"]}})
    assert mistakes({"red": {"bonding": "bond0"}}, running=without) == [
        ("networks[red].bonding", "bad-bonding", "Bond bond0 does not exist")
    ]


MAC = {"mac-address": "02:00:00:00:00:09"}


@pytest.mark.parametrize(
    ("before", "given", "expected"),
    [
        (None, {}, "02:00:00:00:00:09"),
        ({"nics": ["ens1"]}, {}, ""),
        ({"nics": ["ens1"], "hwaddr": "02:00:00:00:00:09"}, {}, "02:00:00:00:00:09"),
        ({"nics": ["ens1"]}, {"hwaddr": "02:00:00:00:00:0A"}, "02:00:00:00:00:0A"),
        (None, {"options": "mode=1 fail_over_mac=active"}, ""),
    ],
)
def test_the_mac_of_a_bond_that_is_there(
    before: dict[str, Plain] | None, given: dict[str, Plain], expected: str
) -> None:
    running = ran({}, {} if before is None else {"bond0": before})
    read = setup({}, {"bond0": {"nics": ["ens1"], **given}}, running=running, on=host(bond("bond0", "ens1", **MAC)))
    bonding = read.bondings["bond0"]
    assert bonding is not None
    assert bonding.hwaddr == expected


@pytest.mark.parametrize("kind", ["ethernet", "veth", "dummy", "infiniband", "mac-vlan"])
def test_what_networks_ride_on(kind: str) -> None:
    assert setup({"red": {"nic": "port0"}}, on=host({"name": "port0", "type": kind, "state": "up"})).networks


OLD = {"red": {"nic": "ens1"}, "blue": {"nic": "ens2", "vlan": 7}}


def test_the_whole_host_goes_over_to_another_switch() -> None:
    running = ran(OLD, {"bond0": {"nics": ["ens3"]}})
    networks = {name: {**one, "switch": "ovs"} for name, one in OLD.items()}
    read = setup(networks, {"bond0": {"nics": ["ens3"], "switch": "ovs"}}, running=running)
    assert read.switches
    assert not setup(OLD, {"bond0": {"nics": ["ens3"]}}, running=running).switches
    assert not setup(networks).switches


def test_another_switch_after_all_that_ran_is_removed() -> None:
    networks = {"red": {"remove": True}, "blue": {"remove": True}, "grey": {"nic": "ens3", "switch": "ovs"}}
    assert setup(networks, running=ran(OLD)).switches


def test_the_engine_sends_this() -> None:
    """As oVirt's engine adds a management network over a new bond."""
    networks = {
        "ovirtmgmt": {
            "bonding": "bond0",
            "vlan": "101",
            "bridged": "true",
            "STP": "no",
            "mtu": 1500,
            "bootproto": "none",
            "ipaddr": "192.0.2.7",
            "netmask": "255.255.255.0",
            "gateway": "192.0.2.1",
            "ipv6addr": "2001:db8::7/64",
            "ipv6gateway": "2001:db8::1",
            "ipv6autoconf": False,
            "dhcpv6": False,
            "defaultRoute": True,
            "nameservers": ["192.0.2.53"],
            "switch": "legacy",
            "hostQos": {"out": {"ls": {"m2": 50}, "ul": {"m2": 100000000}}},
            "custom": {"bridge_opts": "multicast_snooping=0"},
        },
        "gone": {"remove": "true"},
    }
    bondings = {
        "bond0": {"nics": ["ens2", "ens1"], "options": "mode=4 miimon=100 xmit_hash_policy=2", "switch": "legacy"}
    }
    options = {"connectivityCheck": "true", "connectivityTimeout": 120, "commitOnSuccess": True}
    read = setup(networks, bondings, options, running=ran({"gone": {"nic": "ens4"}}), on=host(card("ens4")))
    assert read.networks == {
        "ovirtmgmt": Network(
            bonding="bond0",
            vlan=101,
            ipaddr="192.0.2.7",
            prefix=24,
            gateway="192.0.2.1",
            ipv6addr="2001:db8::7/64",
            ipv6gateway="2001:db8::1",
            default_route=True,
            nameservers=("192.0.2.53",),
            host_qos=HostQos(ls=Curve(m2=50), ul=Curve(m2=100_000_000)),
            custom={"bridge_opts": "multicast_snooping=0"},
        ),
        "gone": None,
    }
    assert read.options == SetupOptions(connectivity_timeout=120.0, commit_on_success=True)
    assert read.warnings == ()
