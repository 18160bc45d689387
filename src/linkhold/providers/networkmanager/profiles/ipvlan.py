"""The setting ``ipvlan``."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ipvlan import IpVlanConfig

SETTING: typing.Final = "ipvlan"

_MODES: typing.Final = {"l2": 1, "l3": 2, "l3s": 3}
"""NMSettingIpvlanMode."""
_MODE_WORDS: typing.Final = {number: word for word, number in _MODES.items()}
_COLUMNS: typing.Final = (
    Column("parent", "parent"),
    Column("mode", "mode", _MODES.get, lambda number: _MODE_WORDS.get(number, UNSET)),
    Column("private", "private"),
    Column("vepa", "vepa"),
)


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """Say what changed; a new profile names the mode, since NetworkManager's default is not the kernel's."""
    section = said.get("ipvlan")
    draft.table(SETTING, section, _COLUMNS)
    if not current and (section is UNSET or section.mode is UNSET):
        draft.put(SETTING, "mode", _MODES["l3"])


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``ipvlan``."""
    return {"ipvlan": IpVlanConfig(**decoded(settings.get(SETTING, {}), _COLUMNS))}
