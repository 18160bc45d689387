"""Every number by which a request is refused, and the literal beginning of its sentence; nothing is touched by any of them.

The table is that of vdsm's ``network/errors.py`` and of what raises them; and what vdsm let through, or answered by an
internal error, is refused with a number here as well.
"""

import typing

import pytest

from tests.agent.functional.stranger import REMOVE, Stranger

pytestmark = pytest.mark.needs("namespace")

Plain = dict[str, typing.Any]

IP = {"ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}
ON = {"nic": "eth1"}

PARAMS, ADDRESS, NIC, USED, BONDING, VLAN, BRIDGE = 21, 22, 23, 24, 25, 26, 27


class Case(typing.NamedTuple):
    """A request for networks and bonds, and how it is answered."""

    code: int
    begins: str
    networks: Plain
    bonds: Plain | None = None


def red(**attributes: typing.Any) -> Plain:
    return {"red": {**ON, **attributes}}


OVER_BOND = {"red": {"bonding": "bond7"}}
CASES = {
    "prefix-and-netmask": Case(PARAMS, "Both PREFIX and NETMASK supplied", red(**IP, prefix=24)),
    "stp": Case(PARAMS, '"perhaps" is not a valid bridge STP value.', red(STP="perhaps")),
    "two-default-routes": Case(
        PARAMS,
        "Only a single default route network is allowed.",
        {"red": {**ON, "defaultRoute": True}, "blue": {"nic": "eth2", "defaultRoute": True}},
    ),
    "two-switches": Case(
        PARAMS,
        "Mixing of legacy and OVS networks is not supported",
        {"red": ON, "blue": {"nic": "eth2", "switch": "ovs"}},
    ),
    "bridgeless-over-nothing": Case(
        PARAMS, "southbound device not specified for non-bridged network", {"red": {"bridged": False}}
    ),
    "same-card": Case(PARAMS, "multiple networks/similar vlans cannot be defined on a single", {"red": ON, "blue": ON}),
    "same-vlan": Case(
        PARAMS,
        "multiple networks/similar vlans cannot be defined on a single",
        {"red": {**ON, "vlan": 7}, "blue": {**ON, "vlan": "7", "bridged": False}},
    ),
    "remove-and-more": Case(
        PARAMS, "Cannot specify any attribute when removing", {"standing": {"remove": True, "nic": "eth5"}}
    ),
    "name-servers-elsewhere": Case(
        PARAMS,
        "Name servers may only be defined on the default host network",
        red(**IP, nameservers=["192.0.2.53"]),
    ),
    "bond-of-nothing": Case(PARAMS, "bond7: Must specify nics for bonding", {}, {"bond7": {"nics": []}}),
    "bridge-option": Case(
        PARAMS,
        "Trying to write custom bridge option nothing=1 that does not exists for bridge red",
        red(custom={"bridge_opts": "nothing=1"}),
    ),
    "ipv4": Case(ADDRESS, "", red(ipaddr="192.0.2", netmask="255.255.255.0")),
    "ipv4-number": Case(ADDRESS, "", red(ipaddr="192.0.2.256", netmask="255.255.255.0")),
    "netmask": Case(ADDRESS, "", red(ipaddr="192.0.2.7", netmask="255.0.255.0")),
    "prefix": Case(ADDRESS, "Bad prefix", red(ipaddr="192.0.2.7", prefix=33)),
    "gateway": Case(ADDRESS, "", red(**IP, gateway="192.0.2.one")),
    "gateway-alone": Case(ADDRESS, "Specified netmask or gateway but not ip", red(gateway="192.0.2.1")),
    "netmask-alone": Case(ADDRESS, "Specified netmask or gateway but not ip", red(netmask="255.255.255.0")),
    "static-and-dhcp": Case(ADDRESS, "", red(**IP, bootproto="dhcp")),
    "address-alone": Case(ADDRESS, "Must specify netmask", red(ipaddr="192.0.2.7")),
    "name-server": Case(
        ADDRESS, "'192.0.2' is not a valid nameserver address", red(defaultRoute=True, nameservers=["192.0.2"])
    ),
    "no-nic": Case(NIC, "Nic eth9 does not exist", {"red": {"nic": "eth9"}}),
    "no-nic-in-bond": Case(NIC, "Nic eth9 does not exist", {}, {"bond7": {"nics": ["eth1", "eth9"]}}),
    "bond-without-nics": Case(NIC, "Missing nics attribute", {}, {"bond7": {"options": "mode=1"}}),
    "nic-in-network-and-bond": Case(USED, "Nics with multiple usages: ", red(), {"bond7": {"nics": ["eth1"]}}),
    "nic-of-a-network": Case(USED, "Nics with multiple usages: ", {}, {"bond7": {"nics": ["eth5"]}}),
    "nic-in-two-bonds": Case(
        USED, "Nics with multiple usages: ", {}, {"bond7": {"nics": ["eth1"]}, "bond8": {"nics": ["eth1", "eth2"]}}
    ),
    "bond-name": Case(BONDING, "bad bond name(s): ", {}, {"team7": {"nics": ["eth1"]}}),
    "no-bond": Case(BONDING, "Bond bond7 does not exist", OVER_BOND),
    "bond-options": Case(
        BONDING, "Error parsing bonding options", {}, {"bond7": {"nics": ["eth1"], "options": "mode"}}
    ),
    "bond-option": Case(
        BONDING, "'nothing' is not a valid bonding option", {}, {"bond7": {"nics": ["eth1"], "options": "nothing=1"}}
    ),
    "bond-option-of-another-mode": Case(
        BONDING,
        "'lacp_rate' is not a valid bonding option",
        {},
        {"bond7": {"nics": ["eth1"], "options": "mode=1 lacp_rate=1"}},
    ),
    "vlan-over-nothing": Case(VLAN, "red: vlan device requires southbound device", {"red": {"vlan": 7}}),
    "vlan-range": Case(VLAN, "VLAN id out of range", red(vlan=4095)),
    "vlan-negative": Case(VLAN, "VLAN id out of range", red(vlan=-1)),
    "no-such-network": Case(BRIDGE, "Cannot delete network red: It doesn't exist in the system", {"red": REMOVE}),
    # what vdsm answered by an internal error
    "vlan-text": Case(VLAN, "", red(vlan="abc")),
    "mtu-text": Case(PARAMS, "", red(mtu="big")),
    "ipv6": Case(ADDRESS, "", red(ipv6addr="2001:db8::g/64")),
    "ipv6-prefix": Case(ADDRESS, "", red(ipv6addr="2001:db8::7/129")),
    # what vdsm did not look at
    "ipv6-gateway": Case(ADDRESS, "", red(ipv6addr="2001:db8::7/64", ipv6gateway="router")),
    "ipv6-gateway-elsewhere": Case(ADDRESS, "", red(ipv6addr="2001:db8::7/64", ipv6gateway="2001:db9::1")),
    "gateway-elsewhere": Case(ADDRESS, "", red(**IP, gateway="198.51.100.1")),
    "address-twice": Case(ADDRESS, "", {"red": {**ON, **IP}, "blue": {"nic": "eth2", **IP}}),
    "nic-and-bond": Case(PARAMS, "", {"red": {**ON, "bonding": "bond7"}}, {"bond7": {"nics": ["eth2"]}}),
    "long-vlan-name": Case(
        VLAN, "", {"red": {"bonding": "bond7890123", "vlan": 4000}}, {"bond7890123": {"nics": ["eth1"]}}
    ),
    "long-bond-name": Case(BONDING, "bad bond name(s): ", {}, {"bond789012345678": {"nics": ["eth1"]}}),
    "bridgeless-name": Case(BRIDGE, "", {"a/b": {**ON, "bridged": False}}),
    "ovs-name": Case(BRIDGE, "", {"a-name-too-long-": {**ON, "switch": "ovs"}}),
    "no-such-bond": Case(BONDING, "", {}, {"bond7": REMOVE}),
    "bond-value": Case(BONDING, "", {}, {"bond7": {"nics": ["eth1"], "options": "mode=7"}}),
    "bond-number": Case(BONDING, "", {}, {"bond7": {"nics": ["eth1"], "options": "mode=1 miimon=often"}}),
    "bond-primary": Case(BONDING, "", {}, {"bond7": {"nics": ["eth1"], "options": "mode=1 primary=eth2"}}),
    "bond-mac": Case(BONDING, "", {}, {"bond7": {"nics": ["eth1"], "hwaddr": "02:00"}}),
    "bridged-text": Case(PARAMS, "", red(bridged="perhaps")),
    "switch": Case(PARAMS, "", red(switch="token-ring")),
    "mtu-small": Case(PARAMS, "", red(mtu=-1)),
    "qos": Case(PARAMS, "", red(hostQos={"out": {"ls": {"m2": "much"}}})),
    "nics-text": Case(NIC, "", {}, {"bond7": {"nics": "eth1"}}),
}
CASES |= {
    f"name-{number}": Case(BRIDGE, "Bridge name isn't valid: ", {name: ON})
    for number, name in enumerate(("", "a-name-too-long-", "a:b", "a.b", "a b", "a\tb", "-a", "a/b", "."))
}


@pytest.fixture
def standing(stranger: Stranger) -> Stranger:
    """A network is there already."""
    stranger.setup({"standing": {"nic": "eth5"}})
    return stranger


def test_what_is_refused_is_refused_with_its_number(standing: Stranger) -> None:
    """All in one test, since each takes a few hundredths of a second and a network of its own takes longer."""
    wrong = []
    for name, case in CASES.items():
        error = standing.refused(case.networks, case.bonds)
        if error.code != case.code or not error.message.startswith(case.begins):
            wrong.append(f"{name}: {error.code} {error.message}")
        places = [one["path"] for one in typing.cast(Plain, error.data)["diagnostics"] if one["severity"] == "error"]
        if not places or not all(places):
            wrong.append(f"{name}: nothing is said of where: {error.data}")
    assert not wrong, "\n".join(wrong)


def test_all_mistakes_are_told_at_once(standing: Stranger) -> None:
    asked = {
        "red": {"nic": "eth9", "ipaddr": "192.0.2", "netmask": "255.255.255.0"},
        "a:b": {"nic": "eth1", "vlan": 5000},
    }
    error = standing.refused(asked)
    codes = {one["code"] for one in typing.cast(Plain, error.data)["diagnostics"]}
    assert codes == {"bad-nic", "bad-address", "bad-bridge", "bad-vlan"}
    assert error.code == BRIDGE  # names are what vdsm looks at first


def test_params_that_are_no_maps(standing: Stranger) -> None:
    for params in (
        {"networks": 1},
        {"networks": {"red": None}},
        {"networks": {}, "bondings": [1]},
        [1, 2, 3],
        {"options": "no"},
    ):
        with pytest.raises(Exception, match=r".") as caught:
            standing.call("Host.setupNetworks", params)
        assert getattr(caught.value, "code", None) in (-32602, PARAMS), caught.value
    standing.agree()


def test_options_that_are_wrong(standing: Stranger) -> None:
    for option in ({"connectivityTimeout": "long"}, {"connectivityCheck": "perhaps"}, {"commitOnSuccess": 7}):
        assert standing.refused(red(), {}, **option).code == PARAMS
    standing.setup(red(), {}, unknown=1)


def test_a_device_that_is_none(standing: Stranger) -> None:
    for params in ({"deviceName": "eth1", "numvfs": 1}, {"deviceName": "pci_0000_ff_00_0", "numvfs": 1}):
        with pytest.raises(Exception, match=r".") as caught:
            standing.call("Host.hostdevChangeNumvfs", params)
        assert 20 < getattr(caught.value, "code", 0) < 40


@pytest.mark.needs("bond", "vlan")
def test_what_is_refused_for_bonds_and_vlans_that_are_there(stranger: Stranger) -> None:
    bond = {"bond7": {"nics": ["eth1", "eth2"], "options": "mode=1"}}
    stranger.setup({"red": {"bonding": "bond7", "vlan": 7}}, bond)
    cases: dict[int, tuple[Plain, Plain]] = {
        31: ({}, {"bond7": REMOVE}),
        24: ({"blue": {"nic": "eth1"}}, {}),
        21: ({"blue": {"bonding": "bond7", "vlan": 7, "bridged": False}}, {}),
        23: ({"blue": {"nic": "bond7"}}, {}),
    }
    found = {code: stranger.refused(*asked) for code, asked in cases.items()}
    assert {code: error.code for code, error in found.items()} == {code: code for code in cases}
    assert found[31].message.startswith("Cannot remove bonding bond7: used by network (")
    netns = stranger.host.netns
    netns.ip("link", "add", "link", "eth3", "name", "eth3.9", "type", "vlan", "id", "9")
    stranger.foreign.add("eth3.9")
    error = stranger.refused({}, {"bond8": {"nics": ["eth3"]}})
    assert (error.code, error.message.startswith("Nics with multiple usages")) == (24, True)
