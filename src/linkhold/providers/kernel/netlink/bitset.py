"""Sets of named bits, as the `ethtool` family tells them (ETHTOOL_A_BITSET_*, verbose form).

Source: `Documentation/networking/ethtool-netlink.rst`, section "Bit sets".
"""

from __future__ import annotations

from linkhold.providers.kernel.netlink.message import attributes, flag, nested, pairs, string, to_string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

ETHTOOL_A_BITSET_NOMASK = 1
ETHTOOL_A_BITSET_SIZE = 2
ETHTOOL_A_BITSET_BITS = 3
ETHTOOL_A_BITSET_BITS_BIT = 1
ETHTOOL_A_BITSET_BIT_INDEX = 1
ETHTOOL_A_BITSET_BIT_NAME = 2
ETHTOOL_A_BITSET_BIT_VALUE = 3


def decode_bitset(payload: bytes) -> dict[str, bool]:
    """The bits that are told, by name. In a list without mask only set bits are told, and all of them are True.

    Bits the kernel has no name for are left out. Raises Malformed.
    """
    outer = attributes(payload)
    bare = ETHTOOL_A_BITSET_NOMASK in outer
    found: dict[str, bool] = {}
    for kind, body in pairs(outer.get(ETHTOOL_A_BITSET_BITS, b"")):
        if kind != ETHTOOL_A_BITSET_BITS_BIT:
            continue
        bit = attributes(body)
        if ETHTOOL_A_BITSET_BIT_NAME in bit:
            found[to_string(bit[ETHTOOL_A_BITSET_BIT_NAME])] = bare or ETHTOOL_A_BITSET_BIT_VALUE in bit
    return found


def encode_bitset(kind: int, bits: Mapping[str, bool], *, whole: bool = False) -> bytes:
    """Change the named bits; with `whole` the set becomes exactly those that are True."""
    inside = [
        nested(
            ETHTOOL_A_BITSET_BITS_BIT,
            string(ETHTOOL_A_BITSET_BIT_NAME, name),
            *([flag(ETHTOOL_A_BITSET_BIT_VALUE)] if on and not whole else []),
        )
        for name, on in bits.items()
        if on or not whole
    ]
    return nested(
        kind,
        *([flag(ETHTOOL_A_BITSET_NOMASK)] if whole else []),
        nested(ETHTOOL_A_BITSET_BITS, *inside),
    )
