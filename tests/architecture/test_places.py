"""The plugin that sends tests to their places: what is deferred is said and written down, nothing passes by default."""

import dataclasses
import json
import pathlib
import subprocess
import sys

import pytest

from tests.architecture import source
from tests.lab import features, guest

ELSEWHERE = "uml" if guest.inside() else "lab"
"""A feature that is surely not to be had where this runs."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How an inner run of pytest ended."""

    status: int
    output: str
    ledger: dict[str, tuple[str, str, str]]


def run_inner(folder: pathlib.Path, text: str, *arguments: str) -> Outcome:
    """Run pytest with the plugins over one file of tests, in a process of its own."""
    (folder / "test_inner.py").write_text("import pytest, time\n" + text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        str(source.REPOSITORY / "pyproject.toml"),
        "--rootdir",
        str(folder),
    ]
    plugins = ["-p", "no:cacheprovider", "-p", "tests.lab.namespaces", "-p", "tests.lab.places"]
    done = subprocess.run(
        [*command, *plugins, "--ledger", str(folder / "ledger"), *arguments, str(folder)],
        cwd=source.REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    written = (folder / "ledger").read_text().splitlines() if (folder / "ledger").exists() else []
    lines = [json.loads(line) for line in written]
    ledger = {line["node"].partition("::")[2]: (line["place"], line["outcome"], line["detail"]) for line in lines}
    return Outcome(done.returncode, done.stdout + done.stderr, ledger)


def test_a_test_that_needs_what_is_not_here_is_deferred_and_said_so(tmp_path: pathlib.Path) -> None:
    outcome = run_inner(
        tmp_path,
        f"@pytest.mark.needs({ELSEWHERE!r})\ndef test_far(): raise AssertionError\ndef test_near(): pass\n",
    )
    assert outcome.status == 0, outcome.output
    assert outcome.ledger["test_far"][1:] == ("deferred", ELSEWHERE)
    assert outcome.ledger["test_near"][1] == "passed"
    assert "1 passed, 1 deferred" in outcome.output
    assert f"for want of: {ELSEWHERE} 1" in outcome.output


def test_a_mistyped_feature_is_an_error(tmp_path: pathlib.Path) -> None:
    outcome = run_inner(tmp_path, "@pytest.mark.needs('vlna')\ndef test_it(): pass\n")
    assert outcome.status == pytest.ExitCode.USAGE_ERROR
    assert "vlna" in outcome.output


def test_failures_in_every_phase_are_written_down(tmp_path: pathlib.Path) -> None:
    outcome = run_inner(
        tmp_path,
        "@pytest.fixture\n"
        "def broken(): raise RuntimeError\n"
        "@pytest.fixture\n"
        "def leaving():\n"
        "    yield\n"
        "    raise RuntimeError\n"
        "def test_setup(broken): pass\n"
        "def test_call(): raise RuntimeError\n"
        "def test_teardown(leaving): pass\n"
        "def test_skip(): pytest.skip('no mood')\n",
    )
    assert outcome.status == 1, outcome.output
    assert outcome.ledger["test_setup"][1:] == ("failed", "setup")
    assert outcome.ledger["test_call"][1:] == ("failed", "call")
    assert outcome.ledger["test_teardown"][1:] == ("failed", "teardown")
    assert outcome.ledger["test_skip"][1:] == ("skipped", "no mood")


def test_a_hanging_test_fails(tmp_path: pathlib.Path) -> None:
    outcome = run_inner(tmp_path, "@pytest.mark.limit(0.2)\ndef test_it(): time.sleep(60)\n")
    assert outcome.ledger["test_it"][1] == "failed"
    assert "ran longer than" in outcome.output


def test_a_file_that_cannot_be_imported_is_written_down(tmp_path: pathlib.Path) -> None:
    outcome = run_inner(tmp_path, "import no_such_module\n")
    assert [line[:2] for line in outcome.ledger.values()] == [("collection", "failed")]


def test_only_the_named_tests_run(tmp_path: pathlib.Path) -> None:
    (tmp_path / "only").write_text("test_inner.py::test_two\n")
    text = "def test_one(): raise AssertionError\ndef test_two(): pass\n"
    outcome = run_inner(tmp_path, text, "--only", str(tmp_path / "only"))
    assert outcome.status == 0, outcome.output
    assert set(outcome.ledger) == {"test_two"}


def test_asking_for_an_unknown_feature_is_an_error() -> None:
    with pytest.raises(KeyError):
        features.offers("vlna")


@pytest.mark.parametrize("feature", ["bridge", "veth", "ipv6", "policy-routing"])
def test_what_every_kernel_has_is_found(feature: str) -> None:
    assert features.offers(feature)
