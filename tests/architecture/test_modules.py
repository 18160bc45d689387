"""What every module owes its reader, and the habits that keep start-up quick."""

import ast
import pathlib
import subprocess
import sys

import pytest

from tests.architecture import source

HEAVY = (
    "asyncio",
    "dataclasses",
    "importlib.metadata",
    "inspect",
    "logging",
    "shutil",
    "ssl",
    "subprocess",
    "tempfile",
    "urllib.parse",
    "yaml",
)
"""Not imported on the way to `linkhold show`: each costs milliseconds at every start."""


@pytest.mark.parametrize("module", source.modules(), ids=str)
def test_a_module_says_what_it_is_for(module: pathlib.Path) -> None:
    docstring = ast.get_docstring(source.parsed(module))
    assert docstring, f"{module} has no docstring"
    assert len(docstring) > 15


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = {"utils.py", "util.py", "helpers.py", "misc.py", "common_utils.py"}
    assert [str(module) for module in source.modules() if module.name in drawers] == []


def test_state_keeps_its_markers_readable() -> None:
    """The markers in annotations are read at run time; the future import would turn them into text."""
    deferred = "from __future__ import annotations"
    state = [module for module in source.modules() if module.is_relative_to("state")]
    assert state
    assert [str(module) for module in state if deferred in (source.PACKAGE / module).read_text()] == []


@pytest.mark.parametrize("module", source.modules(), ids=str)
def test_no_failure_is_swallowed(module: pathlib.Path) -> None:
    """`except Exception: pass` hides what the operator should know."""
    swallowed = [
        f"{module}:{node.lineno}"
        for node in ast.walk(source.parsed(module))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and all(isinstance(statement, ast.Pass) for statement in node.body)
    ]
    assert swallowed == []


def test_show_imports_nothing_heavy() -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "import linkhold.cli.main\n"
        f"print(*sorted((set(sys.modules) - before) & set({HEAVY!r})))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_version_is_said_once() -> None:
    import tomllib

    import linkhold

    declared = tomllib.loads((source.REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    assert getattr(linkhold, "__version__", declared) == declared
