"""Interfaces: what every kind has in common, from one dump; the section of its kind is the leaf's."""

from __future__ import annotations

import sys

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links import KINDS, leaf
from linkhold.providers.kernel.netlink import bridge_vlan, link
from linkhold.providers.kernel.netlink.link import (
    ARPHRD_ETHER,
    ARPHRD_INFINIBAND,
    ARPHRD_LOOPBACK,
    IFF_PROMISC,
    IFF_UP,
    IFLA_ADDRESS,
    IFLA_AF_SPEC,
    IFLA_IFALIAS,
    IFLA_IFNAME,
    IFLA_INFO_KIND,
    IFLA_LINK,
    IFLA_LINK_NETNSID,
    IFLA_LINKINFO,
    IFLA_MASTER,
    IFLA_MAX_MTU,
    IFLA_MIN_MTU,
    IFLA_MTU,
    IFLA_PARENT_DEV_NAME,
    IFLA_PERM_ADDRESS,
    IFLA_PROP_LIST,
    LinkMessage,
)
from linkhold.providers.kernel.netlink.message import attributes
from linkhold.providers.kernel.observe.addresses import Addresses, ByFamily
from linkhold.providers.kernel.observe.family import AF_INET, AF_INET6, ipv4, ipv6
from linkhold.providers.kernel.observe.table import Links
from linkhold.state.interfaces import kind_class
from linkhold.state.interfaces.common import AltName, Interface

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from linkhold.providers.kernel.netlink.socket import Netlink

IFLA_BR_VLAN_FILTERING = 7
_BRIDGE = b"bridge\0"
_MAC_LENGTHS = (6, 20)  # Ethernet, InfiniBand; the "addresses" of tunnels are IP addresses
_BORROWED_MAC = frozenset({"ipvlan", "vrf"})  # they have one, but not as a setting of their own
_HARDWARE = {ARPHRD_ETHER: "ethernet", ARPHRD_INFINIBAND: "infiniband", ARPHRD_LOOPBACK: "loopback"}
_NAMED_DRIVER = frozenset({"veth", "unknown"})

_ATTRIBUTES = frozenset(
    {
        IFLA_ADDRESS,
        IFLA_AF_SPEC,
        IFLA_IFALIAS,
        IFLA_IFNAME,
        IFLA_LINK,
        IFLA_LINKINFO,
        IFLA_LINK_NETNSID,
        IFLA_MASTER,
        IFLA_MAX_MTU,
        IFLA_MIN_MTU,
        IFLA_MTU,
        IFLA_PARENT_DEV_NAME,
        IFLA_PERM_ADDRESS,
        IFLA_PROP_LIST,
    }
)
_ORDER = sys.byteorder
_kinds: dict[bytes, str] = {}


# Which links


def read(netlink: Netlink, names: frozenset[str]) -> Links:
    """All links, or those of these names with what they mention: their controllers, parents and ports.

    Names may be alternative ones; those that nothing has are left out. Raises Refusal.
    """
    if not names:
        table = Links(link.dump(netlink, only=_ATTRIBUTES))
    else:
        found = [message for name in sorted(names) if (message := link.read(netlink, name)) is not None]
        table = Links([*_around(netlink, found), *found], frozenset(message.index for message in found))
    if any(_filters(table.by_index[index]) for index in table.wanted):
        table.vlans = bridge_vlan.dump(netlink)
    return table


def _around(netlink: Netlink, found: Iterable[LinkMessage]) -> list[LinkMessage]:
    mentioned: set[int] = set()
    around: list[LinkMessage] = []
    for message in found:
        mentioned.add(message.controller or 0)
        if IFLA_LINK_NETNSID not in message.attributes:
            mentioned.add(message.parent or 0)
        kind = kind_of(message)
        if getattr(kind_class(kind), "is_controller", False):
            around += link.dump(netlink, controller=message.index)
        elif kind == "hsr":
            around += link.dump(netlink)
    known = {message.index for message in around}
    others = (link.read(netlink, index) for index in sorted(mentioned - known - {0}))
    return around + [message for message in others if message is not None]


