"""What is wrong with requests: vdsm's sentences and numbers, what vdsm overlooks, all of it at once and in vdsm's order."""

import typing

import pytest

from linkhold.networks.facts import Facts
from linkhold.networks.request import Rejected
from tests.unit.networks.hosts import Plain, bond, card, host, mistakes, ran, setup, vlan

RED = {"nic": "ens1"}
STATIC = {"nic": "ens1", "ipaddr": "192.0.2.7", "prefix": 24}

NETWORKS: list[tuple[str, dict[str, Plain], str, str, str]] = [
    ("vlan-below-nothing", {"vlan": 7}, "vlan", "bad-vlan", "red: vlan device requires southbound device"),
    ("vlan-text", {**RED, "vlan": "abc"}, "vlan", "bad-vlan", "'abc' is not a whole number"),
    ("vlan-flag", {**RED, "vlan": True}, "vlan", "bad-vlan", "true is not a whole number"),
    ("vlan-fraction", {**RED, "vlan": 1.5}, "vlan", "bad-vlan", "1.5 is not a whole number"),
    ("vlan-above", {**RED, "vlan": 4095}, "vlan", "bad-vlan", "VLAN id out of range: 4095"),
    ("vlan-below", {**RED, "vlan": "-1"}, "vlan", "bad-vlan", "VLAN id out of range: -1"),
    ("mtu-text", {**RED, "mtu": "big"}, "mtu", "bad-params", "'big' is not a whole number"),
    ("mtu-below", {**RED, "mtu": 67}, "mtu", "bad-params", "MTU out of range: 67"),
    ("mtu-above", {**RED, "mtu": "65536"}, "mtu", "bad-params", "MTU out of range: 65536"),
    ("mtu-ipv6", {**RED, "mtu": 1279, "dhcpv6": True}, "mtu", "bad-params", "1279 is too small for IPv6"),
    ("stp", {**RED, "STP": "maybe"}, "STP", "bad-params", '"maybe" is not a valid bridge STP value.'),
    ("stp-file", {**RED, "stp": 7}, "stp", "bad-params", '"7" is not a valid bridge STP value.'),
    ("bridged", {**RED, "bridged": "perhaps"}, "bridged", "bad-params", "'perhaps' is neither true nor false"),
    ("remove", {**RED, "remove": "perhaps"}, "remove", "bad-params", "'perhaps' is neither true nor false"),
    ("switch", {**RED, "switch": "tsukuba"}, "switch", "bad-params", "'tsukuba' is not a kind of switch"),
    ("nic", {"nic": "ens9"}, "nic", "bad-nic", "Nic ens9 does not exist"),
    ("nic-list", {"nic": ["ens1"]}, "nic", "bad-nic", "a list is not the name of an interface"),
    ("bond", {"bonding": "bond7"}, "bonding", "bad-bonding", "Bond bond7 does not exist"),
    ("bond-as-nic", {"nic": "bond9"}, "nic", "bad-nic", "Nic bond9 does not exist"),
    ("nic-as-bond", {"bonding": "ens1"}, "bonding", "bad-bonding", "Bond ens1 does not exist"),
    ("both", {"nic": "ens1", "bonding": "bond9"}, "", "bad-params", "red can't ride on both ens1 and bond9"),
    (
        "nothing-below",
        {"bridged": False},
        "",
        "bad-params",
        'southbound device not specified for non-bridged network "red"',
    ),
    (
        "nothing-below-ovs",
        {"switch": "ovs"},
        "",
        "bad-params",
        'southbound device not specified for network "red" of Open vSwitch',
    ),
    (
        "stp-ovs",
        {**RED, "switch": "ovs", "STP": "yes"},
        "STP",
        "bad-params",
        "networks of Open vSwitch have no spanning tree",
    ),
    (
        "netmask-and-prefix",
        {**STATIC, "netmask": "255.0.0.0"},
        "netmask",
        "bad-params",
        "Both PREFIX and NETMASK supplied",
    ),
    (
        "ipaddr",
        {**STATIC, "ipaddr": "192.0.2.300"},
        "ipaddr",
        "bad-address",
        "'192.0.2.300' is not a valid IPv4 address",
    ),
    (
        "ipaddr-prefix",
        {**STATIC, "ipaddr": "192.0.2.7/24"},
        "ipaddr",
        "bad-address",
        "'192.0.2.7/24' is not a valid IPv4",
    ),
    ("ipaddr-number", {**STATIC, "ipaddr": 7}, "ipaddr", "bad-address", "7 is not an IPv4 address"),
    (
        "ipaddr-none",
        {**STATIC, "ipaddr": "0.0.0.0"},
        "ipaddr",
        "bad-address",
        "'0.0.0.0' is not an address that a host can",
    ),
    (
        "ipaddr-group",
        {**STATIC, "ipaddr": "224.0.0.1"},
        "ipaddr",
        "bad-address",
        "'224.0.0.1' is not an address that a",
    ),
    ("prefix", {**STATIC, "prefix": 33}, "prefix", "bad-address", "Bad prefix: 33"),
    ("prefix-0", {**STATIC, "prefix": "0"}, "prefix", "bad-address", "Bad prefix: 0"),
    ("prefix-text", {**STATIC, "prefix": "long"}, "prefix", "bad-address", "'long' is not a whole number"),
    (
        "netmask",
        {**RED, "ipaddr": "192.0.2.7", "netmask": "255.0.255.0"},
        "netmask",
        "bad-address",
        "'255.0.255.0' is not a valid IPv4 netmask",
    ),
    (
        "netmask-length",
        {**RED, "ipaddr": "192.0.2.7", "netmask": "24"},
        "netmask",
        "bad-address",
        "'24' is not a valid IPv4 netmask",
    ),
    ("no-netmask", {**RED, "ipaddr": "192.0.2.7"}, "netmask", "bad-address", "Must specify netmask to configure ip"),
    ("netmask-alone", {**RED, "prefix": 24}, "prefix", "bad-address", "Specified netmask or gateway but not ip"),
    (
        "gateway-alone",
        {**RED, "gateway": "192.0.2.1"},
        "gateway",
        "bad-address",
        "Specified netmask or gateway but not",
    ),
    ("gateway", {**STATIC, "gateway": "router"}, "gateway", "bad-address", "'router' is not a valid IPv4 address"),
    (
        "gateway-outside",
        {**STATIC, "gateway": "198.51.100.1"},
        "gateway",
        "bad-address",
        "198.51.100.1 is outside of 192.0.2.0/24",
    ),
    (
        "gateway-itself",
        {**STATIC, "gateway": "192.0.2.7"},
        "gateway",
        "bad-address",
        "192.0.2.7 is the address of the network itself",
    ),
    ("static-dhcp", {**STATIC, "bootproto": "dhcp"}, "ipaddr", "bad-address", "Mixing static and dynamic IPv4"),
    (
        "ipv6addr",
        {**RED, "ipv6addr": "2001:db8::g/64"},
        "ipv6addr",
        "bad-address",
        "'2001:db8::g/64' is not a valid IPv6",
    ),
    (
        "ipv6-prefix",
        {**RED, "ipv6addr": "2001:db8::7/129"},
        "ipv6addr",
        "bad-address",
        "'2001:db8::7/129' is not a valid",
    ),
    (
        "ipv6-netmask",
        {**RED, "ipv6addr": "2001:db8::7/ffff::"},
        "ipv6addr",
        "bad-address",
        "'2001:db8::7/ffff::' is not a",
    ),
    (
        "ipv6-zone",
        {**RED, "ipv6addr": "fe80::7%ens1/64"},
        "ipv6addr",
        "bad-address",
        "'fe80::7%ens1/64' is not a valid",
    ),
    ("ipv6-of-4", {**RED, "ipv6addr": "192.0.2.7/24"}, "ipv6addr", "bad-address", "'192.0.2.7/24' is not a valid IPv6"),
    (
        "ipv6-group",
        {**RED, "ipv6addr": "ff02::1/64"},
        "ipv6addr",
        "bad-address",
        "'ff02::1/64' is not an address that a",
    ),
    (
        "ipv6gateway",
        {**RED, "ipv6addr": "2001:db8::7/64", "ipv6gateway": "here"},
        "ipv6gateway",
        "bad-address",
        "'here' is not a valid IPv6 address",
    ),
    (
        "ipv6gateway-outside",
        {**RED, "ipv6addr": "2001:db8::7/64", "ipv6gateway": "2001:db8:1::1"},
        "ipv6gateway",
        "bad-address",
        "2001:db8:1::1 is outside of 2001:db8::/64",
    ),
    (
        "ipv6gateway-alone",
        {**RED, "ipv6gateway": "2001:db8::1"},
        "ipv6gateway",
        "bad-address",
        "an IPv6 gateway, but no IPv6 address",
    ),
    (
        "nameserver",
        {**RED, "defaultRoute": True, "nameservers": ["192.0.2.53", "ns.example"]},
        "nameservers.1",
        "bad-address",
        "'ns.example' is not a valid nameserver address",
    ),
    (
        "nameserver-zone",
        {**RED, "defaultRoute": True, "nameservers": ["192.0.2.53%ens1"]},
        "nameservers.0",
        "bad-address",
        "'192.0.2.53%ens1' is not a valid nameserver address",
    ),
    (
        "nameservers-text",
        {**RED, "nameservers": "192.0.2.53"},
        "nameservers",
        "bad-address",
        "'192.0.2.53' is not a list",
    ),
    (
        "nameservers-elsewhere",
        {**RED, "nameservers": ["192.0.2.53"]},
        "nameservers",
        "bad-params",
        "Name servers may only be defined on the default host network",
    ),
    ("qos-map", {**RED, "hostQos": [1]}, "hostQos", "bad-params", "a list is not a map"),
    (
        "qos-number",
        {**RED, "hostQos": {"out": {"ls": {"m2": "x"}}}},
        "hostQos.out.ls.m2",
        "bad-params",
        "'x' is not a whole",
    ),
    (
        "qos-range",
        {**RED, "hostQos": {"out": {"ls": {"m2": -1}}}},
        "hostQos.out.ls.m2",
        "bad-params",
        "-1 is out of range",
    ),
    (
        "qos-zero",
        {**RED, "hostQos": {"out": {"ls": {"m2": 0}}}},
        "hostQos.out",
        "bad-params",
        "neither a share nor a guar",
    ),
    (
        "qos-limit-alone",
        {**RED, "hostQos": {"out": {"ul": {"m2": 8}, "rt": {"m2": 8}}}},
        "hostQos.out.ul",
        "bad-params",
        "an upper limit needs a share",
    ),
    (
        "qos-no-time",
        {**RED, "hostQos": {"out": {"ls": {"m1": 8, "m2": 4}}}},
        "hostQos.out.ls.d",
        "bad-params",
        "m1 without d says nothing",
    ),
    (
        "qos-nothing-below",
        {"hostQos": {"out": {"ls": {"m2": 8}}}},
        "hostQos",
        "bad-params",
        "there is no interface below",
    ),
    (
        "qos-vlan-0",
        {**RED, "vlan": 0, "hostQos": {"out": {"ls": {"m2": 8}}}},
        "hostQos",
        "bad-params",
        "frames of VLAN 0 can't be told apart",
    ),
    ("custom-list", {**RED, "custom": ["x"]}, "custom", "bad-params", "a list is not a map"),
    ("custom-value", {**RED, "custom": {"x": []}}, "custom.x", "bad-params", "a list is not a text"),
    (
        "bridge-option",
        {**RED, "custom": {"bridge_opts": "nonsense=1"}},
        "custom.bridge_opts",
        "bad-params",
        "Trying to write custom bridge option nonsense=1 that does not exists for bridge red",
    ),
    (
        "bridge-option-readonly",
        {**RED, "custom": {"bridge_opts": "root_id=1"}},
        "custom.bridge_opts",
        "bad-params",
        "Trying to write custom bridge option root_id=1 that does not exists for bridge red",
    ),
    (
        "bridge-option-word",
        {**RED, "custom": {"bridge_opts": "priority"}},
        "custom.bridge_opts",
        "bad-params",
        "'priority' is not of the form name=value",
    ),
    (
        "bridge-option-value",
        {**RED, "custom": {"bridge_opts": "multicast_snooping=yes"}},
        "custom.bridge_opts",
        "bad-params",
        "Trying to write custom bridge option multicast_snooping=yes that does not exists for bridge red",
    ),
    (
        "bridge-option-range",
        {**RED, "custom": {"bridge_opts": "priority=65536"}},
        "custom.bridge_opts",
        "bad-params",
        "Trying to write custom bridge option priority=65536 that does not exists for bridge red",
    ),
    (
        "ethtool-command",
        {**RED, "custom": {"ethtool_opts": "--reset ens1 all"}},
        "custom.ethtool_opts",
        "bad-params",
        "'--reset' is no command of ethtool that can be used here",
    ),
    (
        "ethtool-interface",
        {**RED, "custom": {"ethtool_opts": "-K ens2 rx on"}},
        "custom.ethtool_opts",
        "bad-params",
        "ens2 does not belong to red",
    ),
    (
        "ethtool-nothing-below",
        {"custom": {"ethtool_opts": "-K * rx on"}},
        "custom.ethtool_opts",
        "bad-params",
        "red has nothing below that '*' could mean",
    ),
    (
        "further-addresses",
        {**RED, "custom": {"ipv4_addrs": "192.0.2.8/24,here"}},
        "custom.ipv4_addrs",
        "bad-params",
        "'here' is not an IPv4 address with a prefix",
    ),
]


