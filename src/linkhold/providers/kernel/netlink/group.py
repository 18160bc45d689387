"""Deleting many links at once.

Deleted one by one, each link waits for a grace period of the kernel (16 to 22 ms); all links of a group share one.
So the links are given a group number of their own first, and the group is deleted. Bridges gain nothing: each waits
while it holds the kernel's lock (`net/bridge/br_if.c`).
"""

from __future__ import annotations

import errno
import os

from linkhold.providers.kernel.netlink import link
from linkhold.providers.kernel.netlink.message import u32
from linkhold.providers.kernel.netlink.socket import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from linkhold.providers.kernel.netlink.socket import Netlink

_FIRST_PRIVATE = 1 << 30  # far from the numbers people choose and name in /etc/iproute2/group


def free_group(used: Iterable[int]) -> int:
    """A random group number that is not among those in use."""
    taken = set(used)
    while True:
        number = _FIRST_PRIVATE | int.from_bytes(os.urandom(4), "little") >> 2
        if number not in taken:
            return number


def delete_links(netlink: Netlink, links: Sequence[link.LinkMessage]) -> list[Refusal | None]:
    """Delete all of these links; None for each that is gone (before us, too), else why it could not be.

    When the kernel cannot delete one of them, each goes back to its group and they are deleted singly, so that the
    refusal is told of the right one. Raises Refusal when links cannot be listed.
    """
    used = [each.group for each in link.dump(netlink)]
    group = free_group(used)
    moved = netlink.batch(link.change(each.index, u32(link.IFLA_GROUP, group)) for each in links)
    outcomes = [each if isinstance(each, Refusal) else None for each in moved]
    if any(each is None for each in outcomes):
        refusal = _delete_group(netlink, group)
        if refusal is not None:
            netlink.batch(link.change(each.index, u32(link.IFLA_GROUP, each.group)) for each in links)
            return delete_singly(netlink, [each.index for each in links])
    return [None if each is not None and each.errno == errno.ENODEV else each for each in outcomes]


def delete_singly(netlink: Netlink, indices: Sequence[int]) -> list[Refusal | None]:
    """Delete one after the other, 16 to 22 ms each; outcomes like those of `delete_links`."""
    outcomes = netlink.batch(link.delete(index) for index in indices)
    return [each if isinstance(each, Refusal) and each.errno != errno.ENODEV else None for each in outcomes]


def _delete_group(netlink: Netlink, group: int) -> Refusal | None:
    try:
        netlink.request(link.RTM_DELLINK, 0, link.header() + u32(link.IFLA_GROUP, group))
    except Refusal as refusal:
        return None if refusal.errno == errno.ENODEV else refusal
    return None
