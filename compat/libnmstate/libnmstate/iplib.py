"""Helpers about addresses, which programs import beside the library proper."""

import ipaddress

KERNEL_MAIN_ROUTE_TABLE_ID = 254
"""rt_class_t RT_TABLE_MAIN of <linux/rtnetlink.h>."""

_LINK_LOCAL = ipaddress.IPv6Network("fe80::/10")


def is_ipv6_address(addr: str) -> bool:
    """Whether this is the text of an IPv6 address (or network)."""
    return ":" in addr


def is_ipv6_link_local_addr(ip: str, prefix: int) -> bool:
    """Whether an IPv6 network of this address and length lies within fe80::/10 (RFC 4291, 2.5.6)."""
    if not is_ipv6_address(ip):
        return False
    address = ipaddress.IPv6Address(ip.partition("%")[0])
    return address in _LINK_LOCAL and int(prefix) >= _LINK_LOCAL.prefixlen


def to_ip_address_full(ip: str, prefix: int | str | None = None) -> str:
    """``192.0.2.1/24`` from its parts; an address alone gets the length that means just itself."""
    if prefix:
        return f"{ip}/{prefix}"
    if "/" in ip:
        return ip
    return f"{ip}/{128 if is_ipv6_address(ip) else 32}"


def ip_address_full_to_tuple(addr: str) -> tuple[str, int]:
    """Address and length from ``192.0.2.1/24``; an address alone has the length that means just itself.

    Raises:
        ValueError: it is no address.
    """
    interface = ipaddress.ip_interface(addr)
    return str(interface.ip), interface.network.prefixlen


def canonicalize_ip_network(address: str) -> str:
    """The shortest spelling of a network, without bits beyond its length.

    Raises:
        NmstateValueError: it is no network.
    """
    from libnmstate.error import NmstateValueError

    try:
        return str(ipaddress.ip_network(address, strict=False))
    except ValueError as error:
        raise NmstateValueError(f"Invalid IP network address: {error}") from error


def canonicalize_ip_address(address: str) -> str:
    """The shortest spelling of an address; '' stays ''.

    Raises:
        NmstateValueError: it is no address.
    """
    from libnmstate.error import NmstateValueError

    if not address:
        return address
    try:
        return str(ipaddress.ip_address(address))
    except ValueError as error:
        raise NmstateValueError(f"Invalid IP address: {error}") from error