@pytest.mark.parametrize(
    ("attributes", "attribute", "code", "message"), [row[1:] for row in NETWORKS], ids=[row[0] for row in NETWORKS]
)
def test_a_network_with_one_mistake(attributes: dict[str, Plain], attribute: str, code: str, message: str) -> None:
    on = host(bond("bond9", "ens4"))
    found = mistakes({"red": attributes}, on=on)
    where = "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in attribute.split(".") if step)
    assert [(path, given) for path, given, _ in found] == [(f"networks[red]{where}", code)]
    assert found[0][2].startswith(message)


LONG = "a" * 256

NAMES = [
    ("", {}, True),
    (".", {}, True),
    ("all", {}, True),
    ("sixteen_letters_", {}, True),
    ("ääääääää", {}, True),
    ("a:b", {}, True),
    ("a.b", {}, True),
    ("a b", {}, True),
    ("a\tb", {}, True),
    ("a/b", {}, True),
    ("a%d", {}, True),
    ("-a", {}, True),
    ("ens2", {}, True),
    ("fifteen_letters", {}, False),
    ("äääääää", {}, False),
    ("blau-grün_7", {}, False),
    ("a/b", {"bridged": False}, True),
    ("..", {"bridged": False}, True),
    ("", {"bridged": False}, True),
    ("a\nb", {"bridged": False}, True),
    (LONG, {"bridged": False}, True),
    ("a name.of:any kind", {"bridged": False}, False),
    ("sixteen_letters_", {"bridged": False}, False),
    ("sixteen_letters_", {"bridged": False, "switch": "ovs"}, True),
    ("a/b", {"switch": "ovs"}, True),
]


