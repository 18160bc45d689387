"""Paths in a document as text, and back."""

import re

from linkhold.foundation.diagnostics import Key, Path

_NAMES = re.compile(r"\[[^\]]*\]")
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[]+)")


def steps(path: str) -> Path:
    """The steps of a spelled path: ``interfaces[eth1.7].vlan.id``; a number in brackets is a position."""
    found: list[str | int] = []
    for match in _STEP.finditer(path):
        if match[2] is not None:
            found.append(match[2])
        elif match[1].isdigit() and found and found[-1] == "config":
            found.append(int(match[1]))
        else:
            found.append(Key(match[1]))
    return tuple(found)


def bare(path: str) -> str:
    """A path below its first element without the names in brackets: ``bridge.port.vlan``, to compare with fields."""
    inside = path[path.index("]") + 2 :] if path.startswith("interfaces[") else path
    return _NAMES.sub("", inside) if "[" in inside else inside


def below(path: str, above: str) -> bool:
    """Whether a bare path is another one, or within it."""
    return path == above or path.startswith(f"{above}.")
