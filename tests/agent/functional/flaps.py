"""Whether interfaces stayed as they were all the time: not down, not without carrier, not made anew; by the kernel's news."""

import collections.abc
import contextlib
import socket
import struct

from tests.lab import namespaces

# rtnetlink(7), netdevice(7), socket(7)
RTMGRP_LINK = 1
SO_RCVBUFFORCE = 33
RTM_NEWLINK, RTM_DELLINK = 16, 17
IFF_UP, IFF_RUNNING = 0x1, 0x40
HEADER = struct.Struct("=IHHII")
LINK = struct.Struct("=BxHiII")


@contextlib.contextmanager
def stable(netns: namespaces.Namespace, *names: str) -> collections.abc.Iterator[None]:
    """Fail where any of these flaps within the block."""
    indexes = {netns.ip_json("link", "show", name)[0]["ifindex"]: name for name in names}
    with netns.entered():
        news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    with news:
        news.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
        news.bind((0, RTMGRP_LINK))
        yield
        flapped = {f"{indexes[index]} {what}" for index, what in _troubles(news) if index in indexes}
    assert not flapped, flapped
    after = {netns.ip_json("link", "show", name)[0]["ifindex"]: name for name in names}
    assert after == indexes


def _troubles(news: socket.socket) -> collections.abc.Iterator[tuple[int, str]]:
    """All that came by now: the interface's number, and what became of it."""
    while True:
        try:
            data = news.recv(1 << 16, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        while len(data) >= HEADER.size:
            length, kind, *_ = HEADER.unpack_from(data)
            if kind in (RTM_NEWLINK, RTM_DELLINK):
                family, _, index, flags, _ = LINK.unpack_from(data, HEADER.size)
                if kind == RTM_DELLINK and family == 0:  # a port that leaves its bridge is told by that of AF_BRIDGE
                    yield index, "was removed"
                elif kind == RTM_NEWLINK and flags & (IFF_UP | IFF_RUNNING) != IFF_UP | IFF_RUNNING:
                    yield index, "went down"
            data = data[(length + 3) & ~3 :]
