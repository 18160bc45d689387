"""Stage `address`: addresses are taken away, then given, in the order in which the document says them."""

from __future__ import annotations

import socket

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.applying.batch import GONE, Batch
from linkhold.providers.kernel.applying.host import after_of, before_of, controller_of
from linkhold.providers.kernel.applying.remove import LOOPBACK_ADDRESSES
from linkhold.providers.kernel.netlink import address
from linkhold.state.interfaces.ip import Ip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkhold.planning.change import Change
    from linkhold.providers.kernel.applying.host import Host
    from linkhold.state.interfaces.common import Interface

Address = tuple[str, int]
"""An address and the length of its network."""


def set_addresses(host: Host, changes: Sequence[Change]) -> None:
    """Addresses that go are removed first, from all interfaces: one that moves is never on two."""
    batch = Batch(host.netlink)
    given: list[tuple[Change, Ip, list[Address]]] = []
    for change in changes:
        after = after_of(change)
        if after is None or after.userspace:
            continue
        for family in ("ipv4", "ipv6"):
            section = after.get(family)
            if section is not UNSET:
                given += _take(host, batch, change, family, section)
    for change, section, wanted in given:
        _give(host, batch, change, section, wanted)
    batch.run()


def _take(host: Host, batch: Batch, change: Change, family: str, after: Ip) -> list[tuple[Change, Ip, list[Address]]]:
    """Ask for removals; what is to be given then."""
    before = _section(before_of(change), family)
    old = _static(before)
    new = _static(after) if after.enabled is not False else []
    going = [one for one in old if one not in new]
    if after.enabled is False and before is not None:
        going = [(one.ip, one.prefix_length) for one in before.address] if isinstance(before.address, tuple) else []
    missing = [one for one in new if one not in old]
    again = _reasserted(change) or change.name in host.flapped or _metric(before) != _metric(after)
    if not after.ipv6:
        misplaced = _misplaced(old, new)
        going += misplaced
        again = again or bool(going)  # the kernel may remove a secondary address together with its primary
    for one in going:
        if not (change.name == "lo" and one in LOOPBACK_ADDRESSES):
            request = address.remove(_index(host, change), *one)
            batch.ask(change, f"take {one[0]}/{one[1]} off {change.name}", request, GONE)
    return [(change, after, new if again else missing)]


def _give(host: Host, batch: Batch, change: Change, section: Ip, wanted: list[Address]) -> None:
    """The kernel prefers the IPv4 address that came first, and the IPv6 address that came last."""
    for text, length in reversed(wanted) if section.ipv6 else wanted:
        if change.name == "lo" and (text, length) in LOOPBACK_ADDRESSES:
            continue
        request = address.add(
            _index(host, change),
            text,
            length,
            broadcast=None if section.ipv6 else broadcast(text, length),
            metric=_metric(section),
            replace=True,
        )
        batch.ask(change, f"give {change.name} the address {text}/{length}", request)


def broadcast(text: str, length: int) -> str | None:
    """The last address of an IPv4 network, None for networks too small to have one (RFC 3021)."""
    if length > 30:
        return None
    number = int.from_bytes(socket.inet_aton(text), "big") | (1 << (32 - length)) - 1
    return socket.inet_ntoa(number.to_bytes(4, "big"))


def _misplaced(old: list[Address], new: list[Address]) -> list[Address]:
    """IPv4 addresses that stay but come too early in the kernel's order: those are given again, in order."""
    kept = [one for one in old if one in new]
    if not kept or kernel_order(kept + [one for one in new if one not in kept]) == kernel_order(new):
        return []
    same = 0
    while same < len(kept) and kept[same] == new[same]:
        same += 1
    return kept[same:]


def kernel_order(addresses: Sequence[Address]) -> list[Address]:
    """IPv4 addresses, given in this order, as the kernel lists them: the first of each network, then all others."""
    networks: set[tuple[int, int]] = set()
    first: list[Address] = []
    others: list[Address] = []
    for text, length in addresses:
        network = int.from_bytes(socket.inet_aton(text), "big") >> (32 - length)
        (others if (network, length) in networks else first).append((text, length))
        networks.add((network, length))
    return first + others


def _reasserted(change: Change) -> bool:
    """Whether addresses may have been lost on the way: IPv6 ones are when the link goes down."""
    if change.action != "~" or change.before == change.after or change.risks_of("flap"):
        return True
    moved = controller_of(change.before) != controller_of(change.after)
    return moved or (change.after.wanted and not change.before.wanted)


def _section(interface: Interface | None, family: str) -> Ip | None:
    found = UNSET if interface is None else interface.get(family)
    return found if isinstance(found, Ip) else None


def _static(section: Ip | None) -> list[Address]:
    return [] if section is None else [(one.ip, one.prefix_length) for one in section.static]


def _metric(section: Ip | None) -> int | None:
    value = UNSET if section is None else section.prefix_route_metric
    return value if isinstance(value, int) else None


def _index(host: Host, change: Change) -> int:
    index = host.indexes.get(change.name)
    if index is None:
        text = f"{change.name} can't get addresses: there is no such interface"
        raise Refused(text, change=change, answer=f"ENODEV: {change.name}")
    return index
