"""Documents from files and standard input."""

import argparse
import sys
import typing

from linkhold.foundation.failures import Permanent

if typing.TYPE_CHECKING:
    from linkhold.plan.planner import Outcome
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


def planned(read: tuple[bytes, str], *, connection: str, state_dir: str | None) -> "Outcome":
    """What a document (its text, and what to call it) would do to this host.

    Raises:
        Invalid: with every mistake, each with its place in the text, those that only the host reveals too.
        Failure: the host can't be read.
    """
    from linkhold import library
    from linkhold.foundation.diagnostics import Diagnostics, Invalid
    from linkhold.state.document import locate_all, parse

    text, source = read
    try:
        outcome = library.plan(parse(text, source=source), connection=connection, state_dir=state_dir)
    except Invalid as invalid:
        raise Invalid(Diagnostics(locate_all(invalid.diagnostics, text, source=source))) from None
    return outcome.replace(diagnostics=tuple(locate_all(outcome.diagnostics, text, source=source)))
