"""The setting ``vxlan``."""

import typing

from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.vxlan import VxlanConfig
from linkhold.state.spellings import ip_address

SETTING: typing.Final = "vxlan"
DEFAULT_PORT: typing.Final = 8472
"""Linux's own, older than the RFC's."""

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
    section = {"destination-port": DEFAULT_PORT, **settings.get(SETTING, {})}
    return {"vxlan": VxlanConfig(**decoded(section, _COLUMNS))}
