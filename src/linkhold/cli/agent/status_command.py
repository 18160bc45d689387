"""``linkhold agent status``."""

import argparse
import typing

from linkhold.cli.codes import DONE, FAILED

if typing.TYPE_CHECKING:
    from linkhold.agent.support.status import Status

ELSEWHERE: typing.Final = True

EXAMPLES: typing.Final = """\
  linkhold agent status          how this host's agent is; exit code 1 where something has to be done
  linkhold agent status --json   the same for programs"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How to print it."""
    from linkhold.agent.settings import CONFIGURATION

    parser.add_argument("-c", "--config", metavar="FILE", default=CONFIGURATION, help="settings (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Ask around, and print."""
    import datetime

    from linkhold.agent import settings
    from linkhold.agent.support.status import status
    from linkhold.cli.terminal import print_json

    found = status(settings.read(options.config), datetime.datetime.now(datetime.UTC))
    if options.json:
        told = {line.what: {"good": line.good, "how": line.how} for line in found.lines}
        print_json({"good": found.good, **told})
    else:
        _print(found)
    return DONE if found.good else FAILED


def _print(found: "Status") -> None:
    from linkhold.cli.terminal import Ink

    ink = Ink()
    width = max(len(line.what) for line in found.lines)
    for line in found.lines:
        print(f"{line.what:{width}}  {line.how if line.good else ink(line.how, 'red')}")
