"""Routes: absent filters first, then additions; a route is known by everything but its metric (nmstate, 1.14)."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.state.normalise import route as canonical
from linkhold.state.routes import MAIN_TABLE, Route
from linkhold.state.spellings import is_ipv6

_ON_LINK: typing.Final = ("", "0.0.0.0", "::", UNSET)
IPV6_METRIC: typing.Final = 1024
Identity = tuple[typing.Any, ...]


def route_identity(route: Route) -> Identity:
    """What makes two routes the same, whatever their metric and type."""
    said = route.__dict__
    gateway, interface = said.get("next_hop_address", ""), said.get("next_hop_interface", "")
    return (
        said.get("destination", ""),
        said.get("table_id") or MAIN_TABLE,
        "" if "route_type" in said and interface == "lo" else interface,
        "" if gateway in _ON_LINK else gateway,
        said.get("source", ""),
        said.get("weight", 1),
        said.get("cwnd", 0),
    )


def route_ipv6(route: Route) -> bool:
    """The family of a route (or of a filter that says enough)."""
    return any(
        isinstance(text, str) and is_ipv6(text) for text in (route.destination, route.next_hop_address, route.source)
    )


def kernel_metric(route: Route) -> int:
    """The metric that a route has or gets: without one, 0 for IPv4 and IP6_RT_PRIO_USER (linux/ipv6_route.h) for IPv6."""
    metric = route.get("metric")
    if metric in (UNSET, -1):
        return IPV6_METRIC if route_ipv6(route) else 0
    return typing.cast("int", metric)


def matches(pattern: Route, route: Route) -> bool:
    """Whether everything that a filter gives is so in a route; its metric says nothing."""
    for name, wanted in pattern.__dict__.items():
        if name in ("state", "metric"):
            continue
        value = route.__dict__.get(name, UNSET)
        if name == "table_id":
            value = value or MAIN_TABLE if value is not UNSET else MAIN_TABLE
        elif name == "next_hop_address" and wanted in _ON_LINK:
            if value in _ON_LINK and (wanted == "" or (wanted == "::") is route_ipv6(route)):
                continue
            return False
        if value != wanted:
            return False
    return True


class Filters:
    """Absent filters, looked up by interface and destination so that many of them against many routes stay quick."""

    def __init__(self, patterns: typing.Iterable[Route]) -> None:
        self._by: dict[tuple[typing.Any, typing.Any], list[Route]] = {}
        for one in patterns:
            self._by.setdefault((one.get("next_hop_interface"), one.get("destination")), []).append(one)

    def match(self, route: Route) -> bool:
        """Whether any of them takes this route away."""
        if not self._by:
            return False
        interface, destination = route.get("next_hop_interface"), route.get("destination")
        keys = ((interface, destination), (interface, UNSET), (UNSET, destination), (UNSET, UNSET))
        return any(matches(one, route) for key in dict.fromkeys(keys) for one in self._by.get(key, ()))


def merge_routes(
    desired: tuple[Route, ...], current: tuple[Route, ...], gone: frozenset[tuple[str, bool]]
) -> tuple[Route, ...]:
    """The configured routes as they will be; `gone` names (interface, IPv6) that can carry none any more."""
    filters = Filters(one for one in desired if one.state == "absent")
    wanted = {route_identity(one): one for one in desired if one.state != "absent"}
    kept: list[Route] = []
    met: set[Identity] = set()
    for route in current:
        identity = route_identity(route) if wanted else ()
        said = wanted.get(identity)
        if said is not None:
            if agrees(said, route):
                kept.append(route)
                met.add(identity)
        elif not (filters.match(route) or (gone and (route.get("next_hop_interface"), route_ipv6(route)) in gone)):
            kept.append(route)
    return (*kept, *(_new(one) for identity, one in wanted.items() if identity not in met))


def _new(said: Route) -> Route:
    """A route that is not there yet, without what only hosts show."""
    return canonical(said if said.details is UNSET else said.replace(details=UNSET))


def agrees(said: Route, route: Route) -> bool:
    """Whether a route of the same identity has the metric and the type that were said."""
    if said.get("route_type") != route.get("route_type"):
        return False
    return said.get("metric") in (UNSET, -1) or kernel_metric(said) == kernel_metric(route)
