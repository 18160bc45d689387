"""Data attached to a transaction: committed with it, found again, never pruned away while it is the last."""

import asyncio
import typing

import pytest

from linkhold.transaction import runner
from linkhold.transaction.documents import attached, committed
from linkhold.transaction.options import Options
from linkhold.transaction.result import Result
from tests.unit.transaction.stage import Stage, document

ANOTHER = "interfaces: [{name: eth0, mtu: 1300}]"
WRONG = "interfaces: [{name: eth0, mtu: 1200}]"


def run(stage: Stage, text: str, **options: typing.Any) -> Result:
    return asyncio.run(runner.run(document(text), stage.ground, Options(**options)))


def test_nothing_is_attached_at_first(stage: Stage) -> None:
    assert attached(stage.folder) is None
    run(stage, ANOTHER)
    assert attached(stage.folder) is None


def test_what_was_attached_is_found_with_the_name_of_its_transaction(stage: Stage) -> None:
    result = run(stage, ANOTHER, attached={"a": 1})
    assert attached(stage.folder) == (result.transaction, {"a": 1})


def test_the_newest_committed_one_counts(stage: Stage) -> None:
    run(stage, ANOTHER, attached={"a": 1})
    second = run(stage, "interfaces: [{name: eth0, mtu: 1350}]", attached={"a": 2})
    run(stage, "interfaces: [{name: eth0, mtu: 1400}]")
    assert attached(stage.folder) == (second.transaction, {"a": 2})


def test_what_was_taken_back_does_not_count(stage: Stage) -> None:
    first = run(stage, ANOTHER, attached={"a": 1})
    run(stage, WRONG, attached={"a": 2}, confirming="later")
    assert attached(stage.folder) == (first.transaction, {"a": 1}), "it waits, so it is not committed"


def test_it_is_committed_also_where_nothing_has_to_be_changed(stage: Stage) -> None:
    run(stage, ANOTHER, attached={"a": 1})
    again = run(stage, ANOTHER, attached={"a": 2}, memory_only=True)
    assert again.outcome == "committed"
    assert again.plan.empty
    assert attached(stage.folder) == (again.transaction, {"a": 2})


def test_data_of_a_transaction_in_memory_does_not_touch_the_committed_document(stage: Stage) -> None:
    run(stage, ANOTHER)
    run(stage, WRONG, attached={"a": 1}, memory_only=True)
    [interface] = committed(stage.folder).interfaces  # type: ignore[misc]
    assert interface.mtu == 1300


def test_pruning_keeps_the_last_attached_and_the_last_committed(stage: Stage) -> None:
    first = run(stage, ANOTHER, attached={"a": 1})
    second = run(stage, WRONG, attached={"a": 2}, memory_only=True)
    others = [run(stage, f"interfaces: [{{name: eth0, mtu: {1400 + step}}}]") for step in range(4)]
    stage.folder.prune(1)
    left = [one.name for one in stage.folder.history()]
    assert left == [second.transaction, others[-1].transaction]
    assert first.transaction not in left
    assert attached(stage.folder) == (second.transaction, {"a": 2})


def test_pruning_to_nothing_keeps_them_too(stage: Stage) -> None:
    one = run(stage, ANOTHER, attached={"a": 1})
    stage.folder.prune(0)
    assert [named.name for named in stage.folder.history()] == [one.transaction]


def test_pruning_looks_past_a_broken_journal(stage: Stage) -> None:
    one = run(stage, ANOTHER, attached={"a": 1})
    broken = run(stage, WRONG)
    last = run(stage, "interfaces: [{name: eth0, mtu: 1401}]")
    with open(stage.folder.fate(broken.transaction).path, "wb") as file:
        file.write(b"rubbish\n")
    stage.folder.prune(1)
    assert [named.name for named in stage.folder.history()] == [one.transaction, last.transaction]


@pytest.mark.parametrize("keep", [2, 100])
def test_nothing_is_pruned_below_the_limit(stage: Stage, keep: int) -> None:
    run(stage, ANOTHER, attached={"a": 1})
    run(stage, WRONG)
    stage.folder.prune(keep)
    assert len(stage.folder.history()) == 2
