"""Rows of the database and what documents say: each way, and there and back."""

import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.foundation.record import UNSET
from linkhold.providers.ovsdb.notation import Row, Value, elements
from linkhold.providers.ovsdb.tables import bridge, interface, maps, root
from linkhold.providers.ovsdb.tables import port as ports
from linkhold.state.interfaces.bridge_vlan import PortVlan, TagRange, TrunkTag
from linkhold.state.interfaces.ovs_bridge import (
    OvsBond,
    OvsBondPort,
    OvsBridge,
    OvsBridgeConfig,
    OvsBridgeOptions,
    OvsBridgePort,
    OvsStp,
)
from linkhold.state.interfaces.ovs_interface import Dpdk, OvsInterface, Patch
from linkhold.state.ovs import BridgeMapping, GlobalOvsDatabase, Ovn, OvsDatabase
from tests.unit.providers.ovsdb import rows

TAGS = st.integers(1, 4094)


def _trunk(tags: set[int], native: int | None) -> PortVlan:
    said: dict[str, typing.Any] = {} if native is None else {"enable_native": True, "tag": native}
    return PortVlan(mode="trunk", trunk_tags=tuple(TrunkTag(id=one) for one in sorted(tags)), **said).canonical()


VLANS = st.one_of(
    st.builds(lambda tag: PortVlan(mode="access", tag=tag), TAGS),
    st.builds(_trunk, st.sets(TAGS, min_size=1, max_size=30), st.one_of(st.none(), TAGS)),
)


@given(VLANS)
def test_vlans_come_back_as_they_were_written(vlan: PortVlan) -> None:
    row = rows.port("eth1", **ports.encode(OvsBridgePort(name="eth1", vlan=vlan))).row
    assert ports.decode(row, ("eth1",)) == OvsBridgePort(name="eth1", vlan=vlan)


@given(st.sampled_from(["active-backup", "balance-slb", "balance-tcp", "lacp"]), st.integers(0, 9), st.integers(0, 9))
def test_bonds_come_back_as_they_were_written(mode: typing.Any, up: int, down: int) -> None:
    members = (OvsBondPort(name="eth1"), OvsBondPort(name="eth2"))
    said = OvsBridgePort(name="up", bond=OvsBond(mode=mode, port=members, bond_updelay=up, bond_downdelay=down))
    row = rows.port("up", **ports.encode(said)).row
    assert ports.decode(row, ("eth2", "eth1")) == said


SPELLINGS = [
    ({"tag": 7}, PortVlan(mode="access", tag=7)),
    ({"tag": 0, "vlan_mode": "access"}, PortVlan(mode="access", tag=0)),
    ({"trunks": 5}, PortVlan(mode="trunk", trunk_tags=(TrunkTag(id=5),))),
    ({"tag": 7, "trunks": 5}, PortVlan(mode="trunk", tag=7, enable_native=True, trunk_tags=(TrunkTag(id=5),))),
    (
        {"vlan_mode": "native-tagged", "tag": 7, "trunks": ["set", [1, 2]]},
        PortVlan(
            mode="trunk",
            tag=7,
            enable_native=True,
            trunk_tags=(TrunkTag(id_range=TagRange(min=1, max=2)),),
        ),
    ),
]


@pytest.mark.parametrize(("columns", "vlan"), SPELLINGS)
def test_other_spellings_of_vlans_are_understood(columns: Row, vlan: PortVlan) -> None:
    assert ports.decode(rows.port("eth1", **columns).row, ("eth1",)).vlan == vlan


def test_a_passive_bond_is_one_of_mode_lacp() -> None:
    decoded = ports.decode(rows.port("up", lacp="passive").row, ("eth1", "eth2"))
    assert isinstance(decoded.bond, OvsBond)
    assert decoded.bond.mode == "lacp"


def test_what_is_kept_of_a_bond_stands_at_the_bond() -> None:
    row = rows.port("up", external_ids=["map", [["a", "1"]]]).row
    decoded = ports.decode(row, ("eth1", "eth2"))
    assert ports.kept(decoded) == OvsDatabase(external_ids={"a": "1"})
    assert decoded.bond.ovs_db == OvsDatabase(external_ids={"a": "1"})
    alone = ports.decode({**row, "name": "eth1"}, ("eth1",))
    assert (alone.ovs_db, alone.bond) == (OvsDatabase(external_ids={"a": "1"}), UNSET)


