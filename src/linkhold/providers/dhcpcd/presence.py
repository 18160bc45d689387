"""Whether there is a DHCP client here, by a look that costs next to nothing."""

import os
import typing

PROGRAMS: typing.Final = ("/usr/sbin/dhcpcd", "/sbin/dhcpcd", "/usr/bin/dhcpcd")


def program() -> str:
    """The path of dhcpcd(8); '' where it is not installed."""
    return next((path for path in PROGRAMS if os.access(path, os.X_OK)), "")


def present() -> bool:
    """Whether it is installed."""
    return bool(program())
