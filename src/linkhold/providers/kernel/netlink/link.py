"""Links (network devices): `struct ifinfomsg` and IFLA_* of `include/uapi/linux/if_link.h`, `net/core/rtnetlink.c`."""

from __future__ import annotations

import struct

from linkhold.providers.kernel.netlink.message import (
    NLM_F_CREATE,
    NLM_F_EXCL,
    Malformed,
    Request,
    attributes,
    chosen,
    i32,
    nested,
    pairs,
    string,
    to_i32,
    to_mac,
    to_string,
    to_u8,
    to_u32,
    u32,
)
from linkhold.providers.kernel.netlink.socket import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from linkhold.providers.kernel.netlink.socket import Netlink

RTM_NEWLINK = 16
RTM_DELLINK = 17
RTM_GETLINK = 18
RTM_SETLINK = 19
RTM_NEWLINKPROP = 108
RTM_DELLINKPROP = 109

IFLA_ADDRESS = 1
IFLA_BROADCAST = 2
IFLA_IFNAME = 3
IFLA_MTU = 4
IFLA_LINK = 5
IFLA_QDISC = 6
IFLA_STATS = 7
IFLA_MASTER = 10
IFLA_PROTINFO = 12
IFLA_TXQLEN = 13
IFLA_MAP = 14
IFLA_OPERSTATE = 16
IFLA_LINKMODE = 17
IFLA_LINKINFO = 18
IFLA_NET_NS_PID = 19
IFLA_IFALIAS = 20
IFLA_NUM_VF = 21
IFLA_VFINFO_LIST = 22
IFLA_STATS64 = 23
IFLA_AF_SPEC = 26
IFLA_GROUP = 27
IFLA_NET_NS_FD = 28
IFLA_EXT_MASK = 29
IFLA_PROMISCUITY = 30
IFLA_NUM_TX_QUEUES = 31
IFLA_NUM_RX_QUEUES = 32
IFLA_CARRIER = 33
IFLA_PHYS_PORT_ID = 34
IFLA_CARRIER_CHANGES = 35
IFLA_PHYS_SWITCH_ID = 36
IFLA_LINK_NETNSID = 37
IFLA_PHYS_PORT_NAME = 38
IFLA_PROTO_DOWN = 39
IFLA_GSO_MAX_SEGS = 40
IFLA_GSO_MAX_SIZE = 41
IFLA_XDP = 43
IFLA_EVENT = 44
IFLA_MIN_MTU = 50
IFLA_MAX_MTU = 51
IFLA_PROP_LIST = 52
IFLA_ALT_IFNAME = 53
IFLA_PERM_ADDRESS = 54
IFLA_PARENT_DEV_NAME = 56
IFLA_PARENT_DEV_BUS_NAME = 57
IFLA_ALLMULTI = 61

IFLA_INFO_KIND = 1
IFLA_INFO_DATA = 2
IFLA_INFO_SLAVE_KIND = 4
IFLA_INFO_SLAVE_DATA = 5

IFLA_INET6_FLAGS = 1
IFLA_INET6_CONF = 2
IFLA_INET6_STATS = 3
IFLA_INET6_TOKEN = 7
IFLA_INET6_ADDR_GEN_MODE = 8
IN6_ADDR_GEN_MODE_EUI64 = 0
IN6_ADDR_GEN_MODE_NONE = 1
IN6_ADDR_GEN_MODE_STABLE_PRIVACY = 2
IN6_ADDR_GEN_MODE_RANDOM = 3

IFLA_VF_INFO = 1

IFF_UP = 0x1
IFF_BROADCAST = 0x2
IFF_LOOPBACK = 0x8
IFF_POINTOPOINT = 0x10
IFF_RUNNING = 0x40
IFF_NOARP = 0x80
IFF_PROMISC = 0x100
IFF_ALLMULTI = 0x200
IFF_MASTER = 0x400
IFF_SLAVE = 0x800
IFF_MULTICAST = 0x1000
IFF_LOWER_UP = 0x10000
IFF_DORMANT = 0x20000

