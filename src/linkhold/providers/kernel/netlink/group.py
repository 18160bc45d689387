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
_ONLY_GROUP = frozenset({link.IFLA_GROUP})


def free_group(used: Iterable[int]) -> int:
    """A random group number that is not among those in use."""
    taken = set(used)
    while True:
        number = _FIRST_PRIVATE | int.from_bytes(os.urandom(4), "little") >> 2
        if number not in taken:
            return number


def delete_links(netlink: Netlink, links: Sequence[link.LinkMessage]) -> list[Refusal | None]:
    """Delete all of these links; None for each that is gone (before us, too), else why it could not be.

    The kernel deletes a group only if it can delete all of it. So links without a kind (hardware, the loopback), which
    would spoil that, are tried singly; and if it refuses even so, each link goes back to the group it was in and all
    are tried singly, so that the refusal is told of the right one. Raises Refusal when links cannot be listed.
    """
    together = [each for each in links if each.kind is not None]
    outcomes = dict(zip([each.index for each in together], _delete_together(netlink, together), strict=True))
    apart = [each.index for each in links if each.kind is None]
    outcomes.update(zip(apart, delete_singly(netlink, apart), strict=True))
    return [outcomes[each.index] for each in links]


def delete_singly(netlink: Netlink, indices: Sequence[int]) -> list[Refusal | None]:
    """Delete one after the other, 16 to 22 ms each; outcomes like those of `delete_links`."""
    outcomes = netlink.batch(link.delete(index) for index in indices)
    return [each if isinstance(each, Refusal) and each.errno != errno.ENODEV else None for each in outcomes]


def _delete_together(netlink: Netlink, links: Sequence[link.LinkMessage]) -> list[Refusal | None]:
    if not links:
        return []
    group = free_group(each.group for each in link.dump(netlink, only=_ONLY_GROUP))
    moved = netlink.batch(link.change(each.index, u32(link.IFLA_GROUP, group)) for each in links)
    if _delete_group(netlink, group) is not None:
        netlink.batch(link.change(each.index, u32(link.IFLA_GROUP, each.group)) for each in links)
        return delete_singly(netlink, [each.index for each in links])
    return [each if isinstance(each, Refusal) and each.errno != errno.ENODEV else None for each in moved]


def _delete_group(netlink: Netlink, group: int) -> Refusal | None:
    try:
        netlink.request(link.RTM_DELLINK, 0, link.header() + u32(link.IFLA_GROUP, group))
    except Refusal as refusal:
        return None if refusal.errno == errno.ENODEV else refusal
    return None
