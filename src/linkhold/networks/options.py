"""Texts of custom properties: options of bridges and further addresses; those of ``ethtool`` are in `ethtool_options`."""

import ipaddress
import re
import typing

from linkhold.networks.ethtool_options import EthtoolSetting, ethtool_options

__all__ = ["EthtoolSetting", "bridge_options", "ethtool_options", "further_addresses"]

_NAME: typing.Final = re.compile(r"[a-z][a-z0-9_]*")


def bridge_options(text: str) -> dict[str, str]:
    """Options of a bridge by the name of their file below ``/sys/class/net/NAME/bridge`` (``bridge_opts``).

    The text is ``name=value`` with blanks between. Which there are is not looked at.

    Raises:
        ValueError: a word of another form, or an option with two values.
    """
    options: dict[str, str] = {}
    for word in text.split():
        name, sign, value = word.partition("=")
        if not sign or not value or not _NAME.fullmatch(name):
            raise ValueError(f"'{word}' is not of the form name=value")
        if options.setdefault(name, value) != value:
            raise ValueError(f"'{name}' is said twice")
    return options


def further_addresses(text: str) -> tuple[str, ...]:
    """IPv4 addresses beside the first one, each with its prefix (``ipv4_addrs``: ``192.0.2.8/24,198.51.100.7/24``).

    Raises:
        ValueError: not such an address; one alone is a /32.
    """
    addresses = []
    for word in text.replace(",", " ").split():
        try:
            address = ipaddress.IPv4Interface(word)
        except ValueError:
            raise ValueError(f"'{word}' is not an IPv4 address with a prefix, as in 192.0.2.8/24") from None
        if "." in word.partition("/")[2] or address.ip.is_unspecified or address.ip.is_multicast:
            raise ValueError(f"'{word}' is not an IPv4 address with a prefix, as in 192.0.2.8/24")
        addresses.append(str(address))
    return tuple(dict.fromkeys(addresses))
