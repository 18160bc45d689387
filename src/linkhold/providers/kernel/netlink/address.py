"""IP addresses: `struct ifaddrmsg` and IFA_* of `include/uapi/linux/if_addr.h`."""

from __future__ import annotations

import struct

from linkhold.providers.kernel.netlink.message import (
    NLM_F_CREATE,
    NLM_F_EXCL,
    NLM_F_REPLACE,
    Malformed,
    Request,
    attribute,
    attributes,
    ip_bytes,
    string,
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

RTM_NEWADDR = 20
RTM_DELADDR = 21
RTM_GETADDR = 22

IFA_ADDRESS = 1
IFA_LOCAL = 2
IFA_LABEL = 3
IFA_BROADCAST = 4
IFA_ANYCAST = 5
IFA_CACHEINFO = 6
IFA_MULTICAST = 7
IFA_FLAGS = 8
IFA_RT_PRIORITY = 9
IFA_TARGET_NETNSID = 10
IFA_PROTO = 11

IFA_F_SECONDARY = 0x01
IFA_F_TEMPORARY = IFA_F_SECONDARY
IFA_F_NODAD = 0x02
IFA_F_OPTIMISTIC = 0x04
IFA_F_DADFAILED = 0x08
IFA_F_HOMEADDRESS = 0x10
IFA_F_DEPRECATED = 0x20
IFA_F_TENTATIVE = 0x40
IFA_F_PERMANENT = 0x80
IFA_F_MANAGETEMPADDR = 0x100
IFA_F_NOPREFIXROUTE = 0x200
IFA_F_MCAUTOJOIN = 0x400
IFA_F_STABLE_PRIVACY = 0x800

IFAPROT_UNSPEC = 0
IFAPROT_KERNEL_LO = 1
IFAPROT_KERNEL_RA = 2
IFAPROT_KERNEL_LL = 3

RT_SCOPE_UNIVERSE = 0
RT_SCOPE_LINK = 253
RT_SCOPE_HOST = 254

FOREVER = 0xFFFFFFFF
"""The lifetime of what does not expire, in seconds."""

AF_UNSPEC = 0
AF_INET = 2
AF_INET6 = 10

_IFADDRMSG = struct.Struct("=BBBBI")
_CACHEINFO = struct.Struct("=IIII")  # preferred, valid, created, updated
_header = _IFADDRMSG.unpack_from


class AddressMessage:
    """One address of a link; lazily decoded like LinkMessage."""

    __slots__ = ("attributes", "family", "flags", "index", "prefix_length", "scope")

    def __init__(self, data: bytes) -> None:
        try:
            self.family, self.prefix_length, flags, self.scope, self.index = _header(data)
        except struct.error:
            raise Malformed(f"an address message of {len(data)} bytes") from None
        self.attributes = found = attributes(data, 8)
        wide = found.get(IFA_FLAGS)
        self.flags: int = flags if wide is None else to_u32(wide)

    def __repr__(self) -> str:
        return f"<AddressMessage {self.index} {self.address}/{self.prefix_length}>"

    @property
    def address(self) -> str:
        """The host's own address. Raises Malformed when the message has none."""
        found = self.attributes
        payload = found.get(IFA_LOCAL) or found.get(IFA_ADDRESS)
        if payload is None:
            raise Malformed("an address message without an address")
        return to_ip(payload)

    @property
    def peer(self) -> str | None:
        """The other end of a point-to-point address, None where there is none."""
        local, remote = self.attributes.get(IFA_LOCAL), self.attributes.get(IFA_ADDRESS)
        return to_ip(remote) if local is not None and remote is not None and local != remote else None

    @property
    def broadcast(self) -> str | None:
        payload = self.attributes.get(IFA_BROADCAST)
        return None if payload is None else to_ip(payload)

    @property
    def label(self) -> str | None:
        payload = self.attributes.get(IFA_LABEL)
        return None if payload is None else to_string(payload)

    @property
    def protocol(self) -> int:
        """Who made it (IFAPROT_*), as far as was said."""
        payload = self.attributes.get(IFA_PROTO)
        return IFAPROT_UNSPEC if payload is None else to_u8(payload)

    @property
    def metric(self) -> int | None:
        """Of the prefix route that came with the address."""
        payload = self.attributes.get(IFA_RT_PRIORITY)
        return None if payload is None else to_u32(payload)

    @property
    def preferred_lifetime(self) -> int:
        """Seconds left, FOREVER if it does not expire."""
        return self._lifetimes()[0]

    @property
    def valid_lifetime(self) -> int:
        """Seconds left, FOREVER if it does not expire."""
        return self._lifetimes()[1]

    @property
    def is_permanent(self) -> bool:
        return bool(self.flags & IFA_F_PERMANENT)

    def _lifetimes(self) -> tuple[int, ...]:
        payload = self.attributes.get(IFA_CACHEINFO)
        return (FOREVER, FOREVER) if payload is None else unpack(_CACHEINFO, payload)


def _build(
    index: int,
    address: str,
    prefix_length: int,
    peer: str | None,
    extra: bytes,
    scope: int = RT_SCOPE_UNIVERSE,
) -> bytes:
    local = ip_bytes(address)
    family = AF_INET if len(local) == 4 else AF_INET6
    far = local if peer is None else ip_bytes(peer)
    # IFA_FLAGS carries the flags beyond 8 bits; the header's own are ignored when it is there
    head = _IFADDRMSG.pack(family, prefix_length, 0, scope, index)
    return head + attribute(IFA_LOCAL, local) + attribute(IFA_ADDRESS, far) + extra


def add(
    index: int,
    address: str,
    prefix_length: int,
    *,
    peer: str | None = None,
    broadcast: str | None = None,
    label: str | None = None,
    flags: int = 0,
    scope: int = RT_SCOPE_UNIVERSE,
    preferred_lifetime: int = FOREVER,
    valid_lifetime: int = FOREVER,
    metric: int | None = None,
    protocol: int | None = None,
    replace: bool = False,
) -> Request:
    """Add an address to a link; with `replace`, change one that is there already instead of a refusal (EEXIST).

    Lifetimes are seconds. Raises OSError when a text is no address.
    """
    extra = b""
    if flags:
        extra += u32(IFA_FLAGS, flags)
    if broadcast is not None:
        extra += attribute(IFA_BROADCAST, ip_bytes(broadcast))
    if label is not None:
        extra += string(IFA_LABEL, label)
    if (preferred_lifetime, valid_lifetime) != (FOREVER, FOREVER):
        extra += attribute(IFA_CACHEINFO, _CACHEINFO.pack(preferred_lifetime, valid_lifetime, 0, 0))
    if metric is not None:
        extra += u32(IFA_RT_PRIORITY, metric)
    if protocol is not None:
        extra += u8(IFA_PROTO, protocol)
    mode = NLM_F_CREATE | (NLM_F_REPLACE if replace else NLM_F_EXCL)
    return RTM_NEWADDR, mode, _build(index, address, prefix_length, peer, extra, scope)


def remove(index: int, address: str, prefix_length: int, *, peer: str | None = None) -> Request:
    """Take an address off a link. Refused with EADDRNOTAVAIL when it is not there."""
    return RTM_DELADDR, 0, _build(index, address, prefix_length, peer, b"")


def dump(netlink: Netlink, *, family: int = AF_UNSPEC, index: int = 0) -> list[AddressMessage]:
    """All addresses, or those of a family or a link: filtered in the kernel. Raises Refusal, Malformed.

    Those of one link come in the kernel's order: primary addresses first as they were added (IPv4), by scope (IPv6).
    """
    payload = _IFADDRMSG.pack(family, 0, 0, 0, index)
    return [AddressMessage(data) for kind, data in netlink.dump(RTM_GETADDR, payload) if kind == RTM_NEWADDR]
