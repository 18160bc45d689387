"""Counters of every link, by one dump of links and one of ethtool's link modes; nobody's privileges are needed."""

from __future__ import annotations

import struct

from linkhold.networks.traffic import Traffic
from linkhold.providers.kernel.inventory import speeds
from linkhold.providers.kernel.netlink import link
from linkhold.providers.kernel.netlink.message import unpack
from linkhold.providers.kernel.netlink.socket import Netlink
from linkhold.providers.kernel.unreadable import reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.providers.kernel.netlink.link import LinkMessage

_COUNTERS = struct.Struct("=8Q")
"""The head of `struct rtnl_link_stats64`: packets, bytes, errors, dropped; of each first received, then sent."""

_CARRYING = frozenset({link.IF_OPER_UP, link.IF_OPER_UNKNOWN})
_ATTRIBUTES = frozenset({link.IFLA_IFNAME, link.IFLA_OPERSTATE, link.IFLA_STATS64})
_SILENT = (0, "unknown")


def read(netlink: Netlink | None = None, *, root: str = "") -> tuple[Traffic, ...]:
    """Of all links of this network namespace, sorted by name. `root` is put before the paths of files.

    Raises:
        Temporary, NotPermitted, Refused: the kernel did not answer a dump.
    """
    with reading(netlink) as opened:
        return _read(opened, root)


def _read(netlink: Netlink, root: str) -> tuple[Traffic, ...]:
    links = link.dump(netlink, only=_ATTRIBUTES)
    carrying = {message.index: message.name for message in links if message.has_carrier}
    known = speeds.read(carrying, root)
    return tuple(sorted(_traffic(message, known.get(message.index, _SILENT)) for message in links))


def _traffic(message: LinkMessage, told: tuple[int, str]) -> Traffic:
    counters = message.attributes.get(link.IFLA_STATS64, bytes(_COUNTERS.size))
    _, _, received, sent, receive_errors, send_errors, receive_dropped, send_dropped = unpack(_COUNTERS, counters)
    return Traffic(
        name=message.name,
        up=message.is_up and message.operstate in _CARRYING,
        speed=told[0],
        duplex=told[1],
        received=received,
        sent=sent,
        receive_errors=receive_errors,
        send_errors=send_errors,
        receive_dropped=receive_dropped,
        send_dropped=send_dropped,
    )
