"""Diagnostics: values about the user's words, collected and shown all together.

A `Path` leads from the root of a document to a place in it: ``str`` steps are map keys, ``int`` steps are list indexes,
`Key` steps are list elements known by their name. It prints as ``interfaces[eth1.7].vlan.id``.
"""

import typing

from linkhold.foundation.record import Record


class Key(str):
    """A step into a list, to the element that goes by this name.

    `position` is where it stands in the list, -1 where that is not known; it tells elements apart that share a name, and
    takes no part in comparing.
    """

    __slots__ = ("position",)
    position: int

    def __new__(cls, name: str, position: int = -1) -> typing.Self:
        self = super().__new__(cls, name)
        self.position = position
        return self


Path = tuple[str | int, ...]


def spell(path: Path) -> str:
    """The path as people read it: ``interfaces[eth1.7].vlan.id``."""
    text = ""
    for step in path:
        if isinstance(step, Key | int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


class Diagnostic(Record):
    """One mistake (or warning) in what the user said.

    `line` and `column` count from 1; they are 0 when the text is not at hand (a document given as values). `excerpt` shows
    the words in question with a pointer below them, where they have a grammar of their own.
    """

    severity: typing.Literal["error", "warning"] = "error"
    code: str
    path: Path
    message: str
    expected: str = ""
    hint: str = ""
    source: str = ""
    line: int = 0
    column: int = 0
    excerpt: str = ""

    def __str__(self) -> str:
        place = f"{self.source or '<input>'}:{self.line}:{self.column}: " if self.line else ""
        text = f"{place}{self.severity}[{self.code}] {spell(self.path) or 'document'}: {self.message}"
        if self.expected:
            text += f"; expected {self.expected}"
        text += "".join(f"\n    {line}" for line in self.excerpt.splitlines())
        return f"{text}\n    hint: {self.hint}" if self.hint else text


class Diagnostics(list[Diagnostic]):
    """A collector of diagnostics, passed down while reading and checking."""

    def error(self, code: str, path: Path, message: str, *, expected: str = "", hint: str = "") -> None:
        """Add an error."""
        self.append(Diagnostic(code=code, path=path, message=message, expected=expected, hint=hint))

    def warning(self, code: str, path: Path, message: str, *, hint: str = "") -> None:
        """Add a warning: shown, but nothing is refused for it."""
        self.append(Diagnostic(severity="warning", code=code, path=path, message=message, hint=hint))

    def errors(self) -> list[Diagnostic]:
        """Those that forbid going on."""
        return [one for one in self if one.severity == "error"]

    def in_order(self) -> "Diagnostics":
        """Sorted by place in the text, then by path; each only once."""
        unique = dict.fromkeys(self)
        return Diagnostics(sorted(unique, key=_place))


class Misread(Diagnostics):
    """One that is passed down while reading what we wrote ourselves: what holds between fields is not checked there. Documents
    that each keep all rules may break one where they are put together, and that must not make them unreadable."""


def _place(one: Diagnostic) -> tuple[str, int, int, str, str]:
    return one.source, one.line, one.column, spell(one.path), one.code


def to_plain(diagnostics: typing.Iterable[Diagnostic]) -> list[dict[str, typing.Any]]:
    """Diagnostics for programs; `line` and `column` are 0 where no place in a text is known. `excerpt` is there only where
    the words have a grammar of their own.
    """
    return [
        {
            "severity": one.severity,
            "code": one.code,
            "path": spell(one.path),
            "source": one.source,
            "line": one.line,
            "column": one.column,
            "message": one.message,
            "expected": one.expected,
            "hint": one.hint,
            **({"excerpt": one.excerpt} if one.excerpt else {}),
        }
        for one in diagnostics
    ]


class Invalid(ValueError):
    """The user's words can't be followed; nothing was touched. Carries every diagnostic, sorted."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.diagnostics = diagnostics.in_order()
        super().__init__("\n".join(str(one) for one in self.diagnostics))


def did_you_mean(word: str, known: typing.Iterable[str]) -> str:
    """A hint that names the closest known words, or lists them when few, or ''."""
    import difflib  # only on the way to an error

    words = sorted(set(known))
    # A word that is much longer than all of them resembles none, and comparing it takes time for each letter.
    close = difflib.get_close_matches(word, words, n=2, cutoff=0.6) if len(word) <= 100 else []
    if close:
        return "did you mean " + " or ".join(f"'{one}'" for one in close) + "?"
    return "known: " + ", ".join(words) if 0 < len(words) <= 40 else ""
