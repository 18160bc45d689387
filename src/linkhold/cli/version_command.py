"""``linkhold version``."""

import argparse
import typing

import linkhold
from linkhold.cli.terminal import print_json

EXAMPLES: typing.Final = """\
  linkhold version
  linkhold version --json"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How to print."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print it."""
    if options.json:
        print_json({"name": "linkhold", "version": linkhold.__version__})
    else:
        print(f"linkhold {linkhold.__version__}")
    return 0
