"""``linkhold autoconf``: the VLANs that switches announce by LLDP, as interfaces."""

import argparse
import sys
import typing

from linkhold.cli.codes import DONE
from linkhold.cli.terminal import print_json

if typing.TYPE_CHECKING:
    from linkhold.state.network import NetworkState

EXAMPLES: typing.Final = """\
  linkhold autoconf --dry-run           print the document that it would apply
  linkhold autoconf eth1 eth2           look at the neighbours of these cards only"""

BOND_MODES: typing.Final = (
    "balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb",
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which cards, and whether to apply."""
    from linkhold.cli.apply_command import add_care_arguments

    parser.add_argument("names", nargs="*", metavar="IFACE", help="cards; all that are up when none is named")
    parser.add_argument("-d", "--dry-run", action="store_true", help="print the document, apply nothing")
    parser.add_argument(
        "--bond-mode",
        choices=BOND_MODES,
        metavar="MODE",
        default="balance-rr",
        help="of a bond over cards on which the same VLANs are announced (default: balance-rr)",
    )
    add_care_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Print the document, or apply it."""
    from linkhold import library

    names = [name for text in options.names for name in text.split(",") if name]
    document = library.autoconf(names, mode=options.bond_mode)
    if not document.interfaces:
        print("linkhold: no VLAN is announced that is not there yet (is lldp.enabled on?)", file=sys.stderr)
        return DONE
    if options.dry_run:
        _print(document, options)
        return DONE
    return _apply(document, options)


def _print(document: "NetworkState", options: argparse.Namespace) -> None:
    from linkhold.state.document import to_plain, to_yaml

    if options.json:
        print_json(to_plain(document))
    else:
        print(to_yaml(document), end="")


def _apply(document: "NetworkState", options: argparse.Namespace) -> int:
    from linkhold.cli.apply_command import apply_document
    from linkhold.state.document import Document, to_yaml

    text = to_yaml(document)
    return apply_document(Document(state=document, text=text, source="<autoconf>"), options)
