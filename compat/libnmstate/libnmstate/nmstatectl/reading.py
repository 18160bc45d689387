"""States and policies from files and standard input, and states to standard output."""

import json
import sys
import typing

from libnmstate.error import NmstateError

if typing.TYPE_CHECKING:
    from linkhold.policy.evaluate import Evaluated
    from linkhold.state.network import NetworkState


def text(name: str) -> tuple[bytes, str]:
    """The bytes of a file (``-``: standard input) and what to call it.

    Raises:
        NmstateError: it can't be read.
    """
    if name == "-":
        return sys.stdin.buffer.read(), "<stdin>"
    try:
        with open(name, "rb") as file:
            return file.read(), name
    except OSError as error:
        raise NmstateError(f"CliError: Failed to read {name}: {error.strerror}") from error


def state(name: str) -> "NetworkState":
    """The state in a file.

    Raises:
        Invalid: with every mistake in it.
        NmstateError: it can't be read.
    """
    from linkhold.state.document import parse

    content, source = text(name)
    return parse(content, source=source)


def wanted(name: str) -> "NetworkState":
    """The state in a file, or the one that the policy in it asks for on this host.

    Raises:
        Invalid, NmstateError: as `state`.
    """
    from linkhold.policy.document import is_policy
    from linkhold.state.document import parse

    content, source = text(name)
    if is_policy(_loaded(content)):
        return _evaluated(content, source).state
    return parse(content, source=source)


def _loaded(content: bytes) -> typing.Any:
    """The plain data of a text; nothing of use where that can't be read, which whoever reads it in earnest tells."""
    from linkhold.foundation.diagnostics import Diagnostics
    from linkhold.state.text import load

    return load(content, Diagnostics())


def evaluated(name: str, current: str | None, captured: str | None) -> "Evaluated":
    """What comes out of the policy in a file, given a host's state and what was captured before (both files).

    Raises:
        Invalid, NmstateError: as `state`.
    """
    content, source = text(name)
    held = _loaded(text(captured)[0]) if captured else None
    return _evaluated(content, source, state(current) if current else None, held if isinstance(held, dict) else None)


def _evaluated(
    content: bytes, source: str, current: "NetworkState | None" = None, held: dict[str, typing.Any] | None = None
) -> "Evaluated":
    from linkhold import library
    from linkhold.policy.document import parse_policy
    from linkhold.policy.evaluate import evaluate, from_file, needs_current

    policy = parse_policy(content, source=source)
    captured = from_file(held) if held else {}
    if current is None and needs_current(policy, captured):
        current = library.show(details=True)
    return evaluate(policy, current, captured)


def keep(evaluated: "Evaluated", name: str) -> None:
    """Write what was captured to a file.

    Raises:
        NmstateError: it can't be written.
    """
    import datetime

    from linkhold.policy.evaluate import to_file
    from linkhold.state.yaml_writing import write_yaml

    text = write_yaml(to_file(evaluated.captured, datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")))
    try:
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise NmstateError(f"CliError: Failed to write {name}: {error.strerror}") from error


def difference(document: "NetworkState", *, kernel_only: bool) -> "NetworkState":
    """What applying a state will change on this host, as a state; all of it where that can't be told beforehand (functions
    of a card that it does not have yet), or where it can't be followed, which applying it will tell.
    """
    from linkhold import library
    from linkhold.foundation.diagnostics import Invalid
    from linkhold.planning.differences import generate_differences

    try:
        return generate_differences(document, library.show(details=True, kernel_only=kernel_only))
    except Invalid:
        return document


def put(plain: dict[str, typing.Any], *, as_json: bool = False) -> None:
    """Print plain data."""
    from linkhold.state.yaml_writing import write_yaml

    print(json.dumps(plain, indent=2, ensure_ascii=False) + "\n" if as_json else write_yaml(plain), end="")


def put_state(value: "NetworkState", *, secrets: bool = False, as_json: bool = False) -> None:
    """Print a state in canonical form."""
    from linkhold.state.document import to_plain

    put(to_plain(value, secrets=secrets), as_json=as_json)
