"""Stages `release` and `route`, for routes.

A route that changes but keeps its network, table and metric is put beside the old one before that goes, so that packets
always find a way. Only routes written by hand or by us are ever removed: the kernel is asked which of ours there are, and
exactly those are named to it, since a network alone might name a routing daemon's.
"""

from __future__ import annotations

import errno
import time

from linkhold.foundation.failures import Refused
from linkhold.providers.kernel.applying.batch import GONE, Batch, Question, complain
from linkhold.providers.kernel.applying.own_routes import (
    TYPES,
    Hop,
    Key,
    OwnRoutes,
    Way,
    describes,
    hop_of,
    key_of,
    onlink_of,
    said_by,
    settings_of,
)
from linkhold.providers.kernel.netlink import address, route
from linkhold.providers.kernel.netlink.route import (
    RTAX_CWND,
    RTAX_LOCK,
    RTN_UNICAST,
    RTNH_F_ONLINK,
    NextHop,
    RouteMessage,
)
from linkhold.providers.kernel.route_details import Details
from linkhold.state.routes import Route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkhold.planning.change import Change
    from linkhold.providers.kernel.applying.host import Host
    from linkhold.providers.kernel.netlink.socket import Refusal

_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH)
_DETECTION = 5.0  # seconds within which a new IPv6 address is known to be nobody else's (RFC 4862; twice the usual)


def release_routes(host: Host, changes: Sequence[Change]) -> None:
    """Remove those that go."""
    _remove(host, [change for change in changes if change.action in ("-", "±")])


def set_routes(host: Host, changes: Sequence[Change]) -> None:
    """Add the new ones, on-link ones first; then remove those whose place they took.

    Only where the new can't stand beside the old (IPv6 routes of the same next hop), the old goes first.
    """
    present = [change for change in changes if change.action != "-"]
    replaced = [one for one in present if one.action == "~" and one.before != one.after]
    ours = OwnRoutes(host)
    _remove(host, [one for one in replaced if _collides(one)], ours)
    groups: dict[Key, list[Change]] = {}
    for change in present:
        groups.setdefault(key_of(change.after), []).append(change)
    singles: list[tuple[Change, bytes]] = []
    multipath: list[tuple[Change, bytes]] = []
    stale: list[tuple[Change, RouteMessage]] = []
    for key, some in groups.items():
        if ":" not in key[0] and any(hop_of(one.after)[2] for one in some):
            multipath += _combined(host, ours, key, some, stale)
        else:
            singles += [(one, _payload(host, one, [hop_of(one.after)], onlink_of([one.after]))) for one in some]
    if replaced:
        ours.read()  # while only the old ones are there
    _add(host, sorted(singles, key=lambda one: bool(hop_of(one[0].after)[1])) + multipath)
    _drop(host, stale)
    handled = {key_of(change.after) for change, _ in stale}
    rest = [one for one in replaced if not _collides(one) and key_of(one.before) not in handled]
    _remove(host, rest, ours)


def _collides(change: Change) -> bool:
    """Whether the kernel takes the new route for the old one."""
    key = key_of(change.before)
    return ":" in key[0] and key == key_of(change.after) and hop_of(change.before)[:2] == hop_of(change.after)[:2]


def _add(host: Host, wanted: list[tuple[Change, bytes]]) -> None:
    """Add them, those refused for want of a way to their gateway once more when the others are there."""
    batch = Batch(host.netlink)
    for change, payload in wanted:
        batch.ask(change, f"add the route {change.name}", route.add(payload, append=True), (errno.EEXIST,))
    refused = batch.send()
    deadline = time.monotonic() + _DETECTION
    while refused:
        hopeful = {question for question, refusal in refused if _may_come(host, question, refusal)}
        for question, _ in refused:  # also those that were waited for till just now
            batch.again(question)
        still = batch.send()
        if time.monotonic() > deadline or not all(question in hopeful for question, _ in still):
            complain([one for one in still if one[0] not in hopeful] or still)
        if len(still) == len(refused):
            if all(refusal.errno in _UNREACHABLE for _, refusal in still):
                complain(still)
            time.sleep(0.05)
        refused = still


def _may_come(host: Host, question: Question, refusal: Refusal) -> bool:
    """Whether it may be accepted later: the way to its gateway is in this batch, or its source is still tentative.

    An IPv6 address is tentative until duplicate address detection is through; the kernel takes it as a source only then.
    """
    if refusal.errno in _UNREACHABLE:
        return True
    source = question.change.after.source
    if refusal.errno != errno.EINVAL or not isinstance(source, str) or ":" not in source:
        return False
    return any(
        one.flags & address.IFA_F_TENTATIVE and not one.flags & address.IFA_F_DADFAILED and one.address == source
        for one in address.dump(host.netlink, family=address.AF_INET6)
    )


# One route of several hops


