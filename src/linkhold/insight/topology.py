"""How interfaces stand on each other, as lines: ``static_ip4,static_ip6 -> vlan -> linux-bridge -> bond -> ethernet``.

Each line begins with how the interface on top comes by its addresses; then follow the kinds of what it rides on (its
parent) or is made of (its ports), level by level.
"""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.references import named
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip
from linkhold.state.network import NetworkState

_Key = tuple[str, str]


def topology(state: NetworkState, said: typing.Container[_Key]) -> tuple[str, ...]:
    """The lines for those interfaces of `said` that are up and have addresses, or nothing on top of them; sorted."""
    below = {key: _below(one, state) for key, one in state.by_key.items()}
    carrying = {key for keys in below.values() for key in keys}
    lines = set()
    for key, interface in state.by_key.items():
        words = addressing(interface)
        if key in said and interface.wanted and (words or key not in carrying):
            lines.add(" -> ".join([*([",".join(words)] if words else []), *_kinds(key, state, below)]))
    return tuple(sorted(lines))


def addressing(interface: Interface) -> list[str]:
    """How an interface comes by its addresses: ``static_ip4``, ``auto_ip6`` (DHCP or routers), …"""
    found = []
    for section, digit in ((interface.ipv4, 4), (interface.ipv6, 6)):
        if not isinstance(section, Ip) or section.enabled is not True:
            continue
        if section.dhcp is True or section.get("autoconf") is True:
            found.append(f"auto_ip{digit}")
        if section.static:
            found.append(f"static_ip{digit}")
    return found


def _below(interface: Interface, state: NetworkState) -> list[_Key]:
    """What an interface stands on: its parent, or its ports; an internal interface of Open vSwitch on its bridge."""
    if interface.kind == "ovs-interface" and interface.controller not in (UNSET, ""):
        return [key for key in ((str(interface.controller), "ovs-bridge"),) if key in state.by_key]
    names = {*named(interface, "parent"), *(interface.ports if isinstance(interface.ports, tuple) else ())}
    found = [(name, "") for name in sorted(names) if (name, "") in state.by_key]
    if interface.kind == "ovs-bridge":  # those stand on it
        return [key for key in found if state.by_key[key].kind != "ovs-interface"]
    return found


def _kinds(top: _Key, state: NetworkState, below: typing.Mapping[_Key, list[_Key]]) -> list[str]:
    """The kinds level by level, each once in its level; nothing is passed twice, so a circle ends."""
    kinds, level, seen = [], [top], {top}
    while level:
        kinds.append(",".join(sorted({state.by_key[key].kind for key in level})))
        level = list(dict.fromkeys(key for upper in level for key in below[upper] if key not in seen))
        seen.update(level)
    return kinds
