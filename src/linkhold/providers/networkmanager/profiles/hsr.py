"""The setting ``hsr``."""

import typing

from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.hsr import HsrConfig

SETTING: typing.Final = "hsr"

_COLUMNS: typing.Final = (
    Column("port1", "port1"),
    Column("port2", "port2"),
    Column("multicast_spec", "multicast-spec"),
    Column("protocol", "prp", lambda said: said == "prp", lambda prp: "prp" if prp else "hsr"),
)


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """Say what changed."""
    draft.table(SETTING, said.get("hsr"), _COLUMNS)


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``hsr``."""
    return {"hsr": HsrConfig(**decoded(settings.get(SETTING, {}), _COLUMNS))}
