"""Addresses of interfaces."""

from __future__ import annotations

from linkhold.providers.kernel.netlink import address
from linkhold.providers.kernel.netlink.address import FOREVER, IFA_F_PERMANENT, AddressMessage
from linkhold.state.interfaces.ip import IpAddress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.providers.kernel.netlink.socket import Netlink
    from linkhold.providers.kernel.observe.table import Links

ByFamily = tuple[list[IpAddress], list[IpAddress]]
"""IPv4 addresses, IPv6 addresses, in the kernel's order: the first is the one preferred as a source."""


def read(netlink: Netlink, only: Links | None) -> dict[int, ByFamily]:
    """The addresses by index of their interface; with `only`, those of its wanted links, filtered in the kernel."""
    if only is None:
        messages = address.dump(netlink)
    else:
        messages = [message for index in sorted(only.wanted) for message in address.dump(netlink, index=index)]
    found: dict[int, ByFamily] = {}
    for message in messages:
        pair = found.get(message.index)
        if pair is None:
            pair = found[message.index] = ([], [])
        pair[message.family == address.AF_INET6].append(decode(message))
    return found


def decode(message: AddressMessage) -> IpAddress:
    """One address; lifetimes are said only where they end."""
    if message.flags & IFA_F_PERMANENT:
        return IpAddress(ip=message.address, prefix_length=message.prefix_length)
    return IpAddress(
        ip=message.address,
        prefix_length=message.prefix_length,
        valid_life_time=lifetime(message.valid_lifetime),
        preferred_life_time=lifetime(message.preferred_lifetime),
    )


def lifetime(seconds: int) -> str:
    """``3599sec``, or ``forever``."""
    return "forever" if seconds == FOREVER else f"{seconds}sec"
