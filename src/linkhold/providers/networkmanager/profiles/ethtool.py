"""The setting ``ethtool``: offload features, pause frames, coalescing, rings, forward error correction."""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.providers.networkmanager.profiles.draft import Draft, Settings
from linkhold.state.interfaces.ethtool import Coalesce, Ethtool, Fec, Pause, Ring

SETTING: typing.Final = "ethtool"

_FEATURE: typing.Final = "feature-"
_GROUPS: typing.Final[dict[str, tuple[str, type[Record]]]] = {
    "pause": ("pause-", Pause),
    "coalesce": ("coalesce-", Coalesce),
    "ring": ("ring-", Ring),
}
_FEC: typing.Final[dict[typing.Literal["off", "rs", "baser", "llrs"], int]] = {
    "off": 0x4,
    "rs": 0x8,
    "baser": 0x10,
    "llrs": 0x20,
}
"""NMSettingEthtoolFecMode: the bits of ETHTOOL_FEC_* without NONE (1) and AUTO (2)."""
_FEC_AUTO: typing.Final = 0x2
_ADAPTIVE: typing.Final = ("adaptive_rx", "adaptive_tx")


def encode(said: typing.Any, draft: Draft) -> None:
    """Say what changed."""
    if not isinstance(said, Ethtool):
        return
    if isinstance(said.feature, dict):
        for name, on in said.feature.items():
            draft.put(SETTING, _FEATURE + name, on)
    for group, (prefix, _) in _GROUPS.items():
        record = said.get(group)
        if record is not UNSET:
            for field, value in record.said().items():
                if not field.endswith("_max"):
                    plain = int(value) if field in _ADAPTIVE else value
                    draft.put(SETTING, prefix + field.replace("_", "-"), plain)
    if isinstance(said.fec, Fec):
        mode = said.fec.get("mode")
        draft.put(SETTING, "fec-mode", _FEC_AUTO if said.fec.get("auto") is True else _FEC.get(mode, UNSET))


def decode(settings: Settings) -> dict[str, typing.Any]:
    """The field ``ethtool``, where the profile has the setting."""
    section = settings.get(SETTING)
    if not section:
        return {}
    said: dict[str, typing.Any] = {}
    features = {key.removeprefix(_FEATURE): on for key, on in sorted(section.items()) if key.startswith(_FEATURE)}
    if features:
        said["feature"] = features
    for group, (prefix, cls) in _GROUPS.items():
        fields = {key.removeprefix(prefix).replace("-", "_"): key for key in section if key.startswith(prefix)}
        known = {field: _plain(field, section[key]) for field, key in fields.items() if field in cls.field_names()}
        if known:
            said[group] = cls(**known)
    if section.get("fec-mode"):
        said["fec"] = _fec(section["fec-mode"])
    return {"ethtool": Ethtool(**said)} if said else {}


def _plain(field: str, value: typing.Any) -> typing.Any:
    return bool(value) if field in _ADAPTIVE else value


def _fec(bits: int) -> Fec:
    if bits & _FEC_AUTO:
        return Fec(auto=True)
    words = [word for word, bit in _FEC.items() if bits & bit]
    return Fec(mode=words[0]) if words else Fec()
