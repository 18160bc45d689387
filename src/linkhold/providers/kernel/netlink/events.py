"""What changes, as the kernel tells it: RTNLGRP_* of `include/uapi/linux/rtnetlink.h`."""

from __future__ import annotations

import errno
import select
import socket

from linkhold.providers.kernel.netlink import address, link, neighbour, route, rule
from linkhold.providers.kernel.netlink.message import messages
from linkhold.providers.kernel.netlink.socket import NETLINK_ADD_MEMBERSHIP, NETLINK_ROUTE, SOL_NETLINK, open_socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

RTNLGRP_LINK = 1
RTNLGRP_NEIGH = 3
RTNLGRP_IPV4_IFADDR = 5
RTNLGRP_IPV4_ROUTE = 7
RTNLGRP_IPV4_RULE = 8
RTNLGRP_IPV6_IFADDR = 9
RTNLGRP_IPV6_ROUTE = 11
RTNLGRP_IPV6_IFINFO = 12
RTNLGRP_IPV6_RULE = 19

LINKS = (RTNLGRP_LINK,)
ADDRESSES = (RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR)
ROUTES = (RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE)
RULES = (RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE)
EVERYTHING = LINKS + ADDRESSES + ROUTES + RULES

RECEIVE_BUFFER = 32 << 20
"""Bytes of notifications that may wait: thousands of new links. Granted only with CAP_NET_ADMIN."""

_DATAGRAM = 64 << 10

Subject = link.LinkMessage | address.AddressMessage | route.RouteMessage | rule.RuleMessage | neighbour.NeighbourMessage

_DECODERS: dict[int, Callable[[bytes], Subject]] = {
    link.RTM_NEWLINK: link.LinkMessage,
    link.RTM_DELLINK: link.LinkMessage,
    address.RTM_NEWADDR: address.AddressMessage,
    address.RTM_DELADDR: address.AddressMessage,
    route.RTM_NEWROUTE: route.RouteMessage,
    route.RTM_DELROUTE: route.RouteMessage,
    rule.RTM_NEWRULE: rule.RuleMessage,
    rule.RTM_DELRULE: rule.RuleMessage,
    neighbour.RTM_NEWNEIGH: neighbour.NeighbourMessage,
    neighbour.RTM_DELNEIGH: neighbour.NeighbourMessage,
}


class Event:
    """One notification: its RTM_* kind and the decoded message."""

    __slots__ = ("kind", "subject")

    def __init__(self, kind: int, subject: Subject) -> None:
        self.kind = kind
        self.subject = subject

    def __repr__(self) -> str:
        return f"Event({self.kind}, {self.subject!r})"

    @property
    def is_removal(self) -> bool:
        """RTM_DEL*; an RTM_NEW* may also say that an object changed."""
        return self.kind & 3 == 1


class Lost:
    """Notifications were dropped: whoever keeps a picture has to read everything again."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "LOST"


LOST = Lost()


class Subscription:
    """A socket that hears of changes, for one reader. What it does not fetch in time is lost, and `read` says so."""

    def __init__(self, groups: Iterable[int] = EVERYTHING, *, receive_buffer: int = RECEIVE_BUFFER) -> None:
        self._socket = open_socket(NETLINK_ROUTE, receive_buffer)
        self._socket.setblocking(False)
        self._buffer = bytearray(_DATAGRAM)
        try:
            for group in groups:
                self._socket.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
        except OSError:
            self._socket.close()
            raise

    def read(self) -> list[Event] | Lost:
        """All that waits now, in order; an empty list when nothing does. Raises Malformed.

        LOST when some were dropped; those that waited are dropped too, since the whole has to be read anyway.
        """
        events: list[Event] = []
        lost = False
        while True:
            try:
                size = self._socket.recv_into(self._buffer, 0, socket.MSG_TRUNC)
            except BlockingIOError:
                return LOST if lost else events
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                lost = True
                continue
            if size > len(self._buffer):
                self._buffer = bytearray(2 * size)
                lost = True
            if lost:
                continue
            for kind, _, _, body in messages(bytes(memoryview(self._buffer)[:size])):
                decoder = _DECODERS.get(kind)
                if decoder is not None:
                    events.append(Event(kind, decoder(body)))

    def wait(self, timeout: float | None) -> bool:
        """Wait until there is something to read, at most so many seconds (None: for ever). False when time is up."""
        poll = select.poll()
        poll.register(self._socket.fileno(), select.POLLIN)
        return bool(poll.poll(None if timeout is None else max(0, timeout) * 1000))

    def fileno(self) -> int:
        """For an event loop's reader."""
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Subscription:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
