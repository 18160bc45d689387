"""Rules about routes."""

import typing

from linkhold.foundation.diagnostics import did_you_mean
from linkhold.foundation.record import UNSET
from linkhold.plan.checks.context import Context
from linkhold.plan.compare import config
from linkhold.plan.merge_routes import route_ipv6
from linkhold.state.interfaces.ip import Ip
from linkhold.state.routes import MAIN_TABLE, Route

_DEFAULTS: typing.Final = ("0.0.0.0/0", "::/0")


def _added(context: Context) -> typing.Iterator[tuple[int, Route]]:
    return ((index, one) for index, one in enumerate(config(context.state.routes)) if one.state != "absent")


def routes_are_complete(context: Context) -> None:
    """A route leads somewhere."""
    for index, route in _added(context):
        at = ("routes", "config", index)
        if route.destination in (UNSET, ""):
            context.found.error("missing-key", at, "'destination' is required", expected="a network, as in 0.0.0.0/0")
        elif route.destination.startswith("0.0.0.0/") and route.destination != "0.0.0.0/0":  # type: ignore[union-attr]
            where = (*at, "destination")
            context.found.error("route", where, f"{route.destination} is no network to route to", expected="0.0.0.0/0", hint="or another network")
        if route.get("next_hop_interface") in (UNSET, "") and route.route_type is UNSET:
            context.found.error("missing-key", at, "'next-hop-interface' is required", expected="an interface", hint="or say route-type: blackhole")


def routes_have_interfaces(context: Context) -> None:
    """The interface of a route is there, up, and speaks the family."""
    for index, route in _added(context):
        name = route.get("next_hop_interface")
        if name is UNSET or route.route_type is not UNSET:
            continue
        at = ("routes", "config", index, "next-hop-interface")
        interface = context.kernel(name)
        if interface is None:
            message, hint = context.missing(name)
            context.found.error("route-interface", at, message, expected="an interface that will exist", hint=hint or did_you_mean(name, ()))
            continue
        family = "ipv6" if route_ipv6(route) else "ipv4"
        section = interface.get(family)
        if interface.state == "down":
            context.found.error("route-interface", at, f"{name} will be down", expected="an interface that is up", hint=f"say state: up for {name}")
        elif isinstance(section, Ip) and section.enabled is False:
            shown = "IPv6" if family == "ipv6" else "IPv4"
            context.found.error("route-interface", at, f"{shown} is disabled on {name}", expected=f"{family}.enabled: true", hint=f"enable it on {name}")


def routes_suit_the_family(context: Context) -> None:
    """Gateway and source are of the destination's family; weights are for IPv4."""
    for index, route in _added(context):
        if not isinstance(route.destination, str):
            continue
        ipv6 = ":" in route.destination
        for key, address in (("next-hop-address", route.next_hop_address), ("source", route.source)):
            if isinstance(address, str) and address and (":" in address) is not ipv6:
                at = ("routes", "config", index, key)
                context.found.error("family", at, f"{address} is of another family than {route.destination}", expected="IPv6" if ipv6 else "IPv4")
        if ipv6 and route.weight is not UNSET:
            at = ("routes", "config", index, "weight")
            context.found.error("route-weight", at, "weights work for IPv4 routes only", expected="no weight", hint="leave it out")


def defaults_do_not_compete(context: Context) -> None:
    """Two default routes of one metric: which one is used is chance."""
    new = {(one.destination, one.get("metric")): index for index, one in _added(context) if one.destination in _DEFAULTS}
    if not new:
        return
    seen: dict[typing.Any, Route] = {}
    for route in config(context.result.routes):
        if route.destination not in _DEFAULTS or route.get("weight") is not UNSET:
            continue
        key = (route.destination, route.get("table_id") or MAIN_TABLE, route.get("metric")) if route.get("table_id") is not UNSET else (route.destination, MAIN_TABLE, route.get("metric"))
        other = seen.setdefault(key, route)
        index = new.get((route.destination, route.get("metric")))
        if other is not route and index is not None:
            message = f"a default route through {other.get('next_hop_address')} on {other.get('next_hop_interface')} has the same metric"
            context.found.warning("default-routes", ("routes", "config", index), message, hint="give them different metrics, or remove the other")
