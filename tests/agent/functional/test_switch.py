"""Networks of Open vSwitch, and the host's way from Linux bridges to it and back."""

import typing

import pytest

from tests.agent.functional import agreement
from tests.agent.functional.flaps import stable
from tests.agent.functional.stranger import REMOVE, Stranger

pytestmark = pytest.mark.needs("namespace", "bond", "vlan", "openvswitch-datapath")

Plain = dict[str, typing.Any]

FOUR = {"ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}
OVS = {"switch": "ovs"}


def ovs(**attributes: typing.Any) -> Plain:
    return {**OVS, **attributes}


@pytest.mark.parametrize(("bridged", "vlan"), [(True, 101), (False, None)])
def test_a_network_comes_and_goes(switched: Stranger, bridged: bool, vlan: int | None) -> None:
    red = ovs(nic="eth1", bridged=bridged, **FOUR, **({"vlan": vlan} if vlan else {}))
    with stable(switched.host.netns, "eth2"):
        switched.setup({"red": red})
        switched.setup({"red": {**red, "mtu": 2000, "ipaddr": "192.0.2.8"}})
        switched.setup({"red": REMOVE})
    assert agreement.rows(switched.host, "Bridge", "name") == []


def test_several_on_one_card(switched: Stranger) -> None:
    switched.setup({"red": ovs(nic="eth1", vlan=101, **FOUR), "blue": ovs(nic="eth1", vlan=102)})
    with stable(switched.host.netns, "eth1", "red", "blue"):
        switched.setup({"green": ovs(nic="eth1", ipaddr="198.51.100.7", prefix=24)})
    with stable(switched.host.netns, "eth1", "red"):
        switched.setup({"blue": REMOVE, "green": REMOVE})


def test_a_network_moves_to_another_card(switched: Stranger) -> None:
    switched.setup({"red": ovs(nic="eth1", vlan=101, **FOUR), "blue": ovs(nic="eth1", vlan=102)})
    with stable(switched.host.netns, "blue", "eth1"):
        switched.setup({"red": ovs(nic="eth2", vlan=101, **FOUR)})
    bridge = switched.host.run("ovs-vsctl", "port-to-br", "eth1").strip()
    assert sorted(switched.host.run("ovs-vsctl", "list-ports", bridge).split()) == ["blue", "eth1"]
    switched.setup({"red": ovs(nic="eth1", vlan=101, **FOUR)})
    with pytest.raises(AssertionError, match="eth2"):
        switched.host.run("ovs-vsctl", "port-to-br", "eth2")


def test_over_a_bond(switched: Stranger) -> None:
    bond = {"bond0": {"nics": ["eth1", "eth2"], "options": "mode=1 miimon=100", **OVS}}
    switched.setup({"red": ovs(bonding="bond0", vlan=101, mtu=2000, **FOUR)}, bond)
    switched.setup({}, {"bond0": {"nics": ["eth1", "eth3"], "options": "mode=1 miimon=100", **OVS}})
    assert switched.refused({}, {"bond0": REMOVE}).code == 31
    switched.setup({"red": REMOVE}, {"bond0": REMOVE})


def test_ports_of_others_stay(switched: Stranger) -> None:
    netns, run = switched.host.netns, switched.host.run
    switched.setup({"red": ovs(nic="eth1", vlan=101)})
    bridge = run("ovs-vsctl", "port-to-br", "eth1").strip()
    netns.ip("link", "add", "vnet0", "type", "veth", "peer", "name", "guest0")
    switched.foreign |= {"vnet0", "guest0"}
    run("ovs-vsctl", "add-port", bridge, "vnet0", "tag=101")
    switched.setup({"red": ovs(nic="eth1", vlan=101, **FOUR), "blue": ovs(nic="eth1")})
    assert run("ovs-vsctl", "port-to-br", "vnet0").strip() == bridge
    assert run("ovs-vsctl", "get", "Port", "vnet0", "tag").strip() == "101"
    run("ovs-vsctl", "del-port", "vnet0")


def test_addresses_routes_and_name_servers(switched: Stranger) -> None:
    red = ovs(nic="eth1", **FOUR, gateway="192.0.2.1", ipv6addr="2001:db8::7/64", ipv6gateway="2001:db8::1")
    switched.setup({"red": {**red, "defaultRoute": True, "nameservers": ["192.0.2.53"]}})
    switched.setup({"red": red})
    switched.setup({"red": ovs(nic="eth1")})


def test_mappings_for_virtual_networks(switched: Stranger) -> None:
    def mappings() -> str:
        return switched.host.run("ovs-vsctl", "get", "Open_vSwitch", ".", "external_ids").strip()

    switched.setup({"red": ovs(nic="eth1", vlan=101), "blue": ovs(nic="eth2")})
    red, blue = (switched.host.run("ovs-vsctl", "port-to-br", name).strip() for name in ("red", "blue"))
    assert f'ovn-bridge-mappings="blue:{blue},red:{red}"' in mappings()
    switched.setup({"red": REMOVE})
    assert f'ovn-bridge-mappings="blue:{blue}"' in mappings()


def test_the_host_changes_its_switch_and_goes_back(switched: Stranger) -> None:
    networks: Plain = {
        "ovirtmgmt": {
            "nic": "eth1",
            **FOUR,
            "gateway": "192.0.2.1",
            "defaultRoute": True,
            "nameservers": ["192.0.2.53"],
        },
        "red": {"bonding": "bond0", "vlan": 101, "mtu": 1400, "ipaddr": "198.51.100.7", "prefix": 24},
        "blue": {"bonding": "bond0", "bridged": False, "ipv6addr": "2001:db8::7/64"},
    }
    bond = {"bond0": {"nics": ["eth2", "eth3"], "options": "mode=1 miimon=100"}}
    other = {name: {**one, **OVS} for name, one in networks.items()}
    other_bond = {"bond0": {**bond["bond0"], **OVS}}
    switched.setup(networks, bond)
    with stable(switched.host.netns, "eth4", "eth5"):
        switched.setup(other, other_bond)
        error = switched.refused(networks, bond, connectivityCheck=True, connectivityTimeout=1)
        assert error.code == 10
        switched.agree()
        switched.setup(networks, bond)


def test_what_a_change_of_the_switch_must_name(switched: Stranger) -> None:
    bond = {"bond0": {"nics": ["eth2"]}}
    switched.setup({"red": {"nic": "eth1"}, "blue": {"bonding": "bond0"}}, bond)
    whole = {"red": ovs(nic="eth1"), "blue": ovs(bonding="bond0")}
    cases = {
        "Switch type change request cannot contain removals": (
            {**whole, "red": REMOVE},
            {"bond0": {"nics": ["eth2"], **OVS}},
        ),
        "All networks must be reconfigured": ({"red": whole["red"]}, {"bond0": {"nics": ["eth2"], **OVS}}),
        "All bondings must be reconfigured": (whole, {}),
        "Mixing of legacy and OVS networks": ({**whole, "red": {"nic": "eth1"}}, {}),
    }
    found = {begins: switched.refused(*asked) for begins, asked in cases.items()}
    assert {begins: error.code for begins, error in found.items()} == dict.fromkeys(cases, 21)
    wrong = [
        f"{error.message} instead of {begins}"
        for begins, error in found.items()
        if not error.message.startswith(begins)
    ]
    assert not wrong


def test_what_open_vswitch_has_not(switched: Stranger) -> None:
    error = switched.refused({"red": OVS})
    assert (error.code, error.message.startswith("southbound device not specified")) == (21, True)
    assert switched.refused({"red": ovs(nic="eth1", STP="yes")}).code == 21
    assert switched.refused({"a:b": ovs(nic="eth1")}).code == 27


def test_custom_ovs_is_what_it_was_said_by_before(switched: Stranger) -> None:
    switched.setup({"red": ovs(nic="eth1")})
    params = {"networks": {"red": {"nic": "eth1", "custom": {"ovs": "true"}}}, "options": {"connectivityCheck": False}}
    assert switched.call("Host.setupNetworks", params)["code"] == 0
    assert switched.caps()["networks"]["red"]["switch"] == "ovs"
