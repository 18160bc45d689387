"""``linkhold validate``: needs no root and no host."""

import argparse

from linkhold.cli.reading import add_file_argument, read_document
from linkhold.foundation.diagnostics import Diagnostics, Invalid


def arguments(parser: argparse.ArgumentParser) -> None:
    """The documents."""
    add_file_argument(parser, many=True)


def run(options: argparse.Namespace) -> int:
    """Read each; the mistakes of all are reported together."""
    mistakes = Diagnostics()
    for name in options.files:
        try:
            read_document(name)
        except Invalid as invalid:
            mistakes += invalid.diagnostics
        else:
            print(f"{name}: valid")
    if mistakes:
        raise Invalid(mistakes)
    return 0
