"""The setting ``veth``."""

import typing

from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.veth import VethConfig

SETTING: typing.Final = "veth"

_COLUMNS: typing.Final = (Column("peer", "peer"),)


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """A profile for Ethernet that took a veth has no word for the other end."""
    if current.get("connection", {}).get("type", SETTING) == SETTING:
        draft.table(SETTING, said.get("veth"), _COLUMNS)


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``veth``."""
    said = decoded(settings.get(SETTING, {}), _COLUMNS)
    return {"veth": VethConfig(**said)} if said else {}
