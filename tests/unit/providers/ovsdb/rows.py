"""Rows as ovsdb-server tells them, with the defaults of its schema for what is not said."""

import itertools
import typing

from linkhold.providers.ovsdb.notation import Row
from linkhold.providers.ovsdb.snapshot import Bridge, Port, Snapshot

EMPTY: typing.Final = ["set", []]
_MAPS: typing.Final = {"external_ids": ["map", []], "other_config": ["map", []]}
_number = itertools.count()


def _row(defaults: Row, columns: Row) -> Row:
    return {"_uuid": ["uuid", f"{next(_number):08x}-0000-0000-0000-000000000000"], **_MAPS, **defaults, **columns}


def interface(name: str, kind: str = "", **columns: typing.Any) -> Row:
    """A row of the table Interface."""
    defaults = {"options": ["map", []], "mac": EMPTY, "mtu_request": EMPTY, "error": EMPTY}
    return _row({"name": name, "type": kind, **defaults}, columns)


def port(name: str, *interfaces: Row, **columns: typing.Any) -> Port:
    """A port with its interfaces (one of the kernel's links of its name where none is given)."""
    held = interfaces or (interface(name),)
    bond = {"bond_mode": EMPTY, "lacp": EMPTY, "bond_updelay": 0, "bond_downdelay": 0}
    return Port(_row({"name": name, "tag": EMPTY, "trunks": EMPTY, "vlan_mode": EMPTY, **bond}, columns), held)


def bridge(name: str, *ports: Port, **columns: typing.Any) -> Bridge:
    """A bridge with its ports."""
    flags = {"stp_enable": False, "rstp_enable": False, "mcast_snooping_enable": False}
    row = _row({"name": name, "fail_mode": EMPTY, "datapath_type": "", **flags}, columns)
    return Bridge(row, {one.name: one for one in ports})


def snapshot(*bridges: Bridge, **columns: typing.Any) -> Snapshot:
    """A whole database."""
    return Snapshot(_row({}, columns), {one.name: one for one in bridges})
