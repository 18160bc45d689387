"""IPv4 and IPv6 of an interface: what the link message says of both (IFLA_AF_SPEC), and its addresses.

Sources: `net/ipv4/devinet.c` (`inet_fill_link_af`), `net/ipv6/addrconf.c` (`inet6_fill_ifla6_attrs`), `linux/ipv6.h` and
`linux/ip.h` for the positions in the arrays of settings.
"""

from __future__ import annotations

import struct

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.netlink.link import IFLA_INET6_ADDR_GEN_MODE, IFLA_INET6_TOKEN
from linkhold.providers.kernel.netlink.message import attributes, to_ip
from linkhold.state.interfaces.ip import Ipv4, Ipv6

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from linkhold.providers.kernel.observe.addresses import Addresses

AF_INET = 2
AF_INET6 = 10
IFLA_INET_CONF = 1
IFLA_INET6_CONF = 2

IPV4_DEVCONF_FORWARDING = 1  # the array begins with number 1
DEVCONF_FORWARDING = 0
DEVCONF_DISABLE_IPV6 = 26
DEVCONF_ADDR_GEN_MODE = 47

ADDR_GEN_MODES = {0: "eui64", 1: "none", 2: "stable-privacy", 3: "random"}
"""IN6_ADDR_GEN_MODE_* of `linux/if_link.h`."""

_NO_IPV4 = Ipv4(enabled=False)
_NO_IPV6 = Ipv6(enabled=False)
_NO_TOKEN = bytes(16)
_word = struct.Struct("=i").unpack_from


def ipv4(settings: bytes | None, found: Addresses) -> Ipv4:
    """IPv4 has no switch in the kernel: an interface without addresses does not speak it."""
    addresses = found.addresses
    if not addresses:
        return _NO_IPV4
    conf = b"" if settings is None else attributes(settings).get(IFLA_INET_CONF, b"")
    return Ipv4(
        enabled=True,
        dhcp=any(one.dynamic for one in addresses),
        address=tuple(addresses),
        forwarding=_flag(conf, IPV4_DEVCONF_FORWARDING - 1),
        prefix_route_metric=UNSET if found.metric is None else found.metric,
    )


def ipv6(settings: bytes | None, found: Addresses) -> Ipv6:
    """IPv6 is on unless ``disable_ipv6`` is set (or the kernel, or the interface, has none at all)."""
    data = {} if settings is None else attributes(settings)
    conf = data.get(IFLA_INET6_CONF, b"")
    if not conf or _flag(conf, DEVCONF_DISABLE_IPV6):
        return _NO_IPV6
    addresses = found.addresses
    token = data.get(IFLA_INET6_TOKEN, _NO_TOKEN)
    return Ipv6(
        enabled=True,
        dhcp=False,
        autoconf=any(one.dynamic for one in addresses),
        address=tuple(addresses),
        forwarding=_flag(conf, DEVCONF_FORWARDING),
        prefix_route_metric=UNSET if found.metric is None else found.metric,
        addr_gen_mode=_addr_gen_mode(data.get(IFLA_INET6_ADDR_GEN_MODE), conf),
        token=UNSET if token == _NO_TOKEN else to_ip(token),
    )


def _addr_gen_mode(payload: bytes | None, conf: bytes) -> Any:
    """A kernel may leave the attribute out where no statistics are asked for; the array of settings has it too."""
    number = payload[0] if payload else _number(conf, DEVCONF_ADDR_GEN_MODE)
    return ADDR_GEN_MODES.get(number, UNSET)


def _number(conf: bytes, position: int) -> int:
    return int(_word(conf, 4 * position)[0]) if len(conf) >= 4 * position + 4 else 0


def _flag(conf: bytes, position: int) -> bool:
    return _number(conf, position) > 0
