"""``linkhold service``: the documents of a folder, at boot."""

import argparse
import sys
import typing

from linkhold.cli.codes import DONE, FAILED, STRANDED
from linkhold.cli.terminal import Ink, print_json

if typing.TYPE_CHECKING:
    from linkhold.executor.document_service import Served

EXAMPLES: typing.Final = """\
  linkhold service                          apply what stands in /etc/linkhold/documents
  linkhold service --config /etc/nmstate    what was prepared for nmstate
  linkhold service --keep                   leave the files; the next run applies those that differ"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The folder, and what becomes of its files."""
    parser.add_argument(
        "-c",
        "--config",
        metavar="DIR",
        help="the folder; its *.yml and *.yaml are applied in the order of their names (default: /etc/linkhold/documents)",
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        default=None,
        help="do not rename what was applied to NAME.applied, and apply it again only when it was changed "
        "(keep_state_file_after_apply in section [service] of /etc/linkhold/linkhold.toml says the same)",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Apply each; fail if any failed."""
    from linkhold import library

    served = library.serve(options.config, keep=options.keep, state_dir=options.state_dir)
    if options.json:
        from linkhold.executor.document_service import plain

        print_json([plain(one) for one in served])
    else:
        for one in served:
            _print(one)
    if any(one.outcome == "stranded" for one in served):
        return STRANDED
    return DONE if all(one.good for one in served) else FAILED


def _print(one: "Served") -> None:
    ink = Ink(sys.stderr)
    if one.good:
        print(f"{one.name}: {one.outcome}", flush=True)
        return
    print(f"{one.name}: {ink(one.outcome, 'red', 'bold')}", file=sys.stderr)
    for line in [ink.diagnostic(mistake) for mistake in one.diagnostics] or [f"    {one.reason}"]:
        print(line, file=sys.stderr)
