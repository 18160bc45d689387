"""The setting ``tun``: read only, since a document can't make such an interface."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.tun import TunConfig

SETTING: typing.Final = "tun"

_MODES: typing.Final = {"tun": 1, "tap": 2}
"""NMSettingTunMode."""
_MODE_WORDS: typing.Final = {number: word for word, number in _MODES.items()}
_COLUMNS: typing.Final = (
    Column("mode", "mode", lambda said: _MODES.get(said, UNSET), lambda number: _MODE_WORDS.get(number, UNSET)),
    Column("owner", "owner", str, int),
    Column("group", "group", str, int),
    Column("multi_queue", "multi-queue"),
    Column("vnet_hdr", "vnet-hdr"),
)


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """A profile for an interface that a program has made says how it was made, else it would not match."""
    draft.table(SETTING, said.get("tun"), _COLUMNS)


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``tun``."""
    return {"tun": TunConfig(**decoded(settings.get(SETTING, {}), _COLUMNS))}
