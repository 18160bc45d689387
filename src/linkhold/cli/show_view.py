"""The host at a glance: one line for each interface, route and rule."""

import typing

from linkhold.cli.terminal import Cell, Ink, table
from linkhold.foundation.record import UNSET
from linkhold.state.spellings import is_link_local

if typing.TYPE_CHECKING:
    from linkhold.state.interfaces.common import Interface
    from linkhold.state.network import NetworkState

_COLOUR: typing.Final = {"up": "green", "no carrier": "yellow", "down": "dim"}


def overview(state: "NetworkState", ink: Ink, width: int = 0) -> str:
    """Tables of interfaces, routes and rules, and the name servers; lines of at most `width` characters, 0: any.

    IPv6 link-local addresses, which every interface has, are counted instead of listed.
    """
    interfaces = state.interfaces if isinstance(state.interfaces, tuple) else ()
    parts = [table(("NAME", "KIND", "STATE", "MTU", "IN", "ADDRESSES"), [_row(one) for one in interfaces], ink, width)]
    routes = [_route(one) for one in _of(state, "routes", "running") or _of(state, "routes", "config")]
    if routes:
        parts.append(table(("ROUTE TO", "BY", "OVER", "METRIC", "TABLE"), routes, ink, width))
    rules = [_rule(one) for one in _of(state, "rules", "config")]
    if rules:
        parts.append(table(("PRIORITY", "FROM", "TO", "TABLE"), rules, ink, width))
    servers = _of(state, "dns", "running", "server")
    if servers:
        parts.append(f"{ink('NAME SERVERS', 'bold')}  {', '.join(servers)}")
    hidden = sum(len(_addresses(one, link_local=True)) for one in interfaces)
    if hidden:
        parts.append(ink(f"({hidden} IPv6 link-local not listed; --yaml shows everything)", "dim"))
    return "\n\n".join(parts)


def _row(interface: "Interface") -> tuple[Cell, ...]:
    state = _text(interface.state)
    if state == "up" and interface.get("carrier") is False:
        state = "no carrier"
    return (
        interface.name,
        interface.kind,
        (state, _COLOUR.get(state, "bold")),
        _text(interface.mtu),
        _text(interface.controller),
        " ".join(_addresses(interface, link_local=False)),
    )


def _addresses(interface: "Interface", *, link_local: bool) -> list[str]:
    return [
        f"{one.ip}/{one.prefix_length}"
        for family in ("ipv4", "ipv6")
        if (section := interface.get(family)) is not UNSET and isinstance(section.address, tuple)
        for one in section.address
        if (family == "ipv6" and is_link_local(one.ip)) is link_local
    ]


def _of(record: typing.Any, *names: str) -> tuple[typing.Any, ...]:
    """The list that stands below some sections; empty where one of them was not said."""
    for name in names:
        record = record.get(name)
        if record is UNSET:
            return ()
    return record if isinstance(record, tuple) else ()


def _route(route: typing.Any) -> tuple[str, ...]:
    fields = (route.destination, route.next_hop_address, route.next_hop_interface, route.metric, route.table_id)
    return tuple(_text(one) for one in fields)


def _rule(rule: typing.Any) -> tuple[str, ...]:
    return tuple(_text(one) for one in (rule.priority, rule.ip_from, rule.ip_to, rule.route_table))


def _text(value: object) -> str:
    return "" if value is UNSET else str(value)
