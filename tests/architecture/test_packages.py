"""The Debian packages: the same tree gives the same bytes, with everything in them and what they depend on as agreed."""

import pathlib
import re
import subprocess
import sys
import tomllib

import pytest

from linkhold.agent import settings
from linkhold.executor import owners
from tests.architecture import source

BUILD = source.REPOSITORY / "packaging/debian/build.py"
PROJECT = tomllib.loads((source.REPOSITORY / "pyproject.toml").read_text())["project"]
DEBIAN = {
    "PyYAML": "python3-yaml",
    "dbus-fast": "python3-dbus-fast",
    "ovs": "python3-openvswitch",
    "cryptography": "python3-cryptography",
}
"""What our dependencies are called there."""


def built(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    subprocess.run([sys.executable, str(BUILD), str(folder)], check=True, capture_output=True)
    return {path.name.partition("_")[0]: path for path in folder.iterdir()}


def asked(*words: object) -> str:
    return subprocess.run(["dpkg-deb", *map(str, words)], check=True, capture_output=True, text=True).stdout


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(one) for one in f"{version}.0.0".split(".")[:3])


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pathlib.Path]:
    return built(tmp_path_factory.mktemp("packages"))


def test_the_same_tree_gives_the_same_bytes(packages: dict[str, pathlib.Path], tmp_path: pathlib.Path) -> None:
    again = built(tmp_path)
    assert again.keys() == packages.keys() == {"linkhold", "linkhold-libnmstate"}
    assert [path.read_bytes() for path in again.values()] == [packages[name].read_bytes() for name in again]


def test_all_of_the_program_is_in_it_and_nothing_else(packages: dict[str, pathlib.Path]) -> None:
    lines = asked("-c", packages["linkhold"]).splitlines()
    assert {line.split()[1] for line in lines} == {"root/root"}
    assert {line.split()[0] for line in lines} == {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x"}
    paths = {line.split()[5].removeprefix(".") for line in lines}
    for module in source.PACKAGE.rglob("*.py"):
        assert f"/usr/lib/python3/dist-packages/{module.relative_to(source.PACKAGE.parent)}" in paths
    for unit in (source.REPOSITORY / "packaging/systemd").iterdir():
        assert f"/lib/systemd/system/{unit.name}" in paths
    assert [path for path in paths if path.endswith(".pyc")] == []
    runnable = {line.split()[5] for line in lines if line.startswith("-rwx")}
    assert runnable == {"./usr/bin/linkhold"}


def test_it_depends_on_what_the_program_depends_on(packages: dict[str, pathlib.Path]) -> None:
    depends = asked("-f", packages["linkhold"], "Depends")
    for requirement in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["agent"]):
        name, least = requirement.split(">=")
        found = re.search(rf"\b{DEBIAN[name]} \(>= ([0-9.]+)\)", depends)
        assert found, requirement
        assert numbers(found[1]) == numbers(least), f"{found[0]} is not {requirement}"
    assert f"python3 (>= {PROJECT['requires-python'].removeprefix('>=')})" in depends


def test_what_the_administrator_changes_is_kept(packages: dict[str, pathlib.Path]) -> None:
    assert asked("-I", packages["linkhold"], "conffiles") == "/etc/linkhold/linkhold.toml\n"


def test_the_example_settings_are_settings(tmp_path: pathlib.Path) -> None:
    text = (source.REPOSITORY / "packaging/linkhold.toml").read_text()
    assert tomllib.loads(text) == {}
    file = tmp_path / "etc/linkhold/linkhold.toml"
    file.parent.mkdir(parents=True)
    file.write_text(re.sub(r"(?m)^#(?=\S)", "", text))
    assert settings.read(str(file)) == settings.Settings(**tomllib.loads(file.read_text())["agent"] | {"clients": ()})
    assert [row.provider for row in owners.forced(str(tmp_path))][:2] == ["kernel", "networkmanager"]


@pytest.mark.parametrize(
    "script", sorted(BUILD.parent.glob("*/p[or]*")), ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_a_script_is_one_that_every_shell_reads(script: pathlib.Path) -> None:
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    text = script.read_text()
    assert text.startswith("#!/bin/sh\n")
    assert "\nset -e\n" in text
