"""Ink and tables: colours on a terminal, plain text when piped."""

import os
import sys
import typing

if typing.TYPE_CHECKING:
    from linkhold.foundation.diagnostics import Diagnostic
    from linkhold.state.network import NetworkState

Cell = str | tuple[str, str]
"""What stands in a table: a text, or a text and its style."""

_CODES: typing.Final = {
    "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36", "dim": "2", "bold": "1",
}  # fmt: skip

_LEAST_LAST: typing.Final = 16
"""Characters below which a last column is not wrapped any further: it could not be read."""


def is_terminal(stream: typing.TextIO) -> bool:
    """Whether a person looks at this stream."""
    return stream.isatty()


def columns(stream: typing.TextIO | None = None) -> int:
    """The width of the terminal behind a stream in characters; 0 where no person looks."""
    stream = stream or sys.stdout
    if not is_terminal(stream):
        return 0
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except OSError:
        return 0


class Ink:
    """Colours for one stream; none where no person looks, or where one asked for plain text (https://no-color.org)."""

    def __init__(self, stream: typing.TextIO | None = None, *, colour: bool | None = None) -> None:
        self.colour = _wants_colour(stream or sys.stdout) if colour is None else colour

    def __call__(self, text: str, *styles: str) -> str:
        """The text in these styles."""
        if not self.colour or not styles or not text:
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
        text += "".join(f"\n    {line}" for line in one.excerpt.splitlines())
        return f"{text}\n    hint: {self(one.hint, 'cyan')}" if one.hint else text


def _wants_colour(stream: typing.TextIO) -> bool:
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def table(head: typing.Sequence[str], rows: typing.Sequence[typing.Sequence[Cell]], ink: Ink, width: int = 0) -> str:
    """Columns as wide as their content. With `width` the last one is wrapped at spaces so that lines fit."""
    texts = [head, *([_plain(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    before = sum(widths[:-1]) + 2 * (len(widths) - 1)
    last = max(_LEAST_LAST, width - before) if width else 0

    def lines(row: typing.Sequence[Cell]) -> typing.Iterator[str]:
        cells = [_inked(cell, wide, ink) for cell, wide in zip(row[:-1], widths, strict=False)]
        first, *others = _wrapped(_plain(row[-1]), last)
        style = row[-1][1:] if isinstance(row[-1], tuple) else ()
        yield "  ".join([*cells, ink(first, *style)]).rstrip()
        for more in others:
            yield " " * before + ink(more, *style)

    heading = "  ".join(word.ljust(wide) for word, wide in zip(head, widths, strict=True)).rstrip()
    return "\n".join([ink(heading, "bold"), *(line for row in rows for line in lines(row))])


def _plain(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell[0]


def _inked(cell: Cell, wide: int, ink: Ink) -> str:
    text = _plain(cell)
    return (text if isinstance(cell, str) else ink(text, *cell[1:])) + " " * (wide - len(text))


def _wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` characters, as far as its words allow; 0: one line."""
    if not width or len(text) <= width:
        return [text]
    found = [""]
    for word in text.split(" "):
        if found[-1] and len(found[-1]) + 1 + len(word) > width:
            found.append(word)
        else:
            found[-1] = f"{found[-1]} {word}" if found[-1] else word
    return found


def print_state(state: "NetworkState", *, as_json: bool, secrets: bool) -> None:
    """A document on standard output."""
    from linkhold.state.document import to_plain, to_yaml

    if as_json:
        print_json(to_plain(state, secrets=secrets))
    else:
        print(to_yaml(state, secrets=secrets), end="")


def print_json(value: typing.Any) -> None:
    """One JSON value on standard output: indented where a person looks, else in one line, keys in a stable order."""
    import json

    print(json.dumps(value, indent=2 if is_terminal(sys.stdout) else None, ensure_ascii=False, allow_nan=False))
