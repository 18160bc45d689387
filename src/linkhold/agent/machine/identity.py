"""Which host this is: a number of its own that stays, its operating system, its kernel, our versions."""

import functools
import hashlib
import os
import socket
import typing
import uuid

from linkhold.foundation import machine


def host_uuid(*places: str) -> str:
    """A UUID that stays the same for this installation, '' where it has no machine-id(5).

    Made from the machine-id by a keyed hash, as that page asks for: the id itself is not to be told to others.
    """
    identity = machine.identity(*(places or (machine.MACHINE,)))
    if not identity:
        return ""
    return str(uuid.UUID(bytes=hashlib.blake2b(identity, key=b"linkhold host", digest_size=16).digest(), version=4))


def operating_system(root: str = "") -> dict[str, str]:
    """From os-release(5): ``name``, ``version``, ``release``, ``pretty_name``."""
    said = _os_release(root)
    return {
        "name": said.get("ID", "unknown").upper(),
        "version": said.get("VERSION_ID", ""),
        "release": said.get("BUILD_ID", said.get("VERSION_CODENAME", "")),
        "pretty_name": said.get("PRETTY_NAME", ""),
    }


def _os_release(root: str) -> dict[str, str]:
    for path in (f"{root}/etc/os-release", f"{root}/usr/lib/os-release"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                pairs = (line.strip().partition("=") for line in file if "=" in line and not line.startswith("#"))
                return {key: value.strip("\"'") for key, _, value in pairs}
        except FileNotFoundError:
            continue
    return {}


def host_name() -> str:
    """The host's name, as it calls itself."""
    return socket.gethostname()


def packages() -> dict[str, dict[str, str]]:
    """The kernel and us, as vdsm's ``packages2``."""
    kernel = os.uname()
    release, _, build = kernel.release.partition("-")
    return {
        "kernel": {"version": release, "release": build},
        "linkhold": {"version": installed(), "release": ""},
    }


@functools.cache  # what runs stays of the version that was started
def installed() -> str:
    """Our own version, '' where we run from a place without one."""
    from importlib import metadata

    try:
        return metadata.version("linkhold")
    except metadata.PackageNotFoundError:
        return ""


def boot_time(clock: typing.Callable[[], float], since_boot: typing.Callable[[], float]) -> int:
    """When it was booted, seconds since the epoch."""
    return round(clock() - since_boot())
