"""IPVLANs: IFLA_IPVLAN_* of `include/uapi/linux/if_link.h`. Mode and flags belong to the parent: siblings share them."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.rows import U16, Row, choice, decode_rows, encode_rows, section, wanted
from linkhold.providers.kernel.netlink.message import u16
from linkhold.state.interfaces.ipvlan import IpVlanConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkhold.foundation.record import Unset
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

KERNEL_KIND = "ipvlan"
SECTION = "ipvlan"

IFLA_IPVLAN_MODE = 1
IFLA_IPVLAN_FLAGS = 2
IPVLAN_F_PRIVATE = 1
IPVLAN_F_VEPA = 2

_ROWS = (Row("mode", IFLA_IPVLAN_MODE, choice({"l2": 0, "l3": 1, "l3s": 2}, 2)),)


def decode(link: LinkMessage, links: Links) -> IpVlanConfig:
    """The section of one IPVLAN."""
    data = link.data
    flags = U16.decode(data.get(IFLA_IPVLAN_FLAGS, b""))
    return IpVlanConfig(
        parent=links.parent(link) or UNSET,
        **decode_rows(_ROWS, data),
        private=bool(flags & IPVLAN_F_PRIVATE),
        vepa=bool(flags & IPVLAN_F_VEPA),
    )


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """IFLA_INFO_DATA."""
    old, new = section(before, SECTION), section(after, SECTION)
    written = encode_rows(_ROWS, old, new)
    if new is not None and any(wanted(field, old, new) is not UNSET for field in ("private", "vepa")):
        private, vepa = (new.get(field) is True for field in ("private", "vepa"))
        written += u16(IFLA_IPVLAN_FLAGS, (IPVLAN_F_PRIVATE if private else 0) | (IPVLAN_F_VEPA if vepa else 0))
    return written


def parent(interface: Interface) -> str | Unset:
    """What it rides on."""
    found = section(interface, SECTION)
    return found.parent if isinstance(found, IpVlanConfig) else UNSET
