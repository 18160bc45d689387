"""``linkhold networks import``: what vdsm had kept for the next boot is kept by us."""

import argparse
import typing

from linkhold.cli.codes import DONE
from linkhold.cli.terminal import print_json
from linkhold.foundation.failures import Permanent

EXAMPLES: typing.Final = """\
  linkhold networks import                  from /var/lib/vdsm/persistence/netconf
  linkhold networks import ./netconf        from a copy of that folder
  linkhold networks restore                 then set up what was imported"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where from."""
    from linkhold.executor.setup.importing import FOLDER

    parser.add_argument("folder", nargs="?", default=FOLDER, metavar="FOLDER", help=f"default: {FOLDER}")
    parser.add_argument(
        "--replace", action="store_true", help="also where networks are kept already, in place of these"
    )
    parser.add_argument("--json", action="store_true", help="print what was imported as JSON")


def run(options: argparse.Namespace) -> int:
    """Import; the host's network is not touched."""
    from linkhold.executor.setup import by_command, importing

    store = by_command.stored(options.state_dir)
    if not options.replace and store.safe() is not None:
        raise Permanent("networks are kept on this host already; --replace takes the imported ones instead")
    held = importing.take_over(store, options.folder)
    if options.json:
        print_json(store.plain(held.configuration))
    else:
        found = held.configuration
        print(
            f"Imported {len(found.networks)} networks, {len(found.bondings)} bonds and {len(found.devices)} cards; "
            "'linkhold networks restore' sets them up."
        )
    return DONE
