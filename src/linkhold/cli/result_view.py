"""How a transaction ended, for people and as JSON."""

import time
import typing

from linkhold.cli.codes import DONE, FAILED, STRANDED
from linkhold.cli.terminal import Ink
from linkhold.foundation.record import UNSET

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


def as_json(result: "Result") -> dict[str, typing.Any]:
    """The same for programs."""
    from linkhold.cli.problems import plain
    from linkhold.planning.serial import to_plain

    return {
        "outcome": result.outcome,
        "sentence": result.sentence,
        "transaction": result.transaction,
        "reason": result.reason,
        "failed": result.failed,
        "answer": result.answer,
        "mismatches": [_mismatch(one) for one in result.mismatches],
        "missing": [_mismatch(one) for one in result.missing],
        "probes": [
            {
                "probe": str(one.probe),
                "passed": one.passed,
                "counted": one.counted,
                "message": one.message,
                "seconds": one.seconds,
            }
            for one in result.probes
        ],
        "notes": list(result.notes),
        "warnings": plain(result.warnings),
        "deadline": result.deadline.wall if result.deadline is not None else None,
        "timings": result.timings,
        "plan": to_plain(result.plan, secrets=False),
    }


def _mismatch(one: typing.Any) -> dict[str, typing.Any]:
    """Paths, values (None: absent) and what is known about why; never a secret."""
    hidden = one.secret
    return {
        "path": one.path,
        "desired": None if hidden or one.desired is UNSET else one.desired,
        "current": None if hidden or one.current is UNSET else one.current,
        "advisory": one.advisory,
        "why": one.why,
    }
