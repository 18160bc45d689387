"""A copy of the package that everybody may read: for running it as another user from a checkout only root may enter."""

import os
import pathlib
import shutil
import sys
import tempfile
from collections.abc import Iterator

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


def publish(folder: pathlib.Path) -> tuple[str, dict[str, str]]:
    """Copy the package and what it needs below `folder`; the interpreter, and the environment to run it with."""
    shutil.copytree(ROOT / "src/linkhold", folder / "linkhold", ignore=shutil.ignore_patterns("__pycache__"))
    home = pathlib.Path(yaml.__file__).parent
    for package in (home, home.with_name("_yaml")):
        shutil.copytree(package, folder / package.name)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.suffix == ".so" else 0o644)
    interpreter = os.path.realpath(sys.executable)
    if interpreter.startswith("/root/"):
        interpreter = "/usr/bin/python3"
    return interpreter, {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="session")
def public() -> Iterator[tuple[str, dict[str, str]]]:
    """An interpreter and an environment with which every user can run the package."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="linkhold-public-", dir="/tmp"))
    try:
        yield publish(folder)
    finally:
        shutil.rmtree(folder)