ARPHRD_ETHER = 1
ARPHRD_INFINIBAND = 32
ARPHRD_LOOPBACK = 772
ARPHRD_NONE = 0xFFFE

IF_OPER_UNKNOWN = 0
IF_OPER_NOTPRESENT = 1
IF_OPER_DOWN = 2
IF_OPER_LOWERLAYERDOWN = 3
IF_OPER_TESTING = 4
IF_OPER_DORMANT = 5
IF_OPER_UP = 6

RTEXT_FILTER_VF = 1 << 0
RTEXT_FILTER_BRVLAN = 1 << 1
RTEXT_FILTER_BRVLAN_COMPRESSED = 1 << 2
RTEXT_FILTER_SKIP_STATS = 1 << 3

AF_UNSPEC = 0
AF_INET6 = 10

_IFINFOMSG = struct.Struct("=BxHiII")
_header = _IFINFOMSG.unpack_from
_NONE: dict[int, bytes] = {}


class LinkMessage:
    """One link as the kernel tells it: the header's fields, and the attributes undecoded.

    Properties decode when asked and raise Malformed for a payload of the wrong size. A number or text the message does
    not have reads as None, a collection as empty. With `only`, attributes of other types are left out.
    """

    __slots__ = ("_info", "arphrd_type", "attributes", "change", "family", "flags", "index")

    def __init__(self, data: bytes, only: frozenset[int] | None = None) -> None:
        try:
            self.family, self.arphrd_type, self.index, self.flags, self.change = _header(data)
        except struct.error:
            raise Malformed(f"a link message of {len(data)} bytes") from None
        self.attributes = attributes(data, 16) if only is None else chosen(data, 16, only)
        self._info: dict[int, bytes] | None = None

    def __repr__(self) -> str:
        return f"<LinkMessage {self.index} {self.attributes.get(IFLA_IFNAME, b'')!r}>"

    def number(self, kind: int) -> int | None:
        """A 32-bit attribute by its type."""
        payload = self.attributes.get(kind)
        return None if payload is None else to_u32(payload)

    def text(self, kind: int) -> str | None:
        payload = self.attributes.get(kind)
        return None if payload is None else to_string(payload)

    def hardware(self, kind: int) -> str | None:
        payload = self.attributes.get(kind)
        return None if payload is None else to_mac(payload)

    @property
    def name(self) -> str:
        return to_string(self.attributes.get(IFLA_IFNAME, b""))

    @property
    def is_up(self) -> bool:
        """The administrative state."""
        return bool(self.flags & IFF_UP)

    @property
    def has_carrier(self) -> bool:
        return bool(self.flags & IFF_LOWER_UP)

    @property
    def operstate(self) -> int:
        """One of IF_OPER_*."""
        payload = self.attributes.get(IFLA_OPERSTATE)
        return IF_OPER_UNKNOWN if payload is None else to_u8(payload)

    @property
    def mtu(self) -> int | None:
        return self.number(IFLA_MTU)

    @property
    def min_mtu(self) -> int | None:
        return self.number(IFLA_MIN_MTU)

    @property
    def max_mtu(self) -> int | None:
        """None or 0 where the driver sets no bound."""
        return self.number(IFLA_MAX_MTU)

    @property
    def address(self) -> str | None:
        """The hardware address; for tunnels over IP this is an IP address in hexadecimal."""
        return self.hardware(IFLA_ADDRESS)

    @property
    def broadcast(self) -> str | None:
        return self.hardware(IFLA_BROADCAST)

    @property
    def permanent_address(self) -> str | None:
        return self.hardware(IFLA_PERM_ADDRESS)

    @property
    def parent(self) -> int | None:
        """Index of what it rides on; of a veth, its peer. In another namespace when `parent_namespace` is not None."""
        payload = self.attributes.get(IFLA_LINK)
        return None if payload is None else to_i32(payload)

    @property
    def parent_namespace(self) -> int | None:
        payload = self.attributes.get(IFLA_LINK_NETNSID)
        return None if payload is None else to_i32(payload)

    @property
    def controller(self) -> int | None:
        """Index of the bond, bridge, VRF, … it is a port of."""
        return self.number(IFLA_MASTER)

    @property
    def group(self) -> int:
        return self.number(IFLA_GROUP) or 0

    @property
    def promiscuity(self) -> int:
        """How many ask for promiscuous mode; IFF_PROMISC in `flags` says whether an operator does."""
        return self.number(IFLA_PROMISCUITY) or 0

    @property
    def transmit_queue_length(self) -> int | None:
        return self.number(IFLA_TXQLEN)

    @property
    def alias(self) -> str | None:
        return self.text(IFLA_IFALIAS)

    @property
    def qdisc(self) -> str | None:
        return self.text(IFLA_QDISC)

    @property
    def alternative_names(self) -> list[str]:
        payload = self.attributes.get(IFLA_PROP_LIST)
        if payload is None:
            return []
        return [to_string(name) for kind, name in pairs(payload) if kind == IFLA_ALT_IFNAME]

    @property
    def info(self) -> dict[int, bytes]:
        """IFLA_LINKINFO by IFLA_INFO_*."""
        if self._info is None:
            payload = self.attributes.get(IFLA_LINKINFO)
            self._info = _NONE if payload is None else attributes(payload)
        return self._info

    @property
    def kind(self) -> str | None:
        """`bridge`, `vlan`, …; None for a physical device and the loopback."""
        payload = self.info.get(IFLA_INFO_KIND)
        return None if payload is None else to_string(payload)

    @property
    def data(self) -> dict[int, bytes]:
        """What the kind says of itself: IFLA_BR_*, IFLA_VLAN_*, …"""
        payload = self.info.get(IFLA_INFO_DATA)
        return {} if payload is None else attributes(payload)

    @property
    def port_kind(self) -> str | None:
        """The kind of its controller."""
        payload = self.info.get(IFLA_INFO_SLAVE_KIND)
        return None if payload is None else to_string(payload)

    @property
    def port_data(self) -> dict[int, bytes]:
        """What the controller says of this port: IFLA_BRPORT_*, IFLA_BOND_SLAVE_*, …"""
        payload = self.info.get(IFLA_INFO_SLAVE_DATA)
        return {} if payload is None else attributes(payload)

    def family_data(self, family: int) -> dict[int, bytes]:
        """IFLA_AF_SPEC of one address family, e.g. IFLA_INET6_* for AF_INET6."""
        payload = self.attributes.get(IFLA_AF_SPEC)
        if payload is None:
            return {}
        return attributes(attributes(payload).get(family, b""))

    @property
    def inet6(self) -> dict[int, bytes]:
        """IFLA_INET6_*; empty when IPv6 is not there or the MTU is too small for it."""
        return self.family_data(AF_INET6)

    @property
    def virtual_functions(self) -> list[dict[int, bytes]]:
        """IFLA_VF_* of each SR-IOV virtual function, for `virtual_function.decode`; only when the dump asked for them."""
        payload = self.attributes.get(IFLA_VFINFO_LIST)
        if payload is None:
            return []
        return [attributes(one) for kind, one in pairs(payload) if kind == IFLA_VF_INFO]


