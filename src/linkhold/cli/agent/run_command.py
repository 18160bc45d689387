"""``linkhold agent run``."""

import argparse
import typing

from linkhold.cli.codes import DONE

ELSEWHERE: typing.Final = True

EXAMPLES: typing.Final = """\
  linkhold agent run                            what the unit linkhold-agent.service runs
  linkhold agent run --config /tmp/other.toml   with other settings"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where its settings are."""
    from linkhold.agent.settings import CONFIGURATION

    parser.add_argument(
        "-c",
        "--config",
        metavar="FILE",
        default=CONFIGURATION,
        help="its section [agent] counts (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from linkhold.agent import service

    service.main(options.config)
    return DONE
