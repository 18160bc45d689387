"""The driver of a network card, and its place on the bus (ETHTOOL_GDRVINFO of `include/uapi/linux/ethtool.h`)."""

from __future__ import annotations

import array
import fcntl
import socket
import struct

SIOCETHTOOL = 0x8946
ETHTOOL_GDRVINFO = 3
_SIZE = 196  # struct ethtool_drvinfo
_DRIVER = slice(4, 36)  # behind the command
_BUS = slice(100, 132)  # behind the versions of driver and firmware


def driver_of(name: str) -> tuple[str, str]:
    """The driver's name, and where the card is: on PCI its address. '' where the interface has none, or is gone."""
    answer = array.array("B", struct.pack("=I", ETHTOOL_GDRVINFO) + bytes(_SIZE - 4))
    request = struct.pack("16sP16x", name.encode("utf-8", "surrogateescape"), answer.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        try:
            fcntl.ioctl(channel, SIOCETHTOOL, request)
        except OSError:
            return "", ""
    told = answer.tobytes()
    return _text(told[_DRIVER]), _text(told[_BUS])


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "replace")
