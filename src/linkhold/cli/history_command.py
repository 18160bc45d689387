"""``linkhold history``."""

import argparse
import json
import time
import typing

from linkhold.cli import plan_view
from linkhold.cli.terminal import Ink, table
from linkhold.foundation.failures import Permanent

if typing.TYPE_CHECKING:
    from linkhold.executor.store import Told

EXAMPLES: typing.Final = """\
  linkhold history        what was applied when, by whom, and how it ended
  linkhold history 12     one transaction with its plan and its journal"""

_LONGEST_REASON: typing.Final = 60
_COLOUR: typing.Final = {"committed": "green", "rolled-back": "yellow", "stranded": "red"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which transaction."""
    parser.add_argument("number", nargs="?", type=int, metavar="NUMBER", help="show this transaction with its plan")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print them."""
    import linkhold

    told = linkhold.history(state_dir=options.state_dir)
    if options.number is not None:
        told = tuple(one for one in told if one.number == options.number)
        if not told:
            raise Permanent(f"there is no transaction {options.number} in the history")
    ink = Ink()
    if options.json:
        print(json.dumps([_plain(one) for one in told], indent=2, ensure_ascii=False))
    elif options.number is not None:
        _print_one(told[0], ink)
    elif told:
        print(table(("NUMBER", "BEGAN", "TOOK", "BY", "CHANGES", "OUTCOME"), [_row(one) for one in told], ink))
    else:
        print("Nothing was applied on this host yet.")
    return 0


def _row(one: "Told") -> tuple[str, ...]:
    took = f"{one.ended - one.began:.2f} s" if one.ended is not None else ""
    outcome = "waits for confirmation" if one.waits else one.state
    reason = f" ({_shortened(one.reason)})" if one.reason else ""
    return (str(one.number), _when(one.began), took, _who(one), str(len(one.plan.changes)), outcome + reason)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"


def _when(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment))


def _who(one: "Told") -> str:
    return str(one.owner) if one.owner is not None else ""


def _print_one(one: "Told", ink: Ink) -> None:
    print(ink(f"Transaction {one.name}", "bold"))
    print(f"  began    {_when(one.began)} by {_who(one)}")
    print(f"  outcome  {ink(one.state, _COLOUR.get(one.state, 'bold'))}{f': {one.reason}' if one.reason else ''}")
    for missing in one.missing:
        print(f"  {ink('missing', 'red')}  {missing}")
    print()
    for line in plan_view.lines(one.plan, ink):
        print(line)
    print()
    print(ink("Journal:", "bold"))
    for event in one.events:
        print(f"  +{event.at - one.began:7.3f} s  {event.event}")


def _plain(one: "Told") -> dict[str, typing.Any]:
    from linkhold.planning.serial import to_plain

    return {
        "number": one.number,
        "name": one.name,
        "state": one.state,
        "began": one.began,
        "ended": one.ended,
        "by": _who(one),
        "waits": one.waits,
        "reason": one.reason,
        "missing": list(one.missing),
        "stored": one.stored,
        "plan": to_plain(one.plan, secrets=False),
    }
