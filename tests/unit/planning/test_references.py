"""Names of other interfaces in a value."""

import pytest

from linkhold.planning.references import named, ports_of, references, renamed, with_ports
from linkhold.state.interfaces.bond import Bond, BondPortConfig, LinkAggregation
from linkhold.state.interfaces.hsr import Hsr, HsrConfig
from linkhold.state.interfaces.linux_bridge import LinuxBridge, LinuxBridgeConfig, LinuxBridgePort
from linkhold.state.interfaces.ovs_bridge import OvsBond, OvsBondPort, OvsBridge, OvsBridgeConfig, OvsBridgePort
from linkhold.state.interfaces.vlan import Vlan, VlanConfig
from linkhold.state.interfaces.vrf import Vrf, VrfConfig
from linkhold.state.routes import Route


def test_roles_and_paths_come_from_the_markers():
    vlan = Vlan(name="v", controller="br0", vlan=VlanConfig(parent="eth1", tag=7))
    assert {(one.role, one.name, one.path) for one in references(vlan)} == {
        ("controller", "br0", "controller"),
        ("parent", "eth1", "vlan.base-iface"),
    }
    assert named(Hsr(name="h", hsr=HsrConfig(port1="a", port2="b")), "parent") == ["a", "b"]
    assert named(Vlan(name="v", controller=""), "controller") == []


CONTROLLERS = (
    Bond(name="c", bond=LinkAggregation(port=("a", "b"))),
    Vrf(name="c", vrf=VrfConfig(port=("a", "b"))),
    LinuxBridge(
        name="c", bridge=LinuxBridgeConfig(port=(LinuxBridgePort(name="a", stp_priority=3), LinuxBridgePort(name="b")))
    ),
    OvsBridge(name="c", bridge=OvsBridgeConfig(port=(OvsBridgePort(name="a"), OvsBridgePort(name="b")))),
)


@pytest.mark.parametrize("controller", CONTROLLERS, ids=lambda one: one.kind)
def test_ports_are_listed_added_and_dropped_in_every_kind_of_controller(controller):
    assert ports_of(controller) == ("a", "b")
    assert with_ports(controller, {"a", "b"}) is controller
    assert ports_of(with_ports(controller, {"c", "a"})) == ("a", "c")
    assert ports_of(with_ports(type(controller)(name="c"), {"z"})) == ("z",)
    assert ports_of(with_ports(controller, set())) == ()


def test_the_settings_of_a_port_stay_with_it_and_go_with_it():
    kept = with_ports(CONTROLLERS[2], {"a", "z"})
    assert kept.bridge.port[0] == LinuxBridgePort(name="a", stp_priority=3)
    settings = (BondPortConfig(name="a", priority=5), BondPortConfig(name="b"))
    bond = with_ports(Bond(name="c", bond=LinkAggregation(port=("a", "b"), ports_config=settings)), {"b"})
    assert bond.bond.ports_config == (BondPortConfig(name="b"),)


def test_a_bond_inside_an_ovs_bridge_is_one_port_of_several_interfaces():
    bond = OvsBridgePort(
        name="b", bond=OvsBond(mode="active-backup", port=(OvsBondPort(name="x"), OvsBondPort(name="y")))
    )
    bridge = OvsBridge(name="c", bridge=OvsBridgeConfig(port=(bond,)))
    assert ports_of(bridge) == ("x", "y")
    assert with_ports(bridge, {"x", "y"}) is bridge


def test_renaming_reaches_every_mention():
    names = {"a": "z"}
    assert ports_of(renamed(CONTROLLERS[2], names)) == ("b", "z")
    assert renamed(Route(next_hop_interface="a"), names).next_hop_interface == "z"
    vlan = Vlan(name="a", vlan=VlanConfig(parent="b"))
    assert renamed(vlan, names) is vlan
