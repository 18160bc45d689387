"""VLANs of bridge ports and bridges: IFLA_BRIDGE_VLAN_INFO of `include/uapi/linux/if_bridge.h`."""

from __future__ import annotations

import struct

from linkhold.providers.kernel.netlink.link import (
    IFLA_AF_SPEC,
    IFLA_EXT_MASK,
    RTEXT_FILTER_BRVLAN_COMPRESSED,
    RTM_DELLINK,
    RTM_GETLINK,
    RTM_NEWLINK,
    RTM_SETLINK,
    LinkMessage,
    header,
)
from linkhold.providers.kernel.netlink.message import Malformed, Request, attribute, nested, pairs, u16, u32, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from linkhold.providers.kernel.netlink.socket import Netlink

AF_BRIDGE = 7

IFLA_BRIDGE_FLAGS = 0
IFLA_BRIDGE_MODE = 1
IFLA_BRIDGE_VLAN_INFO = 2

BRIDGE_FLAGS_MASTER = 1
BRIDGE_FLAGS_SELF = 2

BRIDGE_VLAN_INFO_MASTER = 1 << 0
BRIDGE_VLAN_INFO_PVID = 1 << 1
BRIDGE_VLAN_INFO_UNTAGGED = 1 << 2
BRIDGE_VLAN_INFO_RANGE_BEGIN = 1 << 3
BRIDGE_VLAN_INFO_RANGE_END = 1 << 4
BRIDGE_VLAN_INFO_BRENTRY = 1 << 5

_VLAN_INFO = struct.Struct("=HH")


class VlanRange:
    """The VLANs `first` to `last`, both included, that a port or bridge carries alike.

    `pvid`: untagged frames that come in belong to it (one VLAN at most); `untagged`: its frames go out untagged.
    """

    __slots__ = ("first", "last", "pvid", "untagged")

    def __init__(self, first: int, last: int | None = None, *, pvid: bool = False, untagged: bool = False) -> None:
        self.first = first
        self.last = first if last is None else last
        self.pvid = pvid
        self.untagged = untagged

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, VlanRange):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"VlanRange({self.first}, {self.last}, pvid={self.pvid}, untagged={self.untagged})"

    def _key(self) -> tuple[int, int, bool, bool]:
        return self.first, self.last, self.pvid, self.untagged

    @property
    def flags(self) -> int:
        return (BRIDGE_VLAN_INFO_PVID if self.pvid else 0) | (BRIDGE_VLAN_INFO_UNTAGGED if self.untagged else 0)


def decode(link: LinkMessage) -> list[VlanRange]:
    """The VLANs in a link message of the AF_BRIDGE dump. Raises Malformed."""
    payload = link.attributes.get(IFLA_AF_SPEC)
    if payload is None:
        return []
    found: list[VlanRange] = []
    begun: int | None = None
    for kind, body in pairs(payload):
        if kind != IFLA_BRIDGE_VLAN_INFO:
            continue
        flags, vid = unpack(_VLAN_INFO, body)
        if flags & BRIDGE_VLAN_INFO_RANGE_BEGIN:
            begun = vid
            continue
        first = vid
        if flags & BRIDGE_VLAN_INFO_RANGE_END:
            if begun is None:
                raise Malformed(f"a range of VLANs ends at {vid} and begins nowhere")
            first, begun = begun, None
        found.append(
            VlanRange(
                first,
                vid,
                pvid=bool(flags & BRIDGE_VLAN_INFO_PVID),
                untagged=bool(flags & BRIDGE_VLAN_INFO_UNTAGGED),
            )
        )
    return found


def dump(netlink: Netlink) -> dict[int, list[VlanRange]]:
    """By index of each bridge and bridge port, its VLANs; nothing for one without any. Raises Refusal, Malformed."""
    payload = header(family=AF_BRIDGE) + u32(IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED)
    found: dict[int, list[VlanRange]] = {}
    for kind, data in netlink.dump(RTM_GETLINK, payload):
        if kind != RTM_NEWLINK:
            continue
        link = LinkMessage(data)
        ranges = decode(link)
        if ranges:
            found[link.index] = ranges
    return found


def add(index: int, ranges: Iterable[VlanRange], *, bridge: bool = False) -> Request:
    """Let a port carry VLANs, or change their flags; with `bridge`, the index is that of a bridge itself."""
    return RTM_SETLINK, 0, _payload(index, ranges, bridge)


def remove(index: int, ranges: Iterable[VlanRange], *, bridge: bool = False) -> Request:
    """Let a port carry them no longer; their flags do not matter."""
    return RTM_DELLINK, 0, _payload(index, ranges, bridge)


def _payload(index: int, ranges: Iterable[VlanRange], bridge: bool) -> bytes:
    inside = [u16(IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_SELF)] if bridge else []
    for each in ranges:
        inside += _entries(each)
    return header(index, family=AF_BRIDGE) + nested(IFLA_AF_SPEC, *inside)


def _entries(vlans: VlanRange) -> list[bytes]:
    if vlans.first == vlans.last:
        return [attribute(IFLA_BRIDGE_VLAN_INFO, _VLAN_INFO.pack(vlans.flags, vlans.first))]
    begin, end = vlans.flags | BRIDGE_VLAN_INFO_RANGE_BEGIN, vlans.flags | BRIDGE_VLAN_INFO_RANGE_END
    return [
        attribute(IFLA_BRIDGE_VLAN_INFO, _VLAN_INFO.pack(begin, vlans.first)),
        attribute(IFLA_BRIDGE_VLAN_INFO, _VLAN_INFO.pack(end, vlans.last)),
    ]
