"""Name servers, search domains and resolver options in profiles."""

import typing

from linkhold.planning.placing import Servers
from linkhold.providers.networkmanager.profiles.draft import Draft, Settings
from linkhold.state.dns import DnsConfig
from linkhold.state.spellings import ip_address, is_link_local

_KEYS: typing.Final = ("dns-data", "dns-search", "dns-options", "dns-priority")


def encode(setting: str, held: Servers | None, section: typing.Mapping[str, typing.Any], draft: Draft) -> None:
    """Say what this family of this interface holds of the resolver's settings; what it held before goes."""
    if held is None:
        for key in _KEYS:
            if key in section:
                draft.put(setting, key, None)
        return
    draft.put(setting, "dns-data", list(held.servers))
    draft.put(setting, "dns-search", list(held.search) or None)
    draft.put(setting, "dns-options", list(held.options) or None)
    draft.put(setting, "dns-priority", held.priority)


def legacy(setting: str, servers: typing.Iterable[str]) -> list[typing.Any]:
    """Servers as releases before 1.42 take them: 32-bit numbers in network order, or 16 bytes each."""
    import ipaddress
    import sys

    plain = [ipaddress.ip_address(one) for one in servers]
    if setting == "ipv6":
        return [one.packed for one in plain]
    return [int.from_bytes(one.packed, sys.byteorder) for one in plain]


def texts(setting: str, raw: typing.Iterable[typing.Any]) -> list[str]:
    """The other way."""
    import ipaddress
    import sys

    if setting == "ipv6":
        return [str(ipaddress.IPv6Address(bytes(one))) for one in raw]
    return [str(ipaddress.IPv4Address(number.to_bytes(4, sys.byteorder))) for number in raw]


def read(settings: Settings, name: str) -> tuple[int, DnsConfig] | None:
    """The resolver's settings of a profile with their priority, the least number first; None where it has none.

    A link-local server carries the name of the interface.
    """
    found: list[tuple[int, list[str], list[str], list[str]]] = []
    for setting in ("ipv4", "ipv6"):
        section = settings.get(setting, {})
        held = [_zoned(ip_address(one), name) for one in section.get("dns-data", ()) if _plain(one)]
        search, options = list(section.get("dns-search", ())), list(section.get("dns-options", ()))
        if held or search or options:
            found.append((section.get("dns-priority", 0), held, search, options))
    if not found:
        return None
    found.sort(key=lambda one: one[0])
    return found[0][0], DnsConfig(
        server=tuple(server for one in found for server in one[1]),
        search=tuple(domain for one in found for domain in one[2]),
        options=tuple(option for one in found for option in one[3]),
    )


def _plain(server: str) -> bool:
    """Whether it is an address alone: newer releases also take ones with a name for TLS, which a document can't say."""
    return "#" not in server and "://" not in server


def _zoned(server: str, name: str) -> str:
    return f"{server}%{name}" if is_link_local(server) else server
