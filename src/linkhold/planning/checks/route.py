"""Rules about routes."""

import typing

from linkhold.foundation.diagnostics import did_you_mean
from linkhold.foundation.record import UNSET
from linkhold.planning.checks.context import Context, field
from linkhold.planning.compare import config
from linkhold.planning.merge_routes import kernel_metric, route_identity, route_ipv6
from linkhold.state.interfaces.common import Interface
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
        elif isinstance(section, Ip) and (section.enabled is False or _unused(context, interface, section)):
            shown = "IPv6" if family == "ipv6" else "IPv4"
            context.found.error(
                "route-interface",
                at,
                f"{shown} is disabled on {name}",
                expected=f"{family}.enabled: true",
                hint=f"enable it on {name}",
            )


def _unused(context: Context, interface: Interface, section: Ip) -> bool:
    """Whether a new interface says something of IPv4 without enabling it: it will be as good as disabled."""
    new = interface.key not in context.current
    return new and not section.ipv6 and section.enabled is UNSET and section.dhcp is not True and not section.static


def sources_are_there(context: Context) -> None:
    """The source of a route is an address of this host, and one that is known in the table of the route.

    Addresses of a VRF's ports are known in its table only (`fib_valid_prefsrc` of `net/ipv4/fib_semantics.c`).
    """
    for index, route in _added(context):
        if not isinstance(route.source, str):
            continue
        holders = [one for one in context.expected.values() if _has(one, route.source)]
        at = ("routes", "config", index, "source")
        if not holders and not any(_learns(one, route_ipv6(route)) for one in context.expected.values()):
            context.found.error(
                "route-source", at, f"no interface has the address {route.source}", expected="an address of this host"
            )
            continue
        tables = [_table(context, one) for one in holders]
        if tables and all(table not in (MAIN_TABLE, route.table_id or MAIN_TABLE) for table in tables):
            message = f"{route.source} is an address in a VRF, whose table is {tables[0]}"
            context.found.error("route-source", at, message, expected=f"table-id: {tables[0]}", hint="or leave it out")


def _has(interface: Interface, address: str) -> bool:
    section = interface.get("ipv6" if ":" in address else "ipv4")
    held = section.address if isinstance(section, Ip) and section.enabled is not False else UNSET
    return any(one.ip == address for one in (held if isinstance(held, tuple) else ()))


def _learns(interface: Interface, ipv6: bool) -> bool:
    """Whether it gets addresses that nobody knows before."""
    section = interface.get("ipv6" if ipv6 else "ipv4")
    return isinstance(section, Ip) and (section.dhcp is True or section.get("autoconf") is True)


def _table(context: Context, interface: Interface) -> typing.Any:
    """The table that knows the addresses of an interface: its VRF's, or the main one."""
    owner = context.controller(interface.controller) if isinstance(interface.controller, str) else None
    vrf = owner if owner is not None and owner.kind == "vrf" else interface if interface.kind == "vrf" else None
    table = field(vrf, "vrf", "table")
    return MAIN_TABLE if table is UNSET else table


def ipv6_hops_are_unique(context: Context) -> None:
    """Of IPv6 routes, source and congestion window make no difference to the kernel (`rt6_duplicate_nexthop`)."""
    added = {route_identity(one): index for index, one in _added(context) if route_ipv6(one)}
    if not added:
        return
    seen: dict[typing.Any, Route] = {}
    for route in config(context.result.routes):
        if not route_ipv6(route):
            continue
        other = seen.setdefault((*route_identity(route)[:4], kernel_metric(route)), route)
        index = added.get(route_identity(route), added.get(route_identity(other)))
        if other is not route and index is not None:
            context.found.error(
                "route-twice",
                ("routes", "config", index),
                f"there is a route to {route.destination} over the same next hop and with the same metric",
                expected="one route to each next hop",
                hint="take the other away with state: absent, or give it another metric",
            )


def weights_are_for_ipv4(context: Context) -> None:
    """The kernel of IPv6 knows no weights the way documents say them. A route that is there may be told as it is."""
    there = {route_identity(one) for one in config(context.there.routes)} if any(_weighed(context)) else set()
    for index, route in _weighed(context):
        if route_identity(route) not in there:
            at = ("routes", "config", index, "weight")
            context.found.error(
                "route-weight", at, "weights work for IPv4 routes only", expected="no weight", hint="leave it out"
            )


def _weighed(context: Context) -> typing.Iterator[tuple[int, Route]]:
    return ((index, one) for index, one in _added(context) if one.weight is not UNSET and route_ipv6(one))


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
