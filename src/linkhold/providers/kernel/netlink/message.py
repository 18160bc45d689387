"""Netlink messages and attributes as bytes: building them, and walking them in one pass.

Sources: `include/uapi/linux/netlink.h`, `lib/nlattr.c`. Integers are in host byte order unless a name says `be`.

Payloads are plain `bytes`: slicing them is quicker than slicing a `memoryview`, and a kept attribute does not keep
the whole receive buffer alive.
"""

from __future__ import annotations

import socket
import struct
import sys

TYPE_CHECKING = False  # `typing` costs more to import than this whole module
if TYPE_CHECKING:
    from collections.abc import Iterator

NLMSG_NOOP = 1
NLMSG_ERROR = 2
NLMSG_DONE = 3
NLMSG_OVERRUN = 4
NLMSG_MIN_TYPE = 0x10

NLM_F_REQUEST = 0x01
NLM_F_MULTI = 0x02
NLM_F_ACK = 0x04
NLM_F_ECHO = 0x08
NLM_F_DUMP_INTR = 0x10
NLM_F_DUMP_FILTERED = 0x20
NLM_F_ROOT = 0x100
NLM_F_MATCH = 0x200
NLM_F_DUMP = NLM_F_ROOT | NLM_F_MATCH
NLM_F_REPLACE = 0x100
NLM_F_EXCL = 0x200
NLM_F_CREATE = 0x400
NLM_F_APPEND = 0x800
NLM_F_CAPPED = 0x100
NLM_F_ACK_TLVS = 0x200

NLA_F_NESTED = 0x8000
NLA_F_NET_BYTEORDER = 0x4000
NLA_TYPE_MASK = 0x3FFF

NLMSG_HDRLEN = 16
_NLMSGHDR = struct.Struct("=IHHII")
_NLATTR = struct.Struct("=HH")
_PADDING = (b"", b"\0\0\0", b"\0\0", b"\0")
_U16 = struct.Struct("=H")
_U32 = struct.Struct("=I")
_U64 = struct.Struct("=Q")
_I32 = struct.Struct("=i")
_BE16 = struct.Struct(">H")
_BE32 = struct.Struct(">I")

Request = tuple[int, int, bytes]
"""A request without its envelope: message type, flags (NLM_F_REQUEST and NLM_F_ACK are added when sent), payload."""

Message = tuple[int, bytes]
"""A reply without its envelope: message type, payload (family header and attributes)."""


class Malformed(ValueError):
    """A message or attribute whose lengths contradict themselves, or a payload of the wrong size."""


# Building


def message(kind: int, flags: int, sequence: int, payload: bytes) -> bytes:
    """One netlink message, padded to 4 bytes; the port id is left to the kernel."""
    size = NLMSG_HDRLEN + len(payload)
    return _NLMSGHDR.pack(size, kind, flags, sequence, 0) + payload + _PADDING[size & 3]


def attribute(kind: int, payload: bytes = b"") -> bytes:
    """One attribute, padded to 4 bytes. Raises Malformed when the payload exceeds what its 16-bit length can say."""
    size = 4 + len(payload)
    if size > 0xFFFF:
        raise Malformed(f"attribute {kind & NLA_TYPE_MASK}: {len(payload)} bytes do not fit into one attribute")
    return _NLATTR.pack(size, kind) + payload + _PADDING[size & 3]


def nested(kind: int, *children: bytes) -> bytes:
    """An attribute that holds attributes, marked NLA_F_NESTED as strict parsers want it."""
    return attribute(kind | NLA_F_NESTED, b"".join(children))


def flag(kind: int) -> bytes:
    """An attribute that says all by being there."""
    return _NLATTR.pack(4, kind)


def u8(kind: int, value: int) -> bytes:
    return attribute(kind, value.to_bytes(1, "little"))


def u16(kind: int, value: int) -> bytes:
    return attribute(kind, value.to_bytes(2, sys.byteorder))


def u32(kind: int, value: int) -> bytes:
    return attribute(kind, value.to_bytes(4, sys.byteorder))


def u64(kind: int, value: int) -> bytes:
    return attribute(kind, value.to_bytes(8, sys.byteorder))


def i32(kind: int, value: int) -> bytes:
    return attribute(kind, value.to_bytes(4, sys.byteorder, signed=True))


def be16(kind: int, value: int) -> bytes:
    return attribute(kind, value.to_bytes(2, "big"))


def be32(kind: int, value: int) -> bytes:
    return attribute(kind, value.to_bytes(4, "big"))


def string(kind: int, text: str) -> bytes:
    """A NUL-terminated string; bytes that were no UTF-8 when read survive the way back."""
    return attribute(kind, text.encode("utf-8", "surrogateescape") + b"\0")


def ip(kind: int, text: str) -> bytes:
    """An IPv4 or IPv6 address, 4 or 16 bytes. Raises OSError when the text is no address."""
    return attribute(kind, ip_bytes(text))


def mac(kind: int, text: str) -> bytes:
    """A hardware address of any length, written as hexadecimal bytes between colons."""
    return attribute(kind, bytes.fromhex(text.replace(":", "")))


def ip_bytes(text: str) -> bytes:
    """`10.0.0.1` as 4 bytes, `fe80::1` as 16. Raises OSError when the text is no address."""
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


# Walking


