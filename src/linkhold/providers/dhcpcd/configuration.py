"""The client's own configuration, dhcpcd.conf(5), for one family of one interface.

``noconfigure`` makes dhcpcd speak the protocols and tell a script what it heard, without touching the interface: addresses
and routes are laid by us, since it knows no routing tables, and would not tell a gateway that is not wanted from one that is.
"""

import typing

from linkhold.foundation.failures import Refused

if typing.TYPE_CHECKING:
    from linkhold.providers.dhcpcd.settings import Settings

_HEX: typing.Final = frozenset("0123456789abcdefABCDEF")

_ALWAYS: typing.Final = (
    "noconfigure",
    "nodev",
    "nodelay",
    "timeout 0",  # a server that comes up late is still found
)

_IPV4: typing.Final = (
    "noipv4ll",
    "noarp",  # servers probe before they lease; RFC 5227 would hold up each application for five seconds
    "option subnet_mask, broadcast_address, routers, static_routes, classless_static_routes, ms_classless_static_routes",
    "option domain_name_servers, domain_name, domain_search",
    "require dhcp_server_identifier",
)

_ROUTE_INFORMATION: typing.Final = (
    "definend 24 index embed route_information",  # RFC 4191, section 2.3
    "embed byte length",
    "embed byte flags",
    "embed uint32 lifetime",
    "embed binhex prefix",
)


def configuration(settings: "Settings", script: str, *, mac: str, duid: str) -> str:
    """The text of the file. `mac` is that of the interface, `duid` its identifier (both as ``02:…``, '' for none).

    Raises:
        Refused: a text can't stand in such a file.
    """
    lines = ["# Written by linkhold.", *_ALWAYS, f"script {script}"]
    if duid:
        lines.append(f"duid {duid if _is_bytes(duid) else _quoted(duid)}")
    lines += _ipv4(settings, mac) if settings.family == "ipv4" else _ipv6(settings)
    lines += _name(settings) if settings.dhcp else []
    return "".join(f"{line}\n" for line in lines)


def _ipv4(settings: "Settings", mac: str) -> list[str]:
    return [*_IPV4, *_client_id(settings.client_id, mac)]


def _client_id(said: str, mac: str) -> list[str]:
    """RFC 2132, section 9.14: ``ll`` is the hardware type (1: Ethernet) and address; without any line it is that of RFC
    4361, made of IAID and DUID."""
    if said == "iaid+duid":
        return []
    if said == "ll":
        return [f"clientid 01:{mac}"] if len(mac) == len("00:00:00:00:00:00") else ["clientid"]
    return [f"clientid {said if _is_bytes(said) else _quoted(said)}"]


def _ipv6(settings: "Settings") -> list[str]:
    lines = list(_ROUTE_INFORMATION)
    if settings.autoconf:
        lines += ["ipv6rs", "ipv6ra_autoconf"]
        lines += ["dhcp6"] if settings.dhcp else ["nodhcp6"]  # with both, the router says whether there is a server
    else:
        lines += ["noipv6rs", "dhcp6", "ia_na"]
    return [*lines, "option dhcp6_name_servers, dhcp6_domain_search"]


def _name(settings: "Settings") -> list[str]:
    if not settings.send_hostname:
        return ["fqdn disable"]
    line = f"hostname {_quoted(settings.hostname)}" if settings.hostname else "hostname"
    return [line, "fqdn both"] if settings.family == "ipv6" else [line]


def _is_bytes(text: str) -> bool:
    """Whether it is spelled as bytes, ``01:02:…``."""
    parts = text.split(":")
    return len(parts) > 1 and all(len(one) in (1, 2) and set(one) <= _HEX for one in parts)


def _quoted(text: str) -> str:
    """As a string of dhcpcd.conf(5). Raises Refused for what would end the line."""
    if not text.isprintable():
        raise Refused(f"{text!r} can't be told to dhcpcd", answer="not printable")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
