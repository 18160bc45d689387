"""Name servers: what NetworkManager uses, and what was configured, for the whole host or by profiles."""

import socket
import struct
import typing

from linkhold.providers.networkmanager.inventory import Inventory
from linkhold.providers.networkmanager.values import Settings
from linkhold.state.dns import DnsConfig, DnsResolver

_USUAL_PRIORITY: typing.Final = 100
"""Of a profile that says none (or 0): nm-settings-dbus(5), ipv4.dns-priority."""
_EVERYTHING: typing.Final = "*"


def resolver(shown: DnsResolver, inventory: Inventory, profiles: typing.Iterable[tuple[str, Settings]]) -> DnsResolver:
    """What is configured, NetworkManager knows. What is in use it knows too, unless it was told to leave /etc/resolv.conf
    alone and has nothing to say: then that is what the file says, `shown`. `profiles` are those in force, with the names of
    their devices."""
    config = global_config(inventory) or _of_profiles(profiles)
    unmanaged = inventory.dns.get("Mode") == "none" or inventory.dns.get("RcManager") == "unmanaged"
    if unmanaged and not config.server and not inventory.dns.get("Configuration"):
        return shown.replace(config=config)
    return DnsResolver(running=_running(inventory, config), config=config)


def global_config(inventory: Inventory) -> DnsConfig | None:
    """GlobalDnsConfiguration, which overrules all profiles; None where there is none."""
    said = inventory.manager.get("GlobalDnsConfiguration") or {}
    if not said:
        return None
    everything = said.get("domains", {}).get(_EVERYTHING, {})
    return DnsConfig(
        server=tuple(everything.get("servers", ())),
        search=tuple(said.get("searches", ())),
        options=tuple(said.get("options", ())),
    )


def _running(inventory: Inventory, config: DnsConfig) -> DnsConfig:
    servers: list[str] = []
    search: list[str] = []
    for each in inventory.dns.get("Configuration", ()):
        name = each.get("interface", "")
        servers += [_zoned(one, name) for one in each.get("nameservers", ())]
        search += [one.removeprefix("~") for one in each.get("domains", ())]
    options = config.options if isinstance(config.options, tuple) else ()
    if isinstance(config.search, tuple):
        search += config.search  # those of the host are told with none of the servers
    return DnsConfig(server=_once(servers), search=_once(search), options=options)


def _of_profiles(profiles: typing.Iterable[tuple[str, Settings]]) -> DnsConfig:
    parts: list[tuple[int, list[str], list[str], list[str]]] = []
    for name, settings in profiles:
        for family in ("ipv4", "ipv6"):
            section = settings.get(family, {})
            priority = section.get("dns-priority") or _USUAL_PRIORITY
            servers = [_zoned(one, name) for one in servers_of(section)]
            search, options = section.get("dns-search") or [], section.get("dns-options") or []
            if servers or search or options:
                parts.append((priority, servers, search, options))
    parts.sort(key=lambda part: part[0])
    return DnsConfig(
        server=_once(one for part in parts for one in part[1]),
        search=_once(one for part in parts for one in part[2]),
        options=_once(one for part in parts for one in part[3]),
    )


def servers_of(section: dict[str, typing.Any]) -> list[str]:
    """The name servers of one family of a profile: as texts where the service is new enough (1.42), else from their
    bytes in network order."""
    if section.get("dns-data"):
        return [one.partition("#")[0] for one in section["dns-data"]]
    found: list[str] = []
    for one in section.get("dns") or ():
        if isinstance(one, int):
            found.append(socket.inet_ntop(socket.AF_INET, struct.pack("=I", one)))
        else:
            found.append(one if isinstance(one, str) else socket.inet_ntop(socket.AF_INET6, bytes(one)))
    return found


def _zoned(server: str, name: str) -> str:
    """A link-local server with its interface."""
    return f"{server}%{name}" if server.lower().startswith("fe80:") and "%" not in server and name else server


def _once(values: typing.Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
