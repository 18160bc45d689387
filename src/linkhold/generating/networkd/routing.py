"""Routes, rules and DNS in ``.network`` files."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.generating.networkd.ini import Lines, Unit
from linkhold.planning.placing import Placing, placing
from linkhold.state.dns import DnsConfig
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState
from linkhold.state.routes import MAIN_TABLE, Route
from linkhold.state.rules import RouteRule


def write(interface: Interface, host: NetworkState, unit: Unit) -> None:
    """What the file of this interface holds of the host's."""
    place = placing(host)
    for ipv6 in (False, True):
        for route in place.routes_of(interface.name, ipv6):
            hops = _hops(route, place)
            if not hops:
                _route(route, unit.begin("Route"))
            elif hops[0] == route:
                _several(hops, unit.begin("Route"))
        for rule in place.rules_of(interface.name, ipv6):
            _rule(rule, unit.begin("RoutingPolicyRule"))
    if interface.name == resolving(place):
        _dns(place, unit)


def resolving(place: Placing) -> str:
    """The interface whose file holds the resolver's settings, of both families; '' for none."""
    return next((name for name, _ in place.servers), "")


def _hops(route: Route, place: Placing) -> list[Route]:
    """The hops of a multipath route, over whatever interfaces; nothing for a route with one."""
    if route.weight is UNSET:
        return []
    kin = [one for routes in place.routes.values() for one in routes if _ways(one) == _ways(route)]
    return kin if len(kin) > 1 else []


def _ways(route: Route) -> tuple[object, ...]:
    return route.weight is UNSET, route.destination, route.table_id, route.metric


def _several(hops: list[Route], lines: Lines) -> None:
    lines.append(("Destination", str(hops[0].destination)))
    for hop in hops:
        lines.append(("MultiPathRoute", f"{hop.next_hop_address}@{hop.next_hop_interface} {hop.weight}"))
    _common(hops[0], lines)


def _route(route: Route, lines: Lines) -> None:
    lines.append(("Destination", str(route.destination)))
    if isinstance(route.next_hop_address, str):
        lines.append(("Gateway", route.next_hop_address))
    _common(route, lines)
    if route.route_type is not UNSET:
        lines.append(("Type", str(route.route_type)))


def _common(route: Route, lines: Lines) -> None:
    if route.metric is not UNSET:
        lines.append(("Metric", str(route.metric)))
    if route.table_id not in (UNSET, MAIN_TABLE):
        lines.append(("Table", str(route.table_id)))
    if route.source is not UNSET:
        lines.append(("PreferredSource", str(route.source)))


_RULE: typing.Final = (
    ("ip_from", "From"),
    ("ip_to", "To"),
    ("priority", "Priority"),
    ("route_table", "Table"),
    ("iif", "IncomingInterface"),
    ("action", "Type"),
    ("suppress_prefix_length", "SuppressPrefixLength"),
)


def _rule(rule: RouteRule, lines: Lines) -> None:
    if isinstance(rule.family, str):
        lines.append(("Family", rule.family))
    lines += [(key, str(rule.get(field))) for field, key in _RULE if rule.get(field) is not UNSET]
    if isinstance(rule.fwmark, int):
        mask = f"/{rule.fwmask}" if isinstance(rule.fwmask, int) else ""
        lines.append(("FirewallMark", f"{rule.fwmark}{mask}"))


def _dns(place: Placing, unit: Unit) -> None:
    config = place.resolver
    if not isinstance(config, DnsConfig):
        return
    for server in config.server if isinstance(config.server, tuple) else ():
        unit.put("Network", "DNS", server)
    if isinstance(config.search, tuple) and config.search:
        unit.put("Network", "Domains", " ".join(config.search))
