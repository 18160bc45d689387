"""Canonical spellings of addresses: one form for each thing that has several.

Pure text to text. Module ``ipaddress`` is imported on use only, so that showing a host (whose addresses come from the
kernel in canonical form) does not pay for it.
"""

import typing

from linkhold.foundation.remembered import remembered
from linkhold.state.forms import Parsed

if typing.TYPE_CHECKING:
    import re

_HEX = frozenset("0123456789abcdefABCDEF")
_LENGTHS = frozenset(str(bits) for bits in range(33))


def mac(text: str) -> str:
    """A MAC (6 bytes, or 20 for InfiniBand) in upper case with colons.

    Raises:
        ValueError: not such an address.
    """
    parts = text.replace("-", ":").split(":")
    if len(parts) not in (6, 20) or not all(len(part) == 2 and _HEX.issuperset(part) for part in parts):
        raise ValueError("six pairs of hexadecimal digits, as in 52:54:00:12:34:56")
    return ":".join(parts).upper()


def pci_address(text: str) -> str:
    """Where a device sits on the PCI bus: domain, bus, device and function, in lower case (``lspci -D``).

    Raises:
        ValueError: not such an address.
    """
    place, dot, function = text.lower().rpartition(".")
    parts = place.split(":")
    right = dot and function in tuple("01234567") and [len(part) for part in parts][-2:] == [2, 2]
    if not right or len(parts) != 3 or not 4 <= len(parts[0]) <= 8 or not all(_HEX.issuperset(one) for one in parts):
        raise ValueError("domain:bus:device.function, as in 0000:00:1f.6")
    return f"{place}.{function}"


def _ipv4(text: str) -> int | None:
    """The number of an IPv4 address in its one canonical spelling; None for anything else."""
    parts = text.split(".")
    if len(parts) != 4:
        return None
    number = 0
    for part in parts:
        if (
            not (part.isascii() and part.isdigit())
            or (part[0] == "0" and part != "0")
            or len(part) > 3
            or int(part) > 255
        ):
            return None
        number = number << 8 | int(part)
    return number


@remembered
def _plain_ipv4() -> "re.Pattern[str]":
    """The one canonical spelling of IPv4 addresses."""
    import re

    number = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
    return re.compile(rf"{number}(?:\.{number}){{3}}")


def ip_address(text: str) -> str:
    """An IPv4 or IPv6 address as RFC 5952 spells it (no zone).

    Raises:
        ValueError: not an address.
    """
    if _plain_ipv4().fullmatch(text):  # most are, and the standard library's reader takes ten times longer
        return text
    if "/" in text:
        raise ValueError("an address alone, without the length of its prefix")
    if "%" in text:
        raise ValueError("an address alone, without a zone")
    import ipaddress

    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError("as in 192.0.2.1 or 2001:db8::1") from None


def ip_network(text: str) -> str:
    """A network in CIDR spelling with the host bits cleared; a bare address becomes /32 or /128.

    Raises:
        ValueError: not a network.
    """
    address, slash, length = text.partition("/")
    number = _ipv4(address)
    if number is not None and slash and length in _LENGTHS:
        bits = int(length)
        if number & ((1 << 32 - bits) - 1) == 0:
            return text
    import ipaddress

    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise ValueError("as in 192.0.2.0/24 or 2001:db8::/32") from None


def is_ipv6(address: str) -> bool:
    """The family of a canonical address or network."""
    return ":" in address


def is_link_local(address: str) -> bool:
    """Whether a canonical IPv6 address lies in fe80::/10 (RFC 4291)."""
    return address[:3] in ("fe8", "fe9", "fea", "feb")


_MAC_PATTERN = "^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$|^([0-9a-fA-F]{2}[:-]){19}[0-9a-fA-F]{2}$"

PCI = Parsed("a PCI address, as in 0000:00:1f.6", pci_address)
MAC = Parsed("a MAC address", mac, {"pattern": _MAC_PATTERN})


def or_empty(parse: Parsed) -> Parsed:
    """The same form, with '' for none."""
    schema = {"anyOf": [parse.schema(), {"const": ""}]}
    return Parsed(f"{parse.expected}, or '' for none", lambda text: parse.parse(text) if text else "", schema)


IP_ADDRESS = Parsed("an IP address", ip_address, {"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]})
IP_NETWORK = Parsed("an IP network, as in 192.0.2.0/24", ip_network)
OPTIONAL_ADDRESS = or_empty(IP_ADDRESS)
OPTIONAL_NETWORK = or_empty(IP_NETWORK)
