"""Table `Interface`: what is plugged into a port: a link of the kernel, an internal interface, a patch, a DPDK card."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.ovsdb.notation import Row, mapping
from linkhold.providers.ovsdb.tables import maps
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ovs_interface import Dpdk, OvsInterface, Patch

NAME: typing.Final = "Interface"
COLUMNS: typing.Final = ("_uuid", "name", "type", "options", "mac", "mtu_request", "error", *maps.COLUMNS)

SYSTEM, INTERNAL, PATCH = ("", "system"), "internal", "patch"
_DPDK: typing.Final = ("dpdk", "dpdkvhostuser", "dpdkvhostuserclient")
_OPTIONS: typing.Final = {
    "devargs": "dpdk-devargs",
    "rx_queue": "n_rxq",
    "n_rxq_desc": "n_rxq_desc",
    "n_txq_desc": "n_txq_desc",
}
"""Where the fields of the section ``dpdk`` are in the map ``options``."""


def shown(row: Row) -> bool:
    """Whether documents have a word for it. Tunnels, say, are OVN's or a controller's own: they are not ours to touch."""
    return row["type"] in (*SYSTEM, INTERNAL, PATCH, *_DPDK)


def is_own(row: Row) -> bool:
    """Whether it lives in Open vSwitch alone, and is no link of the kernel that was plugged in."""
    return row["type"] not in SYSTEM


def decode(row: Row, interface: OvsInterface) -> OvsInterface:
    """An interface of Open vSwitch with what the row says of it."""
    options = mapping(row["options"])
    changes: dict[str, typing.Any] = {"ovs_db": maps.decode(row)}
    if row["type"] == PATCH:
        changes["patch"] = Patch(peer=options.get("peer", ""))
    elif row["type"] in _DPDK:
        said: dict[str, typing.Any] = {name: options[key] for name, key in _OPTIONS.items() if key in options}
        numbers = {name: int(text) for name, text in said.items() if name != "devargs"}
        changes["dpdk"] = Dpdk(**(said | numbers))
    return interface.replace(**changes)


def encode(interface: typing.Any) -> Row:
    """The columns of what it is; nothing but a link of the kernel where `interface` is none of Open vSwitch's."""
    if not isinstance(interface, OvsInterface):
        return {"type": SYSTEM[0]}
    if isinstance(interface.patch, Patch):
        return {"type": PATCH, "options": {"peer": interface.patch.peer}}
    if isinstance(interface.dpdk, Dpdk):
        said = {key: interface.dpdk.get(name) for name, key in _OPTIONS.items()}
        return {
            "type": _DPDK[0],
            "options": {key: str(value) for key, value in said.items() if value not in (UNSET, 0)},
        }
    return {"type": INTERNAL, "options": {}}


def own_options() -> frozenset[str]:
    """The keys of the map ``options`` that documents have words for."""
    return frozenset({"peer", *_OPTIONS.values()})


def requests(interface: Interface) -> Row:
    """MTU and MAC as Open vSwitch is told them: it gives both to its interfaces by itself, and would undo others' doing."""
    row: Row = {}
    if isinstance(interface.mtu, int) and interface.mtu:
        row["mtu_request"] = interface.mtu
    if isinstance(interface.mac_address, str):
        row["mac"] = interface.mac_address.lower()
    return row
