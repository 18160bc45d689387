"""Static routes: ``route-data`` of both families."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.profiles.draft import Column, decoded
from linkhold.state.routes import MAIN_TABLE, Route
from linkhold.state.spellings import ip_address, ip_network

Section = typing.Mapping[str, typing.Any]
Entry = dict[str, typing.Any]

_COLUMNS: typing.Final = (
    Column("metric", "metric", back=lambda metric: metric or UNSET),
    Column("weight", "weight"),
    Column("route_type", "type"),
    Column("cwnd", "cwnd"),
    Column("source", "src", back=ip_address),
)
_OURS: typing.Final = frozenset({"dest", "prefix", "next-hop", "table", "lock-cwnd", *(one.key for one in _COLUMNS)})
_AUTOMATIC: typing.Final = 0
"""``route-table``, or a route's table, that says nothing: the main one."""


def entries(section: Section) -> list[Entry]:
    """The routes of a profile as maps; its ``gateway`` is one of them."""
    listed = [dict(one) for one in section.get("route-data", ())]
    gateway = section.get("gateway")
    if gateway and not section.get("never-default"):
        destination = "::" if ":" in gateway else "0.0.0.0"
        listed.insert(0, {"dest": destination, "prefix": 0, "next-hop": gateway})
    return listed


def read(section: Section, name: str) -> tuple[Route, ...]:
    """The routes of a profile, over the interface of this name."""
    table = section.get("route-table") or MAIN_TABLE
    return tuple(_route(one, name, table) for one in entries(section))


def _route(entry: Entry, name: str, table: int) -> Route:
    said = decoded({key: value for key, value in entry.items() if key != "type" or value != "unicast"}, _COLUMNS)
    leads = "route_type" not in said
    hop = entry.get("next-hop") or UNSET
    return Route(
        destination=ip_network(f"{entry['dest']}/{entry['prefix']}"),
        next_hop_interface=name if leads else UNSET,
        next_hop_address=ip_address(hop) if leads and isinstance(hop, str) else UNSET,
        table_id=entry.get("table") or table,
        **said,
    )


def written(after: tuple[Route, ...], before: tuple[Route, ...] | None, section: Section, name: str) -> list[Entry]:
    """The routes as they are to stand: what changed is written anew, what stands there and stays is left as it is."""
    there = {_key(_route(one, name, section.get("route-table") or MAIN_TABLE)): one for one in entries(section)}
    known = set(before) if before is not None else set()
    listed: list[Entry] = []
    for route in after:
        held = there.get(_key(route))
        if route not in known:
            listed.append({**_beyond(held or {}), **_entry(route)})
        elif held is not None:
            listed.append(held)
    return listed


def _beyond(entry: Entry) -> Entry:
    """What an entry says that a route of ours has no word for."""
    return {key: value for key, value in entry.items() if key not in _OURS}


def _entry(route: Route) -> Entry:
    destination, _, prefix = str(route.destination).partition("/")
    entry: Entry = {"dest": destination, "prefix": int(prefix)}
    if isinstance(route.next_hop_address, str):
        entry["next-hop"] = route.next_hop_address
    if isinstance(route.table_id, int):
        entry["table"] = route.table_id
    entry["metric"] = 0  # as the kernel takes it where nothing is said; NetworkManager would give the device's
    for column in _COLUMNS:
        value = route.get(column.field)
        if value is not UNSET:
            entry[column.key] = column.to(value)
    if route.cwnd is not UNSET:
        entry["lock-cwnd"] = True  # else the kernel's congestion control overrules it
    return entry


def _key(route: Route) -> tuple[typing.Any, ...]:
    said = (route.destination, route.next_hop_address, route.table_id, route.route_type, route.source)
    return tuple("" if one is UNSET else one for one in said)
