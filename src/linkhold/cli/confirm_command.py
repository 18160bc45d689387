"""``linkhold confirm``."""

import argparse
import typing

from linkhold.cli.terminal import print_json

EXAMPLES: typing.Final = """\
  linkhold apply office.yml --no-commit --timeout 120
  linkhold confirm        from any session, over whichever address still works"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How to print."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Keep the change that waits."""
    import linkhold

    name = linkhold.confirm(state_dir=options.state_dir)
    if options.json:
        print_json({"outcome": "committed", "transaction": name})
    else:
        print(f"Transaction {name} is kept and stored.")
    return 0
