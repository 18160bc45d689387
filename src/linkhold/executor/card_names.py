"""Pinning the names of cards: files of systemd.link(5) that hold them whatever a later udev would call them.

The files are those of ``nmstatectl persist-nic-names``, so either tool finds what the other wrote:

    /etc/systemd/network/98-nmstate-NAME.link       one for each card
    /etc/systemd/network/.nmstate-persist.stamp     it was done once, and is not done again
"""

import os
import typing

from linkhold.foundation.failures import NotPermitted, Permanent
from linkhold.foundation.record import Record
from linkhold.insight.pinning import Pin, pins

if typing.TYPE_CHECKING:
    from linkhold.state.network import NetworkState

FOLDER: typing.Final = "/etc/systemd/network"
STAMP: typing.Final = ".nmstate-persist.stamp"
PREFIX: typing.Final = "98-nmstate-"
SUFFIX: typing.Final = ".link"
_UDEV: typing.Final = "/run/udev/data"
_POLICY: typing.Final = ("ID_NET_NAME_FROM_DATABASE", "ID_NET_NAME_ONBOARD", "ID_NET_NAME_SLOT", "ID_NET_NAME_PATH")
"""The names that udev prefers, in order (NamePolicy of 99-default.link)."""

_TEXT: typing.Final = """\
# Written by linkhold persist-nic-names: {why}.
[Match]
PermanentMACAddress={mac}

[Link]
Name={name}
"""


class Persisted(Record):
    """What was, or would be, done: `files` are written, `removed` are taken away; `arguments` are those for the kernel that
    say the same. `done_before` says that the stamp was there, so that nothing was to be done."""

    files: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    pins: tuple[Pin, ...] = ()
    arguments: tuple[str, ...] = ()
    done_before: bool = False


class Inspected(Record):
    """One card that has, or would get, a file: `predicted` is what udev would call it without ('' if that is not known)."""

    pin: Pin
    file: str
    pinned: bool
    predicted: str = ""


def persist(state: "NetworkState", *, root: str = "", dry_run: bool = False) -> Persisted:
    """Pin the cards of a host. Done once only: what is called otherwise later is called so on purpose.

    Raises:
        Permanent, NotPermitted: a file can't be written.
    """
    folder = root.rstrip("/") + FOLDER
    if os.path.exists(f"{folder}/{STAMP}"):
        return Persisted(done_before=True)
    found = pins(state)
    files = tuple(_file(folder, pin.name) for pin in found)
    if not dry_run:
        try:
            os.makedirs(folder, exist_ok=True)
            for pin, path in zip(found, files, strict=True):
                _write(path, _TEXT.format(why=pin.why, mac=pin.mac.lower(), name=pin.name))
            _write(f"{folder}/{STAMP}", "")
        except OSError as error:
            raise _unable(error) from error
    return Persisted(files=files, pins=found, arguments=tuple(pin.kernel_argument for pin in found))


def inspect(state: "NetworkState", *, root: str = "") -> tuple[Inspected, ...]:
    """The cards that are, or would be, pinned, with what udev would call them."""
    folder = root.rstrip("/") + FOLDER
    return tuple(
        Inspected(
            pin=pin,
            file=_file(folder, pin.name),
            pinned=os.path.exists(_file(folder, pin.name)),
            predicted=predicted(pin.name, root=root),
        )
        for pin in pins(state)
    )


def clean_up(*, root: str = "", dry_run: bool = False) -> Persisted:
    """Take away the files that change nothing: udev would call the card so anyway.

    Raises:
        Permanent, NotPermitted: a file can't be taken away.
    """
    folder = root.rstrip("/") + FOLDER
    removed, arguments = [], []
    for path in _files(folder):
        name = os.path.basename(path).removeprefix(PREFIX).removesuffix(SUFFIX)
        if predicted(name, root=root) != name:
            continue
        removed.append(path)
        mac = _mac_in(path)
        arguments += [f"ifname={name}:{mac}"] if mac else []
    if not dry_run:
        try:
            for path in removed:
                os.unlink(path)
            if not _files(folder) and os.path.exists(f"{folder}/{STAMP}"):
                os.unlink(f"{folder}/{STAMP}")
        except OSError as error:
            raise _unable(error) from error
    return Persisted(removed=tuple(removed), arguments=tuple(arguments))


def predicted(name: str, *, root: str = "") -> str:
    """What udev would call a card by its usual policy: from what it found out about it when the card came. '' where it does
    not know the card, or was told to leave the kernel's names (``net.ifnames=0``)."""
    try:
        with open(f"{root}/sys/class/net/{name}/ifindex", encoding="ascii") as file:
            index = int(file.read())
        with open(f"{root}{_UDEV}/n{index}", encoding="utf-8", errors="replace") as file:
            told = dict(line[2:].rstrip("\n").split("=", 1) for line in file if line.startswith("E:") and "=" in line)
        with open(f"{root}/proc/cmdline", encoding="utf-8", errors="replace") as file:
            words = file.read().split()
    except (OSError, ValueError):
        return ""
    if "net.ifnames=0" in words:
        return ""
    return next((told[key] for key in _POLICY if told.get(key)), "")


def write_arguments(path: str, arguments: typing.Iterable[str]) -> None:
    """Kernel arguments, in one line.

    Raises:
        Permanent, NotPermitted: the file can't be written.
    """
    try:
        _write(path, " ".join(arguments) + "\n")
    except OSError as error:
        raise _unable(error) from error


def _file(folder: str, name: str) -> str:
    return f"{folder}/{PREFIX}{name}{SUFFIX}"


def _files(folder: str) -> list[str]:
    try:
        listed = os.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted(f"{folder}/{one}" for one in listed if one.startswith(PREFIX) and one.endswith(SUFFIX))


def _mac_in(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            key, _, value = line.partition("=")
            if key.strip() in ("PermanentMACAddress", "MACAddress"):
                return value.strip().lower()
    return ""


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _unable(error: OSError) -> Permanent:
    kind = NotPermitted if isinstance(error, PermissionError) else Permanent
    return kind(f"{error.filename}: {error.strerror}", answer=str(error.strerror))
