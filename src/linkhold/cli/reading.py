"""Documents from files and standard input."""

import argparse
import sys
import typing

from linkhold.foundation.failures import Permanent

if typing.TYPE_CHECKING:
    from linkhold.state.network import NetworkState


def add_file_argument(parser: argparse.ArgumentParser, *, many: bool = False) -> None:
    """The document to read: files, or ``-`` for standard input, which is also meant when nothing is named."""
    parser.add_argument(
        "files" if many else "file",
        nargs="*" if many else "?",
        default=["-"] if many else "-",
        metavar="FILE",
        help="YAML or JSON document; - is standard input",
    )


def read_text(name: str) -> tuple[bytes, str]:
    """The bytes of a file and what to call it in messages.

    Raises:
        Permanent: it can't be read.
    """
    if name == "-":
        return sys.stdin.buffer.read(), "<stdin>"
    try:
        with open(name, "rb") as file:
            return file.read(), name
    except OSError as error:
        raise Permanent(f"can't read {name}: {error.strerror}") from error


def read_document(name: str) -> "NetworkState":
    """The document in a file.

    Raises:
        Invalid: with every mistake in it.
        Permanent: the file can't be read.
    """
    from linkhold.state.document import parse

    text, source = read_text(name)
    return parse(text, source=source)
