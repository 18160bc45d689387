"""What costs extra calls and is read only where the document or the user asks: ethtool, SR-IOV, Multipath TCP, QoS.

Each group is a handful of dumps for the whole host, whatever the number of its interfaces; only SR-IOV looks into sysfs,
once for each card that has it.
"""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.netlink.generic import Generic, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from linkhold.providers.kernel.netlink.socket import Netlink
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

    Details = dict[str, dict[str, Any]]
    """By name of an interface, the fields to add."""


def with_details(
    interfaces: tuple[Interface, ...], links: Links, netlink: Netlink, groups: frozenset[str]
) -> tuple[Interface, ...]:
    """The interfaces with these groups of fields; a group that this kernel does not have is left out.

    Raises:
        Refusal: the kernel did not answer.
    """
    found = interfaces
    with Generic() as generic:
        for group, read in _READERS.items():
            if group in groups:
                try:
                    found = read(found, links, netlink, generic)
                except Unsupported:  # this kernel has none of it: so nothing is said of it
                    continue
    return found


def _ethtool(
    interfaces: tuple[Interface, ...], links: Links, netlink: Netlink, generic: Generic
) -> tuple[Interface, ...]:
    from linkhold.providers.kernel.observe.hardware import Hardware

    hardware = Hardware(generic)
    return tuple(one.replace(**hardware.fields(one, links.names.index(one.name) or 0)) for one in interfaces)


def _sr_iov(
    interfaces: tuple[Interface, ...], links: Links, netlink: Netlink, generic: Generic
) -> tuple[Interface, ...]:
    from linkhold.providers.kernel.observe.virtual_functions import sr_iov

    found: list[Interface] = []
    for one in interfaces:
        section = sr_iov(netlink, one.name) if one.kind == "ethernet" else None
        if section is not None:
            from linkhold.state.interfaces.ethernet import EthernetConfig

            known = one.get("ethernet")
            base = EthernetConfig() if known is UNSET else known
            one = one.replace(ethernet=base.replace(sr_iov=section))
        found.append(one)
    return tuple(found)


def _mptcp(
    interfaces: tuple[Interface, ...], links: Links, netlink: Netlink, generic: Generic
) -> tuple[Interface, ...]:
    from linkhold.providers.kernel.observe.multipath_tcp import Endpoints

    endpoints = Endpoints(generic)
    return tuple(endpoints.added(one, links.names.index(one.name) or 0) for one in interfaces)


def _qos(interfaces: tuple[Interface, ...], links: Links, netlink: Netlink, generic: Generic) -> tuple[Interface, ...]:
    from linkhold.providers.kernel.observe.traffic import Traffic

    traffic = Traffic(netlink)
    sections = [traffic.section(links.names.index(one.name) or 0) for one in interfaces]
    return tuple(
        one if section is None else one.replace(qos=section) for one, section in zip(interfaces, sections, strict=True)
    )


_READERS: dict[str, Callable[[tuple[Interface, ...], Links, Netlink, Generic], tuple[Interface, ...]]] = {
    "ethtool": _ethtool,
    "sr-iov": _sr_iov,
    "mptcp": _mptcp,
    "qos": _qos,
}
