"""docs/reference/examples.md: every document of examples/, with what its first comment says."""

import pathlib
import re
import typing

from generator import REPOSITORY
from generator.markdown import NOTICE, table
from linkhold.state.document import parse, to_plain
from linkhold.state.interfaces import KINDS

INTRODUCTION: typing.Final = """\
# The examples

Each of these documents is read, planned, applied, taken back and applied again by a test, on a host with four network
cards `eth1` to `eth4`. Lines in their comments that begin with `after:` or `before:` say what has to be there already;
*refused* ones speak of what no provider can carry out yet: they are read and planned, and `apply` refuses them
with the reason."""


def page() -> str:
    """The page."""
    paths = sorted((REPOSITORY / "examples").glob("*.yml"))
    kinds = [path for path in paths if path.stem in KINDS]
    situations = [path for path in paths if path.stem not in KINDS]
    parts = [NOTICE, INTRODUCTION]
    for title, some in (("Situations", situations), ("Kinds of interfaces", kinds)):
        parts += [f"## {title}", table(("example", "shows", "with"), map(_row, some))]
    return "\n\n".join(parts)


def _row(path: pathlib.Path) -> tuple[str, str, str]:
    text = path.read_text(encoding="utf-8")
    refused = " *(refused)*" if re.search(r"^# refused:", text, re.MULTILINE) else ""
    return f"[{path.stem}](../../examples/{path.name})", _first_sentence(text) + refused, ", ".join(_contents(text))


def _first_sentence(text: str) -> str:
    """The comment up to an empty line of it, or to a line for the tests."""
    lines = []
    for line in text.splitlines():
        if not re.match(r"# (?!after:|before:|refused:)\S", line):
            break
        lines.append(line[2:])
    return re.split(r"(?<=\.) (?=[A-Z])", " ".join(lines))[0].rstrip(".") + "."


def _contents(text: str) -> list[str]:
    """The kinds and sections in it."""
    plain = to_plain(parse(text))
    kinds = dict.fromkeys(one.get("type", "any kind") for one in plain.get("interfaces", []))
    return [*kinds, *(key for key in plain if key not in ("interfaces", "description"))]
