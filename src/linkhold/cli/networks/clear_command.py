"""``linkhold networks clear``: a host without the networks it was given, as before it joined a fleet."""

import argparse
import typing

from linkhold.cli import interrupts, result_view
from linkhold.cli.progress import reporter
from linkhold.cli.terminal import Ink, print_json

EXAMPLES: typing.Final = """\
  linkhold networks clear --all                     take all of them off this host, now and for the next boot
  linkhold networks clear --exclude ovirtmgmt       all but the one over which you are logged in"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which ones: said by name, never guessed."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true", help="all of them")
    which.add_argument("--exclude", nargs="+", metavar="NAME", default=[], help="all but these")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Take them off in one transaction."""
    from linkhold.executor.setup import by_command, restoring

    listener = interrupts.Listener(reporter(quiet=options.json))
    with by_command.standing(options.state_dir, listener) as standing:
        work = restoring.clear(standing.store, standing.ground, standing.look, exclude=options.exclude)
        result = interrupts.run(work, listener)
    if options.json:
        print_json(result_view.as_json(result))
    else:
        print("\n".join(result_view.lines(result, Ink())))
    return result_view.exit_code(result)
