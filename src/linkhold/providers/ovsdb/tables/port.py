"""Table `Port`: one interface of a bridge, or several of them as a bond; and its VLANs."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.ovsdb.notation import Row, Value, as_set, elements, optional
from linkhold.providers.ovsdb.tables import maps
from linkhold.state.interfaces.bridge_vlan import PortVlan, ranges
from linkhold.state.interfaces.ovs_bridge import OvsBond, OvsBondPort, OvsBridgePort

NAME: typing.Final = "Port"
COLUMNS: typing.Final = (
    "_uuid", "name", "interfaces", "tag", "trunks", "vlan_mode", "bond_mode", "lacp", "bond_updelay", "bond_downdelay",
    *maps.COLUMNS,
)  # fmt: skip
_LACP: typing.Final = "lacp"
_NO_VLANS: typing.Final[Row] = {"tag": as_set(()), "trunks": as_set(()), "vlan_mode": as_set(())}


def decode(row: Row, interfaces: typing.Iterable[str]) -> OvsBridgePort:
    """A port with the names of its interfaces.

    It is a bond when it has another name than its one interface, several of them, or a mode.
    """
    names = sorted(interfaces)
    bond: typing.Any = _bond(row, names) if _is_bond(row, names) else UNSET
    kept = maps.decode(row)
    if bond is not UNSET and kept is not UNSET:
        bond, kept = bond.replace(ovs_db=kept), UNSET
    return OvsBridgePort(name=row["name"], vlan=_vlan(row), bond=bond, ovs_db=kept)


def _is_bond(row: Row, names: list[str]) -> bool:
    return names != [row["name"]] or optional(row["bond_mode"]) is not UNSET


def _bond(row: Row, names: list[str]) -> OvsBond:
    mode, lacp = optional(row["bond_mode"]), optional(row["lacp"])
    word: typing.Any = _LACP if mode is UNSET and lacp in ("active", "passive") else mode
    ports = tuple(OvsBondPort(name=name) for name in names)
    return OvsBond(mode=word, port=ports, bond_downdelay=row["bond_downdelay"], bond_updelay=row["bond_updelay"])


def _vlan(row: Row) -> typing.Any:
    """Its VLANs; `UNSET` for a port that carries all of them as they are.

    Without a mode a port is an access port where it has a tag and no trunks, else a trunk.
    """
    mode, tag, trunks = optional(row["vlan_mode"]), optional(row["tag"]), sorted(elements(row["trunks"]))
    if mode is UNSET and tag is UNSET and not trunks:
        return UNSET
    if mode == "access" or (mode is UNSET and not trunks):
        return PortVlan(mode="access", tag=tag)
    native = {"enable_native": True, "tag": tag} if tag is not UNSET and tag != 0 else {}
    return PortVlan(mode="trunk", trunk_tags=tuple(ranges(trunks)), **native)


def encode(port: OvsBridgePort) -> Row:
    """The columns of what is said of its VLANs and its bond."""
    row = _encode_vlan(port.vlan) if isinstance(port.vlan, PortVlan) else {}
    return row | _encode_bond(port.bond) if isinstance(port.bond, OvsBond) else row


def _encode_vlan(vlan: PortVlan) -> Row:
    """A trunk with a tag of its own takes frames without one as of that VLAN (`native-untagged`, as NetworkManager does)."""
    if vlan.mode is UNSET:
        return dict(_NO_VLANS)
    tag: Value = as_set(()) if vlan.tag is UNSET else vlan.tag
    if vlan.mode == "access":
        return {**_NO_VLANS, "vlan_mode": "access", "tag": tag}
    tags = vlan.trunk_tags if isinstance(vlan.trunk_tags, tuple) else ()
    trunks = as_set(number for one in tags for number in range(one.span[0], one.span[1] + 1))
    if vlan.enable_native is True:
        return {"vlan_mode": "native-untagged", "tag": tag, "trunks": trunks}
    return {**_NO_VLANS, "vlan_mode": "trunk", "trunks": trunks}


def _encode_bond(bond: OvsBond) -> Row:
    """balance-tcp needs LACP; mode `lacp` is LACP with the mode left to Open vSwitch (nmstate, Appendix A)."""
    row: Row = {}
    if bond.mode == _LACP:
        row |= {"bond_mode": as_set(()), "lacp": "active"}
    elif bond.mode is not UNSET:
        row |= {"bond_mode": bond.mode, "lacp": "active" if bond.mode == "balance-tcp" else "off"}
    for name in ("bond_updelay", "bond_downdelay"):
        if bond.get(name) is not UNSET:
            row[name] = bond.get(name)
    return row


def kept(port: typing.Any) -> typing.Any:
    """The free maps of a port: those of its bond where it is one."""
    if port is None:
        return UNSET
    of_bond = port.bond.ovs_db if isinstance(port.bond, OvsBond) else UNSET
    return port.ovs_db if of_bond is UNSET else of_bond