@pytest.mark.parametrize(("name", "attributes", "refused"), NAMES)
def test_names_of_networks(name: str, attributes: dict[str, Plain], refused: bool) -> None:
    found = mistakes({name: {**RED, **attributes}})
    assert [code for _, code, _ in found] == (["bad-bridge"] if refused else [])
    assert all(message.startswith("Bridge name isn't valid: ") for _, _, message in found)


def test_a_bridge_of_this_name_becomes_the_networks() -> None:
    bridge = {"name": "red", "type": "linux-bridge", "state": "up", "bridge": {"port": []}}
    assert mistakes({"red": RED}, on=host(bridge)) == []


BONDS: list[tuple[str, str, dict[str, Plain], str, str, str]] = [
    ("name", "team0", {"nics": ["ens1"]}, "", "bad-bonding", "bad bond name(s): 'team0'"),
    ("name-short", "bond", {"nics": ["ens1"]}, "", "bad-bonding", "bad bond name(s): 'bond'"),
    ("name-sign", "bond-1", {"nics": ["ens1"]}, "", "bad-bonding", "bad bond name(s): 'bond-1'"),
    ("name-long", "bond567890123456", {"nics": ["ens1"]}, "", "bad-bonding", "bad bond name(s): 'bond567890123456'"),
    ("name-newline", "bond1\n", {"nics": ["ens1"]}, "", "bad-bonding", "bad bond name(s): 'bond1\\n'"),
    ("no-ports", "bond0", {}, ".nics", "bad-nic", "Missing nics attribute"),
    ("null-ports", "bond0", {"nics": None}, ".nics", "bad-nic", "Missing nics attribute"),
    ("empty", "bond0", {"nics": []}, ".nics", "bad-params", "bond0: Must specify nics for bonding"),
    ("port", "bond0", {"nics": ["ens1", "ens9"]}, ".nics", "bad-nic", "Nic ens9 does not exist"),
    ("port-kind", "bond0", {"nics": ["bond9"]}, ".nics", "bad-nic", "Nic bond9 does not exist"),
    ("ports-text", "bond0", {"nics": "ens1"}, ".nics", "bad-nic", "'ens1' is not a list of texts"),
    ("ports-map", "bond0", {"nics": [{}]}, ".nics", "bad-nic", "not only texts"),
    (
        "options",
        "bond0",
        {"nics": ["ens1"], "options": "mode"},
        ".options",
        "bad-bonding",
        "Error parsing bonding options",
    ),
    ("options-map", "bond0", {"nics": ["ens1"], "options": {}}, ".options", "bad-bonding", "a map is not name=value"),
    (
        "twice",
        "bond0",
        {"nics": ["ens1"], "options": "miimon=1 miimon=2"},
        ".options",
        "bad-bonding",
        "Error parsing bond",
    ),
    ("mode", "bond0", {"nics": ["ens1"], "options": "mode=7"}, ".options", "bad-bonding", "mode: '7' is not one of"),
    (
        "option",
        "bond0",
        {"nics": ["ens1"], "options": "miimo=1"},
        ".options",
        "bad-bonding",
        "'miimo' is not a valid bond",
    ),
    (
        "option-mode",
        "bond0",
        {"nics": ["ens1"], "options": "mode=1 lacp_rate=1"},
        ".options",
        "bad-bonding",
        "'lacp_rate' is not a valid bonding option",
    ),
    (
        "option-value",
        "bond0",
        {"nics": ["ens1"], "options": "mode=4 xmit_hash_policy=9"},
        ".options",
        "bad-bonding",
        "xmit_hash_policy: '9' is not one of",
    ),
    (
        "option-number",
        "bond0",
        {"nics": ["ens1"], "options": "miimon=often"},
        ".options",
        "bad-bonding",
        "miimon: 'often' is not a whole number",
    ),
    (
        "primary",
        "bond0",
        {"nics": ["ens1"], "options": "mode=1 primary=ens2"},
        ".options",
        "bad-bonding",
        "primary: ens2 is not a port of bond0",
    ),
    ("hwaddr", "bond0", {"nics": ["ens1"], "hwaddr": "here"}, ".hwaddr", "bad-bonding", "'here' is not a MAC address"),
    (
        "hwaddr-follows",
        "bond0",
        {"nics": ["ens1"], "hwaddr": "02:00:00:00:00:01", "options": "mode=1 fail_over_mac=1"},
        ".hwaddr",
        "bad-bonding",
        "bond0 takes the MAC of its active port",
    ),
    ("switch", "bond0", {"nics": ["ens1"], "switch": "x"}, ".switch", "bad-params", "'x' is not a kind of switch"),
    ("gone", "bond7", {"remove": True}, "", "bad-bonding", "Bond bond7 does not exist"),
]


