"""The setting ``vrf``."""

import typing

from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.vrf import VrfConfig

SETTING: typing.Final = "vrf"

_COLUMNS: typing.Final = (Column("table", "table"),)


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """Say what changed."""
    draft.table(SETTING, said.get("vrf"), _COLUMNS)


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``vrf``, without its ports."""
    return {"vrf": VrfConfig(**decoded(settings.get(SETTING, {}), _COLUMNS))}
