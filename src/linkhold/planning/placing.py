"""Where profiles hold what belongs to the whole host: routes, rules and DNS, each in the profile of one interface."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.state.dns import DnsConfig, DnsResolver
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState
from linkhold.state.routes import Route, Routes
from linkhold.state.rules import RouteRule, RouteRules
from linkhold.state.spellings import is_ipv6, is_link_local

LOOPBACK: typing.Final = "lo"
_OURS: typing.Final = "networkmanager"
Family = tuple[str, bool]
"""The name of an interface, and whether IPv6 is meant."""

_SWITCHES: typing.Final = "ovsdb"

FIRST_PRIORITY: typing.Final = 40
SECOND_PRIORITY: typing.Final = 50
"""``dns-priority`` of the family whose servers come first, and of the other one: the least number is asked first."""


class Servers(typing.NamedTuple):
    """What one family of one interface holds of the resolver's settings."""

    servers: tuple[str, ...]
    search: tuple[str, ...]
    options: tuple[str, ...]
    priority: int


class Placing:
    """Who holds what. Made once for a host as it will be; see `placing`."""

    def __init__(self, host: NetworkState) -> None:
        listed = host.interfaces if isinstance(host.interfaces, tuple) else ()
        self.interfaces = {one.name: one for one in listed if not one.userspace}
        self.controllers = {one.name: one for one in listed if one.is_controller}
        # A profile is written for what has an owner, where any interface says who owns it; else for all.
        self._owned = any(one.provider is not UNSET for one in self.interfaces.values())
        self.routes = _routes(host)
        self._able = {ipv6: self._all_able(ipv6) for ipv6 in (False, True)}
        self._over = self._first_over_tables()
        self.rules = self._rules(host)
        self.resolver = host.dns.config if isinstance(host.dns, DnsResolver) else UNSET
        self.unplaced_dns = ""
        self.unplaced_servers: tuple[str, ...] = ()
        self.servers = self._servers()

    def routes_of(self, name: str, ipv6: bool) -> tuple[Route, ...]:
        """The configured routes that the profile of this interface holds."""
        return tuple(self.routes.get((name, ipv6), ()))

    def rules_of(self, name: str, ipv6: bool) -> tuple[RouteRule, ...]:
        """The rules that the profile of this interface holds."""
        return tuple(self.rules.get((name, ipv6), ()))

    def controller_kind(self, name: str) -> str:
        """The kind of a controller; '' for one that is not there."""
        return self.controllers[name].kind if name in self.controllers else ""

    def is_switched(self, interface: Interface) -> bool:
        """Whether it is a port of a bridge that Open vSwitch's own provider has: NetworkManager knows nothing of those."""
        controller = self.controllers.get(interface.controller) if isinstance(interface.controller, str) else None
        return controller is not None and controller.userspace and controller.provider == _SWITCHES

    def _rules(self, host: NetworkState) -> dict[Family, list[RouteRule]]:
        """Rules need a carrier: the interface they speak of, else one that the routes of their table lead over, else the
        first with this family, else the loopback interface (nmstate, 1.15)."""
        held: dict[Family, list[RouteRule]] = {}
        config = host.rules.config if isinstance(host.rules, RouteRules) else ()
        for rule in config if isinstance(config, tuple) else ():
            ipv6 = rule.family == "ipv6"
            held.setdefault((self._carrier(rule, ipv6), ipv6), []).append(rule)
        return held

    def _carrier(self, rule: RouteRule, ipv6: bool) -> str:
        if isinstance(rule.iif, str) and self._carries(rule.iif, ipv6):
            return rule.iif
        over = self._over.get((rule.route_table, ipv6)) if rule.route_table is not UNSET else None
        return over or (self._able[ipv6][0] if self._able[ipv6] else LOOPBACK)

    def _carries(self, name: str, ipv6: bool) -> bool:
        one = self.interfaces.get(name)
        return one is not None and one.wanted and _enabled(one, ipv6) and (not self._owned or one.owner == _OURS)

    def _all_able(self, ipv6: bool) -> list[str]:
        return sorted(name for name in self.interfaces if name != LOOPBACK and self._carries(name, ipv6))

    def _first_over_tables(self) -> dict[tuple[object, bool], str]:
        """The first interface that routes of a table lead over and that can carry a rule."""
        first: dict[tuple[object, bool], str] = {}
        for name, ipv6 in sorted(self.routes):
            if self._carries(name, ipv6):
                for route in self.routes[name, ipv6]:
                    first.setdefault((route.table_id, ipv6), name)
        return first

    def _servers(self) -> dict[Family, Servers]:
        """Where the resolver's settings stand when they stand in profiles (nmstate, 1.16).

        `unplaced_dns` says why that is not possible, `unplaced_servers` which servers no profile holds.
        """
        if not isinstance(self.resolver, DnsConfig):
            return {}
        servers = self.resolver.server if isinstance(self.resolver.server, tuple) else ()
        groups = _groups(servers)
        if len(groups) > 2:
            self.unplaced_dns = "profiles hold the servers of one family after those of the other"
            return {}
        search = self.resolver.search if isinstance(self.resolver.search, tuple) else ()
        options = self.resolver.options if isinstance(self.resolver.options, tuple) else ()
        if not groups:
            groups = [((), False)] if search or options else []
        held: dict[Family, Servers] = {}
        lost: list[str] = []
        for group, ipv6 in groups:
            name = self._resolving(group, ipv6, anyway=not group)
            if name is None:
                lost += group
                continue
            family = (name[0], name[1])
            priority = SECOND_PRIORITY if held else FIRST_PRIORITY
            plain = tuple(server.partition("%")[0] for server in group)
            held[family] = Servers(plain, () if held else search, () if held else options, priority)
        self.unplaced_servers = tuple(lost)
        if groups and not held:
            self.unplaced_dns = "no interface has an address, so no profile holds name servers"
        return held

    def _resolving(self, group: tuple[str, ...], ipv6: bool, *, anyway: bool) -> Family | None:
        zones = {server.partition("%")[2] for server in group if "%" in server}
        if zones:
            name = min(zones)
            return (name, ipv6) if len(zones) == 1 and self._carries(name, ipv6) else None
        for family in (ipv6, not ipv6) if anyway else (ipv6,):
            able = self._able[family]
            if able:
                return min(able, key=lambda name: self._rank(name, family)), family
        return None

    def _rank(self, name: str, ipv6: bool) -> tuple[int, str]:
        """The way out comes first, then what is set up by itself, then the rest."""
        section: typing.Any = self.interfaces[name].ipv6 if ipv6 else self.interfaces[name].ipv4
        default = any(one.destination in ("0.0.0.0/0", "::/0") for one in self.routes.get((name, ipv6), ()))
        automatic = section is not UNSET and (section.get("dhcp") is True or section.get("autoconf") is True)
        return (0 if default else 1 if automatic else 2), name


