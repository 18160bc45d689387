"""Whether NetworkManager runs here, by a look that costs next to nothing."""

import os
import typing

SYSTEM_BUS: typing.Final = "/run/dbus/system_bus_socket"
_OTHER_BUS: typing.Final = "/var/run/dbus/system_bus_socket"
RUN: typing.Final = "/run/NetworkManager"


def bus_address() -> str:
    """The address of the system bus, as the D-Bus specification finds it."""
    said = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
    if said:
        return said
    return f"unix:path={SYSTEM_BUS if os.path.exists(SYSTEM_BUS) or not os.path.exists(_OTHER_BUS) else _OTHER_BUS}"


def present() -> bool:
    """Whether the folder that a NetworkManager makes when it starts is there, and a system bus to reach it by.

    It may have died since: then the first call says so.
    """
    return os.path.isdir(RUN) and _reachable(bus_address())


def _reachable(address: str) -> bool:
    kind, _, rest = address.partition(";")[0].partition(":")
    path = dict(part.partition("=")[::2] for part in rest.split(",")).get("path", "")
    return kind != "unix" or not path or os.path.exists(path)