@pytest.mark.parametrize(
    ("name", "attributes", "where", "code", "message"), [row[1:] for row in BONDS], ids=[row[0] for row in BONDS]
)
def test_a_bond_with_one_mistake(name: str, attributes: dict[str, Plain], where: str, code: str, message: str) -> None:
    found = mistakes({}, {name: attributes}, on=host(bond("bond9", "ens4")))
    assert [(path, given) for path, given, _ in found] == [(f"bondings[{name}]{where}", code)]
    assert found[0][2].startswith(message)


def test_an_option_that_this_kernel_lacks() -> None:
    facts = Facts(bond_defaults={"active-backup": {"mode": "1", "miimon": "0"}})
    given = {"bond0": {"nics": ["ens1"], "options": "mode=1 miimon=100 lp_interval=2"}}
    assert mistakes({}, given, facts=facts) == [
        (
            "bondings[bond0].options",
            "bad-bonding",
            "'lp_interval' is not a valid bonding option in mode active-backup on this host",
        )
    ]


RUNNING = ran({"red": {"nic": "ens1", "vlan": 7}, "top": {"bonding": "bond0"}}, {"bond0": {"nics": ["ens3"]}})
HOST = host(vlan("ens1.7", "ens1", 7), bond("bond0", "ens3"))

TOGETHER: list[tuple[str, Plain, Plain, list[tuple[str, str, str]]]] = [
    (
        "remove-unknown",
        {"green": {"remove": True}},
        {},
        [("networks[green]", "bad-bridge", "Cannot delete network green: It")],
    ),
    (
        "remove-and-more",
        {"red": {"remove": "true", "nic": "ens1", "custom": {"x": "y"}}},
        {},
        [("networks[red]", "bad-params", "Cannot specify any attribute when removing")],
    ),
    (
        "same-vlan-as-running",
        {"blue": {"nic": "ens1", "vlan": "7"}},
        {},
        [
            (
                "networks[blue].vlan",
                "bad-params",
                "multiple networks/similar vlans cannot be defined on a single underlying",
            )
        ],
    ),
    (
        "same-untagged-as-running",
        {"blue": {"bonding": "bond0"}},
        {},
        [("networks[blue]", "bad-params", "multiple networks/similar vlans cannot be defined on a single underlying")],
    ),
    (
        "same-vlan-twice",
        {"blue": {"nic": "ens2", "vlan": 0}, "grey": {"nic": "ens2", "vlan": "0"}},
        {},
        [
            ("networks[blue].vlan", "bad-params", "multiple networks/similar vlans"),
            ("networks[grey].vlan", "bad-params", "multiple networks/similar vlans"),
        ],
    ),
    ("vlan-of-removed", {"red": {"remove": True}, "blue": {"nic": "ens1", "vlan": 7}}, {}, []),
    (
        "port-is-base",
        {},
        {"bond1": {"nics": ["ens1"]}},
        [("bondings[bond1].nics", "used-nic", "Nics with multiple usages: ens1")],
    ),
    ("port-freed", {"red": {"remove": True}}, {"bond1": {"nics": ["ens1"]}}, []),
    (
        "base-is-port",
        {"blue": {"nic": "ens3"}},
        {},
        [("networks[blue].nic", "used-nic", "Nics with multiple usages: ens3")],
    ),
    (
        "base-and-port",
        {"blue": {"nic": "ens2"}},
        {"bond1": {"nics": ["ens2"]}},
        [("bondings[bond1].nics", "used-nic", "Nics with multiple usages: ens2")],
    ),
    (
        "port-twice",
        {},
        {"bond1": {"nics": ["ens2"]}, "bond2": {"nics": ["ens2", "ens4"]}},
        [
            ("bondings[bond1].nics", "used-nic", "Nics with multiple usages: ens2 (port of bond1, port of bond2)"),
            ("bondings[bond2].nics", "used-nic", "Nics with multiple usages: ens2 (port of bond1, port of bond2)"),
        ],
    ),
    (
        "port-of-running",
        {},
        {"bond1": {"nics": ["ens3"]}},
        [("bondings[bond1].nics", "used-nic", "Nics with multiple usages: ens3")],
    ),
    ("ports-swapped", {}, {"bond0": {"nics": ["ens4"]}, "bond1": {"nics": ["ens3"]}}, []),
    (
        "bond-used",
        {},
        {"bond0": {"remove": True}},
        [("bondings[bond0]", "used-bond", "Cannot remove bonding bond0: used by network (top)")],
    ),
    (
        "bond-used-again",
        {"top": {"bonding": "bond0", "mtu": 2000}},
        {"bond0": {"remove": "yes"}},
        [("bondings[bond0]", "used-bond", "Cannot remove bonding bond0: used by network (top)")],
    ),
    ("bond-freed", {"top": {"remove": True}}, {"bond0": {"remove": True}}, []),
    ("bond-left", {"top": {"nic": "ens4"}}, {"bond0": {"remove": True}}, []),
    (
        "mixed",
        {"blue": {"nic": "ens2"}, "grey": {"nic": "ens4", "switch": "ovs"}},
        {},
        [("networks[grey].switch", "bad-params", "Mixing of legacy and OVS networks is not supported")],
    ),
    (
        "mixed-bond",
        {"blue": {"bonding": "bond1", "switch": "ovs"}},
        {"bond1": {"nics": ["ens2"]}},
        [("bondings[bond1].switch", "bad-params", "Mixing of legacy and OVS networks is not supported")],
    ),
    (
        "switch-in-part",
        {"red": {"nic": "ens1", "vlan": 7, "switch": "ovs"}},
        {},
        [
            ("networks", "bad-params", "All networks must be reconfigured"),
            ("bondings", "bad-params", "All bondings must be reconfigured"),
        ],
    ),
    (
        "switch-and-remove",
        {"red": {"nic": "ens1", "switch": "ovs"}, "top": {"remove": True}},
        {"bond0": {"nics": ["ens3"], "switch": "ovs"}},
        [("networks[top]", "bad-params", "Switch type change request cannot contain removals")],
    ),
    (
        "two-default-routes",
        {"blue": {"nic": "ens2", "defaultRoute": True}, "grey": {"nic": "ens4", "defaultRoute": "true"}},
        {},
        [
            ("networks[blue].defaultRoute", "bad-params", "Only a single default route network is allowed."),
            ("networks[grey].defaultRoute", "bad-params", "Only a single default route network is allowed."),
        ],
    ),
    (
        "not-a-map",
        {"blue": None, "grey": "ens1"},
        {"bond1": []},
        [
            ("networks[blue]", "bad-bridge", "null is not a map"),
            ("networks[grey]", "bad-bridge", "'ens1' is not a map"),
            ("bondings[bond1]", "bad-bonding", "a list is not a map"),
        ],
    ),
    (
        "network-called-like-bond",
        {"bond1": {"nic": "ens2"}},
        {"bond1": {"nics": ["ens4"]}},
        [("networks[bond1]", "bad-bridge", "Bridge name isn't valid: 'bond1' is a bond of this request")],
    ),
]


