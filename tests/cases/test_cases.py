"""Golden cases: a host, a document, and the plan that leads from one to the other.

A case is a folder ``<topic>/<case>`` with ``current.yml`` (what the host shows), ``desired.yml`` (the document), perhaps
``connection.yml`` (the operator's session) and ``plan.yml``: the plan in words, or the diagnostics that refuse it. After
a deliberate change of planning, ``LINKHOLD_UPDATE_CASES=1 pytest tests/cases`` writes the plans anew; read the diff.
"""

import os
import pathlib

import pytest
import yaml

from linkhold.foundation.record import UNSET
from linkhold.planning import planner
from linkhold.planning.risks import Connection
from linkhold.planning.serial import from_plain, to_plain
from linkhold.planning.verify import verify, verify_restored
from linkhold.state.document import read
from tests.cases.hosts import carry_out, host, look, observed, unlike

HERE = pathlib.Path(__file__).parent
CASES = sorted(str(one.parent.relative_to(HERE)) for one in HERE.glob("*/*/desired.yml"))


def _load(case: str, name: str) -> dict:
    path = HERE / case / f"{name}.yml"
    return yaml.safe_load(path.read_text()) or {} if path.exists() else {}


def _planned(case: str) -> tuple[planner.Outcome, object]:
    current = observed(_load(case, "current"))
    connection = _load(case, "connection")
    return planner.plan(
        read(_load(case, "desired")), current, connection=Connection(**connection) if connection else None
    ), current


def in_words(outcome: planner.Outcome) -> dict:
    """An outcome as the ``plan.yml`` of a case spells it."""
    words: dict = {}
    if outcome.diagnostics:
        words["diagnostics"] = [str(one).split("\n")[0] for one in outcome.diagnostics]
    if outcome.errors:
        return words
    words["changes"] = [_change(one) for one in outcome.plan.changes]
    names = [f"{one.subject} {one.name}" if one.subject != one.name else one.name for one in outcome.plan.changes]
    words["levels"] = [
        f"{level.stage}: {', '.join(names[index] for index in level.changes)}" for level in outcome.plan.levels
    ]
    return words


def _change(change) -> dict:
    words = {"change": f"{change.action} {change.subject} {change.name}"}
    if change.differences:
        words["differences"] = [_difference(one) for one in change.differences]
    if change.reasons:
        words["because"] = list(change.reasons)
    if change.risks:
        words["risks"] = [f"{one.kind}: {one.message}" for one in change.risks]
    return words


def _difference(one) -> str:
    sides = [None if side is UNSET else side for side in (one.before, one.after)]
    return f"{one.path}: {sides[0]!r} -> {sides[1]!r}"


@pytest.mark.parametrize("case", CASES)
def test_the_plan_is_as_written(case):
    words = in_words(_planned(case)[0])
    path = HERE / case / "plan.yml"
    if os.environ.get("LINKHOLD_UPDATE_CASES"):
        path.write_text(yaml.safe_dump(words, sort_keys=False, width=150, allow_unicode=True))
    assert words == yaml.safe_load(path.read_text())


@pytest.mark.parametrize("case", CASES)
def test_after_applying_nothing_is_left_to_do_and_all_agrees(case):
    outcome, current = _planned(case)
    memory = host(current)
    carry_out(memory, outcome.plan)
    if not outcome.errors:
        again = planner.plan(read(_load(case, "desired")), look(memory))
        assert in_words(again).get("changes") == []
        assert verify(outcome, look(memory)) == ()


@pytest.mark.parametrize("case", CASES)
def test_undoing_the_plan_restores_the_host(case):
    outcome, current = _planned(case)
    memory = host(current)
    carry_out(memory, outcome.plan)
    carry_out(memory, planner.undo(outcome.plan))
    assert verify_restored(outcome.plan, look(memory)) == ()
    assert unlike(look(memory), current) == []


@pytest.mark.parametrize("case", CASES)
def test_from_any_point_the_way_back_restores_the_host(case):
    outcome, current = _planned(case)
    for levels in range(len(outcome.plan.levels) + 1):
        memory = host(current)
        carry_out(memory, outcome.plan, levels=levels)
        carry_out(memory, planner.restore(outcome.plan, look(memory)).plan)
        assert verify_restored(outcome.plan, look(memory)) == ()
        assert unlike(look(memory), current) == []


@pytest.mark.parametrize("case", CASES)
def test_the_plan_survives_the_journal(case):
    plan = _planned(case)[0].plan
    assert from_plain(to_plain(plan)) == plan


def test_there_are_enough_cases():
    assert len(CASES) >= 40
