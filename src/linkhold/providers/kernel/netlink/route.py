"""Routes: `struct rtmsg` and RTA_*, RTAX_* of `include/uapi/linux/rtnetlink.h`."""

from __future__ import annotations

import errno
import struct

from linkhold.providers.kernel.netlink.message import (
    NLM_F_APPEND,
    NLM_F_CREATE,
    NLM_F_EXCL,
    NLM_F_REPLACE,
    Malformed,
    Request,
    attribute,
    attributes,
    ip_bytes,
    nested,
    string,
    to_ip,
    to_string,
    to_u8,
    to_u16,
    to_u32,
    u8,
    u32,
)
from linkhold.providers.kernel.netlink.socket import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from linkhold.providers.kernel.netlink.socket import Netlink

RTM_NEWROUTE = 24
RTM_DELROUTE = 25
RTM_GETROUTE = 26

RTA_DST = 1
RTA_SRC = 2
RTA_IIF = 3
RTA_OIF = 4
RTA_GATEWAY = 5
RTA_PRIORITY = 6
RTA_PREFSRC = 7
RTA_METRICS = 8
RTA_MULTIPATH = 9
RTA_FLOW = 11
RTA_CACHEINFO = 12
RTA_TABLE = 15
RTA_MARK = 16
RTA_VIA = 18
RTA_PREF = 20
RTA_ENCAP_TYPE = 21
RTA_ENCAP = 22
RTA_EXPIRES = 23
RTA_NH_ID = 30

RTN_UNSPEC = 0
RTN_UNICAST = 1
RTN_LOCAL = 2
RTN_BROADCAST = 3
RTN_ANYCAST = 4
RTN_MULTICAST = 5
RTN_BLACKHOLE = 6
RTN_UNREACHABLE = 7
RTN_PROHIBIT = 8
RTN_THROW = 9

RTPROT_UNSPEC = 0
RTPROT_REDIRECT = 1
RTPROT_KERNEL = 2
RTPROT_BOOT = 3
RTPROT_STATIC = 4
RTPROT_RA = 9
RTPROT_DHCP = 16
RTPROT_BGP = 186

RT_SCOPE_UNIVERSE = 0
RT_SCOPE_SITE = 200
RT_SCOPE_LINK = 253
RT_SCOPE_HOST = 254
RT_SCOPE_NOWHERE = 255

RT_TABLE_UNSPEC = 0
RT_TABLE_COMPAT = 252
RT_TABLE_DEFAULT = 253
RT_TABLE_MAIN = 254
RT_TABLE_LOCAL = 255

RTM_F_CLONED = 0x200
RTNH_F_DEAD = 1
RTNH_F_PERVASIVE = 2
RTNH_F_ONLINK = 4
RTNH_F_OFFLOAD = 8
RTNH_F_LINKDOWN = 16

RTAX_LOCK = 1
RTAX_MTU = 2
RTAX_WINDOW = 3
RTAX_RTT = 4
RTAX_RTTVAR = 5
RTAX_SSTHRESH = 6
RTAX_CWND = 7
RTAX_ADVMSS = 8
RTAX_REORDERING = 9
RTAX_HOPLIMIT = 10
RTAX_INITCWND = 11
RTAX_FEATURES = 12
RTAX_RTO_MIN = 13
RTAX_INITRWND = 14
RTAX_QUICKACK = 15
RTAX_CC_ALGO = 16
RTAX_FASTOPEN_NO_COOKIE = 17

AF_UNSPEC = 0
AF_INET = 2
AF_INET6 = 10

_RTMSG = struct.Struct("=BBBBBBBBI")
_RTNEXTHOP = struct.Struct("=HBBi")
_header = _RTMSG.unpack_from
_word = struct.Struct("=I").unpack_from


class NextHop:
    """One way of a multipath route. `weight` counts from 1 (the kernel's rtnh_hops counts from 0)."""

    __slots__ = ("flags", "gateway", "oif", "weight")

    def __init__(self, oif: int = 0, gateway: str | None = None, weight: int = 1, flags: int = 0) -> None:
        self.oif = oif
        self.gateway = gateway
        self.weight = weight
        self.flags = flags

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NextHop):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"NextHop(oif={self.oif}, gateway={self.gateway!r}, weight={self.weight}, flags={self.flags:#x})"

    def _key(self) -> tuple[int, str | None, int, int]:
        return self.oif, self.gateway, self.weight, self.flags


