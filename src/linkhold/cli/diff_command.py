"""``linkhold diff``: two documents, or a document and the host."""

import argparse
import typing

from linkhold.cli import plan_view
from linkhold.cli.codes import DIFFERS, DONE
from linkhold.cli.reading import read_document
from linkhold.cli.terminal import Ink, print_json

if typing.TYPE_CHECKING:
    from linkhold.planning.change import Plan

EXAMPLES: typing.Final = """\
  linkhold diff office.yml                what the document changes of this host
  linkhold diff new.yml old.yml           what it changes of another document; needs no host
  linkhold diff --exit-code new.yml       4 when there are differences"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """One or two documents."""
    parser.add_argument("new", metavar="NEW", help="a document; - is standard input")
    parser.add_argument("old", nargs="?", metavar="OLD", help="what to compare it with; the host when not given")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--exit-code", action="store_true", help=f"exit with {DIFFERS} when there are differences")


def run(options: argparse.Namespace) -> int:
    """Print what NEW changes of OLD."""
    found = difference(options.new, options.old, options.state_dir)
    if options.json:
        from linkhold.planning.serial import to_plain

        print_json(to_plain(found, secrets=False).get("changes", []))
    elif found.empty:
        print("No differences.")
    else:
        ink = Ink()
        for change in found.changes:
            for line in plan_view.change_lines(change.replace(risks=(), reasons=()), ink):
                print(line)
    return DIFFERS if options.exit_code and not found.empty else DONE


def difference(new: str, old: str | None, state_dir: str | None) -> "Plan":
    """What `new` would change; nothing is asked about whether a host could do it."""
    import linkhold
    from linkhold.foundation.diagnostics import Diagnostics, Invalid
    from linkhold.planning.planner import plan
    from linkhold.state.normalise import normalised

    desired = read_document(new)
    current = normalised(read_document(old), Diagnostics()) if old is not None else linkhold.show(details=True)
    outcome = plan(desired, current)
    if outcome.errors:
        raise Invalid(Diagnostics(outcome.diagnostics))
    return outcome.plan
