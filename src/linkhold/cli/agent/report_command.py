"""``linkhold agent report``."""

import argparse
import os
import sys
import time
import typing

from linkhold.cli.codes import DONE
from linkhold.foundation.failures import Failure, Permanent

ELSEWHERE: typing.Final = True

EXAMPLES: typing.Final = """\
  linkhold agent report                    everything, into linkhold-report-HOST-DATE.tar.gz
  linkhold agent report -o /tmp/x.tar.gz   into this file"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where it goes."""
    from linkhold.agent.settings import CONFIGURATION

    parser.add_argument("-o", "--output", metavar="FILE", help="the file to write; it must not be there yet")
    parser.add_argument("-c", "--config", metavar="FILE", default=CONFIGURATION, help="settings (default: %(default)s)")


def run(options: argparse.Namespace) -> int:
    """Collect, take secrets out, write."""
    from linkhold.agent import settings
    from linkhold.agent.support.bundle import collect

    path = options.output or f"linkhold-report-{os.uname().nodename}-{time.strftime('%Y%m%d-%H%M%S')}.tar.gz"
    bundle = collect(settings.read(options.config))
    bundle.add("history.json", _history())
    try:
        bundle.write(path)
    except OSError as error:
        raise Permanent(f"{path}: {error.strerror}") from error
    for missing in bundle.missing:
        print(f"not in it: {missing}", file=sys.stderr)
    print(path)
    return DONE


def _history() -> typing.Any:
    """Every transaction with its plan, which root can read; or why not."""
    import linkhold
    from linkhold.agent.support.asking import Unanswered
    from linkhold.cli.history_command import plain

    try:
        return [plain(one) for one in linkhold.history()]
    except (Failure, OSError) as error:
        return Unanswered(str(error))
