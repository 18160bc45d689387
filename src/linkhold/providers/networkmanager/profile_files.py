"""The files in which NetworkManager keeps profiles: read before a change, put back after it, with or without a daemon.

Sources: NetworkManager.conf(5) (keyfile plugin), nm-settings-keyfile(5), nm-settings-ifcfg-rh(5).
"""

import os
import stat
import typing

from linkhold.foundation.failures import NotPermitted, Refused
from linkhold.providers.networkmanager.inventory import Profile

ON_DISK: typing.Final = "/etc/NetworkManager/system-connections"
IN_RUN: typing.Final = "/run/NetworkManager/system-connections"
FOLDERS: typing.Final = (ON_DISK, IN_RUN)
GLOBAL: typing.Final = "/var/lib/NetworkManager/NetworkManager-intern.conf"
"""Where NetworkManager keeps name servers for the whole host that were set over D-Bus."""

LEFT: typing.Final = "/etc/NetworkManager/conf.d/95-linkhold.conf"
"""See `leaving`."""

_IFCFG: typing.Final = "ifcfg-"
_BESIDE_IFCFG: typing.Final = ("keys-", "route-", "route6-", "rule-", "rule6-")
_MODE: typing.Final = 0o600
"""NetworkManager ignores keyfiles that others can read."""

Texts = dict[str, str]
"""Path to content; bytes that are no UTF-8 as surrogates."""


def in_memory(profile: Profile) -> bool:
    """Whether a profile is gone after a reboot: it has no file, or one below /run."""
    return not profile.file or profile.file.startswith("/run/")


def read_all(root: str, known: typing.Iterable[str] = ()) -> Texts:
    """The text of every profile file, and of those beside them; `known` are paths that NetworkManager told of."""
    paths = {os.path.join(folder, name) for folder in FOLDERS for name in _names(root + folder)}
    for path in known:
        paths |= _family(path)
    paths |= {GLOBAL, LEFT}
    texts = {path: text_of(root + path) for path in sorted(paths) if not path.startswith("/usr/")}
    return {path: text for path, text in texts.items() if text is not None}


def put_back(root: str, originals: Texts, interfaces: typing.Collection[str]) -> bool:
    """Make the files what they were: originals written, and those removed that came since and are for one of these
    interfaces (others are somebody else's). Whether anything had to be done.

    Raises:
        NotPermitted: the folder can't be written to.
        Refused: the disk is full, or broken.
    """
    now = read_all(root, originals)
    changed = False
    for path, text in originals.items():
        if now.get(path) != text:
            write(root + path, text)
            changed = True
    for path in now.keys() - originals.keys():
        if path != GLOBAL and _belongs(path, now[path], interfaces):
            remove(root + path)
            changed = True
    return changed


def interface_of(text: str) -> str:
    """The interface that a keyfile is for; '' where it says none."""
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip()
        elif section == "[connection]" and line.startswith("interface-name="):
            return line.partition("=")[2].strip()
    return ""


def _belongs(path: str, text: str, interfaces: typing.Collection[str]) -> bool:
    if path == LEFT:
        return True
    name = os.path.basename(path)
    if name.startswith((_IFCFG, *_BESIDE_IFCFG)):
        return name.partition("-")[2] in interfaces
    if name.endswith(".nmmeta"):  # says that a profile of this UUID is hidden: made by us if it was not there before
        return True
    return interface_of(text) in interfaces


def _family(path: str) -> set[str]:
    folder, name = os.path.split(path)
    if not name.startswith(_IFCFG):
        return {path}
    rest = name.removeprefix(_IFCFG)
    return {path, *(os.path.join(folder, prefix + rest) for prefix in _BESIDE_IFCFG)}


def _names(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if not name.startswith(".") and not name.endswith("~")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except PermissionError as error:
        raise NotPermitted(f"{folder} can't be read", answer=str(error)) from error


def text_of(path: str) -> str | None:
    """The text of a file; None where there is none."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read() if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
    except (FileNotFoundError, IsADirectoryError):
        return None
    except PermissionError as error:
        raise NotPermitted(f"{path} can't be read", answer=str(error)) from error


def write(path: str, text: str) -> None:
    """Write a file in one go and for good: whoever reads finds the old file or the new one, also after a power cut."""
    folder = os.path.dirname(path)
    new = os.path.join(folder, f".{os.path.basename(path)}.linkhold~")
    try:
        os.makedirs(folder, exist_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _MODE)
        with open(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
        _sync(folder)
    except PermissionError as error:
        raise NotPermitted(f"{path} can't be written", answer=str(error)) from error
    except OSError as error:
        raise Refused(f"{path} can't be written", answer=str(error)) from error


def remove(path: str) -> None:
    """Remove a file, if it is there, for good."""
    try:
        os.unlink(path)
        _sync(os.path.dirname(path))
    except FileNotFoundError:
        return
    except OSError as error:
        raise NotPermitted(f"{path} can't be removed", answer=str(error)) from error


def _sync(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