class RouteMessage:
    """One route: the header's fields with the full table number, the rest decoded when asked.

    Raises Malformed for contradicting lengths. What the message does not have reads as None, a collection as empty.
    """

    __slots__ = (
        "attributes",
        "destination_length",
        "family",
        "flags",
        "protocol",
        "scope",
        "source_length",
        "table",
        "tos",
        "type",
    )

    def __init__(self, data: bytes) -> None:
        try:
            (
                self.family,
                self.destination_length,
                self.source_length,
                self.tos,
                table,
                self.protocol,
                self.scope,
                self.type,
                self.flags,
            ) = _header(data)
            self.attributes = found = attributes(data, 12)
            self.table: int = _word(found[RTA_TABLE])[0] if RTA_TABLE in found else table
        except struct.error:
            raise Malformed(f"a route message of {len(data)} bytes") from None

    def __repr__(self) -> str:
        return f"<RouteMessage {self.destination}/{self.destination_length} table {self.table}>"

    def number(self, kind: int) -> int | None:
        """A 32-bit attribute by its type."""
        payload = self.attributes.get(kind)
        return None if payload is None else to_u32(payload)

    def ip(self, kind: int) -> str | None:
        """An address by its type."""
        payload = self.attributes.get(kind)
        return None if payload is None else to_ip(payload)

    @property
    def destination(self) -> str:
        """The network without its length (`destination_length`); all zeros for a default route."""
        payload = self.attributes.get(RTA_DST)
        if payload is None:
            return "0.0.0.0" if self.family == AF_INET else "::"
        return to_ip(payload)

    @property
    def source(self) -> str | None:
        """IPv6 only: the source network the route is for, of `source_length`."""
        return self.ip(RTA_SRC)

    @property
    def gateway(self) -> str | None:
        """The next hop, of the other family too (RTA_VIA, RFC 5549); None for a multipath route."""
        return _gateway(self.attributes)

    @property
    def oif(self) -> int | None:
        """Index of the link out; None for a multipath route and for types that lead nowhere."""
        return self.number(RTA_OIF)

    @property
    def metric(self) -> int:
        """RTA_PRIORITY; 0 for IPv4 routes that have none said."""
        return self.number(RTA_PRIORITY) or 0

    @property
    def preferred_source(self) -> str | None:
        return self.ip(RTA_PREFSRC)

    @property
    def metrics(self) -> dict[int, int]:
        """RTAX_* that are numbers; the congestion control is `congestion_control`."""
        found = self._metrics()
        return {kind: to_u32(payload) for kind, payload in found.items() if kind != RTAX_CC_ALGO}

    @property
    def congestion_control(self) -> str | None:
        payload = self._metrics().get(RTAX_CC_ALGO)
        return None if payload is None else to_string(payload)

    @property
    def next_hops(self) -> list[NextHop]:
        """The ways of a multipath route, empty for any other."""
        payload = self.attributes.get(RTA_MULTIPATH)
        return [] if payload is None else _next_hops(payload)

    @property
    def next_hop_id(self) -> int | None:
        """The next-hop object it goes through."""
        return self.number(RTA_NH_ID)

    @property
    def preference(self) -> int | None:
        """RFC 4191 router preference: 0 medium, 1 high, 3 low."""
        payload = self.attributes.get(RTA_PREF)
        return None if payload is None else to_u8(payload)

    @property
    def encapsulation(self) -> int | None:
        """LWTUNNEL_ENCAP_*."""
        payload = self.attributes.get(RTA_ENCAP_TYPE)
        return None if payload is None else to_u16(payload)

    @property
    def expires(self) -> int | None:
        """Seconds an IPv6 route has left, None if it stays (rta_expires counts in 1/100 s)."""
        payload = self.attributes.get(RTA_CACHEINFO)
        if payload is None or len(payload) < 12:
            return None
        ticks: int = struct.unpack_from("=i", payload, 8)[0]
        return ticks // 100 if ticks else None

    def _metrics(self) -> dict[int, bytes]:
        payload = self.attributes.get(RTA_METRICS)
        return {} if payload is None else attributes(payload)


