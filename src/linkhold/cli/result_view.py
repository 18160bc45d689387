"""How a transaction ended, for people and as JSON."""

import time
import typing

from linkhold.cli.codes import DONE, FAILED, STRANDED
from linkhold.cli.terminal import Ink
from linkhold.transaction.result_form import to_plain as as_json

__all__ = ["as_json", "exit_code", "lines"]

if typing.TYPE_CHECKING:
    from linkhold.transaction.result import Result


def exit_code(result: "Result") -> int:
    """The exit code that tells scripts the same."""
    return DONE if result.good else STRANDED if result.outcome == "stranded" else FAILED


def lines(result: "Result", ink: Ink) -> typing.Iterator[str]:
    """What happened, why, and what state the host is in now."""
    if not result.good:
        yield ink(f"Not applied: {result.reason}", "red", "bold")
        if result.failed:
            yield f"    the change in hand: {result.failed}"
        if result.answer and result.answer not in result.reason:
            yield f"    the answer: {result.answer}"
    for one in result.mismatches:
        label = ink("note", "yellow") if one.advisory else ink("differs", "red")
        yield f"  {label} {one}"
    for tried in result.probes:
        yield f"  probe {tried}"
    for missing in result.missing:
        yield f"  {ink('missing', 'red', 'bold')} {missing}"
    for note in result.notes:
        yield ink(f"  note: {note}", "yellow")
    yield ink(
        result.sentence, "green" if result.good else "yellow" if result.outcome == "rolled-back" else "red", "bold"
    )
    if result.deadline is not None:
        at = time.strftime("%H:%M:%S", time.localtime(result.deadline.wall))
        yield f"It goes back at {at} unless you run 'linkhold confirm'; 'linkhold rollback' takes it back now."
    spent = ", ".join(f"{phase} {seconds:.3f} s" for phase, seconds in result.timings.items() if seconds >= 0.0005)
    if spent:
        yield ink(f"({spent})", "dim")
