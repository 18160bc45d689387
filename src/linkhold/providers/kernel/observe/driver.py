"""The driver of a network card (ETHTOOL_GDRVINFO of `include/uapi/linux/ethtool.h`)."""

from __future__ import annotations

import array
import fcntl
import socket
import struct

SIOCETHTOOL = 0x8946
ETHTOOL_GDRVINFO = 3
_SIZE = 196  # struct ethtool_drvinfo: the command, then the driver's name in 32 bytes, then what we don't read


def driver_of(name: str) -> str | None:
    """The driver's name; None where the interface has none, or is gone."""
    answer = array.array("B", struct.pack("=I", ETHTOOL_GDRVINFO) + bytes(_SIZE - 4))
    request = struct.pack("16sP16x", name.encode("utf-8", "surrogateescape"), answer.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        try:
            fcntl.ioctl(channel, SIOCETHTOOL, request)
        except OSError:
            return None
    return answer.tobytes()[4:36].split(b"\0", 1)[0].decode() or None
