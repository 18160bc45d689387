"""HSR and PRP: IFLA_HSR_* of `include/uapi/linux/if_link.h`, `net/hsr/hsr_netlink.c`."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.links.rows import MAC, U8, U32, Row, choice, decode_rows, encode_rows, section
from linkhold.providers.kernel.netlink.message import u32
from linkhold.state.interfaces.hsr import HsrConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from linkhold.providers.kernel.netlink.link import LinkMessage
    from linkhold.providers.kernel.observe.table import Links
    from linkhold.state.interfaces.common import Interface

KERNEL_KIND = "hsr"
SECTION = "hsr"

IFLA_HSR_SLAVE1 = 1
IFLA_HSR_SLAVE2 = 2
IFLA_HSR_MULTICAST_SPEC = 3
IFLA_HSR_SUPERVISION_ADDR = 4
IFLA_HSR_PROTOCOL = 7

_WRITTEN = (
    Row("multicast_spec", IFLA_HSR_MULTICAST_SPEC, U8),
    Row("protocol", IFLA_HSR_PROTOCOL, choice({"hsr": 0, "prp": 1}, 1)),
)
_READ = (*_WRITTEN, Row("supervision_address", IFLA_HSR_SUPERVISION_ADDR, MAC))
_PORTS = (("port1", IFLA_HSR_SLAVE1), ("port2", IFLA_HSR_SLAVE2))


def decode(link: LinkMessage, links: Links) -> HsrConfig:
    """The section of one interface. The kernel tells the multicast number only as the last byte of the address."""
    data = link.data
    said = decode_rows(_READ, data)
    address = data.get(IFLA_HSR_SUPERVISION_ADDR)
    if address:
        said.setdefault("multicast_spec", address[-1])
    for field, number in _PORTS:
        said[field] = links.name(U32.decode(data.get(number, b""))) or UNSET
    return HsrConfig(**said)


def encode(before: Interface | None, after: Interface, indexes: Mapping[str, int]) -> bytes:
    """IFLA_INFO_DATA; all of it can be said on creation only. Raises KeyError when a port does not exist."""
    new = section(after, SECTION)
    if before is not None or not isinstance(new, HsrConfig):
        return b""
    ports = [(number, new.get(field)) for field, number in _PORTS]
    return b"".join(u32(number, indexes[name]) for number, name in ports if name is not UNSET) + encode_rows(
        _WRITTEN, None, new
    )
