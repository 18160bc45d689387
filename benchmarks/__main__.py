"""``python -m benchmarks [ROW…]``: measure, print the table; see `--help`."""

import argparse
import collections.abc
import json
import pathlib
import sys

from benchmarks import idle, table
from benchmarks.comparison import Comparison, compare
from benchmarks.pieces import REPOSITORY, PieceFailed
from benchmarks.rows import ROWS, Row
from tests.lab import guest

IDLE = "idle"
"""No row, but the line below them: what both processes of a host hold at rest."""

PAGE = REPOSITORY / "docs/explanation/performance.md"


def main(arguments: collections.abc.Sequence[str]) -> int:
    """The command. 0: measured; 1: `--check` and a limit was not kept; 2: a row could not be measured."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if unknown := set(options.rows) - {*(row.name for row in ROWS), IDLE}:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    if options.write and (options.rows or options.quick):
        parser.error("--write is for the whole table")
    found: list[Comparison] = []
    failed = False
    print(f"{table.machine()}{' Everything ten times smaller.' if options.quick else ''}\n{table.title()}", flush=True)
    for row in _selected(options.rows):
        try:
            found.append(compare(row, quick=options.quick, repetitions=options.repetitions))
        except (PieceFailed, guest.GuestFailed, guest.LabMissing) as failure:
            failed = True
            print(f"! {row.name}: {failure}", file=sys.stderr, flush=True)
        else:
            print(table.line(found[-1]), flush=True)
    below = ""
    if (IDLE in options.rows or not options.rows) and not options.quick:
        below = str(idle.measure())
        print(below, flush=True)
    if options.json:
        options.json.write_text(json.dumps([one.as_data() for one in found]))
    if options.write and not failed:
        table.write(PAGE, found, below)
    if failed:
        return 2
    return 1 if options.check and not all(one.reached for one in found) else 0


def _selected(names: collections.abc.Sequence[str]) -> list[Row]:
    return [row for row in ROWS if not names or row.name in names]


def _parser() -> argparse.ArgumentParser:
    names = [*(row.name for row in ROWS), IDLE]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, allow_abbrev=False)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of: {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="ten times smaller, two repetitions: does it work at all?")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a ratio exceeds its limit")
    parser.add_argument("--repetitions", type=int, metavar="N", help="pairs of runs for each row")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.relative_to(REPOSITORY)}")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every single measurement there")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
