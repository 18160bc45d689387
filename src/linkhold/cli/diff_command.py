"""``linkhold diff``: two documents, or a document and the host."""

import argparse
import typing

from linkhold.cli import plan_view
from linkhold.cli.codes import DIFFERS, DONE
from linkhold.cli.reading import read_document
from linkhold.cli.terminal import Ink, print_json, print_state
from linkhold.foundation.record import UNSET

if typing.TYPE_CHECKING:
    from linkhold.foundation.diagnostics import Diagnostics
    from linkhold.planning.change import Plan
    from linkhold.state.interfaces.common import Interface
    from linkhold.state.network import NetworkState

EXAMPLES: typing.Final = """\
  linkhold diff office.yml                what the document changes of this host
  linkhold diff new.yml old.yml           what it changes of another document; needs no host
  linkhold diff --exit-code new.yml       4 when there are differences
  linkhold diff --document new.yml        the same as a document: only what it changes
  linkhold diff --document new.yml host   of a host that 'linkhold show' printed to the file 'host'"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """One or two documents."""
    parser.add_argument("new", metavar="NEW", help="a document; - is standard input")
    parser.add_argument("old", nargs="?", metavar="OLD", help="what to compare it with; the host when not given")
    parser.add_argument(
        "--document", action="store_true", help="print the least document that does the same; OLD is a whole host then"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("-s", "--show-secrets", action="store_true", help="print secrets instead of a placeholder")
    parser.add_argument("--exit-code", action="store_true", help=f"exit with {DIFFERS} when there are differences")


def run(options: argparse.Namespace) -> int:
    """Print what NEW changes of OLD."""
    if options.document:
        return _as_document(options)
    found = difference(options.new, options.old, options.state_dir)
    if options.json:
        from linkhold.planning.serial import to_plain

        print_json(to_plain(found, secrets=options.show_secrets).get("changes", []))
    elif found.empty:
        print("No differences.")
    else:
        ink = Ink()
        for change in found.changes:
            for line in plan_view.change_lines(change.replace(risks=(), reasons=()), ink):
                print(line)
    return DIFFERS if options.exit_code and not found.empty else DONE


def _as_document(options: argparse.Namespace) -> int:
    import linkhold

    old = read_document(options.old) if options.old is not None else None
    state = linkhold.generate_differences(read_document(options.new), old)
    print_state(state, as_json=options.json, secrets=options.show_secrets)
    return DIFFERS if options.exit_code and state.said() != {"interfaces": ()} else DONE


def difference(new: str, old: str | None, state_dir: str | None) -> "Plan":
    """What `new` changes of `old` (a document, or the host); nothing is asked about whether a host could do it."""
    import linkhold
    from linkhold.foundation.diagnostics import Diagnostics, Invalid
    from linkhold.planning.planner import plan

    if old is not None:
        return between_documents(read_document(old), read_document(new))
    outcome = plan(read_document(new), linkhold.show(details=True))
    if outcome.errors:
        raise Invalid(Diagnostics(outcome.diagnostics))
    return outcome.plan


def between_documents(old: "NetworkState", new: "NetworkState") -> "Plan":
    """What a host is told otherwise when `new` is applied after `old`: what only `old` says stays, as on a real host.

    Raises:
        Invalid: an entry without a type has keys that its kind does not have.
    """
    from linkhold.foundation.diagnostics import Diagnostics, Invalid
    from linkhold.planning.merge import accumulate
    from linkhold.planning.planner import between
    from linkhold.state.network import NetworkState
    from linkhold.state.normalise import normalised

    found = Diagnostics()
    documents = [normalised(_typed(one, other, found), found) for one, other in ((old, new), (new, old))]
    if found.errors():
        raise Invalid(found)
    before = accumulate(NetworkState(), documents[0])
    return between(before, accumulate(before, documents[1]))


def _typed(document: "NetworkState", other: "NetworkState", found: "Diagnostics") -> "NetworkState":
    """With a kind for every entry: the one it says, else the one the other document says, else ethernet."""
    from linkhold.foundation.diagnostics import Key
    from linkhold.state.interfaces import needs_kind, retype

    kinds = {one.name: one.kind for one in _interfaces(other) if not needs_kind(one)}
    typed = []
    for one in _interfaces(document):
        at = ("interfaces", Key(one.name))
        entry = retype(one, kinds.get(one.name, "ethernet"), at, found) if needs_kind(one) else one
        if entry is not UNSET:
            typed.append(entry)
    return document.replace(interfaces=tuple(typed)) if document.interfaces is not UNSET else document


def _interfaces(document: "NetworkState") -> "tuple[Interface, ...]":
    return document.interfaces if isinstance(document.interfaces, tuple) else ()
