"""The document that takes another one back, for a host that is as it is before that one is applied."""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.planning.compare import config
from linkhold.planning.diff import same
from linkhold.planning.differences import absent_route, absent_rule, followed, reduced
from linkhold.planning.going_back import can_be_made, completed
from linkhold.planning.merge_routes import Filters, kernel_metric, route_identity
from linkhold.planning.merge_rules import matches, rule_identity
from linkhold.planning.overlay import fresh
from linkhold.state.dns import DnsConfig, DnsResolver
from linkhold.state.hostname import Hostname
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip
from linkhold.state.network import NetworkState
from linkhold.state.ovs import GlobalOvsDatabase, Ovn
from linkhold.state.routes import Route, Routes
from linkhold.state.rules import RouteRule, RouteRules


def generate_inverse(document: NetworkState, current: NetworkState) -> NetworkState:
    """What undoes `document` once it was applied to a host that is as `current`: what it makes is absent, what it takes
    away is made again, and what it changes is as before.

    Leased and autoconfigured addresses are not ours to bring back; secrets are brought back as far as `current` tells them.

    Raises:
        Invalid: as `differences.followed`.
    """
    _, current, then = followed(document, current)
    said: dict[str, typing.Any] = {"interfaces": tuple(_interfaces(current, then))}
    routes = _routes(config(current.routes), config(then.routes))
    rules = _rules(config(current.rules), config(then.rules))
    if routes:
        said["routes"] = Routes(config=routes)
    if rules:
        said["rules"] = RouteRules(config=rules)
    for name, back in (("hostname", _hostname), ("dns", _dns), ("ovs_db", _ovs_db), ("ovn", _ovn)):
        before, after = current.get(name), then.get(name)
        if after is not UNSET and after is not before and not same(after, type(after)() if before is UNSET else before):
            said[name] = back(before, after)
    return NetworkState(**said)


def _interfaces(before: NetworkState, after: NetworkState) -> typing.Iterator[Interface]:
    for key, then in after.by_key.items():
        if key not in before.by_key and then.virtual:
            yield type(then)(name=then.name, state="absent")
    for key, was in before.by_key.items():
        now = after.by_key.get(key)
        if now is None:
            if can_be_made(was):
                yield _whole(was)
        elif type(now) is not type(was):
            yield _whole(was)
        elif now is not was:
            said = _static(completed(was, now))
            kept = reduced(said, said, _static(now))
            if kept or was.state != now.state:
                yield type(was).of({"name": was.name, "state": was.state} | kept)


def _whole(was: Interface) -> Interface:
    """All that can be said of an interface to make it again."""
    return _static(fresh(was)).replace(state=was.state)


def _static(interface: Interface) -> Interface:
    """With the addresses that a document can say."""
    sections = {family: interface.get(family) for family in ("ipv4", "ipv6")}
    changes: dict[str, typing.Any] = {
        family: held.replace(address=held.static)
        for family, held in sections.items()
        if isinstance(held, Ip) and isinstance(held.address, tuple)
    }
    return interface.replace(**changes)


def _routes(before: tuple[Route, ...], after: tuple[Route, ...]) -> tuple[Route, ...]:
    was, now = {_exact(one) for one in before}, {_exact(one) for one in after}
    back = {route_identity(one) for one in before if _exact(one) not in now}
    absent = tuple(absent_route(one) for one in after if _exact(one) not in was and route_identity(one) not in back)
    lost = Filters(absent)  # a filter takes along what is like it and says more
    missing = (one for one in before if _exact(one) not in now or lost.match(one))
    there = {route_identity(one) for one in after}
    return (*absent, *(_said(one, there) for one in missing))


def _said(route: Route, there: typing.Container[typing.Any]) -> Route:
    """A route to be made; where one is there that differs in its metric alone, the metric has to be said."""
    metric = kernel_metric(route) if route_identity(route) in there else route.get("metric")
    return route.replace(details=UNSET, metric=metric)


def _exact(route: Route) -> typing.Any:
    return (*route_identity(route), kernel_metric(route), route.get("route_type"))


def _rules(before: tuple[RouteRule, ...], after: tuple[RouteRule, ...]) -> tuple[RouteRule, ...]:
    was, now = {_numbered(one) for one in before}, {_numbered(one) for one in after}
    absent = tuple(absent_rule(one) for one in after if _numbered(one) not in was)
    missing = (one for one in before if _numbered(one) not in now or any(matches(gone, one) for gone in absent))
    return (*absent, *missing)


def _numbered(rule: RouteRule) -> typing.Any:
    return (*rule_identity(rule), rule.get("priority"))


def _hostname(before: typing.Any, after: Hostname) -> Hostname:
    empty = {"config": ""} if after.config is not UNSET else {}
    return Hostname(**{**empty, **(before.said() if isinstance(before, Hostname) else {})})


def _dns(before: typing.Any, after: DnsResolver) -> DnsResolver:
    held = before.config if isinstance(before, DnsResolver) and isinstance(before.config, DnsConfig) else DnsConfig()
    if not any(held.said().values()):
        return DnsResolver(config=DnsConfig())
    empty = DnsConfig(server=(), search=(), options=())
    return DnsResolver(config=empty.replace(**held.said()))


def _ovs_db(before: typing.Any, after: Record) -> GlobalOvsDatabase:
    maps = {
        name: {**dict.fromkeys(held), **((before.get(name) or {}) if _says(before, name) else {})}
        for name, held in after.said().items()
    }
    return GlobalOvsDatabase(**maps)


def _says(value: typing.Any, name: str) -> bool:
    return isinstance(value, Record) and value.get(name) is not UNSET


def _ovn(before: typing.Any, after: Ovn) -> Ovn:
    return typing.cast("Ovn", completed(before if isinstance(before, Ovn) else Ovn(), after))
