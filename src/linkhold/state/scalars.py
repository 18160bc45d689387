"""Forms of single values: flags, numbers, texts, choices, and texts with a grammar.

The coercions are those of nmstate's reader: numeric strings, ``0x``, ``yes``/``on``/``y``, kernel numbers for choices.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path, did_you_mean
from linkhold.foundation.record import UNSET
from linkhold.state.fields import Length

Plain = typing.Any
"""None, bool, int, float, str, list of Plain or dict of str to Plain."""

_TRUE = frozenset({"1", "true", "yes", "on", "y"})
_FALSE = frozenset({"0", "false", "no", "off", "n"})
_WORDS = "^(1|0|[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|[yY]([eE][sS])?|[nN][oO]?|[oO][nN]|[oO][fF][fF])$"


class Form:
    """Reads, writes and describes one value."""

    expected = "a value"
    verbatim: type | None = None
    """Plain data of exactly this type is the value already, whatever it says: `read` need not be asked."""

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        """The value for `raw`, or `UNSET` after adding a diagnostic at `at`."""
        raise NotImplementedError

    def write(self, value: typing.Any, secrets: bool) -> Plain:
        """Plain data for `value`; secrets hidden unless `secrets`."""
        return value

    def schema(self) -> dict[str, Plain]:
        """The JSON Schema (draft 2020-12) of the plain data accepted."""
        return {}

    def wrong(self, raw: Plain, at: Path, found: Diagnostics, hint: str = "") -> typing.Any:
        """Add "wrong value" and return `UNSET`."""
        found.error("value", at, f"{shown(raw)} is not {self.expected}", expected=self.expected, hint=hint)
        return UNSET


def shown(raw: Plain) -> str:
    """A short spelling of plain data for messages."""
    if isinstance(raw, dict):
        return "a map"
    if isinstance(raw, list):
        return "a list"
    if raw is None:
        return "null"
    text = repr(raw) if isinstance(raw, str) else str(raw).lower() if isinstance(raw, bool) else str(raw)
    return text if len(text) <= 60 else text[:57] + "..."


class Flag(Form):
    """A boolean; unless strict also 0/1 and the usual words."""

    expected = "true or false"
    verbatim = bool

    def __init__(self, *, strict: bool = False) -> None:
        self.strict = strict

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        if isinstance(raw, bool):
            return raw
        if not self.strict:
            word = str(raw).lower() if isinstance(raw, str | int) else ""
            if word in _TRUE:
                return True
            if word in _FALSE:
                return False
        return self.wrong(raw, at, found)

    def schema(self) -> dict[str, Plain]:
        if self.strict:
            return {"type": "boolean"}
        return {"anyOf": [{"type": "boolean"}, {"enum": [0, 1]}, {"type": "string", "pattern": _WORDS}]}


class Whole(Form):
    """An integer; unless strict also a decimal string, and ``0x…`` where it can't be negative."""

    def __init__(self, least: int, most: int, *, strict: bool = False) -> None:
        self.least, self.most, self.strict = least, most, strict
        self.expected = f"a whole number from {least} to {most}"

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        value = raw
        if isinstance(raw, str) and not self.strict:
            value = _parse_whole(raw, hexadecimal=self.least >= 0)
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            return self.wrong(raw, at, found)
        return value

    def schema(self) -> dict[str, Plain]:
        number = {"type": "integer", "minimum": self.least, "maximum": self.most}
        if self.strict:
            return number
        pattern = "^(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})$" if self.least >= 0 else "^-?[0-9]{1,20}$"
        return {"anyOf": [number, {"type": "string", "pattern": pattern}]}


def _parse_whole(text: str, *, hexadecimal: bool) -> int | None:
    if len(text) > 24:
        return None
    if hexadecimal and text[:2].lower() == "0x":
        digits, base = text[2:], 16
    else:
        digits, base = text.removeprefix("-") if not hexadecimal else text, 10
    if not digits.isascii() or not digits.isalnum():
        return None
    try:
        value = int(digits, base)
    except ValueError:
        return None
    return -value if text[0] == "-" else value


class Text(Form):
    """A string; numbers are taken as written when not strict."""

    expected = "a text"

    def __init__(self, length: Length | None = None, *, numbers: bool = False) -> None:
        self.length, self.numbers = length, numbers
        if not length:
            self.verbatim = str
        else:
            self.expected = f"a text of {length.least} to {length.most} bytes"

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        if self.numbers and isinstance(raw, int | float):
            raw = str(raw).lower() if isinstance(raw, bool) else str(raw)
        if not isinstance(raw, str):
            return self.wrong(raw, at, found, hint="put it in quotes" if isinstance(raw, int | float) else "")
        if self.length and not self.length.least <= len(raw.encode("utf-8", "surrogatepass")) <= self.length.most:
            return self.wrong(raw, at, found)
        return raw

    def schema(self) -> dict[str, Plain]:
        kind: dict[str, Plain] = {"type": ["string", "number", "boolean"]} if self.numbers else {"type": "string"}
        return kind | ({"maxLength": self.length.most} if self.length else {})


class Choice(Form):
    """One of some words; with numbers, also the kernel's number for it."""

    def __init__(self, words: tuple[str, ...], numbers: tuple[int, ...] = ()) -> None:
        self.words = words
        self.by_number = dict(zip(numbers, words, strict=True)) if numbers else {}
        self.expected = "one of " + ", ".join(words)

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        if isinstance(raw, str):
            if raw in self.words:
                return raw
            number = _parse_whole(raw, hexadecimal=False) if raw and self.by_number else None
            if number is not None and number in self.by_number:
                return self.by_number[number]
        elif isinstance(raw, bool):  # YAML 1.1 makes a boolean of an unquoted word like off
            for word in ("on", "yes", "true") if raw else ("off", "no", "false"):
                if word in self.words:
                    return word
        elif isinstance(raw, int) and raw in self.by_number:
            return self.by_number[raw]
        return self.wrong(raw, at, found, hint=did_you_mean(raw, self.words) if isinstance(raw, str) else "")

    def schema(self) -> dict[str, Plain]:
        words: list[Plain] = list(self.words)
        for number in self.by_number:
            words += [number, str(number)]
        return {"enum": words}


class Parsed(Form):
    """A text with a grammar: `parse` gives its one canonical spelling or raises ValueError saying what is wrong."""

    def __init__(
        self, expected: str, parse: typing.Callable[[str], str], schema: dict[str, Plain] | None = None
    ) -> None:
        self.expected, self.parse, self._schema = expected, parse, schema or {}

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        if not isinstance(raw, str):
            return self.wrong(raw, at, found, hint="put it in quotes" if isinstance(raw, int | float) else "")
        try:
            return self.parse(raw)
        except ValueError as error:
            return self.wrong(raw, at, found, hint=str(error))

    def schema(self) -> dict[str, Plain]:
        return {"type": "string"} | self._schema