@pytest.mark.parametrize(
    ("networks", "bondings", "expected"), [row[1:] for row in TOGETHER], ids=[row[0] for row in TOGETHER]
)
def test_networks_and_bonds_together(networks: Plain, bondings: Plain, expected: list[tuple[str, str, str]]) -> None:
    found = mistakes(networks, bondings, running=RUNNING, on=HOST)
    assert [one[:2] for one in found] == [one[:2] for one in expected]
    for (_, _, message), (_, _, start) in zip(found, expected, strict=True):
        assert message.startswith(start)


def test_a_vlan_of_others_forbids_to_make_a_port_of_its_base() -> None:
    found = mistakes({}, {"bond1": {"nics": ["ens2"]}}, on=host(vlan("uplink", "ens2", 9)))
    assert found == [
        ("bondings[bond1].nics", "used-nic", "Nics with multiple usages: ens2 (port of bond1, VLAN uplink)")
    ]


def test_a_vlan_of_others_forbids_to_remove_its_bond() -> None:
    on = host(bond("bond9", "ens2"), vlan("bond9.5", "bond9", 5))
    assert [code for _, code, _ in mistakes({}, {"bond9": {"remove": True}}, on=on)] == ["used-bond"]


@pytest.mark.parametrize(
    "there", [vlan("uplink", "ens1", 7), vlan("ens1.7", "ens2", 7), vlan("ens1.7", "ens1", 8), card("ens1.7")]
)
def test_the_name_and_tag_of_a_vlan_are_free(there: dict[str, Plain]) -> None:
    found = mistakes({"red": {"nic": "ens1", "vlan": 7}}, on=host(there))
    assert [one[:2] for one in found] == [("networks[red].vlan", "bad-vlan")]


