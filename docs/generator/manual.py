"""docs/reference/linkhold.8: the manual page, in the macros of man(7)."""

import re
import typing

from generator import commands
from linkhold.cli import main
from linkhold.cli.codes import EXIT_CODES

HEAD: typing.Final = """\
.\\" Written by docs/generate.py from the code: change the code, then run `make docs`.
.TH LINKHOLD 8 "" "linkhold {version}" "System administration"
.SH NAME
linkhold \\- declare a host's network as one document, and apply it as a transaction
.SH SYNOPSIS
.B linkhold
.I command
.RI [ options ]
.SH DESCRIPTION
A document (YAML or JSON) says what the network of this host should be. Linkhold compares it with what is there, shows
what would change, makes it so, reads the host back, and puts everything back when that does not agree, or when nobody
confirms a change that was to be confirmed.
What a document does not mention is left as it is."""

FILES: typing.Final[dict[str, str]] = {
    "/var/lib/linkhold/pending": "the journal of the transaction that is under way or waits for confirmation",
    "/var/lib/linkhold/history": "the journals of those that are over; the newest committed one is applied at boot",
    "/var/lib/linkhold/lock": "held by the transaction that is under way",
}


def page() -> str:
    """The page."""
    parts = [HEAD.format(version=_version()), ".SH COMMANDS"]
    for name in main.COMMANDS:
        parts += [f".SS {_plain(commands.usage(name))}", _plain(commands.sentence(name))]
        for one in commands.arguments(name):
            parts += [".TP", f".B {_plain(one.words)}", _plain(one.meaning) or "\\&"]
        parts += [".PP", "Examples:", ".PP", ".nf", *map(_plain, commands.examples(name).splitlines()), ".fi"]
    parts.append(".SH EXIT STATUS")
    for number, text in EXIT_CODES.items():
        parts += [".TP", f".B {number}", _plain(text)]
    parts.append(".SH ENVIRONMENT")
    for variable, text in commands.ENVIRONMENT.items():
        parts += [".TP", f".B {variable}", _plain(text)]
    parts.append(".SH FILES")
    for path, text in FILES.items():
        parts += [".TP", f".I {path}", _plain(text)]
    parts += [".SH SEE ALSO", ".BR ip (8),", ".BR bridge (8),", ".BR ethtool (8)"]
    return "\n".join(parts)


def _version() -> str:
    import tomllib

    from generator import REPOSITORY

    return str(tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"])


def _plain(text: str) -> str:
    """Text that no macro takes for its own."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...").replace("–", "\\(en")
    return re.sub(r"^([.'])", r"\\&\1", escaped)
