"""The list of interfaces: kinds, entries without one, entries that take away, entries that meet."""

import json
import subprocess
import sys
import typing

import pytest

from linkhold.foundation.diagnostics import Diagnostics, Invalid, Key, spell
from linkhold.foundation.record import UNSET
from linkhold.state.document import parse
from linkhold.state.fields import HIDDEN, CreateOnly, Unverified, fields_of
from linkhold.state.interfaces import INTERFACE, kind_class, needs_kind, retype
from linkhold.state.interfaces.bond import Bond, BondOptions, LinkAggregation
from linkhold.state.interfaces.common import Interface, Untyped
from linkhold.state.interfaces.ethernet import EthernetConfig
from linkhold.state.interfaces.mac_vlan import MacVlanConfig
from linkhold.state.interfaces.unknown import Unknown
from linkhold.state.interfaces.veth import Veth
from linkhold.state.interfaces.vlan import Vlan, VlanConfig
from linkhold.state.interfaces.vxlan import VxlanConfig


def read(*raw: object) -> tuple[tuple[Interface, ...], Diagnostics]:
    found = Diagnostics()
    return INTERFACE.read(list(raw), ("interfaces",), found), found


def test_the_type_decides_the_class() -> None:
    raw = {"name": "eth1.7", "type": "vlan", "vlan": {"base-iface": "eth1", "id": "7"}}
    assert read(raw) == ((Vlan(name="eth1.7", vlan=VlanConfig(parent="eth1", tag=7)),), [])


def test_an_absent_entry_keeps_three_keys() -> None:
    (bond, typeless), found = read(
        {"name": "b", "type": "bond", "state": "absent", "mac-address": 5, "foo": 1},
        {"name": "c", "state": "absent", "mtu": "x"},
    )
    assert found == []
    assert bond == Bond(name="b", state="absent")
    assert typeless == Untyped(name="c", state="absent", raw={"name": "c", "state": "absent"})


def test_an_absent_entry_still_needs_a_known_kind_and_a_name() -> None:
    _, found = read({"name": "b", "type": "bnod", "state": "absent"}, {"state": "absent", "type": "bond"})
    assert [(one.code, spell(one.path)) for one in found] == [
        ("kind", "interfaces[b].type"),
        ("missing-key", "interfaces[1]"),
    ]
    assert found[0].hint == "did you mean 'bond'?"


def test_an_entry_without_a_type_is_read_later_with_the_same_paths() -> None:
    raw = {"name": "b", "state": "up", "vlan": {"id": "x", "foo": 1}}
    (later,), found = read(raw)
    assert found == []
    assert isinstance(later, Untyped)
    assert needs_kind(later)
    assert later.said() == {"name": "b", "state": "up", "raw": raw}
    again = retype(later, "vlan", ("interfaces", Key("b")), found)
    assert [spell(one.path) for one in found] == ["interfaces[b].vlan.id", "interfaces[b].vlan.foo"]
    assert again == Vlan(name="b", state="up", vlan=VlanConfig())


def test_the_unknown_kind_is_a_kind_unless_it_says_more() -> None:
    (plain, more), found = read(
        {"name": "a", "type": "unknown", "mtu": 1500}, {"name": "b", "type": "unknown", "vlan": {"id": 3}}
    )
    assert plain == Unknown(name="a", mtu=1500)
    assert isinstance(more, Untyped)
    assert needs_kind(plain)
    assert retype(plain, "dummy", (), found) == kind_class("dummy")(name="a", mtu=1500)
    assert retype(more, "vlan", (), found) == Vlan(name="b", vlan=VlanConfig(tag=3))
    assert found == []


def test_secrets_of_entries_without_a_type_are_hidden_too() -> None:
    raw = {"name": "a", "macsec": {"mka-cak": "1" * 32}, "list": [{"password": "x"}]}
    (later,), _ = read(raw)
    shown = INTERFACE.write((later,), False)
    assert shown == [{"name": "a", "macsec": {"mka-cak": HIDDEN}, "list": [{"password": HIDDEN}]}]
    assert INTERFACE.write((later,), True) == [raw]


def test_an_ethernet_with_a_peer_is_a_veth() -> None:
    (one,), _ = read({"name": "a", "type": "ethernet", "veth": {"peer": "b"}, "ethernet": {"speed": 1000}})
    assert isinstance(one, Veth)
    assert one.ethernet == EthernetConfig(speed=1000)


@pytest.mark.parametrize(
    ("first", "second", "meets"),
    [
        ("bond", "bond", True),
        ("bond", "vlan", True),
        ("ovs-bridge", "ovs-interface", False),
        ("ovs-bridge", "ovs-bridge", True),
        ("ovs-bridge", "ipsec", False),
        ("veth", "ethernet", True),
    ],
)
def test_names_are_given_once_but_user_space_has_its_own(first: str, second: str, meets: bool) -> None:
    _, found = read({"name": "x", "type": first}, {"name": "x", "type": second})
    assert [(one.code, one.path) for one in found] == ([("duplicate", ("interfaces", 1))] if meets else [])