def test_the_name_of_a_vlan_fits() -> None:
    on = host(card("enp130s0f1np1"))
    found = mistakes({"red": {"nic": "enp130s0f1np1", "vlan": 10}}, on=on)
    assert [one[:2] for one in found] == [("networks[red].vlan", "bad-vlan")]
    assert mistakes({"red": {"nic": "enp130s0f1np1", "vlan": 9}}, on=on) == []
    assert mistakes({"red": {"nic": "enp130s0f1np1", "vlan": 10, "switch": "ovs"}}, on=on) == []


ADDRESS = {"ipaddr": "192.0.2.7", "prefix": 24}


@pytest.mark.parametrize(
    ("other", "attribute"),
    [
        ({**ADDRESS}, ".ipaddr"),
        ({"ipaddr": "192.0.2.7", "prefix": 25}, ".ipaddr"),
        ({"ipv6addr": "2001:db8::7/48"}, ".ipv6addr"),
        ({"custom": {"ipv4_addrs": "192.0.2.7/32"}}, ".custom.ipv4_addrs"),
    ],
)
def test_an_address_belongs_to_one_network(other: dict[str, Plain], attribute: str) -> None:
    running = ran({"red": {"nic": "ens1", **ADDRESS, "ipv6addr": "2001:db8::7/64"}})
    found = mistakes({"blue": {"nic": "ens2", **other}}, running=running)
    assert [one[:2] for one in found] == [(f"networks[blue]{attribute}", "bad-address")]
    assert mistakes({"blue": {"nic": "ens2", **other}, "red": {"remove": True}}, running=running) == []
    assert mistakes({"red": {"nic": "ens1", **other}}, running=running) == []


