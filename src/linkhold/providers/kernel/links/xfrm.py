"""XFRM interfaces: IFLA_XFRM_* of `include/uapi/linux/if_link.h`; shown only."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.plain import encode
from linkhold.providers.kernel.links.rows import U32, Row, decode_rows
from linkhold.state.interfaces.xfrm import XfrmConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links

__all__ = ["KERNEL_KIND", "SECTION", "decode", "encode"]

KERNEL_KIND = "xfrm"
SECTION = "xfrm"

IFLA_XFRM_IF_ID = 2

_ROWS = (Row("id", IFLA_XFRM_IF_ID, U32),)


def decode(link: LinkMessage, links: Links) -> XfrmConfig:
    """The section of one interface."""
    return XfrmConfig(parent=links.parent(link) or UNSET, **decode_rows(_ROWS, link.data))
