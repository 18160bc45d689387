"""VRFs: IFLA_VRF_TABLE of `include/uapi/linux/if_link.h`."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.rows import U32, Row, decode_rows, encode_rows, section
from linkhold.state.interfaces.vrf import VrfConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

KERNEL_KIND = "vrf"
SECTION = "vrf"

IFLA_VRF_TABLE = 1

_ROWS = (Row("table", IFLA_VRF_TABLE, U32),)


def decode(link: LinkMessage, links: Links) -> VrfConfig:
    """The section of one VRF."""
    return VrfConfig(port=links.port_names(link.index), **decode_rows(_ROWS, link.data))


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """IFLA_INFO_DATA; a table of 0 means: keep."""
    new = section(after, SECTION)
    if new is not None and new.get("table") == 0:
        new = new.replace(table=UNSET)
    return encode_rows(_ROWS, section(before, SECTION), new)
