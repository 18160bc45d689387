"""MACsec channels and associations: family `macsec` of `include/uapi/linux/if_macsec.h`.

The device itself, with its IFLA_MACSEC_* options, comes by rtnetlink like any link.
"""

from __future__ import annotations

from linkhold.providers.kernel.netlink.generic import Generic
from linkhold.providers.kernel.netlink.message import attributes, pairs, to_number, to_u8, to_u32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MACSEC_GENL_NAME = "macsec"
MACSEC_CMD_GET_TXSC = 0

MACSEC_ATTR_IFINDEX = 1
MACSEC_ATTR_SECY = 4
MACSEC_ATTR_TXSA_LIST = 5
MACSEC_ATTR_RXSC_LIST = 6
MACSEC_ATTR_OFFLOAD = 9

MACSEC_SECY_ATTR_SCI = 1
MACSEC_SECY_ATTR_ENCODING_SA = 2
MACSEC_SECY_ATTR_WINDOW = 3
MACSEC_SECY_ATTR_CIPHER_SUITE = 4
MACSEC_SECY_ATTR_ICV_LEN = 5
MACSEC_SECY_ATTR_PROTECT = 6
MACSEC_SECY_ATTR_REPLAY = 7
MACSEC_SECY_ATTR_OPER = 8
MACSEC_SECY_ATTR_VALIDATE = 9
MACSEC_SECY_ATTR_ENCRYPT = 10
MACSEC_SECY_ATTR_INC_SCI = 11
MACSEC_SECY_ATTR_ES = 12
MACSEC_SECY_ATTR_SCB = 13

MACSEC_RXSC_ATTR_SCI = 1
MACSEC_RXSC_ATTR_ACTIVE = 2
MACSEC_RXSC_ATTR_SA_LIST = 3

MACSEC_SA_ATTR_AN = 1
MACSEC_SA_ATTR_ACTIVE = 2
MACSEC_SA_ATTR_PN = 3
MACSEC_SA_ATTR_KEYID = 5
MACSEC_SA_ATTR_SSCI = 8


class Association:
    """A secure association: its number 0 to 3, next packet number, key id (never the key: the kernel keeps it)."""

    __slots__ = ("active", "key_id", "number", "packet_number")

    def __init__(self, found: Mapping[int, bytes]) -> None:
        self.number = to_u8(found.get(MACSEC_SA_ATTR_AN, b"\0"))
        self.active = bool(to_u8(found.get(MACSEC_SA_ATTR_ACTIVE, b"\0")))
        self.packet_number = to_number(found.get(MACSEC_SA_ATTR_PN, b""))
        self.key_id = found.get(MACSEC_SA_ATTR_KEYID, b"").hex()


class Channel:
    """A receiving channel: the peer's secure channel identifier (16 hexadecimal digits) and its associations."""

    __slots__ = ("active", "associations", "sci")

    def __init__(self, found: Mapping[int, bytes]) -> None:
        self.sci = found.get(MACSEC_RXSC_ATTR_SCI, b"").hex()
        self.active = bool(to_u8(found.get(MACSEC_RXSC_ATTR_ACTIVE, b"\0")))
        self.associations = _associations(found.get(MACSEC_RXSC_ATTR_SA_LIST, b""))


class SecureEntity:
    """What a MACsec link knows: `options` by MACSEC_SECY_ATTR_*, sending associations, receiving channels."""

    __slots__ = ("associations", "channels", "index", "options")

    def __init__(self, found: Mapping[int, bytes]) -> None:
        self.index = to_u32(found.get(MACSEC_ATTR_IFINDEX, b""))
        self.options = attributes(found.get(MACSEC_ATTR_SECY, b""))
        self.associations = _associations(found.get(MACSEC_ATTR_TXSA_LIST, b""))
        self.channels = [Channel(attributes(body)) for _, body in pairs(found.get(MACSEC_ATTR_RXSC_LIST, b""))]

    @property
    def sci(self) -> str:
        """The link's own secure channel identifier, 16 hexadecimal digits."""
        return self.options.get(MACSEC_SECY_ATTR_SCI, b"").hex()


def _associations(payload: bytes) -> list[Association]:
    return [Association(attributes(body)) for _, body in pairs(payload)]


def dump(generic: Generic) -> list[SecureEntity]:
    """All MACsec links of this namespace. Raises Unsupported when the kernel has no MACsec, Refusal, Malformed."""
    family = generic.family(MACSEC_GENL_NAME)
    return [SecureEntity(found) for _, found in generic.dump(family, MACSEC_CMD_GET_TXSC)]