# Requests


def header(index: int = 0, flags: int = 0, mask: int = 0, family: int = AF_UNSPEC, arphrd_type: int = 0) -> bytes:
    """`struct ifinfomsg`."""
    return _IFINFOMSG.pack(family, arphrd_type, index, flags, mask)


def kind_info(kind: str, *data: bytes) -> bytes:
    """IFLA_LINKINFO with the kind and, if any is given, its data attributes."""
    inside = [string(IFLA_INFO_KIND, kind)]
    if data:
        inside.append(nested(IFLA_INFO_DATA, *data))
    return nested(IFLA_LINKINFO, *inside)


def port_info(kind: str, *data: bytes) -> bytes:
    """IFLA_LINKINFO with what a controller of this kind shall know of its port."""
    return nested(IFLA_LINKINFO, string(IFLA_INFO_SLAVE_KIND, kind), nested(IFLA_INFO_SLAVE_DATA, *data))


def create(name: str, kind: str, *attributes: bytes, data: Iterable[bytes] = (), up: bool = False) -> Request:
    """Make a link; `attributes` are IFLA_*, `data` those of the kind. Refused with EEXIST if the name is taken."""
    on = IFF_UP if up else 0
    payload = header(0, on, on) + string(IFLA_IFNAME, name) + b"".join(attributes) + kind_info(kind, *data)
    return RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, payload


