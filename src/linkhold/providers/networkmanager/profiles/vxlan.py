"""The setting ``vxlan``."""

import typing

from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.vxlan import VxlanConfig
from linkhold.state.spellings import ip_address

SETTING: typing.Final = "vxlan"

_COLUMNS: typing.Final = (
    Column("parent", "parent", lambda said: said or None),
    Column("id", "id"),
    Column("learning", "learning"),
    Column("local", "local", lambda said: said or None, ip_address),
    Column("remote", "remote", lambda said: said or None, ip_address),
    Column("destination_port", "destination-port"),
)


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """Say what changed."""
    draft.table(SETTING, said.get("vxlan"), _COLUMNS)


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``vxlan``."""
    return {"vxlan": VxlanConfig(**decoded(settings.get(SETTING, {}), _COLUMNS))}
