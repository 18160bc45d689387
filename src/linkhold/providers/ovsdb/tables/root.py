"""Table `Open_vSwitch`: the one row that everything hangs on."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.ovsdb.notation import Row, Value, mapping
from linkhold.providers.ovsdb.tables import maps
from linkhold.state.ovs import OVN_KEY, BridgeMapping, GlobalOvsDatabase, Ovn

NAME: typing.Final = "Open_vSwitch"
COLUMNS: typing.Final = (*maps.COLUMNS, "bridges")


def decode(row: Row) -> GlobalOvsDatabase:
    """The maps of the whole database, without what documents say in the section ``ovn``."""
    said: typing.Any = {name: mapping(row[name]) for name in maps.COLUMNS}
    said["external_ids"].pop(OVN_KEY, None)
    return GlobalOvsDatabase(**said)


def decode_ovn(row: Row) -> Ovn:
    """OVN's mappings: ``external_ids:ovn-bridge-mappings``, spelled ``network:bridge,network:bridge`` (ovn-controller(8))."""
    pairs = [
        one.strip().partition(":") for one in mapping(row["external_ids"]).get(OVN_KEY, "").split(",") if one.strip()
    ]
    return Ovn(bridge_mappings=tuple(BridgeMapping(localnet=network, bridge=bridge) for network, _, bridge in pairs))


def changes(before: typing.Any, after: typing.Any, row: Row) -> list[Value]:
    """Mutations of the root's maps."""
    return maps.changes(before, after, row)


def changes_ovn(after: typing.Any, row: Row) -> list[Value]:
    """Mutations that give OVN these mappings."""
    there = mapping(row["external_ids"]).get(OVN_KEY, "")
    listed = () if after is UNSET or after.bridge_mappings is UNSET else after.bridge_mappings
    wanted = ",".join(f"{one.localnet}:{one.bridge}" for one in listed if one.state != "absent")
    if wanted == there:
        return []
    return maps.mutations("external_ids", {OVN_KEY} if there else (), {OVN_KEY: wanted} if wanted else {})
