"""VLANs: IFLA_VLAN_* of `include/uapi/linux/if_link.h`, VLAN_FLAG_* of `if_vlan.h`."""

from __future__ import annotations

import struct

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.rows import U16, Row, choice, decode_rows, encode_rows, section, wanted
from linkhold.providers.kernel.netlink.message import attribute, unpack
from linkhold.state.interfaces.vlan import VlanConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from linkhold.foundation.record import Record, Unset
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

KERNEL_KIND = "vlan"
SECTION = "vlan"

IFLA_VLAN_ID = 1
IFLA_VLAN_FLAGS = 2
IFLA_VLAN_PROTOCOL = 5

VLAN_FLAG_REORDER_HDR = 1
VLAN_FLAG_GVRP = 2
VLAN_FLAG_LOOSE_BINDING = 4
VLAN_FLAG_MVRP = 8

_ROWS = (
    Row("tag", IFLA_VLAN_ID, U16),
    Row("protocol", IFLA_VLAN_PROTOCOL, choice({"802.1q": 0x8100, "802.1ad": 0x88A8}, 2, big=True)),
)
_FLAGS = struct.Struct("=II")  # struct ifla_vlan_flags: values, mask of those that shall change
_REGISTRATION = {"none": 0, "gvrp": VLAN_FLAG_GVRP, "mvrp": VLAN_FLAG_MVRP}


def decode(link: LinkMessage, links: Links) -> VlanConfig:
    """The section of one VLAN."""
    data = link.data
    return VlanConfig(
        parent=links.parent(link) or UNSET, **decode_rows(_ROWS, data), **_decode_flags(data.get(IFLA_VLAN_FLAGS))
    )


def _decode_flags(payload: bytes | None) -> dict[str, Any]:
    flags = unpack(_FLAGS, payload)[0] if payload is not None else 0  # the kernel tells of them only if there are any
    registration = "gvrp" if flags & VLAN_FLAG_GVRP else "mvrp" if flags & VLAN_FLAG_MVRP else "none"
    return {
        "registration_protocol": registration,
        "reorder_headers": bool(flags & VLAN_FLAG_REORDER_HDR),
        "loose_binding": bool(flags & VLAN_FLAG_LOOSE_BINDING),
    }


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """IFLA_INFO_DATA."""
    old, new = section(before, SECTION), section(after, SECTION)
    return encode_rows(_ROWS, old, new) + _encode_flags(old, new)


def _encode_flags(old: Record | None, new: Record | None) -> bytes:
    values = mask = 0
    for field, bit in (("reorder_headers", VLAN_FLAG_REORDER_HDR), ("loose_binding", VLAN_FLAG_LOOSE_BINDING)):
        value = wanted(field, old, new)
        if value is not UNSET:
            mask |= bit
            values |= bit if value else 0
    registration = wanted("registration_protocol", old, new)
    if registration is not UNSET:
        mask |= VLAN_FLAG_GVRP | VLAN_FLAG_MVRP
        values |= _REGISTRATION[registration]
    return attribute(IFLA_VLAN_FLAGS, _FLAGS.pack(values, mask)) if mask else b""


def parent(interface: Interface) -> str | Unset:
    """What it rides on."""
    found = section(interface, SECTION)
    return found.parent if isinstance(found, VlanConfig) else UNSET
