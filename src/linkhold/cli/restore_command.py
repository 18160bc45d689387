"""``linkhold restore``: at boot, or by hand against drift."""

import argparse
import typing

from linkhold.cli import interrupts, result_view
from linkhold.cli.progress import reporter
from linkhold.cli.terminal import Ink, print_json

EXAMPLES: typing.Final = """\
  linkhold restore          everything that was committed on this host, once more
  linkhold watch --drift    see first what differs from it"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How to print."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Apply what was committed."""
    from linkhold import aio

    listener = interrupts.Listener(reporter(quiet=options.json))
    try:
        result = interrupts.run(aio.restore(progress=listener, state_dir=options.state_dir), listener)
    except (aio.NotApplied, aio.Stranded) as failure:
        result = failure.result
    if options.json:
        print_json(result_view.as_json(result))
    else:
        print("\n".join(result_view.lines(result, Ink())))
    return result_view.exit_code(result)
