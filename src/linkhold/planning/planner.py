"""The stages of planning, in order: resolve, normalise, merge, check, compare, feasible, consequences, order.

Everything here is a function of its arguments: nothing is read and nothing is changed.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Invalid
from linkhold.foundation.garbage import uncollected
from linkhold.foundation.record import Record
from linkhold.planning.change import Plan
from linkhold.planning.check import check
from linkhold.planning.compare import compare
from linkhold.planning.consequences import Consequences
from linkhold.planning.draft import Draft
from linkhold.planning.explain import explain
from linkhold.planning.feasible import UNSUPPORTED, Capabilities, feasible, provider_of
from linkhold.planning.going_back import before_of, inverted
from linkhold.planning.merge import merge
from linkhold.planning.order import arrange
from linkhold.planning.resolve import resolve
from linkhold.planning.risks import Connection, assess
from linkhold.state.network import NetworkState
from linkhold.state.normalise import normalised


class Outcome(Record):
    """What planning gives.

    `plan` is empty when there is an error among the `diagnostics`; where it is `infeasible`, the plan is for showing only.
    `desired` is the document, resolved and in canonical form; `expected` is the whole host as it will be. `waived` are
    paths that no provider here carries out: they were left out with a warning and are not verified.
    """

    plan: Plan
    desired: NetworkState
    expected: NetworkState
    diagnostics: tuple[Diagnostic, ...] = ()
    waived: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """What forbids going on."""
        return tuple(one for one in self.diagnostics if one.severity == "error")

    @property
    def infeasible(self) -> bool:
        """Whether the document is right, and only this host can't do it."""
        return bool(self.errors) and all(one.code == UNSUPPORTED for one in self.errors)


class Infeasible(Invalid):
    """The document is right, but no provider here carries it out; nothing was touched. `outcome` holds what would be done."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(Diagnostics(outcome.diagnostics))
        self.outcome = outcome


@uncollected
def plan(
    desired: NetworkState,
    current: NetworkState,
    *,
    capabilities: typing.Sequence[Capabilities] = (),
    connection: Connection | None = None,
) -> Outcome:
    """What would be done to get a host from `current` to where `desired` wants it.

    `capabilities` are those of the providers of the host, the first that can do something does it; without any,
    everything counts as possible. `connection` is the session that the operator came over, for judging risks.
    """
    found = Diagnostics()
    known = normalised(resolve(desired, current, found), found)
    if found.errors():
        return _refused(known, current, found)
    merged = merge(known, current)
    check(known, current, merged.expected, found)
    if found.errors():
        return _refused(known, current, found)
    drafts = compare(current, merged.expected)
    waived: tuple[str, ...] = ()
    if capabilities:
        drafts, waived = feasible(drafts, capabilities, found)
    planned = _planned(
        drafts, current, merged.expected, capabilities, connection, lambda: explain(drafts, known, merged.causes)
    )
    return Outcome(
        plan=planned, desired=known, expected=merged.expected, diagnostics=tuple(found.in_order()), waived=waived
    )


def _refused(known: NetworkState, current: NetworkState, found: Diagnostics) -> Outcome:
    return Outcome(plan=Plan(), desired=known, expected=current, diagnostics=tuple(found.in_order()))


def _planned(
    drafts: list[Draft],
    before: NetworkState,
    after: NetworkState,
    capabilities: typing.Sequence[Capabilities] = (),
    connection: Connection | None = None,
    reasons: typing.Callable[[], None] = lambda: None,
) -> Plan:
    Consequences(drafts, before, after).follow()
    reasons()
    assess(drafts, before, connection)
    providers = (
        {id(draft): one.provider for draft in drafts if (one := provider_of(draft, capabilities))}
        if capabilities
        else {}
    )
    return arrange(drafts, lambda draft: providers.get(id(draft), ""))


@uncollected
def restore(plan: Plan, current: NetworkState, *, capabilities: typing.Sequence[Capabilities] = ()) -> Plan:
    """The plan that gets back to what was before `plan`, from wherever its application has come to by now."""
    target = before_of(plan, current)
    drafts = compare(current, target)
    for draft in drafts:
        draft.because("as it was before")
    return _planned(drafts, current, target, capabilities)


def undo(plan: Plan) -> Plan:
    """The inverse of a plan that was carried out in full, from the value alone."""
    applied, target = inverted(plan)
    drafts = compare(applied, target)
    for draft in drafts:
        draft.because(f"takes back: {draft.subject} {draft.name}")
    return _planned(drafts, applied, target)


def between(before: NetworkState, after: NetworkState) -> Plan:
    """What happened from one reading of a host to a later one, as a plan that would do the same."""
    return _planned(compare(before, after), before, after)