def _enabled(interface: Interface, ipv6: bool) -> bool:
    section: typing.Any = interface.ipv6 if ipv6 else interface.ipv4
    return section is not UNSET and section.get("enabled") is True


def _routes(host: NetworkState) -> dict[Family, list[Route]]:
    held: dict[Family, list[Route]] = {}
    config = host.routes.config if isinstance(host.routes, Routes) else ()
    for route in config if isinstance(config, tuple) else ():
        if isinstance(route.destination, str) and not route.absent:
            name = route.next_hop_interface if isinstance(route.next_hop_interface, str) else LOOPBACK
            held.setdefault((name, is_ipv6(route.destination)), []).append(route)
    return held


def _groups(servers: tuple[str, ...]) -> list[tuple[tuple[str, ...], bool]]:
    """Servers in runs of one family, which is also told."""
    groups: list[tuple[tuple[str, ...], bool]] = []
    for server in servers:
        ipv6 = is_ipv6(server)
        if groups and groups[-1][1] is ipv6:
            groups[-1] = ((*groups[-1][0], server), ipv6)
        else:
            groups.append(((server,), ipv6))
    return groups


def needs_profiles(host: NetworkState) -> bool:
    """Whether the resolver's settings must stand in profiles: a link-local server belongs to an interface."""
    config = host.dns.config if isinstance(host.dns, DnsResolver) else UNSET
    servers = config.server if isinstance(config, DnsConfig) and isinstance(config.server, tuple) else ()
    return any(is_link_local(server) for server in servers)


_KEPT: typing.Final = 2
"""Hosts whose placing is remembered: one as it was and as it will be."""

_recent: list[tuple[NetworkState, Placing]] = []


def placing(host: NetworkState) -> Placing:
    """The placing of this host; made once where many interfaces of one host are asked for."""
    for known, made in _recent:
        if known is host:
            return made
    made = Placing(host)
    _recent[:] = [*_recent[1 - _KEPT :], (host, made)]
    return made
