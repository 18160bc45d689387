"""Whether there is a DHCP client here, and whether it serves any interface: by looks that cost next to nothing."""

import os
import typing

PROGRAMS: typing.Final = ("/usr/sbin/dhcpcd", "/sbin/dhcpcd", "/usr/bin/dhcpcd")

BASE: typing.Final = "/run/linkhold/leases"
"""Where each interface that has a client has a folder."""


def program() -> str:
    """The path of dhcpcd(8); '' where it is not installed."""
    return next((path for path in PROGRAMS if os.access(path, os.X_OK)), "")


def present() -> bool:
    """Whether it is installed."""
    return bool(program())


def interfaces(base: str = BASE) -> list[str]:
    """The names of interfaces of which anything is known."""
    try:
        return sorted(os.listdir(base))
    except (FileNotFoundError, NotADirectoryError):
        return []
