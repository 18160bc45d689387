"""``linkhold history``."""

import argparse
import time
import typing

from linkhold.cli.terminal import Cell, Ink, columns, print_json, table
from linkhold.foundation.failures import Permanent

if typing.TYPE_CHECKING:
    from linkhold.executor.store import Told
    from linkhold.transaction.journal import Line

EXAMPLES: typing.Final = """\
  linkhold history           what was applied when, by whom, and how it ended
  linkhold history -n 5      the last five
  linkhold history 12        one transaction with its plan and its journal"""

_ROOMY: typing.Final = 110
"""Characters from which on a terminal has room for the columns that can be spared."""

_MOMENT: typing.Final = "%Y-%m-%d %H:%M:%S"
_NARROW: typing.Final = 80
"""Characters below which moments are told without year and seconds."""

_COLOUR: typing.Final = {"committed": "green", "rolled-back": "yellow", "stranded": "red"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which transactions, and how to print them."""
    parser.add_argument("number", nargs="?", type=int, metavar="NUMBER", help="show this transaction with its plan")
    parser.add_argument("-n", "--last", type=int, metavar="COUNT", help="only the last COUNT")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print them."""
    import linkhold

    told = linkhold.history(state_dir=options.state_dir)
    if options.number is not None:
        told = tuple(one for one in told if one.number == options.number)
        if not told:
            raise Permanent(f"there is no transaction {options.number} in the history")
    if options.last is not None:
        told = told[max(0, len(told) - options.last) :]
    if options.json:
        print_json([plain(one) for one in told])
    elif options.number is not None:
        _print_one(told[0], Ink())
    elif told:
        print(_overview(told, Ink(), columns()))
    else:
        print("Nothing was applied on this host yet.")
    return 0


def _overview(told: typing.Sequence["Told"], ink: Ink, width: int) -> str:
    spared = ("TOOK", "CHANGES") if 0 < width < _ROOMY else ()
    moment = "%m-%d %H:%M" if 0 < width < _NARROW else _MOMENT
    rows = [{name: cell for name, cell in _row(one, moment).items() if name not in spared} for one in told]
    return table(list(rows[0]), [list(row.values()) for row in rows], ink, width)


def _row(one: "Told", moment: str) -> dict[str, Cell]:
    return {
        "NUMBER": str(one.number),
        "BEGAN": _when(one.began, moment),
        "TOOK": f"{one.ended - one.began:.2f} s" if one.ended is not None else "",
        "BY": _who(one),
        "CHANGES": str(len(one.plan.changes)),
        "OUTCOME": (_outcome(one), _COLOUR.get(one.state, "bold")),
        "COMMAND": _command(one) + (f" ({one.reason})" if one.reason else ""),
    }


def _outcome(one: "Told") -> str:
    if one.waits and one.deadline is not None:
        return f"waits until {time.strftime('%H:%M:%S', time.localtime(one.deadline.wall))}"
    return one.state.replace("-", " ")


def _when(moment: float, spelling: str = _MOMENT) -> str:
    return time.strftime(spelling, time.localtime(moment))


def _who(one: "Told") -> str:
    if one.owner is None:
        return ""
    return (one.owner.user or f"uid {one.owner.uid}") + (f" from {one.owner.peer}" if one.owner.peer else "")


def _command(one: "Told") -> str:
    return one.owner.command if one.owner is not None else ""


def _print_one(one: "Told", ink: Ink) -> None:
    from linkhold.cli import plan_view

    print(ink(f"Transaction {one.name}", "bold"))
    print(f"  began    {_when(one.began)} by {_who(one)}")
    print(f"  command  {_command(one)}")
    print(f"  outcome  {ink(_outcome(one), _COLOUR.get(one.state, 'bold'))}{f': {one.reason}' if one.reason else ''}")
    if not one.stored:
        print("  stored   no: it does not come back after a reboot")
    for missing in one.missing:
        print(f"  {ink('missing', 'red')}  {missing}")
    print()
    for line in plan_view.lines(one.plan, ink):
        print(line)
    print()
    print(ink("Journal:", "bold"))
    for event in one.events:
        print(f"  +{event.at - one.began:7.3f} s  {_event(event)}")


def _event(line: "Line") -> str:
    stage = line.data.get("stage", "")
    if not stage:
        return line.event
    return f"{line.event} {stage}{' done' if line.data.get('done') else ''}"


def plain(one: "Told") -> dict[str, typing.Any]:
    """One transaction with its plan, as JSON; no secrets."""
    from linkhold.planning.serial import to_plain

    return {
        "number": one.number,
        "name": one.name,
        "state": one.state,
        "began": one.began,
        "ended": one.ended,
        "by": _who(one),
        "command": _command(one),
        "waits": one.waits,
        "deadline": one.deadline.wall if one.deadline is not None else None,
        "reason": one.reason,
        "missing": list(one.missing),
        "stored": one.stored and one.state == "committed",
        "plan": {"changes": [], "levels": [], **to_plain(one.plan, secrets=False)},
    }
