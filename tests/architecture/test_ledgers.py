"""The judge of a whole run: what ran nowhere is never taken for a pass."""

import pathlib

import pytest

from tests.lab import everything, ledgers

PASSED = ledgers.Line("a.py::one", "no place", "passed")
DEFERRED = ledgers.Line("b.py::two[vlan]", "namespace", "deferred", "vlan")
IN_LAB = ledgers.Line("b.py::two[vlan]", "lab", "passed")


def test_a_deferred_test_that_ran_in_the_lab_is_fine() -> None:
    verdict = ledgers.judge([PASSED, DEFERRED, IN_LAB], {})
    assert (verdict.passed_count, verdict.failed_count) == (2, 0)
    assert ledgers.report(verdict).splitlines()[-1] == "2 passed, 0 failed"


def test_a_test_that_ran_nowhere_fails_the_run_and_is_named() -> None:
    verdict = ledgers.judge([PASSED, DEFERRED], {})
    assert (verdict.passed_count, verdict.failed_count) == (1, 1)
    assert "RAN NOWHERE" in ledgers.report(verdict)
    assert DEFERRED.node in ledgers.report(verdict)


def test_a_test_that_ran_nowhere_for_a_reason_is_named_but_fine() -> None:
    verdict = ledgers.judge([PASSED, DEFERRED], {"b.py::two[vlan]": "needs hardware"})
    assert verdict.failed_count == 0
    assert "needs hardware" in ledgers.report(verdict)


def test_an_excuse_without_a_test_is_named() -> None:
    assert ledgers.judge([PASSED], {"gone.py::*": "needs hardware"}).unneeded == ("gone.py::*",)


def test_a_failure_in_either_place_fails_the_run() -> None:
    failed = ledgers.Line("b.py::two[vlan]", "lab", "failed", "call")
    assert ledgers.judge([PASSED, DEFERRED, failed], {}).failed_count == 1


def test_a_line_without_a_reason_is_no_excuse(tmp_path: pathlib.Path) -> None:
    (tmp_path / "nowhere.txt").write_text("# comment\na.py::one  needs a card\nb.py::two\n")
    with pytest.raises(ValueError, match="no reason"):
        ledgers.read_excuses(tmp_path / "nowhere.txt")


def test_the_table_has_a_row_for_each_place() -> None:
    rows = [row.split() for row in ledgers.table(ledgers.judge([PASSED, DEFERRED, IN_LAB], {})).splitlines()]
    assert rows[0] == ["place", "passed", "failed", "deferred", "skipped"]
    assert rows[2:] == [
        ["no", "place", "1", "0", "0", "0"],
        ["namespace", "0", "0", "1", "0"],
        ["lab", "1", "0", "0", "0"],
    ]


def test_files_with_many_tests_are_shared_out_first() -> None:
    assert everything.longest_first(["a.py::1", "b.py::1", "b.py::2", "c.py::1", "c.py::2", "c.py::3"]) == [
        "c.py",
        "b.py",
        "a.py",
    ]
