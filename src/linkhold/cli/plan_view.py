"""A plan as people read it: what, why, and what it may cost."""

import json
import typing

from linkhold.cli.terminal import Ink
from linkhold.foundation.record import UNSET
from linkhold.planning.change import Change, Difference, Plan
from linkhold.state.interfaces.common import KERNEL

_COLOUR: typing.Final = {"+": "green", "~": "yellow", "±": "magenta", "-": "red"}
_COUNTED: typing.Final = {"+": "to create", "~": "to change", "±": "to replace", "-": "to remove"}
_MOST_REASONS: typing.Final = 2


def lines(plan: Plan, ink: Ink, *, most: int = 0) -> typing.Iterator[str]:
    """The plan line by line; with `most`, at most so many changes and then how many more there are."""
    if plan.empty:
        yield "Nothing to do: the host already is as the document says."
        return
    several = any(one.provider not in ("", KERNEL, "memory") for one in plan.changes)
    for change in plan.changes[: most or None]:
        yield from change_lines(change, ink, with_provider=several)
    if most and len(plan.changes) > most:
        yield ink(f"… and {len(plan.changes) - most} more changes", "dim")
    yield ""
    yield summary(plan, ink)


def summary(plan: Plan, ink: Ink) -> str:
    """One line: how many changes of each sort, and how many carry a risk."""
    counts = {action: sum(one.action == action for one in plan.changes) for action in _COUNTED}
    text = ", ".join(f"{count} {_COUNTED[action]}" for action, count in counts.items() if count) or "nothing to do"
    risky = sum(bool(change.risks) for change in plan.changes)
    return f"Plan: {text}" + (ink(f"; {risky} with a risk", "yellow") if risky else "") + "."


def change_lines(change: Change, ink: Ink, *, with_provider: bool = False) -> typing.Iterator[str]:
    """One change with its differences, risks and reasons; where there are several providers, with that too."""
    colour = _COLOUR[change.action]
    kind = getattr(change.after if change.after is not UNSET else change.before, "kind", "")
    title = change.name if change.subject == change.name else f"{change.subject} {change.name}"
    by = ink(f" by {change.provider}", "dim") if with_provider and change.provider else ""
    yield f"{ink(change.action, colour, 'bold')} {ink(title, 'bold')}{f' ({kind})' if kind else ''}{by}"
    prefix = f"interfaces[{change.name.partition('/')[0]}]."  # one of user space is called NAME/KIND
    for difference in change.differences:
        yield "    " + _difference(difference, prefix, ink)
    for risk in change.risks:
        yield "    " + ink(f"! {risk.message}", "yellow")
    paths = [one for one in change.reasons if " " not in one]
    if paths:
        more = len(paths) - _MOST_REASONS
        text = ", ".join(paths[:_MOST_REASONS]) + (f" and {more} more" if more > 0 else "")
        yield "    " + ink(f"because of {text}", "dim")
    for sentence in change.reasons:
        if " " in sentence:
            yield "    " + ink(sentence, "dim")


def _difference(difference: Difference, prefix: str, ink: Ink) -> str:
    path = difference.path.removeprefix(prefix)
    if difference.secret:
        return f"{path}: a secret changes"
    before, after = (_value(value) for value in (difference.before, difference.after))
    if difference.before is UNSET:
        return f"{path}: {ink(after, 'green')}"
    if difference.after is UNSET:
        return f"{path}: {ink(before, 'red')} goes"
    return f"{path}: {before} → {ink(after, 'green')}"


def _value(value: object) -> str:
    if value is UNSET:
        return ""
    if isinstance(value, list) and value and all(_is_address(one) for one in value):
        return ", ".join(_value(one) for one in value)
    if isinstance(value, dict) and _is_address(value):
        return f"{value['ip']}/{value['prefix-length']}"
    if isinstance(value, dict):
        return " ".join(f"{key}={_value(inner)}" for key, inner in value.items()) or "{}"
    if isinstance(value, str):
        return value or "''"
    return json.dumps(value, ensure_ascii=False)


def _is_address(value: object) -> bool:
    return isinstance(value, dict) and {"ip", "prefix-length"} <= value.keys()


def order(plan: Plan, ink: Ink) -> typing.Iterator[str]:
    """The order of the application: one line for each level."""
    yield ""
    yield ink("Order:", "bold")
    for stage, changes in plan.steps():
        names = ", ".join(change.name for change in changes[:6]) + (" …" if len(changes) > 6 else "")
        yield f"  {stage:<9} {names}"
