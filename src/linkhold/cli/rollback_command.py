"""``linkhold rollback``."""

import argparse
import typing

from linkhold.cli import interrupts
from linkhold.cli.progress import reporter
from linkhold.cli.terminal import print_json

EXAMPLES: typing.Final = """\
  linkhold apply office.yml --no-commit
  linkhold rollback       not what was meant: back now, without waiting for the deadline"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How to print."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Take back the change that waits; a signal does not stop that half-way."""
    from linkhold import aio

    listener = interrupts.Listener(reporter(quiet=options.json), going_back=True)
    name = interrupts.run(aio.rollback(progress=listener, state_dir=options.state_dir), listener)
    if options.json:
        print_json({"outcome": "rolled-back", "transaction": name})
    else:
        print(f"Transaction {name} is taken back: the host is as it was before.")
    return 0
