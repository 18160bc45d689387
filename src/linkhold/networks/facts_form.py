"""Facts about a host as plain JSON data, for the way from the process that reads them to the one that reports.

Shape: ``{"ipv6": true, "bond_defaults": {mode: {option: value}}, "interfaces": {name: {field: value}},
"cards": {address: {field: value}}}`` under the names that `facts.py` gives its fields; what is at its default is left out.
A virtual function is ``[pci, interface]``, an option of a bond ``[name, number]``.
"""

import typing

from linkhold.networks.facts import Card, Facts, InterfaceFacts, Virtual

Plain = typing.Any


def to_plain(facts: Facts) -> dict[str, Plain]:
    """Plain data of facts."""
    plain = facts.said()
    if "interfaces" in plain:
        plain["interfaces"] = {name: _interface(one) for name, one in facts.interfaces.items()}
    if "cards" in plain:
        plain["cards"] = {address: one.said() for address, one in facts.cards.items()}
    return plain


def _interface(one: InterfaceFacts) -> dict[str, Plain]:
    plain = one.said()
    if "bond_options" in plain:
        plain["bond_options"] = {name: list(value) for name, value in one.bond_options.items()}
    if "virtual_functions" in plain:
        plain["virtual_functions"] = [list(function) for function in one.virtual_functions]
    return plain


def from_plain(plain: typing.Mapping[str, Plain]) -> Facts:
    """The facts that `to_plain` wrote.

    Raises:
        KeyError, TypeError, ValueError: this is no such data.
    """
    said = dict(plain)
    if "interfaces" in said:
        said["interfaces"] = {name: _read(one) for name, one in said["interfaces"].items()}
    if "cards" in said:
        said["cards"] = {address: Card(**one) for address, one in said["cards"].items()}
    return Facts(**said)


def _read(plain: typing.Mapping[str, Plain]) -> InterfaceFacts:
    said = dict(plain)
    if "bond_options" in said:
        said["bond_options"] = {name: (word, number) for name, (word, number) in said["bond_options"].items()}
    if "virtual_functions" in said:
        said["virtual_functions"] = tuple(Virtual(*one) for one in said["virtual_functions"])
    return InterfaceFacts(**said)
