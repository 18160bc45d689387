"""Ink and tables: colours on a terminal, plain text when piped."""

import os
import sys
import typing

if typing.TYPE_CHECKING:
    from linkhold.foundation.diagnostics import Diagnostic

_CODES: typing.Final = {
    "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36", "dim": "2", "bold": "1",
}  # fmt: skip


def is_terminal(stream: typing.TextIO) -> bool:
    """Whether a person looks at this stream and has not asked for plain text (https://no-color.org)."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


class Ink:
    """Colours for one stream; none where no person looks."""

    def __init__(self, stream: typing.TextIO | None = None, *, colour: bool | None = None) -> None:
        self.colour = is_terminal(stream or sys.stdout) if colour is None else colour

    def __call__(self, text: str, *styles: str) -> str:
        """The text in these styles."""
        if not self.colour or not styles:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"

    def diagnostic(self, one: "Diagnostic") -> str:
        """A diagnostic with its place, its message and its hint."""
        from linkhold.foundation.diagnostics import spell

        place = f"{one.source or '<input>'}:{one.line}:{one.column}: " if one.line else ""
        head = self(f"{one.severity}[{one.code}]", "red" if one.severity == "error" else "yellow", "bold")
        text = f"{place}{head} {self(spell(one.path) or 'document', 'bold')}: {one.message}"
        if one.expected and one.expected not in one.message:
            text += f"\n    expected: {one.expected}"
        return f"{text}\n    hint: {self(one.hint, 'cyan')}" if one.hint else text


def table(head: typing.Sequence[str], rows: typing.Sequence[typing.Sequence[str]], ink: Ink) -> str:
    """Columns as wide as their content, the last one as long as it is."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(cells: typing.Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()

    return "\n".join([ink(line(head), "bold"), *(line(row) for row in rows)])
