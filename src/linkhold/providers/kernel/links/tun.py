"""TUN and TAP: IFLA_TUN_* of `include/uapi/linux/if_link.h`. They are made through /dev/net/tun, so netlink only shows them."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.plain import encode
from linkhold.providers.kernel.links.rows import BOOL, U32, Row, choice, decode_rows
from linkhold.state.interfaces.tun import TunConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links

__all__ = ["KERNEL_KIND", "SECTION", "decode", "encode"]

KERNEL_KIND = "tun"
SECTION = "tun"

IFLA_TUN_OWNER = 1
IFLA_TUN_GROUP = 2
IFLA_TUN_TYPE = 3
IFLA_TUN_VNET_HDR = 5
IFLA_TUN_PERSIST = 6
IFLA_TUN_MULTI_QUEUE = 7

_NOBODY = 0xFFFFFFFF
_ROWS = (
    Row("mode", IFLA_TUN_TYPE, choice({"tun": 1, "tap": 2}, 1)),
    Row("owner", IFLA_TUN_OWNER, U32),
    Row("group", IFLA_TUN_GROUP, U32),
    Row("multi_queue", IFLA_TUN_MULTI_QUEUE, BOOL),
    Row("vnet_hdr", IFLA_TUN_VNET_HDR, BOOL),
    Row("persist", IFLA_TUN_PERSIST, BOOL),
)


def decode(link: LinkMessage, links: Links) -> TunConfig:
    """The section of one interface."""
    said = decode_rows(_ROWS, link.data)
    return TunConfig(**{field: UNSET if value == _NOBODY else value for field, value in said.items()})