def _filters(message: LinkMessage) -> bool:
    return message.info.get(IFLA_INFO_KIND) == _BRIDGE and any(message.data.get(IFLA_BR_VLAN_FILTERING, b""))


# What they are


def interfaces(links: Links, addresses: dict[int, ByFamily], *, carrier: bool = False) -> tuple[Interface, ...]:
    """The links to show as interfaces, sorted by name; with `carrier` those that are up say whether they have one."""
    nothing: ByFamily = (Addresses(), Addresses())
    wanted = [links.by_index[index] for index in links.wanted]
    found = [interface(message, links, addresses.get(message.index, nothing)) for message in wanted]
    if carrier:
        found = [
            one.replace(carrier=message.has_carrier) if message.flags & IFF_UP else one
            for message, one in zip(wanted, found, strict=True)
        ]
    return tuple(sorted(found, key=_name))


def _name(one: Interface) -> str:
    return one.name


def interface(message: LinkMessage, links: Links, addresses: ByFamily) -> Interface:
    """One link as an interface of its kind."""
    said = message.attributes
    kind = kind_of(message)
    module = leaf(kind)
    families = attributes(said[IFLA_AF_SPEC]) if IFLA_AF_SPEC in said else {}
    fields: dict[str, Any] = {
        "name": links.names.name(message.index),
        **_driver(message, kind),
        "state": "up" if message.flags & IFF_UP else "down",
        "mac_address": UNSET if kind in _BORROWED_MAC else _mac(said.get(IFLA_ADDRESS)),
        "mtu": _number(said.get(IFLA_MTU)),
        "min_mtu": _bound(said.get(IFLA_MIN_MTU)),
        "max_mtu": _bound(said.get(IFLA_MAX_MTU)),
        "ipv4": ipv4(families.get(AF_INET), addresses[0]),
        "ipv6": ipv6(families.get(AF_INET6), addresses[1]),
        "accept_all_mac_addresses": bool(message.flags & IFF_PROMISC),
    }
    if IFLA_MASTER in said:
        fields["controller"] = links.name(message.controller) or UNSET
    if IFLA_IFALIAS in said:
        fields["description"] = message.alias or UNSET
    if IFLA_PROP_LIST in said:
        fields["alt_names"] = tuple(AltName(name=name) for name in sorted(message.alternative_names))
    if IFLA_PERM_ADDRESS in said:
        fields["permanent_mac_address"] = _mac(said[IFLA_PERM_ADDRESS])
    if module.SECTION:
        fields[module.SECTION] = module.decode(message, links)
    return kind_class(kind)(**fields)


def kind_of(message: LinkMessage) -> str:
    """The kind as documents call it: what the kernel says, else what the hardware is."""
    payload = message.info.get(IFLA_INFO_KIND)
    if payload is None:
        return _HARDWARE.get(message.arphrd_type, "unknown")
    kind = _kinds.get(payload)
    if kind is None:
        kind = _kinds[payload] = KINDS.get(message.kind or "", "unknown")
    return kind


def _driver(message: LinkMessage, kind: str) -> dict[str, object]:
    """Asked of the driver for hardware only; for kinds without a class of their own, the kernel's word for them."""
    if IFLA_PARENT_DEV_NAME not in message.attributes:
        return {"driver": message.kind or UNSET} if kind in _NAMED_DRIVER else {}
    from linkhold.providers.kernel.observe.driver import driver_of
    from linkhold.state.spellings import pci_address

    driver, place = driver_of(message.name)
    fields: dict[str, object] = {"driver": driver or UNSET}
    try:
        fields["pci_address"] = pci_address(place)
    except ValueError:  # on another bus
        return fields
    return fields


def _mac(payload: bytes | None) -> object:
    return payload.hex(":").upper() if payload is not None and len(payload) in _MAC_LENGTHS else UNSET


def _number(payload: bytes | None) -> object:
    return UNSET if payload is None else int.from_bytes(payload, _ORDER)


def _bound(payload: bytes | None) -> object:
    """0 is no bound."""
    return UNSET if payload is None else int.from_bytes(payload, _ORDER) or UNSET
