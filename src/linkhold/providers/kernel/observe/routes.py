"""Routes that a document can declare, and (running) those that routers and DHCP servers gave."""

from __future__ import annotations

import itertools

from linkhold.foundation.record import UNSET, Unset
from linkhold.providers.kernel.netlink import route
from linkhold.providers.kernel.netlink.route import (
    AF_INET,
    AF_INET6,
    RTA_ENCAP_TYPE,
    RTA_METRICS,
    RTA_MULTIPATH,
    RTAX_CWND,
    RouteMessage,
)
from linkhold.providers.kernel.route_details import told
from linkhold.state.routes import Route, Routes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, Literal

    from linkhold.providers.kernel.netlink.socket import Netlink
    from linkhold.providers.kernel.observe.table import Links

RTPROT_MROUTED = 17
RTPROT_KEEPALIVED = 18
RTPROT_BABEL = 42

CONFIG = (route.RTPROT_BOOT, route.RTPROT_STATIC)
"""Who writes routes by hand: `ip route` (boot), managers and we (static)."""

LEARNED = {AF_INET: (route.RTPROT_DHCP,), AF_INET6: (route.RTPROT_RA, route.RTPROT_DHCP)}
"""Running, too. Others (kernel, bgp, ospf, …) are never loaded: the kernel filters them out of the dumps."""

DAEMONS = (RTPROT_MROUTED, RTPROT_KEEPALIVED, RTPROT_BABEL)
"""Shown as running, but read only to be shown: for each protocol the kernel goes through all the routes it has, which a
host with a full BGP table feels."""

TYPES: dict[int, Literal["blackhole", "unreachable", "prohibit"]] = {
    route.RTN_BLACKHOLE: "blackhole",
    route.RTN_UNREACHABLE: "unreachable",
    route.RTN_PROHIBIT: "prohibit",
}
_FEW_TABLES = 8
_SCOPES = (route.RT_SCOPE_UNIVERSE, route.RT_SCOPE_LINK)
_NO_GATEWAY = {AF_INET: "0.0.0.0", AF_INET6: "::"}


def read(netlink: Netlink, links: Links, *, running: bool, daemons: bool, looked_into: set[int]) -> Routes:
    """The routes; of a reading of a few links only those through them.

    Learned ones are read of the tables that matter only: those that rules or VRFs look into. Raises Refusal.
    """
    config = tuple(_of(netlink, links, {AF_INET: CONFIG, AF_INET6: CONFIG}, (None,)))
    if not running:
        return Routes(config=_sorted(config))
    protocols = {family: (*learned, *(DAEMONS if daemons else ())) for family, learned in LEARNED.items()}
    learned = _of(netlink, links, protocols, _tables(links, looked_into))
    return Routes(running=_sorted((*config, *learned)), config=_sorted(config))


def _tables(links: Links, looked_into: set[int]) -> Sequence[int | None]:
    """One by one where they are few: reading all at once, the kernel goes through those of IPv4 twice, as the tables
    local and main are one in memory (`fib_trie_unmerge` of `net/ipv4/fib_trie.c`)."""
    tables = sorted((looked_into | links.tables()) - {route.RT_TABLE_LOCAL})
    return tables if len(tables) <= _FEW_TABLES else (None,)


def _of(
    netlink: Netlink, links: Links, protocols: dict[int, tuple[int, ...]], tables: Sequence[int | None]
) -> Iterator[Route]:
    for family, numbers in protocols.items():
        for protocol, table in itertools.product(numbers, tables):
            for message in route.dump(netlink, family=family, protocol=protocol, table=table):
                if sayable(message):
                    yield from decode(message, links)


def sayable(message: RouteMessage) -> bool:
    """Whether a document has words for it: those it could not put back faithfully are not ours to show or remove."""
    return (
        message.scope in _SCOPES
        and (message.type == route.RTN_UNICAST or message.type in TYPES)
        and not message.flags & route.RTM_F_CLONED
        and not message.tos
        and not message.source_length
        and RTA_ENCAP_TYPE not in message.attributes
    )


def decode(message: RouteMessage, links: Links) -> Iterator[Route]:
    """One entry for each next hop; none for hops out of links that are not in `links`."""
    family = message.family
    common: dict[str, Any] = {
        "destination": f"{message.destination}/{message.destination_length}",
        "metric": message.metric,
        "table_id": message.table,
        "source": message.preferred_source or UNSET,
        "cwnd": _cwnd(message),
    }
    if message.type in TYPES:
        if not links.partial:
            yield Route(**common, route_type=TYPES[message.type], details=told(message, 0) or UNSET)
        return
    if RTA_MULTIPATH not in message.attributes:
        out = links.name(message.oif)
        if out is not None and links.shows(message.oif):
            common["details"] = told(message, message.flags) or UNSET
            yield Route(**common, next_hop_interface=out, next_hop_address=message.gateway or _NO_GATEWAY[family])
        return
    for hop in message.next_hops:
        out = links.name(hop.oif)
        if out is not None and links.shows(hop.oif):
            plain = family == AF_INET6 and hop.weight == 1  # alike in nothing but their destination: IPv6 needs no more
            yield Route(
                **common,
                next_hop_interface=out,
                next_hop_address=hop.gateway or _NO_GATEWAY[family],
                weight=UNSET if plain else hop.weight,
                details=told(message, hop.flags) or UNSET,
            )


def _cwnd(message: RouteMessage) -> int | Unset:
    if RTA_METRICS not in message.attributes:
        return UNSET
    return message.metrics.get(RTAX_CWND, UNSET)


def _sorted(found: tuple[Route, ...]) -> tuple[Route, ...]:
    return tuple(sorted(found, key=_place))


def _place(one: Route) -> tuple[object, ...]:
    """IPv6 before IPv4, then table, interface, destination, next hop: the order in which nmstate prints them."""
    said = one.__dict__
    return (
        ":" not in said["destination"],
        said["table_id"],
        said.get("next_hop_interface", "lo"),
        said["destination"],
        said.get("next_hop_address", ""),
        said.get("source", ""),
        said.get("weight", 0),
        said.get("cwnd", 0),
        said["metric"],
    )
