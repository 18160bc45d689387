"""A document from what the switches on the other end of the cables offer: the VLANs that they announce by LLDP.

A VLAN that is announced on one card becomes a VLAN interface on it; where the same VLANs are announced on several, these
cards become one bond, and the VLANs ride on that.
"""

import typing

from linkhold.foundation.record import UNSET
from linkhold.state.interfaces.bond import Bond, LinkAggregation
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.lldp import Lldp
from linkhold.state.interfaces.vlan import Vlan, VlanConfig
from linkhold.state.network import NetworkState

LONGEST_NAME: typing.Final = 15
"""Bytes in the name of an interface (IFNAMSIZ of `include/uapi/linux/if.h`, less the final zero)."""

_NOT_IN_NAMES: typing.Final = frozenset("/:%")
VLANS: typing.Final = "ieee-802-1-vlans"


class Offer(typing.NamedTuple):
    """A VLAN that is announced: its number, and the name that the switch has for it ('' if none)."""

    tag: int
    name: str


def autoconf(current: NetworkState, names: typing.Collection[str] = (), *, mode: str = "balance-rr") -> NetworkState:
    """The document for what is announced on the cards `names` (none: all cards that are up and no port of anything).

    Its interfaces are VLANs, and bonds of this `mode`; there are none where nothing is announced, or all is there already.
    """
    offers = {card.name: offered(card) for card in _cards(current, names)}
    taken = {one.name for one in _interfaces(current)}
    made: list[Interface] = []
    for cards in _together(offers):
        vlans = sorted({one for card in cards for one in offers[card]})
        parent = cards[0] if len(cards) == 1 else f"bond{vlans[0].tag}"
        fresh = [one for one in _one_each(vlans) if not _there(one, parent, current)]
        if fresh and len(cards) > 1:
            made.append(_bond(parent, cards, mode))
        for offer in fresh:
            made.append(_vlan(offer, parent, _name(offer, parent, taken)))
            taken.add(made[-1].name)
    return NetworkState(interfaces=tuple(made))


def _interfaces(state: NetworkState) -> tuple[Interface, ...]:
    return state.interfaces if isinstance(state.interfaces, tuple) else ()


def _cards(current: NetworkState, names: typing.Collection[str]) -> typing.Iterator[Interface]:
    for card in _interfaces(current):
        alone = card.kind in ("ethernet", "veth") and card.state == "up" and card.controller in (UNSET, "")
        if alone and (not names or card.name in names):
            yield card


def offered(card: Interface) -> frozenset[Offer]:
    """The VLANs that the neighbours of a card announce; 0 is no VLAN, and 4095 is reserved (IEEE 802.1Q, table 9-2)."""
    neighbours = card.lldp.neighbors if isinstance(card.lldp, Lldp) else UNSET
    announced = [
        one
        for neighbour in (neighbours if isinstance(neighbours, tuple) else ())
        for told in neighbour
        for one in told.get(VLANS, ())
    ]
    return frozenset(Offer(one["vid"], str(one.get("name", ""))) for one in announced if 0 < one["vid"] < 4095)


def _together(offers: typing.Mapping[str, frozenset[Offer]]) -> list[list[str]]:
    """The cards in groups: two that offer a VLAN of the same number and name are in one."""
    groups: list[tuple[set[str], set[Offer]]] = []
    for card in sorted(offers):
        if not offers[card]:
            continue
        cards, vlans = {card}, set(offers[card])
        for group in [one for one in groups if one[1] & vlans]:
            groups.remove(group)
            cards |= group[0]
            vlans |= group[1]
        groups.append((cards, vlans))
    return sorted(sorted(cards) for cards, _ in groups)


def _one_each(vlans: typing.Iterable[Offer]) -> list[Offer]:
    """One offer for each number: neighbours that disagree about a name mean one VLAN all the same."""
    return list({one.tag: one for one in sorted(vlans, reverse=True)}.values())[::-1]


def _bond(name: str, cards: list[str], mode: str) -> Interface:
    ports = LinkAggregation(mode=typing.cast("typing.Any", mode), port=tuple(cards))
    return Bond(name=name, state="up", bond=ports)


def _vlan(offer: Offer, parent: str, name: str) -> Interface:
    return Vlan(name=name, state="up", vlan=VlanConfig(parent=parent, tag=offer.tag))


def _name(offer: Offer, parent: str, taken: set[str]) -> str:
    """What the switch calls a VLAN, where the kernel takes that as a name and nothing has it; else its number says it."""
    wished = (offer.name, f"vlan{offer.tag}", f"{parent}.{offer.tag}")
    return next((name for name in wished if _fits(name) and name not in taken), wished[-1])


def _fits(name: str) -> bool:
    """Whether the kernel takes a name (`dev_valid_name`), and it holds nothing that can't be seen."""
    spoilt = name in (".", "..", "all", "default") or name.split() != [name] or not name.isprintable()
    return not spoilt and len(name.encode()) <= LONGEST_NAME and _NOT_IN_NAMES.isdisjoint(name)


def _there(offer: Offer, parent: str, current: NetworkState) -> bool:
    return any(
        isinstance(one, Vlan) and isinstance(one.vlan, VlanConfig) and _rides(one.vlan, offer, parent)
        for one in _interfaces(current)
    )


def _rides(vlan: VlanConfig, offer: Offer, parent: str) -> bool:
    return vlan.parent == parent and vlan.tag == offer.tag