def test_a_host_without_ipv6() -> None:
    facts = Facts(ipv6=False)
    assert mistakes({"red": {"nic": "ens1", "ipv6addr": "2001:db8::7/64"}}, facts=facts) == [
        ("networks[red].ipv6addr", "bad-address", "this host has no IPv6")
    ]
    assert mistakes({"red": {"nic": "ens1", "ipv6gateway": "::"}}, facts=facts) == []


@pytest.mark.parametrize(
    ("options", "attribute"),
    [
        ({"connectivityTimeout": "soon"}, "connectivityTimeout"),
        ({"connectivityTimeout": -1}, "connectivityTimeout"),
        ({"connectivityTimeout": True}, "connectivityTimeout"),
        ({"connectivityTimeout": float("nan")}, "connectivityTimeout"),
        ({"connectivityTimeout": float("inf")}, "connectivityTimeout"),
        ({"connectivityTimeout": 10**400}, "connectivityTimeout"),
        ({"connectivityCheck": "perhaps"}, "connectivityCheck"),
        ({"commitOnSuccess": []}, "commitOnSuccess"),
    ],
)
def test_options_with_a_mistake(options: Plain, attribute: str) -> None:
    assert [one[:2] for one in mistakes({}, {}, options)] == [(f"options.{attribute}", "bad-params")]


