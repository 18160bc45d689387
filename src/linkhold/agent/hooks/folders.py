"""Which scripts there are for a moment (a *point*, in vdsm's word)."""

import os
import stat
import typing

POINTS: typing.Final = (
    "before_network_setup",
    "after_network_setup",
    "after_network_setup_fail",
    "before_get_caps",
    "after_get_caps",
    "before_get_stats",
    "after_get_stats",
)


class Found(typing.NamedTuple):
    """The scripts of a point in the order in which they run, and what lies there but is not run, with the reason."""

    scripts: tuple[str, ...]
    passed_over: tuple[tuple[str, str], ...]


def scripts(folders: typing.Iterable[str], point: str) -> Found:
    """Everything executable in the point's folders, sorted by name whatever folder it is in (vdsm's ``hooks.py``).

    What everybody may write to is passed over: it would let anybody act as the agent.
    """
    found: list[str] = []
    passed_over: list[tuple[str, str]] = []
    for folder in folders:
        place = folder.format(point=point)
        for name in _names(place):
            path = f"{place}/{name}"
            reason = _reason_against(path)
            if reason:
                passed_over.append((path, reason))
            elif os.access(path, os.X_OK):
                found.append(path)
    return Found(tuple(sorted(found, key=lambda path: (os.path.basename(path), path))), tuple(passed_over))


def _names(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _reason_against(path: str) -> str:
    try:
        mode = os.stat(path).st_mode
        around = os.stat(os.path.dirname(path)).st_mode
    except OSError as error:
        return str(error.strerror)
    if not stat.S_ISREG(mode):
        return "it is no file"
    if (mode | around) & stat.S_IWOTH:
        return "everybody may write to it or to its folder"
    return ""
