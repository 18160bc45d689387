"""Rules about routes."""

import typing

from linkhold.foundation.diagnostics import did_you_mean
from linkhold.foundation.record import UNSET
from linkhold.planning.checks.context import Context
from linkhold.planning.compare import config
from linkhold.planning.merge_routes import route_ipv6
from linkhold.state.interfaces.ip import Ip
from linkhold.state.routes import MAIN_TABLE, Route

_DEFAULTS: typing.Final = ("0.0.0.0/0", "::/0")


def _added(context: Context) -> typing.Iterator[tuple[int, Route]]:
    return ((index, one) for index, one in enumerate(config(context.state.routes)) if one.state != "absent")


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
            context.found.error(
                "route-interface",
                at,
                message,
                expected="an interface that will exist",
                hint=hint or did_you_mean(name, ()),
            )
            continue
        family = "ipv6" if route_ipv6(route) else "ipv4"
        section = interface.get(family)
        if interface.state == "down":
            context.found.error(
                "route-interface",
                at,
                f"{name} will be down",
                expected="an interface that is up",
                hint=f"say state: up for {name}",
            )
        elif isinstance(section, Ip) and section.enabled is False:
            shown = "IPv6" if family == "ipv6" else "IPv4"
            context.found.error(
                "route-interface",
                at,
                f"{shown} is disabled on {name}",
                expected=f"{family}.enabled: true",
                hint=f"enable it on {name}",
            )


def weights_are_for_ipv4(context: Context) -> None:
    """The kernel of IPv6 knows no weights the way documents say them."""
    for index, route in _added(context):
        if route.weight is not UNSET and route_ipv6(route):
            at = ("routes", "config", index, "weight")
            context.found.error(
                "route-weight", at, "weights work for IPv4 routes only", expected="no weight", hint="leave it out"
            )


def defaults_do_not_compete(context: Context) -> None:
    """Two default routes of one metric: which one is used is chance."""
    new = {
        (one.destination, one.get("metric")): index for index, one in _added(context) if one.destination in _DEFAULTS
    }
    if not new:
        return
    seen: dict[typing.Any, Route] = {}
    for route in config(context.result.routes):
        if route.destination not in _DEFAULTS or route.get("weight") is not UNSET:
            continue
        table = route.get("table_id")
        key = (route.destination, MAIN_TABLE if table in (UNSET, 0) else table, route.get("metric"))
        other = seen.setdefault(key, route)
        index = new.get((route.destination, route.get("metric")))
        if other is not route and index is not None:
            way = f"{other.get('next_hop_address')} on {other.get('next_hop_interface')}"
            message = f"a default route through {way} has the same metric"
            context.found.warning(
                "default-routes",
                ("routes", "config", index),
                message,
                hint="give them different metrics, or remove the other",
            )
