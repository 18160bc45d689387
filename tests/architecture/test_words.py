"""Our words (docs/glossary.md): one for each thing, and the same in every module."""

import pathlib
import re

import pytest

from tests.architecture import source

BANNED = {
    "ack": "confirm",
    "actual": "current",
    "backend": "provider",
    "delta": "difference",
    "dev": "interface",
    "master": "controller",
    "nic": "interface",
    "op": "change",
    "revert": "rollback",
    "sanitize": "normalise",
    "slave": "port",
    "underlying": "parent",
}
"""Word → ours. Words that mean something else as well (job, link, lower, process, target) are left to the reader."""

EXEMPT_FOLDERS = ("providers/kernel",)
"""There the words of the kernel's headers stand."""

SPELLED_BY_OTHERS = frozenset({"packets_per_slave"})
"""Names that a schema or protocol prescribes to us, so spelled."""


def words(name: str) -> list[str]:
    """`linkUpDelay` and `link_up_delay` → link, up, delay."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")


@pytest.mark.parametrize("module", source.modules(), ids=str)
def test_names_use_the_glossary(module: pathlib.Path) -> None:
    if any(module.is_relative_to(folder) for folder in EXEMPT_FOLDERS):
        offenders = []
    else:
        offenders = [
            f"{module}:{line}: {name}: say {BANNED[word]}, not {word}"
            for name, line in source.defined_names(source.parsed(module))
            if name not in SPELLED_BY_OTHERS
            for word in words(name)
            if word in BANNED
        ]
    assert offenders == []


def test_words_are_told_apart() -> None:
    assert words("RouteTable") == ["route", "table"]
    assert words("_old_dev") == ["", "old", "dev"]
    assert words("device") == ["device"]


def test_the_glossary_bans_what_this_test_bans() -> None:
    glossary = (source.REPOSITORY / "docs/glossary.md").read_text()
    rows = [row.split("|") for row in glossary.splitlines() if row.startswith("|")]
    listed = {word for row in rows if len(row) > 3 for word in re.findall(r"\w+", row[3])}
    assert set(BANNED) - listed - {"underlying"} == set()
