"""How a transaction ended, as plain data for programs: the command line's ``--json``, the executor's answers."""

import typing

from linkhold.foundation.diagnostics import to_plain as diagnostics_to_plain
from linkhold.foundation.record import UNSET
from linkhold.planning.serial import to_plain as plan_to_plain
from linkhold.transaction.result import Result


def to_plain(result: Result) -> dict[str, typing.Any]:
    """How a transaction ended, for programs."""
    return {
        "outcome": result.outcome,
        "sentence": result.sentence,
        "transaction": result.transaction,
        "reason": result.reason,
        "failed": result.failed,
        "answer": result.answer,
        "mismatches": [explained(one) for one in result.mismatches],
        "missing": [explained(one) for one in result.missing],
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
        "warnings": diagnostics_to_plain(result.warnings),
        "deadline": result.deadline.wall if result.deadline is not None else None,
        "timings": result.timings,
        "plan": plan_to_plain(result.plan, secrets=False),
    }


def explained(one: typing.Any) -> dict[str, typing.Any]:
    """Paths, values (None: absent) and what is known about why; never a secret."""
    hidden = one.secret
    return {
        "path": one.path,
        "desired": None if hidden or one.desired is UNSET else one.desired,
        "current": None if hidden or one.current is UNSET else one.current,
        "advisory": one.advisory,
        "why": one.why,
    }
