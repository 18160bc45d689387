"""Reading the attributes of one map of a request: flags as text, numbers as text, and what was not said at all.

Java and the Python of two decades have written these maps: ``null`` and ``''`` mean *not said*, ``"true"`` a flag.
"""

import typing

from linkhold.foundation.diagnostics import Path
from linkhold.networks.mistakes import Mistakes, Stage
from linkhold.state.scalars import Plain, shown

_TRUE: typing.Final = frozenset({"1", "true", "yes", "on", "y"})
_FALSE: typing.Final = frozenset({"0", "false", "no", "off", "n"})
_LONGEST_NUMBER: typing.Final = 24


class Said:
    """The attributes of one network, bond or other map; `unread` collects the names of those that are wrong."""

    def __init__(self, raw: typing.Mapping[str, Plain], at: Path, found: Mistakes) -> None:
        self.raw, self.at, self.found = raw, at, found
        self.unread: set[str] = set()

    def has(self, name: str) -> bool:
        """Whether anything was said by this name."""
        value = self.raw.get(name)
        return value is not None and value != ""

    @property
    def names(self) -> frozenset[str]:
        """All names by which something was said."""
        return frozenset(name for name in self.raw if self.has(name))

    def wrong(self, name: str, message: str, *, code: str, stage: Stage, expected: str = "", hint: str = "") -> None:
        """Note that what was said by this name can't be used."""
        self.unread.add(name)
        self.found.error(stage, code, (*self.at, name), message, expected=expected, hint=hint)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean, or one of the usual words for it."""
        value = self.raw.get(name)
        if not self.has(name):
            return default
        word = flag_of(value)
        if word is None:
            message = f"{shown(value)} is neither true nor false"
            self.wrong(name, message, code="bad-params", stage=Stage.CANONICAL, expected="true or false")
            return default
        return word

    def whole(self, name: str, *, code: str, expected: str) -> int | None:
        """A whole number, or its decimal text; None where nothing was said, or nothing of use."""
        if not self.has(name):
            return None
        number = whole_of(self.raw[name])
        if number is None:
            message = f"{shown(self.raw[name])} is not a whole number"
            self.wrong(name, message, code=code, stage=Stage.CANONICAL, expected=expected)
        return number

    def text(self, name: str, *, code: str = "bad-params", stage: Stage = Stage.SHAPE, expected: str = "a text") -> str:
        """A text, '' where nothing was said, or nothing of use."""
        if not self.has(name):
            return ""
        value = self.raw[name]
        if not isinstance(value, str) or not is_writable(value):
            self.wrong(name, f"{shown(value)} is not {expected}", code=code, stage=stage, expected=expected)
            return ""
        return value

    def section(self, name: str) -> dict[str, Plain]:
        """A map within, empty where nothing was said, or nothing of use."""
        if not self.has(name):
            return {}
        value = self.raw[name]
        if not isinstance(value, dict):
            message = f"{shown(value)} is not a map"
            self.wrong(name, message, code="bad-params", stage=Stage.SHAPE, expected="a map")
            return {}
        return value

    def texts(self, name: str, *, code: str, expected: str) -> tuple[str, ...] | None:
        """A list of texts; None where nothing was said, or nothing of use."""
        value = self.raw.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) and is_writable(one) for one in value):
            message = f"{shown(value)} is not a list of texts" if not isinstance(value, list) else "not only texts"
            self.wrong(name, message, code=code, stage=Stage.SHAPE, expected=expected)
            return None
        return tuple(value)

    def warn_of_unknown(self, known: frozenset[str]) -> None:
        """Warn of each attribute that is not among those known."""
        for name in self.raw:
            if name not in known:
                self.found.unknown((*self.at, name), name, known)


def flag_of(value: Plain) -> bool | None:
    """What a flag says; None if it is none."""
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    return True if word in _TRUE else False if word in _FALSE else None


def whole_of(value: Plain) -> int | None:
    """What a number says, or its decimal text; None if it is none."""
    if isinstance(value, str):
        digits = value.strip()
        unsigned = digits.removeprefix("-")
        right = len(digits) <= _LONGEST_NUMBER and unsigned.isascii() and unsigned.isdigit()
        return int(digits) if right else None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def is_writable(text: str) -> bool:
    """Whether a text can be written to files and sent: JSON may hold half of a surrogate pair, which UTF-8 can't."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