def test_entries_that_share_a_name_are_told_apart_by_line() -> None:
    text = """
    interfaces:
    - {name: x, type: ovs-bridge}
    - {name: x, type: ovs-interface, mtu: a}
    """
    with pytest.raises(Invalid) as refused:
        parse(text)
    assert [one.line for one in refused.value.diagnostics] == [4]


@pytest.mark.parametrize("raw", [5, "eth1", {"name": "eth1"}])
def test_the_section_is_a_list(raw: object) -> None:
    found = Diagnostics()
    assert INTERFACE.read(raw, ("interfaces",), found) is UNSET
    assert [one.path for one in found] == [("interfaces",)]


def test_an_entry_is_a_map_with_a_name_that_is_a_text() -> None:
    _, found = read(None, "eth1", {"type": "vlan"}, {"name": 5, "type": "vlan"})
    assert [spell(one.path) for one in found] == [
        "interfaces[0]", "interfaces[1]", "interfaces[2]", "interfaces[3].name"
    ]  # fmt: skip
    assert "quotes" in found[3].hint


def test_the_type_is_written_after_the_names() -> None:
    (one,), _ = read({"mtu": 1500, "state": "up", "type": "vlan", "profile-name": "p", "name": "v"})
    assert list(INTERFACE.write((one,), False)[0]) == ["name", "profile-name", "type", "state", "mtu"]


@pytest.mark.parametrize(
    ("raw", "ports"),
    [
        ({"type": "bond", "link-aggregation": {"ports": ["b", "a"]}}, ("a", "b")),
        ({"type": "bond", "link-aggregation": {"ports-config": [{"name": "b"}, {"name": "a"}]}}, ("a", "b")),
        ({"type": "bond", "link-aggregation": {"mode": 1}}, UNSET),
        ({"type": "linux-bridge", "bridge": {"port": [{"name": "b"}, {"name": "a"}]}}, ("a", "b")),
        ({"type": "linux-bridge", "bridge": {"port": []}}, ()),
        ({"type": "vrf", "vrf": {"port": ["b"]}}, ("b",)),
        ({"type": "vrf"}, UNSET),
        ({"type": "ovs-bridge", "bridge": {"port": [
            {"name": "bond0", "link-aggregation": {"mode": "lacp", "port": [{"name": "c"}, {"name": "a"}]}}, {"name": "b"}
        ]}}, ("a", "b", "c")),
        ({"type": "hsr", "hsr": {"port1": "a", "port2": "b"}}, UNSET),
    ],
)  # fmt: skip
def test_controllers_tell_their_ports(raw: dict[str, typing.Any], ports: object) -> None:
    (one,), found = read({"name": "x", **raw})
    assert found == []
    assert one.ports == ports


def test_only_up_is_wanted() -> None:
    assert [Vlan(name="a", state=state).wanted for state in (UNSET, "up", "down", "absent", "ignore")] == [
        True, True, False, False, False
    ]  # fmt: skip


def test_bond_options_that_fit_a_mode() -> None:
    options = BondOptions(miimon=100, lacp_rate="fast", primary="eth1", packets_per_slave=2)
    assert options.fitting("802.3ad").said() == {"lacp_rate": "fast", "miimon": 100}
    assert options.fitting("active-backup").said() == {"miimon": 100, "primary": "eth1"}
    assert LinkAggregation(options=options).options == options


def replaces(cls: type[typing.Any], name: str, before: object, after: object) -> bool:
    marker = fields_of(cls)[name].marker(CreateOnly)
    return marker is not None and marker.replaces(before, after)


def test_what_can_change_in_place() -> None:
    assert replaces(VlanConfig, "tag", 1, 2)
    assert not replaces(VlanConfig, "registration_protocol", "none", "gvrp")
    assert replaces(MacVlanConfig, "mode", "bridge", "passthru")
    assert not replaces(MacVlanConfig, "mode", "bridge", "vepa")
    assert replaces(VxlanConfig, "id", 1, 2)
    assert replaces(VxlanConfig, "remote", "192.0.2.1", "2001:db8::1")
    assert not replaces(VxlanConfig, "remote", "192.0.2.1", "192.0.2.2")


def test_speed_is_compared_only_where_it_is_set() -> None:
    marker = fields_of(EthernetConfig)["speed"].marker(Unverified)
    assert marker is not None
    assert not marker.holds(EthernetConfig(auto_negotiation=False, speed=1000))
    assert marker.holds(EthernetConfig(auto_negotiation=True, speed=1000))


def test_importing_the_model_is_light() -> None:
    script = "import sys, json, linkhold.state.network; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout))
    assert not loaded & {"asyncio", "dataclasses", "inspect", "logging", "ipaddress", "yaml", "socket", "difflib"}
    assert not [
        name for name in loaded if name.startswith("linkhold.state.interfaces.") and name.endswith(("bond", "vlan"))
    ]
