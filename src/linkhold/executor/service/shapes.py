"""What the executor's answers look like: plain JSON data of transactions, plans and neighbours, never a secret."""

import typing

from linkhold.executor.store import Told
from linkhold.foundation.record import UNSET
from linkhold.planning.change import Difference, Plan
from linkhold.planning.serial import to_plain as plan_to_plain
from linkhold.state.forms import write_record
from linkhold.state.interfaces.lldp import Lldp
from linkhold.state.network import NetworkState

Plain = dict[str, typing.Any]


def of_told(told: Told) -> Plain:
    """One transaction of the history: without its journal, which root can read on the host."""
    return {
        "name": told.name,
        "number": told.number,
        "state": told.state,
        "began": told.began,
        "ended": told.ended,
        "by": str(told.owner) if told.owner is not None else "",
        "waits": told.waits,
        "deadline": told.deadline.wall if told.deadline is not None else None,
        "reason": told.reason,
        "missing": list(told.missing),
        "stored": told.stored,
        "changes": [f"{one.action} {one.subject} {one.name}" for one in told.plan.changes],
    }


def of_plan(plan: Plan) -> Plain:
    """A plan for programs, and as text for people."""
    return {"plan": plan_to_plain(plan, secrets=False), "text": plan_text(plan)}


def plan_text(plan: Plan) -> str:
    """The changes line by line, each with its differences and risks."""
    lines: list[str] = []
    for change in plan.changes:
        title = change.name if change.subject == change.name else f"{change.subject} {change.name}"
        lines.append(f"{change.action} {title}")
        lines += [f"    {_difference(one)}" for one in change.differences]
        lines += [f"    ! {risk.message}" for risk in change.risks]
    return "\n".join(lines) or "Nothing to do."


def _difference(one: Difference) -> str:
    if one.secret:
        return f"{one.path}: a secret changes"
    if one.before is UNSET:
        return f"{one.path}: {one.after}"
    return f"{one.path}: {one.before} goes" if one.after is UNSET else f"{one.path}: {one.before} → {one.after}"


def of_neighbours(state: NetworkState) -> Plain:
    """What the neighbours of each card announce (LLDP), as documents spell it; cards that do not listen are left out."""
    return {
        one.name: write_record(one.lldp)
        for one in state.by_key.values()
        if isinstance(one.lldp, Lldp) and one.lldp.said()
    }
