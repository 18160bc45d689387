"""Small pieces of Markdown."""

import re
import textwrap
import typing

NOTICE: typing.Final = "<!-- Written by docs/generate.py from the code: change the code, then run `make docs`. -->"


def table(heads: typing.Sequence[str], rows: typing.Iterable[typing.Sequence[str]]) -> str:
    """A table; line breaks and bars in cells are taken care of."""
    lines = [_row(heads), _row(["---"] * len(heads))]
    return "\n".join([*lines, *(_row(row) for row in rows)])


def _row(cells: typing.Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def fenced(text: str, language: str = "") -> str:
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def prose(docstring: str | None) -> str:
    """A docstring as paragraphs: its lines joined, double backquotes made single."""
    paragraphs = textwrap.dedent(_first_line_too(docstring or "")).strip().split("\n\n")
    return "\n\n".join(" ".join(one.split()) for one in paragraphs).replace("``", "`")


def _first_line_too(text: str) -> str:
    first, _, rest = text.partition("\n")
    return first.strip() + "\n" + textwrap.dedent(rest)


def code(text: str) -> str:
    """Some code within a line."""
    return f"`{text}`"


def anchor(name: str) -> str:
    """A place to link to, for a class name: `VlanConfig` → vlan-config."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def target(name: str) -> str:
    """The HTML that `anchor` links lead to."""
    return f'<a id="{anchor(name)}"></a>'
