"""Scripts that NetworkManager's dispatcher runs when an interface came up or went down (NetworkManager-dispatcher(8)).

One file for each interface and event, of a name by which programs written to nmstate know it; between the two markers stands
what the document says.
"""

import os
import typing

from linkhold.foundation.failures import NotPermitted
from linkhold.foundation.record import UNSET
from linkhold.state.interfaces.common import Dispatch, Interface

FOLDER: typing.Final = "/etc/NetworkManager/dispatcher.d"
BEGIN: typing.Final = "## NMSTATE DISPATCH SCRIPT BEGIN"
END: typing.Final = "## NMSTATE DISPATCH SCRIPT END"
_EVENTS: typing.Final = {"post_activation": "up", "post_deactivation": "down"}
_MODE: typing.Final = 0o744


def folder() -> str:
    """Where the dispatcher looks; ``NMSTATE_NM_DISPATCH_DIR`` says otherwise."""
    return os.environ.get("NMSTATE_NM_DISPATCH_DIR") or FOLDER


def read_scripts() -> dict[str, Dispatch]:
    """The scripts there are, by the name of the interface."""
    found: dict[str, dict[str, str]] = {}
    for name in _files():
        for field, event in _EVENTS.items():
            if name.endswith(f"-{event}.sh"):
                interface = name.removeprefix("nmstate-").removesuffix(f"-{event}.sh")
                found.setdefault(interface, {})[field] = _between(_text(os.path.join(folder(), name)))
    return {name: Dispatch(**said) for name, said in found.items()}


def _files() -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder()) if name.startswith("nmstate-"))
    except (FileNotFoundError, PermissionError):
        return []


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except (FileNotFoundError, PermissionError):
        return ""


def _between(text: str) -> str:
    return text.partition(BEGIN + "\n")[2].partition("\n" + END)[0]


def saved_scripts() -> dict[str, str]:
    """The whole text of each script by its path: to be put back."""
    return {path: _text(path) for path in (os.path.join(folder(), name) for name in _files())}


def put_scripts_back(saved: dict[str, str], interfaces: typing.Collection[str]) -> None:
    """Make the scripts of these interfaces what they were."""
    mine = {path_of(name, event) for name in interfaces for event in _EVENTS.values()}
    for path in sorted(mine):
        _put(path, saved.get(path, ""))


def path_of(interface: str, event: str) -> str:
    """Where the script of an interface for an event (``up``, ``down``) stands."""
    return os.path.join(folder(), f"nmstate-{interface}-{event}.sh")


def write_scripts(changes: typing.Iterable[typing.Any]) -> None:
    """Write and remove scripts, as far as these changes of interfaces say anything about them.

    Raises:
        NotPermitted: the folder can't be written to.
    """
    for change in changes:
        before, after = (_said(one) for one in (change.before, change.after))
        name = (change.before if change.after is UNSET else change.after).name
        for field, event in _EVENTS.items():
            if before.get(field, "") != after.get(field, ""):
                _put(path_of(name, event), _script(name, event, after.get(field, "")))


def _said(interface: Interface | typing.Any) -> dict[str, str]:
    said = interface.get("dispatch") if interface is not UNSET else UNSET
    return said.said() if isinstance(said, Dispatch) else {}


def _script(interface: str, event: str, text: str) -> str:
    if not text:
        return ""
    return "\n".join(
        (
            "#!/usr/bin/env bash",
            f'if [[ "$1" == "{interface}" && "$2" == "{event}" ]]; then',
            BEGIN,
            text,
            END,
            "fi",
            "",
        )
    )


def _put(path: str, text: str) -> None:
    """Write a script in one go, or remove it where it is empty."""
    try:
        if not text:
            if os.path.exists(path):
                os.unlink(path)
            return
        if _text(path) == text:
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        new = f"{path}.new~"  # the dispatcher runs no file that ends so
        with open(new, "w", encoding="utf-8", errors="surrogateescape") as file:
            os.fchmod(file.fileno(), _MODE)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except PermissionError as error:
        raise NotPermitted(f"{path} can't be written", answer=str(error)) from error