def change(index: int, *attributes: bytes, flags: int = 0, mask: int = 0) -> Request:
    """Change attributes of a link, and those of its flags that the mask names."""
    return RTM_NEWLINK, 0, header(index, flags, mask) + b"".join(attributes)


def change_data(index: int, kind: str, *data: bytes) -> Request:
    """Change data attributes of a link's kind."""
    return change(index, kind_info(kind, *data))


def change_port(index: int, kind: str, *data: bytes) -> Request:
    """Change what the controller of this kind knows of its port."""
    return change(index, port_info(kind, *data))


def set_up(index: int) -> Request:
    return change(index, flags=IFF_UP, mask=IFF_UP)


def set_down(index: int) -> Request:
    return change(index, mask=IFF_UP)


def set_controller(index: int, controller: int) -> Request:
    """Make a link a port of a controller; 0 lets it go."""
    return change(index, u32(IFLA_MASTER, controller))


def rename(index: int, name: str) -> Request:
    return change(index, string(IFLA_IFNAME, name))


def delete(index: int) -> Request:
    return RTM_DELLINK, 0, header(index)


def add_alternative_names(index: int, names: Iterable[str]) -> Request:
    return RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL, header(index) + _names(names)


def remove_alternative_names(index: int, names: Iterable[str]) -> Request:
    return RTM_DELLINKPROP, 0, header(index) + _names(names)


def _names(names: Iterable[str]) -> bytes:
    return nested(IFLA_PROP_LIST, *[string(IFLA_ALT_IFNAME, name) for name in names])


def parent(index: int) -> bytes:
    """The IFLA_LINK attribute."""
    return i32(IFLA_LINK, index)


# Reading


def get(which: int | str, *, virtual_functions: bool = False) -> Request:
    """Ask for one link by index, name or alternative name."""
    mask = u32(IFLA_EXT_MASK, _extent(False, virtual_functions))
    if isinstance(which, int):
        return RTM_GETLINK, 0, header(which) + mask
    kind = IFLA_IFNAME if len(which.encode()) < 16 else IFLA_ALT_IFNAME
    return RTM_GETLINK, 0, header() + mask + string(kind, which)


def read(netlink: Netlink, which: int | str, *, virtual_functions: bool = False) -> LinkMessage | None:
    """One link by index or name (also an alternative one), None when there is none. Raises Refusal."""
    try:
        replies = netlink.request(*get(which, virtual_functions=virtual_functions))
    except Refusal as refusal:
        if refusal.errno == 19:  # ENODEV
            return None
        raise
    return next((LinkMessage(data) for kind, data in replies if kind == RTM_NEWLINK), None)


def dump(
    netlink: Netlink,
    *,
    kind: str | None = None,
    controller: int | None = None,
    statistics: bool = False,
    virtual_functions: bool = False,
    only: frozenset[int] | None = None,
) -> list[LinkMessage]:
    """All links, or those of a kind or with a controller: filtered in the kernel. Raises Refusal, Malformed.

    `statistics` are those of IPv6, a quarter of each message; the link's own are always there. With `only`, attributes
    of other types are left out of the messages.
    """
    payload = header() + u32(IFLA_EXT_MASK, _extent(statistics, virtual_functions))
    if controller is not None:
        payload += u32(IFLA_MASTER, controller)
    if kind is not None:
        payload += kind_info(kind)
    return [LinkMessage(data, only) for reply, data in netlink.dump(RTM_GETLINK, payload) if reply == RTM_NEWLINK]


def _extent(statistics: bool, virtual_functions: bool) -> int:
    return (0 if statistics else RTEXT_FILTER_SKIP_STATS) | (RTEXT_FILTER_VF if virtual_functions else 0)
