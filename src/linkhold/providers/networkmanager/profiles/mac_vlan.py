"""The setting ``macvlan``, of both MACVLAN and MACVTAP."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.mac_vlan import MacVlanConfig

SETTING: typing.Final = "macvlan"

_MODES: typing.Final = {"vepa": 1, "bridge": 2, "private": 3, "passthru": 4, "source": 5}
"""NMSettingMacvlanMode."""
_MODE_WORDS: typing.Final = {number: word for word, number in _MODES.items()}
_COLUMNS: typing.Final = (
    Column("parent", "parent"),
    Column("mode", "mode", lambda said: _MODES.get(said, UNSET), lambda number: _MODE_WORDS.get(number, UNSET)),
    Column("promiscuous", "promiscuous"),
)


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """Say what changed."""
    draft.table(SETTING, said.get("mac_vlan"), _COLUMNS)
    draft.table(SETTING, said.get("mac_vtap"), _COLUMNS)
    if whole.kind == "mac-vtap":
        draft.put(SETTING, "tap", True)


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``mac_vlan`` or ``mac_vtap``."""
    section = settings.get(SETTING, {})
    config = MacVlanConfig(**decoded(section, _COLUMNS))
    return {"mac_vtap" if section.get("tap") else "mac_vlan": config}
