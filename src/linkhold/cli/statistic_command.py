"""``linkhold statistic``: what documents make use of."""

import argparse
import typing

from linkhold.cli.codes import DONE
from linkhold.cli.reading import add_file_argument, parsed, read_document, read_text
from linkhold.cli.terminal import print_json

EXAMPLES: typing.Final = """\
  linkhold statistic office.yml                  on this host
  linkhold statistic --current host.yml *.yml    on a host that looked like this
  linkhold show -r | linkhold statistic -        what this host makes use of"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The documents, the host, and how to print."""
    add_file_argument(parser, many=True)
    parser.add_argument("-c", "--current", metavar="FILE", help="the state of a host; this host's when not given")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print the topology and the features of each document."""
    from linkhold import library
    from linkhold.state.yaml_writing import write_yaml

    current = read_document(options.current) if options.current else library.show()
    for document in parsed([read_text(name) for name in options.files]):
        found = library.statistic(document.state, current)
        plain = {"topology": list(found.topology), "features": list(found.features)}
        if options.json:
            print_json(plain)
        else:
            print(write_yaml(plain), end="")
    return DONE
