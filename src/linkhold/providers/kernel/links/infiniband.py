"""IP over InfiniBand: IFLA_IPOIB_* of `include/uapi/linux/if_link.h`."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.rows import U16, Row, choice, decode_rows, encode_rows, section
from linkhold.state.interfaces.infiniband import InfinibandConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkhold.foundation.record import Unset
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

KERNEL_KIND = "ipoib"
SECTION = "infiniband"

IFLA_IPOIB_PKEY = 1
IFLA_IPOIB_MODE = 2

_ROWS = (
    Row("mode", IFLA_IPOIB_MODE, choice({"datagram": 0, "connected": 1}, 2)),
    Row("pkey", IFLA_IPOIB_PKEY, U16),
)


def decode(link: LinkMessage, links: Links) -> InfinibandConfig:
    """The section of one interface."""
    return InfinibandConfig(parent=links.parent(link) or UNSET, **decode_rows(_ROWS, link.data))


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """IFLA_INFO_DATA."""
    return encode_rows(_ROWS, section(before, SECTION), section(after, SECTION))


def parent(interface: Interface) -> str | Unset:
    """What a partition rides on."""
    found = section(interface, SECTION)
    return found.parent or UNSET if isinstance(found, InfinibandConfig) and found.parent is not UNSET else UNSET
