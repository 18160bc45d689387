"""Virtual Ethernet pairs: VETH_INFO_PEER of `include/uapi/linux/veth.h`."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.rows import section
from linkhold.providers.kernel.netlink.link import IFLA_IFNAME, header
from linkhold.providers.kernel.netlink.message import attribute, string
from linkhold.state.interfaces.veth import VethConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

KERNEL_KIND = "veth"
SECTION = "veth"

VETH_INFO_PEER = 1


def decode(link: LinkMessage, links: Links) -> VethConfig:
    """The section of one end; without a peer where that is in another namespace."""
    return VethConfig(peer=links.parent(link) or UNSET)


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """IFLA_INFO_DATA: the name of the other end, which is made together with this one."""
    new = section(after, SECTION)
    if before is not None or not isinstance(new, VethConfig) or not isinstance(new.peer, str):
        return b""
    return attribute(VETH_INFO_PEER, header() + string(IFLA_IFNAME, new.peer))
