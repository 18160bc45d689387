"""MACsec: IFLA_MACSEC_* of `include/uapi/linux/if_link.h`, `drivers/net/macsec.c`.

Only the device itself: keys are agreed on by a daemon (MKA, IEEE 802.1X-2010), or set through a generic netlink family.
"""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.rows import BE16, BOOL, Row, choice, decode_rows, encode_rows, section
from linkhold.state.interfaces.macsec import MacSecConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkhold.foundation.record import Unset
    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

KERNEL_KIND = "macsec"
SECTION = "macsec"

IFLA_MACSEC_SCI = 1
IFLA_MACSEC_PORT = 2
IFLA_MACSEC_ENCRYPT = 7
IFLA_MACSEC_INC_SCI = 9
IFLA_MACSEC_VALIDATION = 13
IFLA_MACSEC_OFFLOAD = 15

_ROWS = (
    Row("encrypt", IFLA_MACSEC_ENCRYPT, BOOL),
    Row("port", IFLA_MACSEC_PORT, BE16),
    Row("validation", IFLA_MACSEC_VALIDATION, choice({"disabled": 0, "check": 1, "strict": 2}, 1)),
    Row("send_sci", IFLA_MACSEC_INC_SCI, BOOL),
    Row("offload", IFLA_MACSEC_OFFLOAD, choice({"off": 0, "phy": 1, "mac": 2}, 1)),
)


def decode(link: LinkMessage, links: Links) -> MacSecConfig:
    """The section of one interface. The kernel tells the port only as the last two bytes of the SCI (IEEE 802.1AE)."""
    data = link.data
    said = decode_rows(_ROWS, data)
    if IFLA_MACSEC_SCI in data:
        said.setdefault("port", BE16.decode(data[IFLA_MACSEC_SCI][6:]))
    return MacSecConfig(parent=links.parent(link) or UNSET, **said)


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """IFLA_INFO_DATA."""
    return encode_rows(_ROWS, section(before, SECTION), section(after, SECTION))


def parent(interface: Interface) -> str | Unset:
    """What it rides on."""
    found = section(interface, SECTION)
    return found.parent if isinstance(found, MacSecConfig) else UNSET
