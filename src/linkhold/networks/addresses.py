"""Addresses as a request gives them: IPv4 with a netmask or a prefix, IPv6 as ``address/prefix``, gateways, name servers."""

import ipaddress
import typing

from linkhold.foundation.diagnostics import Path
from linkhold.networks.mistakes import Stage
from linkhold.networks.said import Said
from linkhold.state.dns import server

_NO_HOST: typing.Final = "not an address that a host can have"


def read_ipv4(said: Said) -> dict[str, typing.Any]:
    """The fields `ipaddr`, `prefix` and `gateway` of a network, canonical."""
    return {"ipaddr": _ipv4(said, "ipaddr"), "prefix": _prefix(said), "gateway": _ipv4(said, "gateway")}


def _ipv4(said: Said, name: str) -> str:
    text = said.text(name, code="bad-address", stage=Stage.ADDRESSES, expected="an IPv4 address")
    if not text:
        return ""
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        _bad(said, name, f"'{text}' is not a valid IPv4 address", expected="an IPv4 address, as in 192.0.2.1")
        return ""
    if not _fits_a_host(address):
        _bad(said, name, f"'{text}' is {_NO_HOST}", expected="the IPv4 address of a host")
        return ""
    return str(address)


def _fits_a_host(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    limited_broadcast = address.version == 4 and address.packed == b"\xff" * 4
    return not (address.is_unspecified or address.is_multicast or address.is_loopback or limited_broadcast)


def _prefix(said: Said) -> int:
    """The length of the prefix, however it was given; 0 where it was not."""
    if said.has("prefix") and said.has("netmask"):
        message = "Both PREFIX and NETMASK supplied"
        said.wrong("netmask", message, code="bad-params", stage=Stage.CANONICAL, hint="give one of them")
        return 0
    if said.has("netmask"):
        return _by_netmask(said)
    expected = "a whole number from 1 to 32"
    number = said.whole("prefix", code="bad-address", expected=expected)
    if number is not None and not 1 <= number <= 32:
        message = f"Bad prefix: {number}"
        said.wrong("prefix", message, code="bad-address", stage=Stage.CANONICAL, expected=expected)
        return 0
    return number or 0


def _by_netmask(said: Said) -> int:
    text = said.text("netmask", code="bad-address", stage=Stage.ADDRESSES, expected="a dotted netmask")
    if not text:
        return 0
    try:
        bits = f"{int(ipaddress.IPv4Address(text)):032b}"
    except ValueError:
        bits = ""
    length = len(bits.rstrip("0"))
    if not length or "0" in bits[:length]:
        _bad(said, "netmask", f"'{text}' is not a valid IPv4 netmask", expected="a netmask, as in 255.255.255.0")
        return 0
    return length


def read_ipv6(said: Said) -> dict[str, typing.Any]:
    """The fields `ipv6addr` and `ipv6gateway` of a network, canonical.

    An address alone is a /128, as vdsm has it; the gateway ``::`` means none (so the centre says it).
    """
    return {"ipv6addr": _ipv6_address(said), "ipv6gateway": _ipv6_gateway(said)}


def _ipv6_address(said: Said) -> str:
    text = said.text("ipv6addr", code="bad-address", stage=Stage.CANONICAL, expected="an IPv6 address")
    if not text:
        return ""
    try:
        address = ipaddress.IPv6Interface(text)
    except ValueError:
        address = None
    # The standard library reads a netmask there, too; no one else does.
    if address is None or "%" in text or text.partition("/")[2].strip("0123456789") != "":
        message, expected = f"'{text}' is not a valid IPv6 address", "address/prefix, as in 2001:db8::7/64"
        said.wrong("ipv6addr", message, code="bad-address", stage=Stage.CANONICAL, expected=expected)
        return ""
    if not _fits_a_host(address.ip) or not address.network.prefixlen:
        _bad(said, "ipv6addr", f"'{text}' is {_NO_HOST}", expected="the IPv6 address of a host")
        return ""
    return str(address)


def _ipv6_gateway(said: Said) -> str:
    text = said.text("ipv6gateway", code="bad-address", stage=Stage.ADDRESSES, expected="an IPv6 address")
    if not text:
        return ""
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        address = None
    if address is None or "%" in text:
        expected = "an IPv6 address, or :: for none"
        _bad(said, "ipv6gateway", f"'{text}' is not a valid IPv6 address", expected=expected)
        return ""
    if address.is_unspecified:
        return ""
    if not _fits_a_host(address):
        _bad(said, "ipv6gateway", f"'{text}' is {_NO_HOST}", expected="the IPv6 address of a router")
        return ""
    return str(address)


def read_nameservers(said: Said) -> tuple[str, ...] | None:
    """Name servers in canonical spelling, each once; None where nothing was said of them."""
    expected = "a list of IP addresses"
    listed = said.texts("nameservers", code="bad-address", expected=expected)
    servers = [_nameserver(said, text, (*said.at, "nameservers", index)) for index, text in enumerate(listed or ())]
    return None if listed is None else tuple(dict.fromkeys(one for one in servers if one))


def _nameserver(said: Said, text: str, where: Path) -> str:
    try:
        return server(text)
    except ValueError as error:
        said.unread.add("nameservers")
        message = f"'{text}' is not a valid nameserver address"
        said.found.error(Stage.ADDRESSES, "bad-address", where, message, expected="an IP address", hint=str(error))
        return ""


def _bad(said: Said, name: str, message: str, *, expected: str) -> None:
    said.wrong(name, message, code="bad-address", stage=Stage.ADDRESSES, expected=expected)