def _gateway(found: Mapping[int, bytes]) -> str | None:
    payload = found.get(RTA_GATEWAY)
    if payload is not None:
        return to_ip(payload)
    payload = found.get(RTA_VIA)  # struct rtvia: the family in 2 bytes, then the address
    return None if payload is None else to_ip(payload[2:])


def _next_hops(payload: bytes) -> list[NextHop]:
    hops: list[NextHop] = []
    offset, limit = 0, len(payload)
    while offset < limit:
        if offset + 8 > limit:
            raise Malformed(f"next hop at {offset}: its header is cut off")
        length, flags, more, oif = _RTNEXTHOP.unpack_from(payload, offset)
        if length < 8 or offset + length > limit:
            raise Malformed(f"next hop at {offset}: length {length} with {limit - offset} left")
        gateway = _gateway(attributes(payload, offset + 8, offset + length))
        hops.append(NextHop(oif, gateway, more + 1, flags))
        offset += (length + 3) & -4
    return hops


# Requests


def build(
    destination: str,
    destination_length: int,
    *,
    table: int = RT_TABLE_MAIN,
    protocol: int = RTPROT_STATIC,
    scope: int | None = None,
    route_type: int = RTN_UNICAST,
    tos: int = 0,
    flags: int = 0,
    oif: int | None = None,
    gateway: str | None = None,
    metric: int | None = None,
    preferred_source: str | None = None,
    source: str | None = None,
    source_length: int = 0,
    metrics: Mapping[int, int] | None = None,
    congestion_control: str | None = None,
    next_hops: Sequence[NextHop] = (),
    preference: int | None = None,
) -> bytes:
    """The payload for RTM_NEWROUTE or RTM_DELROUTE. The family is that of the destination.

    Without a scope: link for IPv4 unicast without a gateway, host for local, universe for all else, as `ip route`
    chooses. Raises OSError when a text is no address.
    """
    target = ip_bytes(destination)
    family = AF_INET if len(target) == 4 else AF_INET6
    if scope is None:
        scope = usual_scope(family, route_type, gateway is not None or bool(next_hops))
    small = table if table < 256 else RT_TABLE_UNSPEC
    parts = [
        _RTMSG.pack(family, destination_length, source_length, tos, small, protocol, scope, route_type, flags),
        u32(RTA_TABLE, table),
    ]
    if destination_length:
        parts.append(attribute(RTA_DST, target))
    if source is not None and source_length:
        parts.append(attribute(RTA_SRC, ip_bytes(source)))
    if metric is not None:
        parts.append(u32(RTA_PRIORITY, metric))
    if oif is not None:
        parts.append(u32(RTA_OIF, oif))
    if gateway is not None:
        parts.append(_via(family, gateway))
    if preferred_source is not None:
        parts.append(attribute(RTA_PREFSRC, ip_bytes(preferred_source)))
    if metrics or congestion_control:
        parts.append(_metrics(metrics or {}, congestion_control))
    if next_hops:
        parts.append(nested(RTA_MULTIPATH, *[_next_hop(family, hop) for hop in next_hops]))
    if preference is not None:
        parts.append(u8(RTA_PREF, preference))
    return b"".join(parts)


def usual_scope(family: int, route_type: int, has_gateway: bool) -> int:
    """RT_SCOPE_* of a route for which none is said, as `ip route` chooses it."""
    if family == AF_INET6:
        return RT_SCOPE_UNIVERSE
    if route_type == RTN_LOCAL:
        return RT_SCOPE_HOST
    if route_type in (RTN_UNICAST, RTN_BROADCAST, RTN_MULTICAST, RTN_ANYCAST) and not has_gateway:
        return RT_SCOPE_LINK
    return RT_SCOPE_UNIVERSE


