"""The repository keeps its promises: examples complete, the Makefile's list true, tests where they belong."""

import pathlib
import re
import subprocess
import tomllib

import pytest

from tests.architecture import source
from tests.lab import features, ledgers

REPOSITORY = source.REPOSITORY
EXAMPLES = REPOSITORY / "examples"
KINDS = sorted(path.stem for path in (source.PACKAGE / "state/interfaces").glob("[a-z]*.py"))
NO_KIND = frozenset({"common", "ip", "ipv4", "ipv6", "ethtool", "registry"})
"""Modules of state/interfaces that are parts of every kind."""
TEST_PLACES = {"architecture", "unit", "cases", "contract", "kernel", "services", "docs", "lab", "compat", "agent"}


def test_the_help_lists_every_target() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    command = ["make", "--no-print-directory", "help"]
    printed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    listed = set(re.findall(r"make ([a-z]+) ", printed))
    assert listed == targets
    assert {"setup", "run", "test", "bench", "docs", "clean"} <= targets


def test_ci_runs_the_readmes_command() -> None:
    assert "make test" in (REPOSITORY / ".ci/run").read_text()


def test_every_dependency_says_why() -> None:
    text = (REPOSITORY / "pyproject.toml").read_text()
    project = tomllib.loads(text)["project"]
    assert [name.split(">")[0] for name in project["dependencies"]] == ["PyYAML", "dbus-fast", "ovs"]
    for requirement in project["dependencies"]:
        assert re.search(rf'    # .*\n    "{re.escape(requirement)}",', text), f"{requirement} has no reason above it"
    for requirement in project["optional-dependencies"]["dev"]:
        assert re.search(rf'"{re.escape(requirement)}",\s+# \S+', text), f"{requirement} has no reason beside it"


def test_tests_stand_in_known_places() -> None:
    strays = [
        str(path.relative_to(REPOSITORY))
        for path in (REPOSITORY / "tests").rglob("test_*.py")
        if path.relative_to(REPOSITORY / "tests").parts[0] not in TEST_PLACES
    ]
    assert strays == []


def test_no_two_feature_names_differ_only_in_case() -> None:
    assert len({name.lower() for name in features.KNOWN}) == len(features.KNOWN)


def test_whatever_may_run_nowhere_has_a_reason() -> None:
    for pattern, reason in ledgers.read_excuses(REPOSITORY / "tests/lab/nowhere.txt").items():
        assert "::" in pattern
        assert len(reason) > 15


if EXAMPLES.is_dir():
    FOUND = sorted(EXAMPLES.rglob("*.yml"))

    def test_there_are_examples() -> None:
        assert len(FOUND) >= 10

    @pytest.mark.parametrize("example", FOUND, ids=lambda path: path.name)
    def test_an_example_begins_with_what_it_shows(example: pathlib.Path) -> None:
        assert re.match(r"# \w.{10,}", example.read_text()), f"{example.name} begins with no comment"