def attributes(data: bytes, offset: int = 0, end: int | None = None) -> dict[int, bytes]:
    """The attributes in `data[offset:end]` by type, without the nested and byte-order marks.

    Of a repeated type the last one counts, as in the kernel's own parser; use `pairs` where a type may repeat.
    Raises Malformed when a length reaches outside.
    """
    limit = len(data) if end is None else end
    if limit > len(data):
        raise Malformed(f"attributes shall end at {limit}, the data already ends at {len(data)}")
    header = _NLATTR.unpack_from
    found: dict[int, bytes] = {}
    try:
        while offset < limit:
            length, kind = header(data, offset)
            stop = offset + length
            if length < 4 or stop > limit:
                raise Malformed(f"attribute {kind & 0x3FFF} at {offset}: length {length} with {limit - offset} left")
            found[kind & 0x3FFF] = data[offset + 4 : stop]
            offset += (length + 3) & -4
    except struct.error:
        raise Malformed(f"attribute at {offset}: its header is cut off") from None
    return found


def chosen(data: bytes, offset: int, wanted: frozenset[int]) -> dict[int, bytes]:
    """Like `attributes`, keeping only those of some types: of a link with fifty attributes mostly a dozen matter."""
    limit = len(data)
    header = _NLATTR.unpack_from
    found: dict[int, bytes] = {}
    try:
        while offset < limit:
            length, kind = header(data, offset)
            stop = offset + length
            if length < 4 or stop > limit:
                raise Malformed(f"attribute {kind & 0x3FFF} at {offset}: length {length} with {limit - offset} left")
            if kind & 0x3FFF in wanted:
                found[kind & 0x3FFF] = data[offset + 4 : stop]
            offset += (length + 3) & -4
    except struct.error:
        raise Malformed(f"attribute at {offset}: its header is cut off") from None
    return found


def pairs(data: bytes, offset: int = 0, end: int | None = None) -> list[tuple[int, bytes]]:
    """Like `attributes`, in order and with every repetition."""
    limit = len(data) if end is None else end
    if limit > len(data):
        raise Malformed(f"attributes shall end at {limit}, the data already ends at {len(data)}")
    found: list[tuple[int, bytes]] = []
    while offset < limit:
        if offset + 4 > limit:
            raise Malformed(f"attribute at {offset}: its header is cut off")
        length, kind = _NLATTR.unpack_from(data, offset)
        if length < 4 or offset + length > limit:
            raise Malformed(f"attribute {kind & 0x3FFF} at {offset}: length {length} with {limit - offset} left")
        found.append((kind & NLA_TYPE_MASK, data[offset + 4 : offset + length]))
        offset += (length + 3) & -4
    return found


def messages(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """The messages in one datagram: type, flags, sequence number, payload. Raises Malformed."""
    offset, limit = 0, len(data)
    while offset < limit:
        if offset + NLMSG_HDRLEN > limit:
            raise Malformed(f"message at {offset}: its header is cut off")
        length, kind, flags, sequence, _ = _NLMSGHDR.unpack_from(data, offset)
        if length < NLMSG_HDRLEN or offset + length > limit:
            raise Malformed(f"message {kind} at {offset}: length {length} with {limit - offset} left")
        yield kind, flags, sequence, data[offset + NLMSG_HDRLEN : offset + length]
        offset += (length + 3) & -4


# Reading payloads


def _number(layout: struct.Struct, payload: bytes) -> int:
    try:
        value: int = layout.unpack(payload)[0]
    except struct.error:
        raise Malformed(f"{len(payload)} bytes where {layout.size} were expected") from None
    return value


def to_u8(payload: bytes) -> int:
    if len(payload) != 1:
        raise Malformed(f"{len(payload)} bytes where 1 was expected")
    return payload[0]


def to_u16(payload: bytes) -> int:
    return _number(_U16, payload)


def to_u32(payload: bytes) -> int:
    return _number(_U32, payload)


def to_u64(payload: bytes) -> int:
    return _number(_U64, payload)


def to_i32(payload: bytes) -> int:
    return _number(_I32, payload)


def to_be16(payload: bytes) -> int:
    return _number(_BE16, payload)


def to_be32(payload: bytes) -> int:
    return _number(_BE32, payload)


def to_number(payload: bytes) -> int:
    """An unsigned number in host order of whatever size the kernel chose."""
    return int.from_bytes(payload, sys.byteorder)


def to_string(payload: bytes) -> str:
    """Text up to its terminating NUL, if it has one; bytes that are no UTF-8 are kept as surrogates."""
    return payload.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def to_ip(payload: bytes) -> str:
    """4 or 16 bytes as an address in its canonical text (RFC 5952)."""
    if len(payload) == 4:
        return socket.inet_ntop(socket.AF_INET, payload)
    if len(payload) == 16:
        text = socket.inet_ntop(socket.AF_INET6, payload)
        return _without_dots(payload) if "." in text else text
    raise Malformed(f"{len(payload)} bytes are neither an IPv4 nor an IPv6 address")


def _without_dots(payload: bytes) -> str:
    """The C library writes the end of some addresses as IPv4 (``::0.10.0.11``); documents spell them as Python does."""
    import ipaddress

    return str(ipaddress.IPv6Address(payload))


def to_mac(payload: bytes) -> str:
    """A hardware address as lower-case hexadecimal bytes between colons; empty for an empty payload."""
    return payload.hex(":") if payload else ""


def unpack(layout: struct.Struct, data: bytes) -> tuple[int, ...]:
    """The fixed header at the start of a payload. Raises Malformed when the payload is shorter."""
    try:
        return layout.unpack_from(data)
    except struct.error:
        raise Malformed(f"{len(data)} bytes, its header alone has {layout.size}") from None
