"""VXLAN tunnels: IFLA_VXLAN_* of `include/uapi/linux/if_link.h`, `drivers/net/vxlan/vxlan_core.c`."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.rows import BE16, BOOL, IP, U32, Row, decode_rows, encode_rows, section, wanted
from linkhold.providers.kernel.netlink.message import attribute, u32
from linkhold.state.interfaces.vxlan import VxlanConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkhold.foundation.record import Record
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

KERNEL_KIND = "vxlan"
SECTION = "vxlan"

IFLA_VXLAN_ID = 1
IFLA_VXLAN_GROUP = 2
IFLA_VXLAN_LINK = 3
IFLA_VXLAN_LOCAL = 4
IFLA_VXLAN_LEARNING = 7
IFLA_VXLAN_PORT = 15
IFLA_VXLAN_GROUP6 = 16
IFLA_VXLAN_LOCAL6 = 17

_ROWS = (
    Row("id", IFLA_VXLAN_ID, U32),
    Row("learning", IFLA_VXLAN_LEARNING, BOOL),
    Row("destination_port", IFLA_VXLAN_PORT, BE16),
)
_ENDS = (
    Row("local", IFLA_VXLAN_LOCAL, IP),
    Row("local", IFLA_VXLAN_LOCAL6, IP),
    Row("remote", IFLA_VXLAN_GROUP, IP),
    Row("remote", IFLA_VXLAN_GROUP6, IP),
)


def decode(link: LinkMessage, links: Links) -> VxlanConfig:
    """The section of one tunnel. The parent is inside the kind's data, there is no IFLA_LINK."""
    data = link.data
    parent = links.name(U32.decode(data.get(IFLA_VXLAN_LINK, b""))) if links.is_local(link) else None
    return VxlanConfig(parent=parent or UNSET, **decode_rows(_ROWS, data), **decode_rows(_ENDS, data))


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """IFLA_INFO_DATA. Raises KeyError when the parent does not exist."""
    old, new = section(before, SECTION), section(after, SECTION)
    written = encode_rows(_ROWS, old, new)
    written += _end("local", IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6, old, new)
    written += _end("remote", IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6, old, new)
    parent = wanted("parent", old, new)
    if parent is not UNSET and parent:  # the kernel knows no way to take it away again (`vxlan_config_apply`)
        written += u32(IFLA_VXLAN_LINK, indexes[parent])
    return written


def _end(field: str, four: int, six: int, old: Record | None, new: Record | None) -> bytes:
    """One end of the tunnel; '' takes it away, which the kernel wants said as zeros of the family it had."""
    value = wanted(field, old, new)
    if value is UNSET or (not value and old is None):
        return b""
    if not value:
        value = "::" if old is not None and ":" in (old.get(field) or "") else "0.0.0.0"
    return attribute(six if ":" in value else four, IP.encode(value))
