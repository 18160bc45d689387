"""``linkhold format``: the canonical print of a document."""

import argparse
import typing

from linkhold.cli.reading import add_file_argument, read_document
from linkhold.cli.terminal import print_json

EXAMPLES: typing.Final = """\
  linkhold format draft.yml > network.yml      one spelling for each thing, keys in order
  linkhold format --json draft.yml             YAML to JSON"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The document and how to print it."""
    add_file_argument(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of YAML")
    parser.add_argument("-s", "--show-secrets", action="store_true", help="print secrets instead of a placeholder")


def run(options: argparse.Namespace) -> int:
    """Read and print."""
    from linkhold.state import document

    state = read_document(options.file)
    if options.json:
        print_json(document.to_plain(state, secrets=options.show_secrets))
    else:
        print(document.to_yaml(state, secrets=options.show_secrets), end="")
    return 0
