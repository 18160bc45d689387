"""Which interfaces a centre is shown, and in which of the maps.

vdsm's rules (``network/link/iface.py``, ``vars`` section of ``vdsm.conf``): cards, virtual functions and IPoIB are shown;
dummies, veths and macvlans only where their names look like cards made up for tests. Patterns are those of `fnmatch`.
"""

import fnmatch
import typing

from linkhold.networks.facts import Facts
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState

_CARDS: typing.Final = frozenset({"ethernet", "infiniband"})
_MADE_UP: typing.Final = frozenset({"dummy", "veth", "mac-vlan"})
_DUMMY_BRIDGE: typing.Final = ";vdsmdummy;"


class Patterns(typing.NamedTuple):
    """Names that are hidden, or shown though they are no cards (vdsm's ``fake_nics``, ``hidden_nics``, …)."""

    fake_cards: tuple[str, ...] = ("dummy_*", "veth_*")
    hidden_cards: tuple[str, ...] = ("w*", "usb*")
    hidden_bonds: tuple[str, ...] = ()
    hidden_vlans: tuple[str, ...] = ()


USUAL: typing.Final = Patterns()


class Visible(typing.NamedTuple):
    """The interfaces to show, by name, of each map."""

    cards: dict[str, Interface]
    bonds: dict[str, Interface]
    vlans: dict[str, Interface]
    bridges: dict[str, Interface]

    def holds(self, name: str) -> bool:
        """Whether it can be the device below a network: in this order vdsm looks for it."""
        return name in self.bonds or name in self.cards or name in self.vlans


def visible(state: NetworkState, facts: Facts, patterns: Patterns = USUAL) -> Visible:
    """Sorted into the maps; what is hidden, and what belongs to no map, is left out."""
    listed = state.interfaces if isinstance(state.interfaces, tuple) else ()
    given_away = {one.mac_address for one in listed if one.kind == "mac-vtap"}
    found = Visible({}, {}, {}, {})
    for one in listed:
        table = _table(one, found, patterns) if is_there(one) else None
        if table is not None and not _is_given_away(one, facts, given_away):
            table[one.name] = one
    return found


def is_there(one: Interface) -> bool:
    """Whether the kernel has it: what is down and has no MTU is no more than a stored profile that would make it."""
    return one.state != "down" or isinstance(one.mtu, int)


def _table(one: Interface, found: Visible, patterns: Patterns) -> dict[str, Interface] | None:
    if one.kind == "bond":
        return None if _matches(one.name, patterns.hidden_bonds) else found.bonds
    if one.kind == "vlan":
        return None if _matches(one.name, patterns.hidden_vlans) else found.vlans
    if one.kind == "linux-bridge":
        return None if one.name == _DUMMY_BRIDGE else found.bridges
    if one.kind in _CARDS or (one.kind in _MADE_UP and _matches(one.name, patterns.fake_cards)):
        under = one.controller if isinstance(one.controller, str) else ""
        hidden = _matches(one.name, patterns.hidden_cards) or (under and _matches(under, patterns.hidden_bonds))
        return None if hidden else found.cards
    return None


def _is_given_away(one: Interface, facts: Facts, given_away: typing.Container[object]) -> bool:
    """A virtual function whose MAC a macvtap has: it is a virtual machine's."""
    return bool(facts.about(one.name).physical_function) and one.mac_address in given_away


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