def _via(family: int, gateway: str) -> bytes:
    address = ip_bytes(gateway)
    other = AF_INET if len(address) == 4 else AF_INET6
    if other == family:
        return attribute(RTA_GATEWAY, address)
    return attribute(RTA_VIA, struct.pack("=H", other) + address)


def _metrics(numbers: Mapping[int, int], congestion_control: str | None) -> bytes:
    inside = [u32(kind, value) for kind, value in numbers.items()]
    if congestion_control:
        inside.append(string(RTAX_CC_ALGO, congestion_control))
    return nested(RTA_METRICS, *inside)


def _next_hop(family: int, hop: NextHop) -> bytes:
    inside = b"" if hop.gateway is None else _via(family, hop.gateway)
    body = _RTNEXTHOP.pack(8 + len(inside), hop.flags, hop.weight - 1, hop.oif) + inside
    return body + b"\0" * (-len(body) % 4)


def add(payload: bytes, *, replace: bool = False, append: bool = False) -> Request:
    """Add a route made by `build`: refused with EEXIST if there is one like it, unless it shall replace that one."""
    mode = NLM_F_REPLACE if replace else NLM_F_APPEND if append else NLM_F_EXCL
    return RTM_NEWROUTE, NLM_F_CREATE | mode, payload


def remove(payload: bytes) -> Request:
    """Remove the first route that agrees with all the payload says. Refused with ESRCH when there is none."""
    return RTM_DELROUTE, 0, payload


def same(route: RouteMessage) -> bytes:
    """The payload that names exactly this route, as read: to remove it, or to put it back."""
    small = route.table if route.table < 256 else RT_TABLE_UNSPEC
    lasting = route.flags & (RTNH_F_ONLINK | RTNH_F_PERVASIVE)
    head = _RTMSG.pack(
        route.family,
        route.destination_length,
        route.source_length,
        route.tos,
        small,
        route.protocol,
        route.scope,
        route.type,
        lasting,
    )
    wanted = [
        attribute(kind, payload) for kind, payload in route.attributes.items() if kind not in (RTA_CACHEINFO, RTA_TABLE)
    ]
    return head + u32(RTA_TABLE, route.table) + b"".join(wanted)


# Reading


def dump(
    netlink: Netlink,
    *,
    family: int = AF_UNSPEC,
    table: int | None = None,
    protocol: int = RTPROT_UNSPEC,
    route_type: int = RTN_UNSPEC,
    oif: int | None = None,
) -> list[RouteMessage]:
    """Routes of one family or both, without cached ones; table, protocol, type and link are filtered in the kernel.

    A table that does not exist is empty. Raises Refusal, Malformed.
    """
    found: list[RouteMessage] = []
    for one in (AF_INET, AF_INET6) if family == AF_UNSPEC else (family,):
        small = table if table is not None and table < 256 else RT_TABLE_UNSPEC
        payload = _RTMSG.pack(one, 0, 0, 0, small, protocol, 0, route_type, 0)
        if table is not None:
            payload += u32(RTA_TABLE, table)
        if oif is not None:
            payload += u32(RTA_OIF, oif)
        try:
            replies = netlink.dump(RTM_GETROUTE, payload)
        except Refusal as refusal:
            if refusal.errno in (errno.ENOENT, errno.ENODEV):  # no such table, no such link
                continue
            raise
        found += [RouteMessage(data) for kind, data in replies if kind == RTM_NEWROUTE]
    return found


def lookup(netlink: Netlink, destination: str, *, mark: int | None = None) -> RouteMessage:
    """The route the kernel would take to an address now. Raises Refusal (ENETUNREACH and the like)."""
    target = ip_bytes(destination)
    family = AF_INET if len(target) == 4 else AF_INET6
    payload = _RTMSG.pack(family, len(target) * 8, 0, 0, 0, 0, 0, 0, 0) + attribute(RTA_DST, target)
    if mark is not None:
        payload += u32(RTA_MARK, mark)
    for kind, data in netlink.request(RTM_GETROUTE, 0, payload):
        if kind == RTM_NEWROUTE:
            return RouteMessage(data)
    raise Malformed("the kernel answered a route lookup without a route")
