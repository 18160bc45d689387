"""The map ``nics``."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.networks.facts import Facts
from linkhold.networks.reporting.addresses import Entry, addressing, mtu_text
from linkhold.networks.reporting.gateways import Gateways
from linkhold.networks.reporting.shaping import shaped
from linkhold.networks.reporting.visible import Visible
from linkhold.state.interfaces.common import Interface

LACP: typing.Final = "802.3ad"


def cards(shown: Visible, facts: Facts, gateways: Gateways) -> dict[str, Entry]:
    """By name."""
    return {name: _card(one, shown, facts, gateways) for name, one in shown.cards.items()}


def _card(one: Interface, shown: Visible, facts: Facts, gateways: Gateways) -> Entry:
    known = facts.about(one.name)
    entry = {"hwaddr": hardware_address(one), "speed": known.speed, "mtu": mtu_text(one), **addressing(one, gateways)}
    bond = shown.bonds.get(one.controller) if isinstance(one.controller, str) else None
    if bond is not None:
        entry["permhwaddr"] = known.permanent_mac or _permanent(one)
        if known.aggregator and mode_of(bond) == LACP:
            entry["ad_aggregator_id"] = known.aggregator
    return entry | shaped(one)


def hardware_address(one: Interface) -> str:
    """In lower case, as the kernel writes it."""
    return one.mac_address.lower() if isinstance(one.mac_address, str) else ""


def _permanent(one: Interface) -> str:
    """Where the bond tells of none: the card's own; one made of software has none but the one in use."""
    kept = one.permanent_mac_address
    return kept.lower() if isinstance(kept, str) else hardware_address(one)


def mode_of(bond: Interface) -> str:
    """The mode of a bond, '' where nothing is known of it."""
    section = bond.get("bond")
    return "" if section in (UNSET, None) or not isinstance(section.mode, str) else section.mode