def test_all_mistakes_at_once_and_the_first_is_vdsms() -> None:
    networks = {
        "green": {"remove": True},
        "blue": {"nic": "ens9", "vlan": 5000},
        "grey": {"bridged": False},
        "a.b": {"nic": "ens2", "ipaddr": "192.0.2.300", "netmask": "255.255.255.0"},
        "pink": {"nic": "ens3", "vlan": "x"},
    }
    bondings: typing.Any = {"bond1": {"nics": ["ens2"], "options": "mode=1 x=y"}, "bond2": {"nics": ["ens8"]}}
    found = mistakes(networks, bondings)
    assert [one[:2] for one in found] == [
        ("networks[pink].vlan", "bad-vlan"),  # where vdsm would have told of an internal error
        ("networks[a.b]", "bad-bridge"),
        ("bondings[bond2].nics", "bad-nic"),
        ("networks[a.b].ipaddr", "bad-address"),
        ("networks[grey]", "bad-params"),
        ("networks[blue].vlan", "bad-vlan"),
        ("networks[green]", "bad-bridge"),
        ("networks[blue].nic", "bad-nic"),
        ("bondings[bond1].options", "bad-bonding"),
        ("bondings[bond1].nics", "used-nic"),
    ]


NUMBERS = [
    ({"green": {"remove": True}}, {}, 27),
    ({"red": {"nic": "ens9"}}, {}, 23),
    ({"red": {"bonding": "bond9"}}, {}, 25),
    ({"red": {"nic": "ens1", "vlan": 4095}}, {}, 26),
    ({"red": {"nic": "ens1", "gateway": "192.0.2.1"}}, {}, 22),
    ({"red": {"bridged": False}}, {}, 21),
    ({"top": {"bonding": "bond0"}}, {"bond0": {"remove": True}}, 31),
    ({"red": {"nic": "ens3"}}, {}, 24),
]


@pytest.mark.parametrize(("networks", "bondings", "number"), NUMBERS)
def test_numbers(networks: Plain, bondings: Plain, number: int) -> None:
    with pytest.raises(Rejected) as caught:
        setup(networks, bondings, on=HOST)
    assert caught.value.number == number


def test_hints_name_what_may_have_been_meant() -> None:
    with pytest.raises(Rejected) as caught:
        setup({"red": {"nic": "ens11"}})
    assert "ens1" in caught.value.first.hint
    with pytest.raises(Rejected) as caught:
        setup({"red": {"nic": "bond0"}}, on=HOST)
    assert caught.value.first.hint == "it is a bond: say bonding"


def test_a_request_that_is_no_map() -> None:
    from linkhold.networks import reading
    from linkhold.networks.configuration import Configuration

    for raw in (
        [],
        None,
        "networks",
        {"networks": []},
        {"bondings": 7},
        {"options": "x"},
        {"networks": {"\ud800": {}}},
    ):
        with pytest.raises(Rejected) as caught:
            reading.read(raw, Configuration(), host(), Facts())
        assert caught.value.number == 21
