"""Neighbours (ARP, ND, bridge forwarding entries): `struct ndmsg` and NDA_* of `include/uapi/linux/neighbour.h`."""

from __future__ import annotations

import struct

from linkhold.providers.kernel.netlink.message import (
    NLM_F_CREATE,
    NLM_F_REPLACE,
    Request,
    attribute,
    attributes,
    ip_bytes,
    to_ip,
    to_mac,
    to_u16,
    to_u32,
    u16,
    u32,
    unpack,
)
from linkhold.providers.kernel.netlink.message import mac as mac_attribute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.providers.kernel.netlink.socket import Netlink

RTM_NEWNEIGH = 28
RTM_DELNEIGH = 29
RTM_GETNEIGH = 30

NDA_DST = 1
NDA_LLADDR = 2
NDA_CACHEINFO = 3
NDA_PROBES = 4
NDA_VLAN = 5
NDA_PORT = 6
NDA_VNI = 7
NDA_IFINDEX = 8
NDA_MASTER = 9
NDA_LINK_NETNSID = 10
NDA_SRC_VNI = 11
NDA_PROTOCOL = 12

NUD_INCOMPLETE = 0x01
NUD_REACHABLE = 0x02
NUD_STALE = 0x04
NUD_DELAY = 0x08
NUD_PROBE = 0x10
NUD_FAILED = 0x20
NUD_NOARP = 0x40
NUD_PERMANENT = 0x80

NTF_USE = 0x01
NTF_SELF = 0x02
NTF_MASTER = 0x04
NTF_PROXY = 0x08
NTF_EXT_LEARNED = 0x10
NTF_ROUTER = 0x80

AF_UNSPEC = 0
AF_INET = 2
AF_INET6 = 10
AF_BRIDGE = 7

_NDMSG = struct.Struct("=BxxxiHBB")


class NeighbourMessage:
    """One entry: family, index of the link, NUD_* state, NTF_* flags; the rest decoded when asked."""

    __slots__ = ("attributes", "family", "flags", "index", "state", "type")

    def __init__(self, data: bytes) -> None:
        self.family, self.index, self.state, self.flags, self.type = unpack(_NDMSG, data)
        self.attributes = attributes(data, 12)

    def __repr__(self) -> str:
        return f"<NeighbourMessage {self.index} {self.address or self.hardware_address}>"

    @property
    def address(self) -> str | None:
        """The IP address; for a forwarding entry of a vxlan, the remote end."""
        payload = self.attributes.get(NDA_DST)
        return None if payload is None else to_ip(payload)

    @property
    def hardware_address(self) -> str | None:
        payload = self.attributes.get(NDA_LLADDR)
        return None if payload is None else to_mac(payload)

    @property
    def vlan(self) -> int | None:
        payload = self.attributes.get(NDA_VLAN)
        return None if payload is None else to_u16(payload)

    @property
    def controller(self) -> int | None:
        payload = self.attributes.get(NDA_MASTER)
        return None if payload is None else to_u32(payload)


def _build(
    index: int,
    address: str | None,
    hardware_address: str | None,
    state: int,
    flags: int,
    vlan: int | None,
) -> bytes:
    target = None if address is None else ip_bytes(address)
    family = AF_BRIDGE if flags & (NTF_SELF | NTF_MASTER) or target is None else AF_INET
    if family == AF_INET and target is not None and len(target) == 16:
        family = AF_INET6
    parts = [_NDMSG.pack(family, index, state, flags, 0)]
    if target is not None:
        parts.append(attribute(NDA_DST, target))
    if hardware_address is not None:
        parts.append(mac_attribute(NDA_LLADDR, hardware_address))
    if vlan is not None:
        parts.append(u16(NDA_VLAN, vlan))
    return b"".join(parts)


def add(
    index: int,
    *,
    address: str | None = None,
    hardware_address: str | None = None,
    state: int = NUD_PERMANENT,
    flags: int = 0,
    vlan: int | None = None,
) -> Request:
    """Add or replace an entry. Without an address, or with NTF_SELF or NTF_MASTER, a bridge forwarding entry."""
    mode = NLM_F_CREATE | NLM_F_REPLACE
    return RTM_NEWNEIGH, mode, _build(index, address, hardware_address, state, flags, vlan)


def remove(
    index: int,
    *,
    address: str | None = None,
    hardware_address: str | None = None,
    flags: int = 0,
    vlan: int | None = None,
) -> Request:
    return RTM_DELNEIGH, 0, _build(index, address, hardware_address, 0, flags, vlan)


def dump(
    netlink: Netlink, *, family: int = AF_UNSPEC, index: int | None = None, controller: int | None = None
) -> list[NeighbourMessage]:
    """All entries, or those of a link or of a controller's ports: filtered in the kernel. Raises Refusal, Malformed."""
    # the bridge's own dump takes the link from the header; the others refuse a header with anything in it
    at_head = index if index is not None and family == AF_BRIDGE else 0
    payload = _NDMSG.pack(family, at_head, 0, 0, 0)
    if index is not None and not at_head:
        payload += u32(NDA_IFINDEX, index)
    if controller is not None:
        payload += u32(NDA_MASTER, controller)
    return [NeighbourMessage(data) for kind, data in netlink.dump(RTM_GETNEIGH, payload) if kind == RTM_NEWNEIGH]
