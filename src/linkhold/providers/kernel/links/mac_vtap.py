"""MACVTAPs: MACVLANs with a character device, and the same words in netlink."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.mac_vlan import decode_section, encode_section
from linkhold.providers.kernel.links.rows import section
from linkhold.state.interfaces.mac_vlan import MacVlanConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkhold.foundation.record import Unset
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

KERNEL_KIND = "macvtap"
SECTION = "mac_vtap"


def decode(link: LinkMessage, links: Links) -> MacVlanConfig:
    """The section of one MACVTAP."""
    return decode_section(link, links)


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """IFLA_INFO_DATA."""
    return encode_section(SECTION, before, after)


def parent(interface: Interface) -> str | Unset:
    """What it rides on."""
    found = section(interface, SECTION)
    return found.parent if isinstance(found, MacVlanConfig) else UNSET
