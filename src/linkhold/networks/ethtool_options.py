"""The words of the ``ethtool`` command as settings (custom property ``ethtool_opts``), under the names the core has for them.

``--coalesce ens3 rx-usecs 14 --offload * rx on lro on --change ens4 speed 1000 duplex full``: commands in a row, each with
its interface (``*`` for each port of the bond) and pairs of names and values (ethtool(8), vdsm's hook ``30_ethtool_options``).
"""

import fnmatch
import typing

from linkhold.foundation.diagnostics import did_you_mean
from linkhold.state.fields import ReadOnly, fields_of
from linkhold.state.interfaces.ethtool import FEATURE_ALIASES, Coalesce, Pause, Ring

Section = typing.Literal["pause", "feature", "coalesce", "ring", "fec", "link"]

_COMMANDS: typing.Final[dict[str, Section]] = {
    "-A": "pause",
    "--pause": "pause",
    "-C": "coalesce",
    "--coalesce": "coalesce",
    "-G": "ring",
    "--set-ring": "ring",
    "-K": "feature",
    "--features": "feature",
    "--offload": "feature",
    "--set-fec": "fec",
    "-s": "link",
    "--change": "link",
}
_GROUPS: typing.Final[dict[str, str]] = {
    "tx": "tx-checksum-*",
    "tx-checksumming": "tx-checksum-*",
    "sg": "tx-scatter-gather*",
    "scatter-gather": "tx-scatter-gather*",
    "tso": "tx-tcp*-segmentation",
    "tcp-segmentation-offload": "tx-tcp*-segmentation",
}
"""Words of ethtool that stand for several features of the kernel (``off_flag_def`` of ethtool.c)."""

_LINK: typing.Final = {"autoneg": "auto-negotiation", "speed": "speed", "duplex": "duplex"}
_FEC_MODES: typing.Final = ("auto", "off", "rs", "baser", "llrs")


class EthtoolSetting(typing.NamedTuple):
    """What one command sets: `interface` is a name or ``*``; `values` are by the key of the core's section.

    The section ``link`` is an interface's ``ethernet``, all others are parts of its ``ethtool``. Names of features may be
    patterns (``tx-tcp*-segmentation``); `features` tells which they are on a given interface.
    """

    section: Section
    interface: str
    values: dict[str, bool | int | str]


def ethtool_options(text: str) -> tuple[EthtoolSetting, ...]:
    """The settings that a text asks for, in its order.

    Raises:
        ValueError: an unknown command or setting, or a value that it can't have.
    """
    settings: list[EthtoolSetting] = []
    words = text.split()
    while words:
        command = words.pop(0)
        if command not in _COMMANDS:
            hint = did_you_mean(command, _COMMANDS)
            raise ValueError(f"'{command}' is no command of ethtool that can be used here ({hint})")
        if not words or words[0].startswith("-"):
            raise ValueError(f"'{command}' names no interface")
        interface = words.pop(0)
        pairs: list[str] = []
        while words and words[0] not in _COMMANDS and not words[0].startswith("--"):
            pairs.append(words.pop(0))
        settings.append(EthtoolSetting(_COMMANDS[command], interface, _values(_COMMANDS[command], command, pairs)))
    return tuple(settings)


def _values(section: Section, command: str, words: list[str]) -> dict[str, bool | int | str]:
    if not words or len(words) % 2:
        raise ValueError(f"'{command}' needs pairs of names and values")
    values: dict[str, bool | int | str] = {}
    for name, word in zip(words[::2], words[1::2], strict=True):
        key, value = _READERS[section](name, word)
        if values.setdefault(key, value) != value:
            raise ValueError(f"'{name}' contradicts what was said before")
    return values


def _feature(name: str, word: str) -> tuple[str, bool]:
    return _GROUPS.get(name) or FEATURE_ALIASES.get(name, name), _switched(name, word)


def _link(name: str, word: str) -> tuple[str, bool | int | str]:
    key = _known(name, _LINK)
    if key == "auto-negotiation":
        return key, _switched(name, word)
    if key == "speed":
        return key, _number(name, word)
    if word not in ("full", "half"):
        raise ValueError(f"'duplex' is full or half, not '{word}'")
    return key, word


def _fec(name: str, word: str) -> tuple[str, bool | str]:
    word = word.lower()
    if name != "encoding" or word not in _FEC_MODES:
        raise ValueError(f"'{name} {word}' is not encoding with one of {', '.join(_FEC_MODES)}")
    return ("auto", True) if word == "auto" else ("mode", word)


def _pause(name: str, word: str) -> tuple[str, bool]:
    return _known(name, _keys(Pause)), _switched(name, word)


def _coalesce(name: str, word: str) -> tuple[str, bool | int]:
    key = _known(name, _keys(Coalesce))
    return key, _switched(name, word) if key.startswith("adaptive") else _number(name, word)


def _ring(name: str, word: str) -> tuple[str, int]:
    return _known(name, _keys(Ring)), _number(name, word)


_READERS: typing.Final[dict[Section, typing.Callable[[str, str], tuple[str, bool | int | str]]]] = {
    "pause": _pause,
    "feature": _feature,
    "coalesce": _coalesce,
    "ring": _ring,
    "fec": _fec,
    "link": _link,
}


def _keys(cls: type[Coalesce | Pause | Ring]) -> dict[str, str]:
    """The names that can be set, by themselves: the core spells them as ethtool does."""
    return {field.key: field.key for field in fields_of(cls).values() if not field.has(ReadOnly)}


def _known(name: str, keys: dict[str, str]) -> str:
    if name not in keys:
        raise ValueError(f"'{name}' can't be set ({did_you_mean(name, keys)})")
    return keys[name]


def _switched(name: str, word: str) -> bool:
    if word not in ("on", "off"):
        raise ValueError(f"'{name}' is on or off, not '{word}'")
    return word == "on"


def _number(name: str, word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= 10 and int(word) < 2**32):
        raise ValueError(f"'{name}' needs a whole number, not '{word}'")
    return int(word)


def features(values: typing.Mapping[str, bool | int | str], known: typing.Iterable[str]) -> dict[str, bool]:
    """The features that the values of a ``feature`` setting mean on an interface which has those `known`.

    A pattern means all that match it; a name means itself, known or not.
    """
    names = sorted(known)
    found: dict[str, bool] = {}
    for name, value in values.items():
        for one in fnmatch.filter(names, name) if "*" in name else [name]:
            found[one] = bool(value)
    return found
