"""``linkhold persist-nic-names``."""

import argparse
import typing

from linkhold.cli.codes import DONE
from linkhold.cli.terminal import print_json

if typing.TYPE_CHECKING:
    from linkhold.executor.card_names import Persisted

EXAMPLES: typing.Final = """\
  linkhold persist-nic-names --inspect     which cards would be pinned, and what udev would call them
  linkhold persist-nic-names               write a .link file for each, once
  linkhold persist-nic-names --cleanup     take away those that change nothing"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and where."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--inspect", action="store_true", help="print what is and would be pinned, write nothing")
    what.add_argument("--cleanup", action="store_true", help="remove the files whose cards udev would call so anyway")
    parser.add_argument("--dry-run", action="store_true", help="print what would be written or removed, touch nothing")
    parser.add_argument(
        "--kargs-out", metavar="FILE", help="write kernel arguments that say the same (ifname=NAME:MAC) to this file"
    )
    parser.add_argument("-r", "--root", metavar="DIR", default="", help="put before the paths of files, for images")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Pin, inspect or clean up."""
    from linkhold import library
    from linkhold.executor import card_names

    if options.inspect:
        _print_inspected(options)
        return DONE
    if options.cleanup:
        done = card_names.clean_up(root=options.root, dry_run=options.dry_run)
    else:
        done = card_names.persist(library.show(), root=options.root, dry_run=options.dry_run)
    if options.kargs_out and not options.dry_run and not done.done_before:
        card_names.write_arguments(options.kargs_out, done.arguments)
    _print(done, options)
    return DONE


def _print_inspected(options: argparse.Namespace) -> None:
    from linkhold import library
    from linkhold.cli.terminal import Ink, columns, table
    from linkhold.executor import card_names

    found = card_names.inspect(library.show(), root=options.root)
    if options.json:
        print_json(
            [
                {
                    "name": one.pin.name,
                    "mac": one.pin.mac,
                    "file": one.file,
                    "pinned": one.pinned,
                    "udev": one.predicted,
                }
                for one in found
            ]
        )
        return
    if not found:
        print("No card has to keep its name.")
        return
    rows = [
        (one.pin.name, one.pin.mac, one.predicted or "?", "yes" if one.pinned else "no", one.pin.why) for one in found
    ]
    print(table(("CARD", "PERMANENT MAC", "UDEV WOULD SAY", "PINNED", "WHY"), rows, Ink(), columns()))


def _print(done: "Persisted", options: argparse.Namespace) -> None:
    if options.json:
        print_json({"written": list(done.files), "removed": list(done.removed), "arguments": list(done.arguments)})
        return
    if done.done_before:
        print("The names were pinned before; nothing was touched.")
        return
    would = "would be " if options.dry_run else ""
    for path, pin in zip(done.files, done.pins, strict=True):
        print(f"{path}: {would}written, since {pin.why}")
    for path in done.removed:
        print(f"{path}: {would}removed")
    if not done.files and not done.removed:
        print("Nothing to do.")
