"""What each package holds: which file of the tree goes where, and what is made on the way. Nothing is written here."""

import dataclasses
import gzip
import os
import pathlib
import subprocess
import sys
import tomllib
import typing

REPOSITORY: typing.Final = pathlib.Path(__file__).resolve().parents[2]
RECIPES: typing.Final = REPOSITORY / "packaging/debian"
MODULES: typing.Final = "usr/lib/python3/dist-packages"
UNITS: typing.Final = "lib/systemd/system"

COMMAND: typing.Final = """\
#!/usr/bin/python3 -I
import sys
from {module} import {function}
sys.exit({function}())
"""
"""Isolated (-I): what root runs does not depend on PYTHONPATH or on modules in somebody's home."""


@dataclasses.dataclass(frozen=True)
class File:
    """One file of a package: its path without the leading slash, its content, its mode."""

    path: str
    content: bytes
    mode: int = 0o644


@dataclasses.dataclass(frozen=True)
class Package:
    """A package: its name, its version, its files; `settings` are those that belong to the administrator (conffiles)."""

    name: str
    version: str
    files: tuple[File, ...]
    settings: tuple[str, ...] = ()


def packages() -> tuple[Package, ...]:
    """All packages of the tree."""
    return linkhold(), libnmstate()


def linkhold() -> Package:
    """The program with its units."""
    project = _project(REPOSITORY)
    files = [
        *_modules(REPOSITORY / "src/linkhold"),
        _metadata(project),
        _command("linkhold", project),
        *(_copy(path, UNITS) for path in sorted((REPOSITORY / "packaging/systemd").iterdir())),
        _copy(RECIPES / "systemd/linkhold-agent.path", UNITS),
        _copy(RECIPES / "systemd/linkhold-agent.service.d/enrolled.conf", f"{UNITS}/linkhold-agent.service.d"),
        _copy(REPOSITORY / "packaging/sysusers.d/linkhold.conf", "usr/lib/sysusers.d"),
        _copy(REPOSITORY / "packaging/tmpfiles.d/linkhold.conf", "usr/lib/tmpfiles.d"),
        _copy(REPOSITORY / "packaging/linkhold.toml", "etc/linkhold"),
        _packed(REPOSITORY / "docs/reference/linkhold.8", "usr/share/man/man8"),
        File("usr/share/bash-completion/completions/linkhold", _completion("bash")),
        File("usr/share/fish/vendor_completions.d/linkhold.fish", _completion("fish")),
        _packed(REPOSITORY / "CHANGELOG.md", "usr/share/doc/linkhold"),
        *(_copy(path, "usr/share/doc/linkhold/examples") for path in sorted((REPOSITORY / "examples").glob("*.yml"))),
        *_always("linkhold"),
    ]
    return Package("linkhold", project["version"], tuple(files), settings=("/etc/linkhold/linkhold.toml",))


def libnmstate() -> Package:
    """The face for programs written for nmstate."""
    tree = REPOSITORY / "compat/libnmstate"
    project = _project(tree)
    files = [
        *_modules(tree / "libnmstate"),
        _metadata(project),
        *(_command(name, project) for name in project["scripts"]),
        _copy(tree / "nmstate.service", UNITS),
        *_always("linkhold-libnmstate"),
    ]
    return Package("linkhold-libnmstate", project["version"], tuple(files))


def _project(tree: pathlib.Path) -> dict[str, typing.Any]:
    found: dict[str, typing.Any] = tomllib.loads((tree / "pyproject.toml").read_text())["project"]
    return found


def _modules(package: pathlib.Path) -> list[File]:
    """A Python package without what was compiled: that is done where it is installed."""
    found = sorted(path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return [File(f"{MODULES}/{path.relative_to(package.parent)}", path.read_bytes()) for path in found]


def _metadata(project: typing.Mapping[str, typing.Any]) -> File:
    """By which `importlib.metadata` finds name and version (PEP 376, Metadata 2.1)."""
    lines = {
        "Metadata-Version": "2.1",
        "Name": project["name"],
        "Version": project["version"],
        "Summary": project["description"],
        "License": project["license"],
        "Requires-Python": project["requires-python"],
    }
    text = "".join(f"{key}: {value}\n" for key, value in lines.items())
    text += "".join(f"Requires-Dist: {one}\n" for one in project["dependencies"])
    folder = f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    return File(f"{MODULES}/{folder}/METADATA", text.encode())


def _command(name: str, project: typing.Mapping[str, typing.Any]) -> File:
    module, _, function = project["scripts"][name].partition(":")
    return File(f"usr/bin/{name}", COMMAND.format(module=module, function=function).encode(), 0o755)


def _copy(path: pathlib.Path, folder: str) -> File:
    return File(f"{folder}/{path.name}", path.read_bytes())


def _packed(path: pathlib.Path, folder: str) -> File:
    """Compressed, without the time at which that was done."""
    return File(f"{folder}/{path.name}.gz", gzip.compress(path.read_bytes(), mtime=0))


def _always(name: str) -> list[File]:
    """What Debian wants of every package."""
    folder = f"usr/share/doc/{name}"
    files = [_copy(RECIPES / "copyright", folder), _packed(RECIPES / "changelog", folder)]
    overrides = RECIPES / name / "lintian-overrides"
    if overrides.exists():
        files.append(File(f"usr/share/lintian/overrides/{name}", overrides.read_bytes()))
    return files


def _completion(shell: str) -> bytes:
    """What the command itself prints."""
    command = [sys.executable, "-m", "linkhold", "completion", shell]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout
