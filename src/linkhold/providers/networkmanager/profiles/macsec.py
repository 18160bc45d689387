"""The setting ``macsec``."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.profiles.draft import Column, Draft, Settings, decoded
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.macsec import MacSecConfig

SETTING: typing.Final = "macsec"

_PRESHARED: typing.Final = 0
"""NMSettingMacsecMode: keys by MKA from a preshared one; the only way a document can say."""

_VALIDATIONS: typing.Final = ("disabled", "check", "strict")
_OFFLOADS: typing.Final = ("off", "phy", "mac")
"""NMSettingMacsecValidation, NMSettingMacsecOffload: numbered from 0."""


def _word(words: tuple[str, ...]) -> typing.Callable[[int], typing.Any]:
    return lambda number: words[number] if 0 <= number < len(words) else UNSET


_COLUMNS: typing.Final = (
    Column("parent", "parent"),
    Column("encrypt", "encrypt"),
    Column("mka_cak", "mka-cak"),
    Column("mka_ckn", "mka-ckn"),
    Column("port", "port"),
    Column("validation", "validation", _VALIDATIONS.index, _word(_VALIDATIONS)),
    Column("send_sci", "send-sci"),
    Column("offload", "offload", _OFFLOADS.index, _word(_OFFLOADS)),
)


def encode(said: Interface, whole: Interface, current: Settings, draft: Draft) -> None:
    """Say what changed."""
    section = said.get("macsec")
    draft.table(SETTING, section, _COLUMNS)
    if not current and (section is UNSET or section.get("encrypt") is UNSET):
        draft.put(SETTING, "encrypt", False)  # NetworkManager's default is the other one
    if section is not UNSET and section.get("mka_cak") is not UNSET:
        draft.put(SETTING, "mode", _PRESHARED)


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``macsec``."""
    section = {"encrypt": True, **settings.get(SETTING, {})}
    return {"macsec": MacSecConfig(**decoded(section, _COLUMNS))}
