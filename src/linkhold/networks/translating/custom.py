"""Texts of custom properties: read again where a stored configuration, which nobody has checked, may say anything."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Key
from linkhold.networks.configuration import Network
from linkhold.networks.options import further_addresses
from linkhold.networks.translating.situation import Situation

_Value = typing.TypeVar("_Value")


def text_of(
    key: str, read: typing.Callable[[str], _Value], name: str, network: Network | None, found: Diagnostics
) -> _Value:
    """What a property of a network says; what an empty text says where it can't be read, which `found` tells."""
    text = "" if network is None else network.custom.get(key, "")
    try:
        return read(text)
    except ValueError as error:
        found.error("bad-params", ("networks", Key(name), "custom", key), str(error))
        return read("")


def check_addresses(situation: Situation, found: Diagnostics) -> None:
    """Further addresses of named networks can be read."""
    for step in situation.steps:
        text_of("ipv4_addrs", further_addresses, step.name, step.new, found)
