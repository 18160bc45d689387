"""Tables that say how the fields of a section are spelled in netlink, used in both directions.

A leaf lists its fields as rows ``Row("tag", IFLA_VLAN_ID, U16)``; `decode_rows` and `encode_rows` do the rest. Numbers are
in host byte order unless the codec's name begins with ``BE`` (`include/uapi/linux/if_link.h` says which is which).
"""

from __future__ import annotations

import sys

from linkhold.foundation.record import UNSET, Record
from linkhold.providers.kernel.netlink.message import attribute, ip_bytes, to_ip
from linkhold.state.fields import Default, fields_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Literal

_ORDER = sys.byteorder


class Codec:
    """How one value is read from, and written to, the payload of an attribute.

    `decode` gives `UNSET` for what a document can't say.
    """

    __slots__ = ("decode", "encode")

    def __init__(self, decode: Callable[[bytes], Any], encode: Callable[[Any], bytes]) -> None:
        self.decode = decode
        self.encode = encode


class Row:
    """One field of a section and the attribute that carries it."""

    __slots__ = ("attribute", "codec", "field")

    def __init__(self, field: str, attribute: int, codec: Codec) -> None:
        self.field = field
        self.attribute = attribute
        self.codec = codec


def decode_rows(rows: Iterable[Row], data: Mapping[int, bytes]) -> dict[str, Any]:
    """The fields that `data` has, by name; a value a document can't say is `UNSET`, which records drop."""
    said: dict[str, Any] = {}
    for row in rows:
        payload = data.get(row.attribute)
        if payload is not None:
            said[row.field] = row.codec.decode(payload)
    return said


def encode_rows(rows: Iterable[Row], before: Record | None, after: Record | None) -> bytes:
    """The attributes of the fields in which `after` differs from `before` (all that are said when `before` is None)."""
    written: list[bytes] = []
    for row in rows:
        value = wanted(row.field, before, after)
        if value is not UNSET:
            written.append(attribute(row.attribute, row.codec.encode(value)))
    return b"".join(written)


def wanted(field: str, before: Record | None, after: Record | None) -> Any:
    """The value to write for a field, `UNSET` when there is nothing to write.

    A field that was said before and no longer is goes back to the kernel's default, where the field says what that is.
    """
    was = UNSET if before is None else before.get(field)
    value = UNSET if after is None else after.get(field)
    if value is UNSET and before is not None and was is not UNSET:
        value = default(before, field)
    return UNSET if value is UNSET or value == was else value


def default(record: Record, field: str) -> Any:
    """What the absence of a field means on a host, `UNSET` where that is not known."""
    marker = fields_of(type(record))[field].marker(Default)
    return UNSET if marker is None else marker.value


def section(holder: Record | None, name: str) -> Record | None:
    """A section of an interface (or of a section), None when it is not said."""
    found = None if holder is None else holder.get(name)
    return found if isinstance(found, Record) else None


def unsigned(size: int) -> Codec:
    """A number of so many bytes in host order."""
    return Codec(lambda payload: int.from_bytes(payload, _ORDER), lambda value: int(value).to_bytes(size, _ORDER))


def choice(words: Mapping[str, int], size: int, *, big: bool = False) -> Codec:
    """A word for a number of so many bytes; numbers without a word can't be said."""
    order: Literal["big", "little"] = "big" if big else _ORDER
    by_number = {number: word for word, number in words.items()}
    return Codec(
        lambda payload: by_number.get(int.from_bytes(payload, order), UNSET),
        lambda value: words[value].to_bytes(size, order),
    )


def _decode_ip(payload: bytes) -> Any:
    return to_ip(payload) if any(payload) else UNSET


def _encode_ip(value: str) -> bytes:
    return ip_bytes(value)


def to_mac(payload: bytes) -> str:
    """A hardware address as a document spells it: upper case."""
    return payload.hex(":").upper()


U8 = unsigned(1)
U16 = unsigned(2)
U32 = unsigned(4)
U64 = unsigned(8)
I32 = Codec(
    lambda payload: int.from_bytes(payload, _ORDER, signed=True),
    lambda value: int(value).to_bytes(4, _ORDER, signed=True),
)
BE16 = Codec(lambda payload: int.from_bytes(payload, "big"), lambda value: int(value).to_bytes(2, "big"))
BOOL = Codec(any, lambda value: b"\1" if value else b"\0")
IP = Codec(_decode_ip, _encode_ip)
MAC = Codec(to_mac, lambda value: bytes.fromhex(value.replace(":", "")))
SECONDS = Codec(  # clock_t: 1/100 s, whatever the kernel's HZ is; it may give back one tick less than it was given
    lambda payload: (int.from_bytes(payload, _ORDER) + 50) // 100,
    lambda value: int(value * 100).to_bytes(4, _ORDER),
)
