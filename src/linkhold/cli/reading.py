"""What commands are told: documents from files and standard input, times, and yes or no."""

import argparse
import os
import sys
import typing

from linkhold.cli.terminal import is_terminal
from linkhold.foundation.failures import Permanent

if typing.TYPE_CHECKING:
    from linkhold.planning.planner import Outcome
    from linkhold.policy.document import Policy
    from linkhold.state.document import Document
    from linkhold.state.network import NetworkState

_T = typing.TypeVar("_T")


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
    from linkhold.state.document import parse_document

    return _each(texts, parse_document)


def parsed_either(texts: typing.Iterable[tuple[bytes, str]]) -> "list[Document | Policy]":
    """The documents and policies of some texts.

    Raises:
        Invalid: with every mistake in all of them that can be found without a host.
    """
    from linkhold.policy.either import parse_either

    return _each(texts, parse_either)


def _each(texts: typing.Iterable[tuple[bytes, str]], parse: typing.Callable[..., _T]) -> list[_T]:
    from linkhold.foundation.diagnostics import Diagnostics, Invalid

    found, mistakes = [], Diagnostics()
    for text, source in texts:
        try:
            found.append(parse(text, source=source))
        except Invalid as invalid:
            mistakes += invalid.diagnostics
    if mistakes:
        raise Invalid(mistakes)
    return found


def settled(read: "Document | Policy") -> "Document":
    """A document as it is; of a policy the document that it means on this host, found in the same text.

    Raises:
        Invalid: a capture finds nothing here, or what comes out is no valid document.
        Failure: the host can't be read.
    """
    from linkhold import library
    from linkhold.policy.document import Policy
    from linkhold.state.document import Document

    if not isinstance(read, Policy):
        return read
    state = library.evaluate_policy(read).state
    return Document(state=state, text=read.text, source=read.source, warnings=read.warnings, at=(read.key,))


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
