"""What holds for every document: planning again finds nothing to do, and every way back leads back."""

from hypothesis import HealthCheck, assume, event, given, settings

from linkhold.foundation.diagnostics import Diagnostics, Invalid
from linkhold.planning import planner
from linkhold.planning.diff import differences
from linkhold.planning.merge import merge
from linkhold.planning.resolve import resolve
from linkhold.planning.serial import from_plain, to_plain
from linkhold.planning.verify import verify, verify_restored
from linkhold.state.document import read
from linkhold.state.normalise import normalised
from tests.cases.hosts import carry_out, host, look, unlike
from tests.unit.planning.documents import documents, host_after

THOROUGH = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def _desired(plain):
    try:
        return read(plain)
    except Invalid:
        assume(False)


def _planned(first, second):
    current = host_after(first)
    outcome = planner.plan(_desired(second), current)
    event("refused" if outcome.errors else "nothing to do" if outcome.plan.empty else "planned")
    assume(not outcome.errors)
    return outcome, current


@THOROUGH
@given(documents(), documents())
def test_after_applying_nothing_is_left_to_do(first, second):
    outcome, current = _planned(first, second)
    memory = host(current)
    carry_out(memory, outcome.plan)
    assert planner.plan(read(second), look(memory)).plan.changes == ()
    assert verify(outcome, look(memory)) == ()


@THOROUGH
@given(documents(), documents())
def test_undoing_leads_back(first, second):
    outcome, current = _planned(first, second)
    memory = host(current)
    carry_out(memory, outcome.plan)
    carry_out(memory, planner.undo(outcome.plan))
    assert unlike(look(memory), current) == []


@THOROUGH
@given(documents(), documents())
def test_the_way_back_leads_back_from_everywhere(first, second):
    outcome, current = _planned(first, second)
    for levels in range(len(outcome.plan.levels) + 1):
        memory = host(current)
        carry_out(memory, outcome.plan, levels=levels)
        carry_out(memory, planner.restore(outcome.plan, look(memory)).plan)
        assert unlike(look(memory), current) == []
        assert verify_restored(outcome.plan, look(memory)) == ()


@THOROUGH
@given(documents(), documents())
def test_merging_twice_is_merging_once(first, second):
    outcome, _current = _planned(first, second)
    found = Diagnostics()
    again = merge(normalised(resolve(read(second), outcome.expected, found), found), outcome.expected).expected
    assert again.interfaces == outcome.expected.interfaces
    assert set(again.routes.config) == set(outcome.expected.routes.config)
    assert set(again.rules.config) == set(outcome.expected.rules.config)


@THOROUGH
@given(documents())
def test_nothing_differs_from_itself(plain):
    for interface in host_after(plain).interfaces:
        copy = type(interface)(**interface.said())
        assert differences(interface, copy) == ()


@THOROUGH
@given(documents(), documents())
def test_a_plan_is_the_same_after_the_journal(first, second):
    plan = _planned(first, second)[0].plan
    assert from_plain(to_plain(plan)) == plan


@THOROUGH
@given(documents(), documents())
def test_each_change_has_a_reason_and_a_level(first, second):
    plan = _planned(first, second)[0].plan
    assert {index for level in plan.levels for index in level.changes} == set(range(len(plan.changes)))
    assert all(change.reasons for change in plan.changes)
    assert len({(change.subject, change.name) for change in plan.changes}) == len(plan.changes)
