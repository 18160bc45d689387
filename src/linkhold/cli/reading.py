"""What commands are told: documents from files and standard input, times, and yes or no."""

import argparse
import os
import sys
import typing

from linkhold.cli.terminal import is_terminal
from linkhold.foundation.failures import Permanent

if typing.TYPE_CHECKING:
    from linkhold.planning.planner import Outcome
    from linkhold.state.document import Document
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
        if is_terminal(sys.stdin):
            print("linkhold: reading the document from this terminal; end it with Ctrl-D", file=sys.stderr)
        return sys.stdin.buffer.read(), "<stdin>"
    try:
        with open(name, "rb") as file:
            return file.read(), name
    except OSError as error:
        raise Permanent(f"can't read {name}: {error.strerror}") from error


def parsed(texts: typing.Iterable[tuple[bytes, str]]) -> "list[Document]":
    """The documents of some texts.

    Raises:
        Invalid: with every mistake in all of them.
    """
    from linkhold.foundation.diagnostics import Diagnostics, Invalid
    from linkhold.state.document import parse_document

    documents, mistakes = [], Diagnostics()
    for text, source in texts:
        try:
            documents.append(parse_document(text, source=source))
        except Invalid as invalid:
            mistakes += invalid.diagnostics
    if mistakes:
        raise Invalid(mistakes)
    return documents


def seconds(text: str) -> float:
    """A time: a finite number that is not negative.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds")
    return value


def connection() -> str:
    """The session that the operator came over, as sshd says it; '' on a console."""
    return os.environ.get("SSH_CONNECTION", "")


def yes(question: str, *, default: bool) -> bool:
    """Whether the operator says yes; nothing but Enter, or the end of input, is the default and no."""
    try:
        answer = input(question).strip().lower()
    except EOFError:
        print()
        return False
    return answer in ("y", "yes") or (default and not answer)


def read_document(name: str) -> "NetworkState":
    """The document in a file.

    Raises:
        Invalid: with every mistake in it.
        Permanent: the file can't be read.
    """
    return parsed([read_text(name)])[0].state


def planned(document: "Document", *, connection: str, state_dir: str | None) -> "Outcome":
    """What a document would do to this host; also where this host can't do it, which the outcome's `errors` say then.

    Raises:
        Invalid: with every mistake, each with its place in the text, those that only the host reveals too.
        Failure: the host can't be read.
    """
    from linkhold import library
    from linkhold.foundation.diagnostics import Invalid
    from linkhold.planning.planner import Infeasible

    try:
        outcome = library.plan(document.state, connection=connection, state_dir=state_dir)
    except Infeasible as infeasible:
        outcome = infeasible.outcome
    except Invalid as invalid:
        raise Invalid(document.locate(invalid.diagnostics)) from None
    return outcome.replace(diagnostics=(*document.warnings, *document.locate(outcome.diagnostics)))
