"""Addresses of interfaces."""

from __future__ import annotations

from linkhold.providers.kernel.netlink import address
from linkhold.providers.kernel.netlink.address import FOREVER, IFA_F_PERMANENT, IFA_RT_PRIORITY, AddressMessage
from linkhold.state.interfaces.ip import IpAddress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.providers.kernel.netlink.socket import Netlink
    from linkhold.providers.kernel.observe.table import Links


class Addresses:
    """The addresses of one interface in one family, in the kernel's order: the first is preferred as a source.

    `metric` is that of the routes to their networks, where any of them says one (IFA_RT_PRIORITY).
    """

    __slots__ = ("addresses", "metric")

    def __init__(self) -> None:
        self.addresses: list[IpAddress] = []
        self.metric: int | None = None


ByFamily = tuple[Addresses, Addresses]
"""IPv4, IPv6."""


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
            pair = found[message.index] = (Addresses(), Addresses())
        those = pair[message.family == address.AF_INET6]
        those.addresses.append(decode(message))
        if IFA_RT_PRIORITY in message.attributes and those.metric is None:
            those.metric = message.metric
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
