"""``linkhold networks restore``: the networks that were kept, at boot or by hand."""

import argparse
import sys
import typing

from linkhold.cli import interrupts, result_view
from linkhold.cli.codes import DONE, INCOMPLETE
from linkhold.cli.progress import reporter
from linkhold.cli.terminal import Ink, print_json

if typing.TYPE_CHECKING:
    from linkhold.executor.setup.restoring import Restored

EXAMPLES: typing.Final = """\
  linkhold networks restore     what a reboot brings back, in one transaction; done again, nothing is left
  linkhold networks list        see first what is kept"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """How to print."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Restore what can be restored; what is missing is told, and by the exit code, too."""
    from linkhold.executor.setup import by_command, restoring

    listener = interrupts.Listener(reporter(quiet=options.json))
    with by_command.standing(options.state_dir, listener) as standing:
        restored = interrupts.run(restoring.restore(standing.store, standing.ground, standing.look), listener)
    if options.json:
        print_json(_plain(restored))
    else:
        _print(restored)
    if restored.result is not None and not restored.result.good:
        return result_view.exit_code(restored.result)
    return INCOMPLETE if restored.missing else DONE


def _plain(restored: "Restored") -> dict[str, typing.Any]:
    result = restored.result
    return {
        "result": None if result is None else result_view.as_json(result),
        "missing": list(restored.missing),
        "imported": restored.imported,
    }


def _print(restored: "Restored") -> None:
    if restored.imported:
        print("Took over the networks that vdsm had kept.")
    if restored.result is None:
        print("Nothing to do: no networks were ever kept on this host.")
    elif restored.result.outcome == "unchanged":
        print("Nothing to do: the host has the networks that were kept.")
    else:
        print("\n".join(result_view.lines(restored.result, Ink())))
    for one in restored.missing:
        print(f"left out: {one}", file=sys.stderr)