OPTIONS = st.fixed_dictionaries(
    {
        "stp": st.builds(lambda on: OvsStp(enabled=on), st.booleans()),
        "rstp": st.booleans(),
        "mcast_snooping_enable": st.booleans(),
        "fail_mode": st.sampled_from(["", "secure", "standalone"]),
        "datapath": st.sampled_from(["", "system", "netdev"]),
    }
)


@given(OPTIONS)
def test_options_come_back_as_they_were_written(options: dict[str, typing.Any]) -> None:
    said = OvsBridge(name="br0", bridge=OvsBridgeConfig(options=OvsBridgeOptions(**options)))
    decoded = bridge.decode(rows.bridge("br0", **bridge.encode(said)).row, ())
    assert decoded.bridge.options == said.bridge.options  # type: ignore[union-attr]


def test_what_is_not_said_is_not_written() -> None:
    said = OvsBridge(name="br0", bridge=OvsBridgeConfig(options=OvsBridgeOptions(rstp=True)))
    assert bridge.encode(said) == {"rstp_enable": True}
    assert bridge.encode(OvsBridge(name="br0")) == {}
    assert ports.encode(OvsBridgePort(name="eth1")) == {}


KINDS = [
    OvsInterface(name="i0"),
    OvsInterface(name="p0", patch=Patch(peer="p1")),
    OvsInterface(name="d0", dpdk=Dpdk(devargs="0000:01:00.0", rx_queue=2, n_rxq_desc=1024)),
]


@pytest.mark.parametrize("said", KINDS)
def test_interfaces_come_back_as_they_were_written(said: OvsInterface) -> None:
    columns = interface.encode(said)
    options = ["map", [list(pair) for pair in columns["options"].items()]]
    row = rows.interface(said.name, columns["type"], options=options)
    assert interface.decode(row, OvsInterface(name=said.name)) == said


def test_descriptors_of_zero_take_the_setting_away() -> None:
    columns = interface.encode(OvsInterface(name="d0", dpdk=Dpdk(devargs="x", n_rxq_desc=0)))
    assert columns["options"] == {"dpdk-devargs": "x"}


TEXTS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=4)
KEPT = st.dictionaries(TEXTS, TEXTS, max_size=4)


def _mutated(row: Row, mutations: list[Value]) -> Row:
    """What the server does (RFC 7047, 5.1): a deletion by keys; an insertion leaves a key that is there."""
    held = {name: dict(row[name][1]) for name in maps.COLUMNS}
    for column, mutator, value in mutations:
        if mutator == "delete":
            for key in elements(value):
                held[column].pop(key, None)
        else:
            held[column] = {**dict(value[1]), **held[column]}
    return {name: ["map", [list(pair) for pair in found.items()]] for name, found in held.items()}


@given(KEPT, KEPT, KEPT)
def test_the_map_that_was_said_replaces_the_one_that_was_known(
    before: dict[str, str], after: dict[str, str], others: dict[str, str]
) -> None:
    """Keys that came meanwhile stay, unless they are said."""
    there = {**others, **before}
    row = rows.interface("eth1", external_ids=["map", [list(pair) for pair in there.items()]])
    mutations = maps.changes(OvsDatabase(external_ids=before), OvsDatabase(external_ids=after), row)
    left = maps.decode({**row, **_mutated(row, mutations)})
    wanted = {key: text for key, text in there.items() if key not in before} | after
    assert ({} if left is UNSET else left.external_ids) == wanted
    again = maps.changes(
        OvsDatabase(external_ids=before), OvsDatabase(external_ids=after), {**row, **_mutated(row, mutations)}
    )
    assert again == []


def test_ovns_mappings_are_no_part_of_the_maps() -> None:
    row = rows.snapshot(external_ids=["map", [["ovn-bridge-mappings", "a:br0, b:br1"], ["mine", "1"]]]).root
    assert root.decode(row) == GlobalOvsDatabase(external_ids={"mine": "1"}, other_config={})
    mappings = (BridgeMapping(localnet="a", bridge="br0"), BridgeMapping(localnet="b", bridge="br1"))
    assert root.decode_ovn(row) == Ovn(bridge_mappings=mappings)
    assert root.changes_ovn(Ovn(bridge_mappings=()), row) == [
        ["external_ids", "delete", ["set", ["ovn-bridge-mappings"]]]
    ]
    assert root.changes_ovn(Ovn(bridge_mappings=mappings[:1]), row)[1] == [
        "external_ids", "insert", ["map", [["ovn-bridge-mappings", "a:br0"]]],
    ]  # fmt: skip
