"""Policy routing rules: `struct fib_rule_hdr` and FRA_* of `include/uapi/linux/fib_rules.h`."""

from __future__ import annotations

import struct

from linkhold.providers.kernel.netlink.message import (
    NLM_F_CREATE,
    NLM_F_EXCL,
    Request,
    attribute,
    attributes,
    ip_bytes,
    string,
    to_be32,
    to_ip,
    to_string,
    to_u8,
    to_u32,
    u8,
    u32,
    unpack,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.providers.kernel.netlink.socket import Netlink

RTM_NEWRULE = 32
RTM_DELRULE = 33
RTM_GETRULE = 34

FRA_DST = 1
FRA_SRC = 2
FRA_IIFNAME = 3
FRA_GOTO = 4
FRA_PRIORITY = 6
FRA_FWMARK = 10
FRA_FLOW = 11
FRA_TUN_ID = 12
FRA_SUPPRESS_IFGROUP = 13
FRA_SUPPRESS_PREFIXLEN = 14
FRA_TABLE = 15
FRA_FWMASK = 16
FRA_OIFNAME = 17
FRA_L3MDEV = 19
FRA_UID_RANGE = 20
FRA_PROTOCOL = 21
FRA_IP_PROTO = 22
FRA_SPORT_RANGE = 23
FRA_DPORT_RANGE = 24

FR_ACT_UNSPEC = 0
FR_ACT_TO_TBL = 1
FR_ACT_GOTO = 2
FR_ACT_NOP = 3
FR_ACT_BLACKHOLE = 6
FR_ACT_UNREACHABLE = 7
FR_ACT_PROHIBIT = 8

FIB_RULE_PERMANENT = 1
FIB_RULE_INVERT = 2
FIB_RULE_UNRESOLVED = 4
FIB_RULE_IIF_DETACHED = 8
FIB_RULE_OIF_DETACHED = 16

RTPROT_UNSPEC = 0
RTPROT_KERNEL = 2
RTPROT_STATIC = 4

AF_UNSPEC = 0
AF_INET = 2
AF_INET6 = 10

NOTHING_SUPPRESSED = 0xFFFFFFFF

_HEADER = struct.Struct("=BBBBBxxBI")
_RANGE16 = struct.Struct("=HH")
_RANGE32 = struct.Struct("=II")


class RuleMessage:
    """One rule: the header's fields with the full table number, the rest decoded when asked."""

    __slots__ = ("action", "attributes", "destination_length", "family", "flags", "source_length", "table", "tos")

    def __init__(self, data: bytes) -> None:
        (
            self.family,
            self.destination_length,
            self.source_length,
            self.tos,
            table,
            self.action,
            self.flags,
        ) = unpack(_HEADER, data)
        self.attributes = attributes(data, 12)
        wide = self.number(FRA_TABLE)
        self.table = table if wide is None else wide

    def __repr__(self) -> str:
        return f"<RuleMessage {self.priority} table {self.table}>"

    def number(self, kind: int) -> int | None:
        """A 32-bit attribute by its type."""
        payload = self.attributes.get(kind)
        return None if payload is None else to_u32(payload)

    def text(self, kind: int) -> str | None:
        payload = self.attributes.get(kind)
        return None if payload is None else to_string(payload)

    def small(self, kind: int) -> int:
        """An 8-bit attribute by its type, 0 without it."""
        payload = self.attributes.get(kind)
        return 0 if payload is None else to_u8(payload)

    def ip(self, kind: int) -> str | None:
        payload = self.attributes.get(kind)
        return None if payload is None else to_ip(payload)

    def span(self, kind: int) -> tuple[int, int] | None:
        """A range of ports or user ids, both ends included."""
        payload = self.attributes.get(kind)
        if payload is None:
            return None
        first, last = unpack(_RANGE32 if kind == FRA_UID_RANGE else _RANGE16, payload)
        return first, last

    @property
    def priority(self) -> int:
        return self.number(FRA_PRIORITY) or 0

    @property
    def source(self) -> str | None:
        """The network without its length (`source_length`), None for all."""
        return self.ip(FRA_SRC)

    @property
    def destination(self) -> str | None:
        return self.ip(FRA_DST)

    @property
    def iif(self) -> str | None:
        return self.text(FRA_IIFNAME)

    @property
    def oif(self) -> str | None:
        return self.text(FRA_OIFNAME)

    @property
    def mark(self) -> int | None:
        return self.number(FRA_FWMARK)

    @property
    def mask(self) -> int | None:
        return self.number(FRA_FWMASK)

    @property
    def goto(self) -> int | None:
        return self.number(FRA_GOTO)

    @property
    def protocol(self) -> int:
        """Who made it, an RTPROT_*."""
        return self.small(FRA_PROTOCOL)

    @property
    def ip_protocol(self) -> int:
        return self.small(FRA_IP_PROTO)

    @property
    def is_l3mdev(self) -> bool:
        """The one rule all VRFs share."""
        return bool(self.small(FRA_L3MDEV))

    @property
    def is_inverted(self) -> bool:
        return bool(self.flags & FIB_RULE_INVERT)

    @property
    def suppress_prefix_length(self) -> int | None:
        value = self.number(FRA_SUPPRESS_PREFIXLEN)
        return None if value == NOTHING_SUPPRESSED else value

    @property
    def suppress_group(self) -> int | None:
        value = self.number(FRA_SUPPRESS_IFGROUP)
        return None if value == NOTHING_SUPPRESSED else value

    @property
    def flow(self) -> int | None:
        return self.number(FRA_FLOW)

    @property
    def tunnel(self) -> int | None:
        """The upper half of the 64-bit tunnel id is not used by anyone; this is the lower."""
        payload = self.attributes.get(FRA_TUN_ID)
        return None if payload is None else to_be32(payload[4:8])


def build(
    family: int,
    *,
    priority: int | None = None,
    table: int = 0,
    action: int = FR_ACT_TO_TBL,
    source: str | None = None,
    source_length: int = 0,
    destination: str | None = None,
    destination_length: int = 0,
    iif: str | None = None,
    oif: str | None = None,
    mark: int | None = None,
    mask: int | None = None,
    tos: int = 0,
    goto: int | None = None,
    protocol: int | None = RTPROT_STATIC,
    ip_protocol: int | None = None,
    source_ports: tuple[int, int] | None = None,
    destination_ports: tuple[int, int] | None = None,
    users: tuple[int, int] | None = None,
    suppress_prefix_length: int | None = None,
    suppress_group: int | None = None,
    l3mdev: bool = False,
    invert: bool = False,
) -> bytes:
    """The payload for RTM_NEWRULE or RTM_DELRULE. Without a priority the kernel chooses one below the lowest.

    Raises OSError when a text is no address.
    """
    flags = FIB_RULE_INVERT if invert else 0
    small = table if table < 256 else 0
    parts = [_HEADER.pack(family, destination_length, source_length, tos, small, action, flags)]
    if table:
        parts.append(u32(FRA_TABLE, table))
    if source is not None and source_length:
        parts.append(attribute(FRA_SRC, ip_bytes(source)))
    if destination is not None and destination_length:
        parts.append(attribute(FRA_DST, ip_bytes(destination)))
    names = ((FRA_IIFNAME, iif), (FRA_OIFNAME, oif))
    parts += [string(kind, text) for kind, text in names if text is not None]
    words = (
        (FRA_PRIORITY, priority),
        (FRA_FWMARK, mark),
        (FRA_FWMASK, mask),
        (FRA_GOTO, goto),
        (FRA_SUPPRESS_PREFIXLEN, suppress_prefix_length),
        (FRA_SUPPRESS_IFGROUP, suppress_group),
    )
    parts += [u32(kind, number) for kind, number in words if number is not None]
    octets = ((FRA_PROTOCOL, protocol), (FRA_IP_PROTO, ip_protocol), (FRA_L3MDEV, 1 if l3mdev else None))
    parts += [u8(kind, number) for kind, number in octets if number is not None]
    spans = (
        (FRA_SPORT_RANGE, _RANGE16, source_ports),
        (FRA_DPORT_RANGE, _RANGE16, destination_ports),
        (FRA_UID_RANGE, _RANGE32, users),
    )
    parts += [attribute(kind, layout.pack(*span)) for kind, layout, span in spans if span is not None]
    return b"".join(parts)


def same(rule: RuleMessage) -> bytes:
    """The payload that names exactly this rule, as read: to remove it, or to put it back."""
    flags = rule.flags & (FIB_RULE_INVERT | FIB_RULE_PERMANENT)
    small = rule.table if rule.table < 256 else 0
    head = _HEADER.pack(rule.family, rule.destination_length, rule.source_length, rule.tos, small, rule.action, flags)
    wanted = [
        attribute(kind, payload)
        for kind, payload in rule.attributes.items()
        # what is not suppressed is told as ~0, which the kernel does not take back for the prefix length
        if not (kind in (FRA_SUPPRESS_PREFIXLEN, FRA_SUPPRESS_IFGROUP) and payload == b"\xff\xff\xff\xff")
    ]
    return head + b"".join(wanted)


def add(payload: bytes) -> Request:
    """Refused with EEXIST when there is one just like it."""
    return RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, payload


def remove(payload: bytes) -> Request:
    """Remove the first rule that agrees with all the payload says. Refused with ENOENT when there is none."""
    return RTM_DELRULE, 0, payload


def dump(netlink: Netlink, *, family: int = AF_UNSPEC) -> list[RuleMessage]:
    """The rules of one family, or of IPv4 and IPv6. Raises Refusal, Malformed."""
    found: list[RuleMessage] = []
    for one in (AF_INET, AF_INET6) if family == AF_UNSPEC else (family,):
        replies = netlink.dump(RTM_GETRULE, _HEADER.pack(one, 0, 0, 0, 0, 0, 0))
        found += [RuleMessage(data) for kind, data in replies if kind == RTM_NEWRULE]
    return found
