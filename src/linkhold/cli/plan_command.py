"""``linkhold plan``."""

import argparse
import sys
import typing

from linkhold.cli import plan_view
from linkhold.cli.codes import DIFFERS, DONE
from linkhold.cli.problems import warn
from linkhold.cli.reading import add_file_argument, connection, parsed_either, planned, read_text, settled
from linkhold.cli.terminal import Ink, print_json
from linkhold.foundation.diagnostics import to_plain as plain

EXAMPLES: typing.Final = """\
  linkhold plan office.yml                what would change, why, and at what risk
  linkhold plan office.yml --order        and in which order
  linkhold plan office.yml --exit-code    4 when something would change: a check for drift
  linkhold plan --json < office.yml       for programs"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The document, and how to print."""
    add_file_argument(parser)
    parser.add_argument("--json", action="store_true", help="print the plan as JSON")
    parser.add_argument("--order", action="store_true", help="print the order of the application too")
    parser.add_argument("--exit-code", action="store_true", help=f"exit with {DIFFERS} when something would change")
    parser.add_argument("-s", "--show-secrets", action="store_true", help="print secrets instead of a placeholder")


def run(options: argparse.Namespace) -> int:
    """Plan and print; nothing is touched."""
    (read,) = parsed_either([read_text(options.file)])
    outcome = planned(settled(read), connection=connection(), state_dir=options.state_dir)
    ink = Ink()
    if options.json:
        from linkhold.planning.serial import to_plain

        told = to_plain(outcome.plan, secrets=options.show_secrets)
        print_json(
            {
                "changes": [],
                "levels": [],
                **told,
                "feasible": not outcome.errors,
                "diagnostics": plain(outcome.diagnostics),
            }
        )
    else:
        for line in plan_view.lines(outcome.plan, ink):
            print(line)
        if options.order:
            for line in plan_view.order(outcome.plan, ink):
                print(line)
        sys.stdout.flush()  # before what goes to the other stream
        warn(outcome.diagnostics)
        if outcome.errors:
            print("linkhold: this host can't do that: 'apply' would refuse it", file=sys.stderr)
    return DIFFERS if options.exit_code and not outcome.plan.empty else DONE
