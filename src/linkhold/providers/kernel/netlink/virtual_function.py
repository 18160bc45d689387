"""SR-IOV virtual functions of a link: IFLA_VF_* and `struct ifla_vf_*` of `include/uapi/linux/if_link.h`."""

from __future__ import annotations

import struct

from linkhold.providers.kernel.netlink.link import IFLA_ADDRESS, IFLA_VF_INFO, IFLA_VFINFO_LIST, LinkMessage, change
from linkhold.providers.kernel.netlink.message import Malformed, Request, attribute, nested, pairs, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

IFLA_VF_MAC = 1
IFLA_VF_VLAN = 2
IFLA_VF_TX_RATE = 3
IFLA_VF_SPOOFCHK = 4
IFLA_VF_LINK_STATE = 5
IFLA_VF_RATE = 6
IFLA_VF_RSS_QUERY_EN = 7
IFLA_VF_STATS = 8
IFLA_VF_TRUST = 9
IFLA_VF_VLAN_LIST = 12
IFLA_VF_VLAN_INFO = 1

IFLA_VF_LINK_STATE_AUTO = 0
IFLA_VF_LINK_STATE_ENABLE = 1
IFLA_VF_LINK_STATE_DISABLE = 2

ETH_P_8021Q = 0x8100
ETH_P_8021AD = 0x88A8
MAX_ADDR_LEN = 32

_NOT_KNOWN = 0xFFFFFFFF  # how the kernel tells a switch that the driver does not report
_WORD = struct.Struct("=I")
_PAIR = struct.Struct("=II")
_TRIPLE = struct.Struct("=III")


class VirtualFunction:
    """One virtual function. What its driver does not report is None; rates in Mbit/s, 0 for no bound."""

    __slots__ = (
        "address",
        "link_state",
        "max_rate",
        "min_rate",
        "number",
        "qos",
        "spoof_check",
        "trust",
        "vlan",
        "vlan_protocol",
    )

    def __init__(self, found: Mapping[int, bytes], address_length: int) -> None:
        """`found` is one of LinkMessage.virtual_functions, `address_length` that of the link's hardware addresses."""
        if IFLA_VF_MAC not in found:
            raise Malformed("a virtual function without an address")
        hardware = found[IFLA_VF_MAC]
        self.number = unpack(_WORD, hardware)[0]
        self.address = hardware[4 : 4 + address_length].hex(":")
        _, self.vlan, self.qos = unpack(_TRIPLE, found[IFLA_VF_VLAN]) if IFLA_VF_VLAN in found else (0, 0, 0)
        _, self.min_rate, self.max_rate = unpack(_TRIPLE, found[IFLA_VF_RATE]) if IFLA_VF_RATE in found else (0, 0, 0)
        self.vlan_protocol = _protocol(found.get(IFLA_VF_VLAN_LIST, b""))
        self.spoof_check = _switch(found.get(IFLA_VF_SPOOFCHK))
        self.trust = _switch(found.get(IFLA_VF_TRUST))
        state = found.get(IFLA_VF_LINK_STATE)
        self.link_state = None if state is None else unpack(_PAIR, state)[1]


def decode(link: LinkMessage) -> list[VirtualFunction]:
    """Those of a link that was read with `virtual_functions=True`. Raises Malformed."""
    length = len(link.attributes.get(IFLA_ADDRESS, b"")) or 6
    return [VirtualFunction(found, length) for found in link.virtual_functions]


def change_function(
    index: int,
    number: int,
    *,
    address: str | None = None,
    vlan: int | None = None,
    qos: int = 0,
    vlan_protocol: int = ETH_P_8021Q,
    rates: tuple[int, int] | None = None,
    spoof_check: bool | None = None,
    trust: bool | None = None,
    link_state: int | None = None,
) -> Request:
    """Change what is given of one virtual function. `rates`: least and most, Mbit/s; VLAN 0 takes the tag away."""
    parts: list[bytes] = []
    if address is not None:
        hardware = bytes.fromhex(address.replace(":", ""))
        parts.append(attribute(IFLA_VF_MAC, _WORD.pack(number) + hardware.ljust(MAX_ADDR_LEN, b"\0")))
    if vlan is not None:
        parts.append(_vlan(number, vlan, qos, vlan_protocol))
    if rates is not None:
        parts.append(attribute(IFLA_VF_RATE, _TRIPLE.pack(number, *rates)))
    switches = ((IFLA_VF_SPOOFCHK, spoof_check), (IFLA_VF_TRUST, trust), (IFLA_VF_LINK_STATE, link_state))
    parts += [attribute(kind, _PAIR.pack(number, value)) for kind, value in switches if value is not None]
    return change(index, nested(IFLA_VFINFO_LIST, nested(IFLA_VF_INFO, *parts)))


def _vlan(number: int, vlan: int, qos: int, protocol: int) -> bytes:
    if protocol == ETH_P_8021Q:  # the older attribute, which every driver takes
        return attribute(IFLA_VF_VLAN, _TRIPLE.pack(number, vlan, qos))
    info = _TRIPLE.pack(number, vlan, qos) + protocol.to_bytes(2, "big") + b"\0\0"
    return nested(IFLA_VF_VLAN_LIST, attribute(IFLA_VF_VLAN_INFO, info))


def _protocol(payload: bytes) -> int:
    for kind, body in pairs(payload):
        if kind == IFLA_VF_VLAN_INFO and len(body) >= 14:
            return int.from_bytes(body[12:14], "big")
    return ETH_P_8021Q


def _switch(payload: bytes | None) -> bool | None:
    if payload is None:
        return None
    value = unpack(_PAIR, payload)[1]
    return None if value == _NOT_KNOWN else bool(value)
