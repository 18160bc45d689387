"""The stages of planning, in order: resolve, normalise, merge, check, compare, feasible, renew, consequences, order.

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
from linkhold.planning.feasible import UNSUPPORTED, feasible
from linkhold.planning.going_back import inverted, within_reach
from linkhold.planning.merge import merge
from linkhold.planning.order import arrange
from linkhold.planning.owning import Capabilities, Owners, Responsible, settle_owners
from linkhold.planning.renewing import renew
from linkhold.planning.resolve import resolve
from linkhold.planning.risks import Connection, assess
from linkhold.planning.switches import completed
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
    owners: Owners | None = None,
    connection: Connection | None = None,
) -> Outcome:
    """What would be done to get a host from `current` to where `desired` wants it.

    `capabilities` are those of the providers of the host, the one that is there always first; without any, everything
    counts as possible. `owners` says which of them owns which interface, where there are several. `connection` is the
    session that the operator came over, for judging risks.
    """
    found = Diagnostics()
    known = completed(normalised(resolve(desired, current, found), found), current)
    if found.errors():
        return _refused(known, current, found)
    merged = merge(known, current)
    check(known, current, merged.expected, found)
    if found.errors():
        return _refused(known, current, found)
    expected = merged.expected if owners is None else settle_owners(merged.expected, current, known, owners)
    drafts = compare(current, expected)
    waived: tuple[str, ...] = ()
    responsible = Responsible(capabilities, current, expected) if capabilities else None
    if responsible is not None:
        drafts, waived = feasible(drafts, responsible, found)
        renew(drafts, responsible)
    planned = _planned(
        drafts, current, expected, responsible, connection, lambda: explain(drafts, known, merged.causes)
    )
    return Outcome(plan=planned, desired=known, expected=expected, diagnostics=tuple(found.in_order()), waived=waived)


def _refused(known: NetworkState, current: NetworkState, found: Diagnostics) -> Outcome:
    return Outcome(plan=Plan(), desired=known, expected=current, diagnostics=tuple(found.in_order()))


def _planned(
    drafts: list[Draft],
    before: NetworkState,
    after: NetworkState,
    responsible: Responsible | None = None,
    connection: Connection | None = None,
    reasons: typing.Callable[[], None] = lambda: None,
) -> Plan:
    Consequences(drafts, before, after).follow()
    reasons()
    assess(drafts, before, connection)

    def provider(draft: Draft) -> str:
        one = responsible.of(draft) if responsible is not None else None
        return one.provider if one is not None else ""

    return arrange(drafts, provider)


class Back(typing.NamedTuple):
    """The way back: the plan, and the whole host as it will be then."""

    plan: Plan
    target: NetworkState


@uncollected
def restore(plan: Plan, current: NetworkState, *, capabilities: typing.Sequence[Capabilities] = ()) -> Back:
    """The plan that gets back to what was before `plan`, from wherever its application has come to by now."""
    target = within_reach(plan, current, capabilities)
    drafts = compare(current, target)
    for draft in drafts:
        draft.because("as it was before")
    responsible = Responsible(capabilities, current, target) if capabilities else None
    if responsible is not None:
        renew(drafts, responsible)
    return Back(_planned(drafts, current, target, responsible), target)


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