def _combined(
    host: Host, ours: OwnRoutes, key: Key, changes: list[Change], stale: list[tuple[Change, RouteMessage]]
) -> list[tuple[Change, bytes]]:
    """The multipath route of a key: the hops that are there and stay, and the new ones."""
    old = [one for one in ours.of(key) if one.type == RTN_UNICAST]
    going = {hop_of(one.before)[:2] for one in changes if one.action == "~"}
    wanted = {hop_of(one.after)[:2]: hop_of(one.after) for one in changes}
    before = [hop for one in old for hop in ours.hops(one)]
    kept = [hop for hop in before if hop[:2] not in going and hop[:2] not in wanted]
    hops = sorted({**{hop[:2]: hop for hop in kept}, **wanted}.values())
    same = len(old) == 1 and sorted(_weighed(before)) == sorted(_weighed(hops))
    if same and settings_of(old[0]) == said_by(changes[0].after):
        return []
    stale += [(changes[0], one) for one in old]
    onlink = onlink_of([one.after for one in changes]).union(*(ours.onlink(one) for one in old))
    return [(changes[0], _payload(host, changes[0], hops, onlink))]


def _weighed(hops: Sequence[Hop]) -> list[Hop]:
    return [(out, gateway, weight or 1) for out, gateway, weight in hops]


def _drop(host: Host, stale: list[tuple[Change, RouteMessage]]) -> None:
    batch = Batch(host.netlink)
    for change, message in stale:
        batch.ask(change, f"remove the route {change.name}", route.remove(route.same(message)), GONE)
    batch.run()


# Messages


def _payload(host: Host, change: Change, hops: list[Hop], onlink: set[Way]) -> bytes:
    one: Route = change.after
    destination, table, metric = key_of(one)
    network, _, length = destination.partition("/")
    details = Details(one.details) if isinstance(one.details, str) else Details()
    ways = [
        NextHop(
            _index(host, change, out),
            gateway or None,
            max(weight, 1),
            RTNH_F_ONLINK if (out, gateway) in onlink else 0,
        )
        for out, gateway, weight in hops
        if out
    ]
    if isinstance(one.cwnd, int):
        details.metrics[RTAX_LOCK] = details.metrics.get(RTAX_LOCK, 0) | 1 << RTAX_CWND
        details.metrics[RTAX_CWND] = one.cwnd
    single = ways[0] if len(ways) == 1 else None
    return route.build(
        network,
        int(length),
        table=table,
        route_type=TYPES[one.route_type] if isinstance(one.route_type, str) else RTN_UNICAST,
        oif=single.oif if single else None,
        gateway=single.gateway if single else None,
        metric=metric or None,
        preferred_source=one.source if isinstance(one.source, str) else None,
        metrics=details.metrics,
        next_hops=() if single else ways,
        scope=details.scope,
        flags=single.flags if single else 0,
        congestion_control=details.congestion_control,
        preference=details.preference,
    )


def _index(host: Host, change: Change, name: str) -> int:
    index = host.indexes.get(name)
    if index is None:
        text = f"the route {change.name} can't be added: there is no interface {name}"
        raise Refused(text, change=change, answer=f"ENODEV: {name}")
    return index


def _remove(host: Host, changes: Sequence[Change], ours: OwnRoutes | None = None) -> None:
    """Remove the routes that these changes had before. The remaining hops of a multipath route stay in force."""
    if not changes:
        return
    found = ours or OwnRoutes(host)
    batch = Batch(host.netlink)
    by_key: dict[Key, list[Change]] = {}
    for change in changes:
        by_key.setdefault(key_of(change.before), []).append(change)
    for key, some in by_key.items():
        for message in found.of(key):
            _reduce(host, batch, message, found, some)
    batch.run()


def _reduce(host: Host, batch: Batch, message: RouteMessage, ours: OwnRoutes, changes: list[Change]) -> None:
    """Ask for the removal of those hops of a route that the changes name."""
    hops = ours.hops(message)
    named = [change for change in changes if describes(change.before, message, hops)]
    if not named:
        return
    going = {hop_of(change.before)[:2] for change in named}
    staying = [hop for hop in hops if hop[:2] not in going]
    what = f"remove the route {named[0].name}"
    if not staying:
        batch.ask(named[0], what, route.remove(route.same(message)), GONE)
    elif message.family == route.AF_INET:
        kept = named[0].replace(after=named[0].before)
        batch.ask(
            named[0], what, route.add(_payload(host, kept, staying, ours.onlink(message)), append=True), (errno.EEXIST,)
        )
        batch.ask(named[0], what, route.remove(route.same(message)), GONE)
    else:
        for out, gateway in going:
            network, length = message.destination, message.destination_length
            payload = route.build(
                network,
                length,
                table=message.table,
                protocol=message.protocol,
                oif=host.indexes.get(out),
                gateway=gateway or None,
                metric=message.metric,
            )
            batch.ask(named[0], what, route.remove(payload), GONE)
