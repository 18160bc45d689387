"""Routes written by hand or by us: what the kernel knows each by, where it leads, and which there are."""

from __future__ import annotations

from linkhold.foundation.record import UNSET
from linkhold.providers.kernel.netlink import route
from linkhold.providers.kernel.netlink.route import (
    RTAX_CWND,
    RTN_BLACKHOLE,
    RTN_PROHIBIT,
    RTN_UNICAST,
    RTN_UNREACHABLE,
    RouteMessage,
)
from linkhold.providers.kernel.route_details import Details
from linkhold.state.routes import MAIN_TABLE, Route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from linkhold.providers.kernel.applying.host import Host

Key = tuple[str, int, int]
"""Destination with its length, table, metric: what a route is known by in the kernel."""

Hop = tuple[str, str, int]
"""Interface, gateway ('' for none), weight (0 where none is said)."""

Way = tuple[str, str]
"""Interface and gateway of a hop."""

OURS = (route.RTPROT_BOOT, route.RTPROT_STATIC)
TYPES = {
    "blackhole": RTN_BLACKHOLE,
    "unreachable": RTN_UNREACHABLE,
    "prohibit": RTN_PROHIBIT,
}
IPV6_METRIC = 1024  # IP6_RT_PRIO_USER (include/net/ip6_fib.h): what the kernel makes of 0


def key_of(one: Route) -> Key:
    """What the kernel knows this route by."""
    destination = str(one.destination)
    metric = one.metric if isinstance(one.metric, int) and one.metric > 0 else 0
    if not metric and ":" in destination:
        metric = IPV6_METRIC
    table = one.table_id if isinstance(one.table_id, int) and one.table_id else MAIN_TABLE
    return destination, table, metric


def hop_of(one: Route) -> Hop:
    """Where it leads."""
    gateway = one.next_hop_address if isinstance(one.next_hop_address, str) else ""
    gateway = "" if gateway in ("0.0.0.0", "::") else gateway
    out = one.next_hop_interface if isinstance(one.next_hop_interface, str) and one.route_type is UNSET else ""
    return out, gateway, one.weight if isinstance(one.weight, int) else 0


def onlink_of(routes: Iterable[Route]) -> set[Way]:
    """The hops whose gateway counts as reachable whatever the addresses (``onlink``)."""
    return {hop_of(one)[:2] for one in routes if isinstance(one.details, str) and Details(one.details).onlink}


def settings_of(message: RouteMessage) -> tuple[object, object]:
    """What a route of the kernel says besides where it leads: source and congestion window."""
    return message.preferred_source or UNSET, message.metrics.get(RTAX_CWND, UNSET)


def said_by(one: Route) -> tuple[object, object]:
    """The same of a route as a document says it."""
    return one.source, one.cwnd


def describes(one: Route, message: RouteMessage, hops: list[Hop]) -> bool:
    """Whether this is (a hop of) that route of the kernel's."""
    if TYPES.get(str(one.route_type), RTN_UNICAST) != message.type:
        return False
    if said_by(one) != settings_of(message):
        return False
    out, gateway, weight = hop_of(one)
    return any((out, gateway, weight or 1) == (hop[0], hop[1], hop[2] or 1) for hop in hops)


class OwnRoutes:
    """The routes written by hand or by us, read when first asked for."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._by_key: dict[Key, list[RouteMessage]] | None = None
        self._names: dict[int, str] = {}

    def read(self) -> dict[Key, list[RouteMessage]]:
        """All of them, by key."""
        if self._by_key is None:
            self._by_key = {}
            for protocol in OURS:
                for one in route.dump(self._host.netlink, protocol=protocol):
                    self._by_key.setdefault(_key(one), []).append(one)
        return self._by_key

    def of(self, key: Key) -> list[RouteMessage]:
        """Those of a key."""
        return self.read().get(key, [])

    def hops(self, one: RouteMessage) -> list[Hop]:
        """Where a route leads; a link without a name here (in no other namespace either) reads as ''."""
        names = self._names = self._names or {index: name for name, index in self._host.indexes.items()}
        if one.next_hops:
            return [(names.get(hop.oif, ""), hop.gateway or "", hop.weight) for hop in one.next_hops]
        return [(names.get(one.oif or 0, "") if one.type == RTN_UNICAST else "", one.gateway or "", 0)]

    def onlink(self, one: RouteMessage) -> set[Way]:
        """Those of its hops whose gateway counts as reachable whatever the addresses."""
        flags = [hop.flags for hop in one.next_hops] or [one.flags]
        return {hop[:2] for hop, each in zip(self.hops(one), flags, strict=True) if each & route.RTNH_F_ONLINK}


def _key(one: RouteMessage) -> Key:
    return f"{one.destination}/{one.destination_length}", one.table, one.metric
