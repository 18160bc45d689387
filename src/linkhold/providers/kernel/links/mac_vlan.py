"""MACVLANs, and what MACVTAPs share with them: IFLA_MACVLAN_* of `include/uapi/linux/if_link.h`."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.rows import U16, Codec, Row, choice, decode_rows, encode_rows, section
from linkhold.state.interfaces.mac_vlan import MacVlanConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkhold.foundation.record import Unset
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

KERNEL_KIND = "macvlan"
SECTION = "mac_vlan"

IFLA_MACVLAN_MODE = 1
IFLA_MACVLAN_FLAGS = 2
MACVLAN_FLAG_NOPROMISC = 1

MODES = {"private": 1, "vepa": 2, "bridge": 4, "passthru": 8, "source": 16}


_PROMISCUOUS = Codec(
    lambda payload: not U16.decode(payload) & MACVLAN_FLAG_NOPROMISC,
    lambda value: U16.encode(0 if value else MACVLAN_FLAG_NOPROMISC),
)
_ROWS = (
    Row("mode", IFLA_MACVLAN_MODE, choice(MODES, 4)),
    Row("promiscuous", IFLA_MACVLAN_FLAGS, _PROMISCUOUS),
)


def decode_section(link: LinkMessage, links: Links) -> MacVlanConfig:
    """The section of one link of either kind."""
    return MacVlanConfig(parent=links.parent(link) or UNSET, **decode_rows(_ROWS, link.data))


def encode_section(name: str, before: Interface | None, after: Interface) -> bytes:
    """IFLA_INFO_DATA of either kind, whose section has this name."""
    old, new = section(before, name), section(after, name)
    if isinstance(new, MacVlanConfig) and new.mode == "unknown":
        new = new.replace(mode=UNSET)
    return encode_rows(_ROWS, old, new)


def decode(link: LinkMessage, links: Links) -> MacVlanConfig:
    """The section of one MACVLAN."""
    return decode_section(link, links)


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """IFLA_INFO_DATA."""
    return encode_section(SECTION, before, after)


def parent(interface: Interface) -> str | Unset:
    """What it rides on."""
    found = section(interface, SECTION)
    return found.parent if isinstance(found, MacVlanConfig) else UNSET
