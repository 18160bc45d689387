"""The map ``bondings``."""

import typing

from linkhold.networks.configuration import Configuration
from linkhold.networks.facts import Facts
from linkhold.networks.reporting.addresses import Entry, addressing, mtu_text
from linkhold.networks.reporting.cards import LACP, hardware_address, mode_of
from linkhold.networks.reporting.gateways import Gateways
from linkhold.networks.reporting.shaping import shaped
from linkhold.networks.reporting.visible import Visible
from linkhold.state.interfaces.bond import Mode
from linkhold.state.interfaces.common import Interface

_MODES: typing.Final = typing.get_args(Mode)
_ONE_AT_A_TIME: typing.Final = "active-backup"
_ALL_THE_SAME: typing.Final = "broadcast"


def bonds(shown: Visible, facts: Facts, running: Configuration, gateways: Gateways) -> dict[str, Entry]:
    """By name."""
    return {name: _bond(one, facts, running, gateways) for name, one in shown.bonds.items()}


def _bond(one: Interface, facts: Facts, running: Configuration, gateways: Gateways) -> Entry:
    known = facts.about(one.name)
    given = running.bondings.get(one.name)
    entry = {
        "hwaddr": hardware_address(one),
        "slaves": list(_ports(one)),
        "active_slave": known.active_port,
        "opts": options(one, facts),
        "switch": "legacy" if given is None else given.switch,
        "speed": _speed(one, facts),
        "mtu": mtu_text(one),
        **addressing(one, gateways),
    }
    if mode_of(one) == LACP:
        entry["ad_aggregator_id"] = known.aggregator
        entry["ad_partner_mac"] = known.partner_mac
    return entry | shaped(one)


def options(one: Interface, facts: Facts) -> dict[str, str]:
    """The mode, and all that differs from what a bond of this mode has by itself: numbers as text, text as it is."""
    mode = mode_of(one)
    if not mode:
        return {}
    usual = facts.bond_defaults.get(mode, {})
    said = {name: number or word for name, (word, number) in facts.about(one.name).bond_options.items()}
    other = {name: value for name, value in sorted(said.items()) if value and usual.get(name, value) != value}
    return {**other, "mode": str(_MODES.index(mode))}


def _speed(one: Interface, facts: Facts) -> int:
    """That of the port in use, of the slowest one, or of all together, as the mode has it; 0 without any."""
    mode = mode_of(one)
    if mode == _ONE_AT_A_TIME:
        return facts.about(facts.about(one.name).active_port).speed
    speeds = [facts.about(port).speed for port in _ports(one)]
    return min(speeds, default=0) if mode == _ALL_THE_SAME else sum(speeds)


def _ports(one: Interface) -> tuple[str, ...]:
    found = one.ports
    return found if isinstance(found, tuple) else ()
