"""Speed and duplex of all interfaces, in one dump of ethtool's netlink family; by sysfs where a kernel has none."""

from __future__ import annotations

import os

from linkhold.providers.kernel.netlink import ethtool
from linkhold.providers.kernel.netlink.generic import Generic, Unsupported
from linkhold.providers.kernel.netlink.message import to_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_DUPLEX = {ethtool.DUPLEX_HALF: "half", ethtool.DUPLEX_FULL: "full"}
_UNKNOWN = "unknown"

Speeds = dict[int, tuple[int, str]]
"""By index of a link: Mbit/s (0: none, or not known), and ``full``, ``half`` or ``unknown``."""


def read(names: Mapping[int, str], root: str = "") -> Speeds:
    """Of these links, by index; those whose drivers tell nothing are not in it. Raises Refusal."""
    try:
        with Generic() as generic:
            found = ethtool.Ethtool(generic).read_all(ethtool.ETHTOOL_MSG_LINKMODES_GET)
    except Unsupported:
        return {index: told for index, name in names.items() if (told := _by_file(name, root)) is not None}
    return {index: _by_netlink(told) for index, told in found.items() if index in names}


def _by_netlink(told: Mapping[int, bytes]) -> tuple[int, str]:
    """Just these two of all link modes: `ethtool.LinkModes` would spell out every mode of a thousand links."""
    speed = to_number(told.get(ethtool.ETHTOOL_A_LINKMODES_SPEED, b""))
    duplex = to_number(told.get(ethtool.ETHTOOL_A_LINKMODES_DUPLEX, b"\xff"))
    return 0 if speed == ethtool.SPEED_UNKNOWN else speed, _DUPLEX.get(duplex, _UNKNOWN)


def _by_file(name: str, root: str) -> tuple[int, str] | None:
    """The kernel refuses to read these of a link that is down, and writes -1 for a speed that is not known."""
    folder = os.path.join(f"{root}/sys/class/net", name)
    try:
        with open(f"{folder}/speed", encoding="ascii") as file:
            speed = int(file.read())
        with open(f"{folder}/duplex", encoding="ascii") as file:
            return max(speed, 0), file.read().strip()
    except (OSError, ValueError):
        return None
