"""Devices that NetworkManager is to leave alone also after it was started again: those that went to another provider.

What is said over D-Bus (``Managed``) is forgotten at its next start; it would then make a profile of its own for a card that
has none. The file adds to what other files say (NetworkManager.conf(5), ``unmanaged-devices``).
"""

import typing

from linkhold.providers.networkmanager import profile_files

_HEAD: typing.Final = """\
# Written by linkhold: these interfaces are set up by another of its providers.
[keyfile]
unmanaged-devices+="""
_SPEC: typing.Final = "interface-name:="
"""With ``=`` the name is taken as it is, not as a pattern."""


def left(root: str = "") -> frozenset[str]:
    """The names in the file."""
    text = profile_files.text_of(root + profile_files.LEFT) or ""
    listed = text.partition("unmanaged-devices+=")[2].strip().split(";")
    return frozenset(one.removeprefix(_SPEC) for one in listed if one)


def leave(names: typing.Iterable[str], root: str = "") -> None:
    """Add names.

    Raises:
        NotPermitted, Refused: the file can't be written.
    """
    _say(left(root) | set(names), root)


def take(names: typing.Iterable[str], root: str = "") -> bool:
    """Take names away. Whether there were any: NetworkManager then has to read its configuration again.

    Raises:
        NotPermitted, Refused: the file can't be written.
    """
    here = left(root)
    _say(here - set(names), root)
    return not here.isdisjoint(names)


def _say(names: frozenset[str], root: str) -> None:
    if names == left(root):
        return
    if not names:
        profile_files.remove(root + profile_files.LEFT)
    else:
        listed = ";".join(_SPEC + name for name in sorted(names))
        profile_files.write(root + profile_files.LEFT, f"{_HEAD}{listed}\n")
