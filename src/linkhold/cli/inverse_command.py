"""``linkhold inverse``."""

import argparse
import sys
import typing

from linkhold.cli.codes import DONE
from linkhold.cli.reading import add_file_argument, read_document
from linkhold.cli.terminal import print_state

EXAMPLES: typing.Final = """\
  linkhold inverse office.yml > back.yml            before it is applied: what will undo it
  linkhold inverse --current shown.yml office.yml   for a host that 'linkhold show' printed"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The document, the host, and how to print."""
    add_file_argument(parser)
    parser.add_argument("-c", "--current", metavar="FILE", help="the state of a host; this host's when not given")
    parser.add_argument("--json", action="store_true", help="print JSON instead of YAML")
    parser.add_argument("-s", "--show-secrets", action="store_true", help="print secrets instead of a placeholder")


def run(options: argparse.Namespace) -> int:
    """Print; nothing is touched."""
    import linkhold
    from linkhold.state.document import to_plain

    current = read_document(options.current) if options.current else None
    state = linkhold.generate_inverse(read_document(options.file), current)
    if not options.show_secrets and to_plain(state) != to_plain(state, secrets=True):
        print(
            "linkhold: secrets are left out, and would stay as they are then; --show-secrets prints them",
            file=sys.stderr,
        )
    print_state(state, as_json=options.json, secrets=options.show_secrets)
    return DONE
