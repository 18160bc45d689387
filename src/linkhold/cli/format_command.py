"""``linkhold format``: the canonical print of a document."""

import argparse

from linkhold.cli.reading import add_file_argument, read_document


def arguments(parser: argparse.ArgumentParser) -> None:
    """The document and how to print it."""
    add_file_argument(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of YAML")
    parser.add_argument("-s", "--show-secrets", action="store_true", help="print secrets instead of a placeholder")


def run(options: argparse.Namespace) -> int:
    """Read and print."""
    from linkhold.state import document

    state = read_document(options.file)
    write = document.to_json if options.json else document.to_yaml
    print(write(state, secrets=options.show_secrets), end="" if not options.json else "\n")
    return 0
