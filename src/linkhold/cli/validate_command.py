"""``linkhold validate``: needs no root and no host."""

import argparse
import typing

from linkhold.cli.codes import DONE, INVALID
from linkhold.cli.problems import warn
from linkhold.cli.reading import add_file_argument, read_text
from linkhold.cli.terminal import print_json
from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Invalid
from linkhold.foundation.diagnostics import to_plain as plain

EXAMPLES: typing.Final = """\
  linkhold validate *.yml           all mistakes of all files at once, each with its place and a hint
  linkhold validate --json -        the same for editors and pipelines"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The documents, and how to print."""
    add_file_argument(parser, many=True)
    parser.add_argument("--json", action="store_true", help="print the diagnostics as JSON")


def run(options: argparse.Namespace) -> int:
    """Read each; the mistakes of all are reported together."""
    found = {name: diagnostics_of(*read_text(name)) for name in options.files}
    told: list[Diagnostic] = [one for diagnostics in found.values() for one in diagnostics]
    mistakes = Diagnostics(told).errors()
    if options.json:
        print_json({"valid": not mistakes, "diagnostics": plain(told)})
        return INVALID if mistakes else DONE
    for name, diagnostics in found.items():
        if not any(one.severity == "error" for one in diagnostics):
            print(f"{name}: valid")
    if mistakes:
        raise Invalid(Diagnostics(told))
    warn(told)
    return DONE


def diagnostics_of(text: bytes, source: str) -> typing.Sequence[Diagnostic]:
    """Everything there is to say about a text, be it a document or a policy."""
    from linkhold.policy.either import parse_either

    try:
        return parse_either(text, source=source).warnings
    except Invalid as invalid:
        return invalid.diagnostics
