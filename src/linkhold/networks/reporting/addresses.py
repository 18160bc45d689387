"""The IP part of an entry: the keys that cards, bonds, VLANs, bridges and networks have in common."""

import ipaddress
import typing

from linkhold.foundation.record import Unset
from linkhold.networks.configuration import USUAL_MTU
from linkhold.networks.reporting.gateways import NONE_V4, NONE_V6, Gateways
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip, IpAddress
from linkhold.state.spellings import is_link_local

Entry = dict[str, typing.Any]

NOTHING: typing.Final[Entry] = {
    "addr": "",
    "netmask": "",
    "ipv4addrs": [],
    "ipv6addrs": [],
    "ipv6autoconf": False,
    "gateway": NONE_V4,
    "ipv6gateway": NONE_V6,
    "ipv4defaultroute": False,
    "dhcpv4": False,
    "dhcpv6": False,
}
"""Of an interface without addresses."""


def addressing(one: Interface, gateways: Gateways) -> Entry:
    """These keys for one interface."""
    ipv4, ipv6 = _addresses(one.ipv4), _addresses(one.ipv6)
    gateway = gateways.ipv4(one.name)
    first = _primary(ipv4, gateway)
    return {
        "addr": "" if first is None else first.ip,
        "netmask": "" if first is None else _netmask(first.prefix_length),
        "ipv4addrs": [_spelled(each) for each in ipv4],
        "ipv6addrs": [_spelled(each) for each in ipv6 if not is_link_local(each.ip)],
        "ipv6autoconf": _asks(one.ipv6, "autoconf"),
        "gateway": gateway,
        "ipv6gateway": gateways.ipv6(one.name),
        "ipv4defaultroute": gateways.is_default(one.name),
        "dhcpv4": _asks(one.ipv4, "dhcp"),
        "dhcpv6": _asks(one.ipv6, "dhcp"),
    }


def mtu_text(one: Interface) -> str:
    """As text: so centres have read it since their first days. The usual one where a simulated host says none."""
    return str(one.mtu if isinstance(one.mtu, int) else USUAL_MTU)


def _addresses(section: Ip | Unset) -> tuple[IpAddress, ...]:
    if isinstance(section, Unset) or section.enabled is False:
        return ()
    return section.address if isinstance(section.address, tuple) else ()


def _asks(section: Ip | Unset, whom: str) -> bool:
    return not isinstance(section, Unset) and section.enabled is not False and section.get(whom) is True


def _primary(addresses: tuple[IpAddress, ...], gateway: str) -> IpAddress | None:
    """The one in the gateway's network, else the first."""
    if gateway and len(addresses) > 1:
        there = ipaddress.IPv4Address(gateway)
        for one in addresses:
            if there in ipaddress.IPv4Network(_spelled(one), strict=False):
                return one
    return addresses[0] if addresses else None


def _netmask(length: int) -> str:
    bits = (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF
    return ".".join(str(bits >> shift & 0xFF) for shift in (24, 16, 8, 0))


def _spelled(one: IpAddress) -> str:
    return f"{one.ip}/{one.prefix_length}"
