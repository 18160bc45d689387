"""``linkhold plan``."""

import argparse
import json
import os
import sys

from linkhold.cli import plan_view
from linkhold.cli.main import DIFFERS, DONE
from linkhold.cli.reading import add_file_argument, planned, read_text
from linkhold.cli.terminal import Ink


def arguments(parser: argparse.ArgumentParser) -> None:
    """The document, and how to print."""
    add_file_argument(parser)
    parser.add_argument("--json", action="store_true", help="print the plan as JSON")
    parser.add_argument("--order", action="store_true", help="print the order of the application too")
    parser.add_argument("--exit-code", action="store_true", help=f"exit with {DIFFERS} when something would change")
    parser.add_argument("-s", "--show-secrets", action="store_true", help="print secrets instead of a placeholder")


def run(options: argparse.Namespace) -> int:
    """Plan and print; nothing is touched."""
    outcome = planned(
        read_text(options.file), connection=os.environ.get("SSH_CONNECTION", ""), state_dir=options.state_dir
    )
    ink = Ink()
    if options.json:
        from linkhold.plan.serial import to_plain

        print(json.dumps(to_plain(outcome.plan, secrets=options.show_secrets), indent=2, ensure_ascii=False))
    else:
        for line in plan_view.lines(outcome.plan, ink):
            print(line)
        if options.order:
            for line in plan_view.order(outcome.plan, ink):
                print(line)
    warning_ink = Ink(sys.stderr)
    for one in outcome.diagnostics:
        print(warning_ink.diagnostic(one), file=sys.stderr)
    return DIFFERS if options.exit_code and not outcome.plan.empty else DONE
