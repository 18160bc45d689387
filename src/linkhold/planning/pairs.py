"""Virtual Ethernet pairs: two interfaces that come and go together."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.table import Table
from linkhold.state.interfaces.common import Interface


def peer_of(interface: Interface | None) -> str:
    """The other end of a veth, or ''."""
    section: typing.Any = interface.get("veth") if interface is not None else UNSET
    peer = section.get("peer") if section is not UNSET else UNSET
    return peer if isinstance(peer, str) else ""


def takes_away(said: Interface, now: Interface) -> bool:
    """Whether an entry that says ``absent`` removes what is there, instead of taking its settings away. One end of a pair
    that is called an ethernet is meant as a card, and cards stay."""
    return now.virtual and not (now.kind == "veth" and said.kind == "ethernet")


def settle_pairs(table: Table) -> None:
    """The other end of a new pair comes with it; that of a pair which is torn apart goes."""
    for key, said in table.desired.items():
        if said.state == "absent" or not peer_of(said):
            continue
        interface = table.expected.get(key)
        if interface is not None:
            _settle(table, interface, f"interfaces[{said.name}].veth.peer")


def _settle(table: Table, interface: Interface, cause: str) -> None:
    name, peer = interface.name, peer_of(interface)
    before = peer_of(table.current.get(interface.key))
    if before and before != peer and not table.up((before, "")):
        table.remove((before, ""), cause)
    other = table.expected.get((peer, ""))
    old = peer_of(other)
    if other is None or (old and old != name and not peer_of(table.desired.get((peer, "")))):
        if table.whole:
            table.put(_new_end(peer, name, other), cause)
        if old and old != name and not table.up((old, "")):
            table.remove((old, ""), cause)
    elif not old and other.kind in ("ethernet", "veth") and table.current.get((peer, "")) is None:
        table.put(_new_end(peer, name, other), cause)


def _new_end(peer: str, name: str, like: Interface | None) -> Interface:
    from linkhold.planning.merge_interface import OFF
    from linkhold.state.interfaces.veth import Veth, VethConfig

    if like is None:
        return Veth(name=peer, state="up", veth=VethConfig(peer=name), **OFF)
    return Veth(**{**like.said(), "veth": VethConfig(peer=name)})
