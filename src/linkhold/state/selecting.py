"""Parts of a state: what concerns some interfaces, and what was configured rather than learned."""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.state.dns import DnsResolver
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState
from linkhold.state.routes import MAIN_TABLE, Route, Routes
from linkhold.state.rules import RouteRules

_R = typing.TypeVar("_R", bound=Record)


def about(state: NetworkState, patterns: typing.Sequence[str]) -> NetworkState:
    """The interfaces whose names match any of the shell-style patterns, the routes over them, and the rules whose table
    one of their configured routes stands in. DNS and hostname are left out.
    """
    import fnmatch

    chosen = tuple(
        one for one in _tuple(state.interfaces) if any(fnmatch.fnmatchcase(one.name, pattern) for pattern in patterns)
    )
    names = {one.name for one in chosen}
    routes = state.routes if isinstance(state.routes, Routes) else Routes()
    running, config = (_over(names, listed) for listed in (routes.running, routes.config))
    tables = {route.table_id if isinstance(route.table_id, int) else MAIN_TABLE for route in config}
    rules = state.rules if isinstance(state.rules, RouteRules) else RouteRules()
    about_tables = tuple(rule for rule in _tuple(rules.config) if rule.route_table in tables)
    return NetworkState(
        interfaces=chosen, routes=Routes(running=running, config=config), rules=RouteRules(config=about_tables)
    )


def configured(state: NetworkState) -> NetworkState:
    """Only what was configured: no leased or autoconfigured addresses, no routes of routers and DHCP servers, no
    read-only fields that say what hardware can do.
    """
    changes: dict[str, typing.Any] = {"interfaces": tuple(_configured(one) for one in _tuple(state.interfaces))}
    if isinstance(state.routes, Routes):
        changes["routes"] = state.routes.replace(running=UNSET)
    if isinstance(state.dns, DnsResolver):
        changes["dns"] = state.dns.replace(running=UNSET)
    return state.replace(**changes)


def _configured(interface: Interface) -> Interface:
    changes: dict[str, typing.Any] = {"min_mtu": UNSET, "max_mtu": UNSET}
    for family in ("ipv4", "ipv6"):
        section = interface.get(family)
        if section is not UNSET and any(address.dynamic for address in _tuple(section.address)):
            changes[family] = section.replace(address=tuple(one for one in section.address if not one.dynamic))
    return interface.replace(**changes)


def _over(names: set[str], routes: typing.Any) -> tuple[Route, ...]:
    return tuple(route for route in _tuple(routes) if route.next_hop_interface in names)


def _tuple(values: typing.Any) -> tuple[typing.Any, ...]:
    return values if isinstance(values, tuple) else ()
