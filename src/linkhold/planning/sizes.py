"""What rides on an interface can't carry larger frames than that: its MTU follows, where the document does not say it."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.references import named
from linkhold.planning.table import Table
from linkhold.state.interfaces.common import Interface
from linkhold.state.spellings import is_ipv6

INSIDE_PARENT: typing.Final = frozenset({"vlan", "mac-vlan", "mac-vtap", "ipvlan"})
"""Kinds whose frames are frames of the parent. The kernel lowers them along with it, and never raises them again."""

_VXLAN_HEADERS: typing.Final = {False: 50, True: 70}
"""What a VXLAN adds to a frame, over IPv4 and over IPv6 (VXLAN_HEADROOM, VXLAN6_HEADROOM of `include/net/vxlan.h`)."""


_TAGS: typing.Final = {"hsr": 6, "macsec": 32}
"""What HSR and PRP add to a frame (HSR_HLEN of `net/hsr/hsr_main.h`), and MACsec with the usual check value of 16 bytes
(`macsec_change_mtu`)."""


def most_on(interface: Interface, parent: Interface) -> int | None:
    """The largest MTU that the kernel takes for an interface on its parent; None where it sets no limit."""
    if not isinstance(parent.mtu, int) or not parent.mtu:
        return None
    if interface.kind in INSIDE_PARENT:
        return parent.mtu
    if interface.kind in _TAGS:
        return parent.mtu - _TAGS[interface.kind]
    if interface.kind != "vxlan":
        return None
    section: typing.Any = interface.get("vxlan")
    ends = () if section is UNSET else (section.local, section.remote)
    return parent.mtu - _VXLAN_HEADERS[any(isinstance(one, str) and is_ipv6(one) for one in ends)]


def settle_sizes(table: Table) -> None:
    """Lower the MTU of what rides on interfaces that shrink, and of what is made on interfaces that are small.

    A VXLAN is not lowered along with its parent; the kernel limits it only when it is made, or gets another parent.
    """
    waiting = [key for key in table.touched if key in table.expected and _of_interest(table, key)]
    if not waiting:
        return
    riders: dict[str, list[tuple[str, str]]] = {}
    for key, interface in table.expected.items():
        if interface.kind in INSIDE_PARENT:
            for parent in named(interface, "parent"):
                riders.setdefault(parent, []).append(key)
    while waiting:
        key = waiting.pop()
        _fit(table, key)
        waiting += riders.pop(key[0], ())


def _of_interest(table: Table, key: tuple[str, str]) -> bool:
    now, interface = table.current.get(key), table.expected[key]
    if now is None or interface.get("mtu") != now.get("mtu"):
        return True
    return interface.kind in INSIDE_PARENT or (interface.kind == "vxlan" and interface.get("vxlan") != now.get("vxlan"))


def _fit(table: Table, key: tuple[str, str]) -> None:
    interface, said = table.expected[key], table.desired.get(key)
    if not isinstance(interface.mtu, int) or (said is not None and said.mtu is not UNSET):
        return
    for name in named(interface, "parent"):
        parent = table.expected.get((name, ""))
        most = most_on(interface, parent) if parent is not None else None
        if most is not None and interface.mtu > most:
            table.put(interface.replace(mtu=most), f"interfaces[{name}].mtu")
