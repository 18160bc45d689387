"""Golden cases of policies: a host, a policy, and the document that it means there, or what is wrong with it.

A case is a folder ``policy/<case>`` with ``policy.yml``, perhaps ``current.yml`` (what the host shows) and ``result.yml``: the
document, or the mistakes as they are printed. After a deliberate change, ``LINKHOLD_UPDATE_CASES=1 pytest tests/cases``
writes the results anew; read the diff.
"""

import os
import pathlib

import pytest
import yaml

from linkhold.foundation.diagnostics import Invalid
from linkhold.planning import planner
from linkhold.policy.document import parse_policy
from linkhold.policy.evaluate import evaluate
from linkhold.state.document import parse, read, to_plain
from tests.cases.hosts import carry_out, host, look, observed

HERE = pathlib.Path(__file__).parent / "policy"
CASES = sorted(one.parent.name for one in HERE.glob("*/policy.yml"))


def _current(case):
    path = HERE / case / "current.yml"
    return parse(path.read_text()) if path.exists() else None


def _evaluated(case):
    path = HERE / case / "policy.yml"
    return evaluate(parse_policy(path.read_text(), source="policy.yml"), _current(case))


def _in_words(case):
    try:
        return to_plain(_evaluated(case).state)
    except Invalid as invalid:
        return {"mistakes": [str(one) for one in invalid.diagnostics]}


@pytest.mark.parametrize("case", CASES)
def test_the_result_is_as_written(case):
    words = _in_words(case)
    path = HERE / case / "result.yml"
    if os.environ.get("LINKHOLD_UPDATE_CASES"):
        path.write_text(yaml.safe_dump(words, sort_keys=False, width=150, allow_unicode=True))
    assert words == yaml.safe_load(path.read_text())


@pytest.mark.parametrize("case", [one for one in CASES if not one.startswith("mistake-")])
def test_what_a_policy_means_can_be_applied_and_then_it_means_nothing_more(case):
    document = _evaluated(case).state
    if _current(case) is None:
        return
    memory = host(observed(to_plain(_current(case), secrets=True)))
    outcome = planner.plan(read(to_plain(document, secrets=True)), look(memory))
    assert outcome.errors == ()
    carry_out(memory, outcome.plan)
    assert planner.plan(read(to_plain(document, secrets=True)), look(memory)).plan.changes == ()


def test_there_are_cases_of_both_sorts():
    assert len([one for one in CASES if one.startswith("mistake-")]) >= 8
    assert len([one for one in CASES if not one.startswith("mistake-")]) >= 12
