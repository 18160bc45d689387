"""Two states of one host side by side: a draft of a change for each object that differs."""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.planning.change import Difference
from linkhold.planning.diff import Found, found
from linkhold.planning.draft import Draft
from linkhold.planning.merge_interface import OFF
from linkhold.planning.merge_routes import kernel_metric, route_identity, route_ipv6
from linkhold.planning.merge_rules import rule_identity
from linkhold.planning.traits import traits_of
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState
from linkhold.state.routes import MAIN_TABLE, Route
from linkhold.state.rules import RouteRule

_SINGLE: typing.Final = (
    ("hostname", "hostname", "hostname"),
    ("dns", "dns", "dns-resolver"),
    ("ovs_db", "ovs-db", "ovs-db"),
    ("ovn", "ovn", "ovn"),
)
"""Sections of which there is one: field, subject, path."""


def compare(before: NetworkState, after: NetworkState) -> list[Draft]:
    """Every object that differs, in the order of `after`; routes and rules after the interfaces."""
    drafts = list(_interfaces(before, after))
    drafts += _routes(config(before.routes), config(after.routes))
    drafts += _rules(config(before.rules), config(after.rules))
    for field, subject, path in _SINGLE:
        old, new = before.get(field), after.get(field)
        if new is not UNSET and new is not old:
            now = type(new)() if old is UNSET else old
            differing = found(new, now, path)
            if differing:
                draft = Draft(typing.cast("typing.Any", subject), subject, subject, old, new, differing)
                draft.action = "~"
                drafts.append(draft)
    return drafts


def config(section: typing.Any) -> tuple[typing.Any, ...]:
    """The configured entries of a section of routes or rules."""
    held = section.get("config") if isinstance(section, Record) else UNSET
    return held if isinstance(held, tuple) else ()


def change_name(interface: Interface) -> str:
    """An interface's name in a plan."""
    return f"{interface.name}/{interface.kind}" if interface.userspace else interface.name


def _interfaces(before: NetworkState, after: NetworkState) -> typing.Iterator[Draft]:
    old, new = before.by_key, after.by_key
    for key, interface in new.items():
        now = old.get(key)
        if now is interface:
            continue
        draft = interface_draft(now, interface)
        if draft is not None:
            yield draft
    for key, interface in old.items():
        if key not in new:
            yield Draft("interface", key, change_name(interface), interface, UNSET)


def interface_draft(now: Interface | None, interface: Interface) -> Draft | None:
    """The change from one value of an interface to another, or nothing."""
    path, name = f"interfaces[{interface.name}]", change_name(interface)
    if now is None:
        return Draft("interface", interface.key, name, UNSET, interface, found(interface, _nothing(interface), path))
    if type(now) is not type(interface):
        other = Difference(path=f"{path}.type", before=now.kind, after=interface.kind)
        kind = Found(other, traits_of(type(now))["name"], True, "", False)
        draft = Draft(
            "interface", interface.key, name, now, interface, [kind, *found(interface, _nothing(interface), path)]
        )
        draft.action = "±"
        return draft
    differing = [*_changes_hands(interface, now, path), *_is_stored(interface, now, path), *found(interface, now, path)]
    if not differing:
        return None
    draft = Draft("interface", interface.key, name, now, interface, differing)
    if any(one.fixed for one in differing):
        draft.action = "±"
    return draft


def _changes_hands(interface: Interface, now: Interface, path: str) -> typing.Iterator[Found]:
    """The difference of an interface that gets another owner: while it is handed over nobody holds its routes."""
    if interface.provider != now.provider:
        before, after = now.owner, interface.owner
        difference = Difference(path=f"{path}.provider", before=before, after=after)
        yield Found(difference, traits_of(type(now))["provider"], False, f"{before} hands it over to {after}", False)


def _is_stored(interface: Interface, now: Interface, path: str) -> typing.Iterator[Found]:
    """The difference of an interface whose profile is to say what is in force."""
    if isinstance(now.unstored, tuple) and interface.unstored is UNSET:
        difference = Difference(path=f"{path}.unstored", before=list(now.unstored), after=UNSET)
        yield Found(difference, traits_of(type(now))["unstored"], False, "", False)


def _nothing(interface: Interface) -> Interface:
    """An interface of this name and kind of which nothing else is said."""
    return type(interface)(name=interface.name, **OFF)


def _routes(before: tuple[Route, ...], after: tuple[Route, ...]) -> typing.Iterator[Draft]:
    if before is after:
        return
    stay = {id(route) for route in after}
    going = [route for route in before if id(route) not in stay]
    stay = {id(route) for route in before}
    coming = [route for route in after if id(route) not in stay]
    slots: dict[typing.Any, list[Route]] = {}
    for route in going:
        slots.setdefault(_slot(route), []).append(route)
    same: dict[typing.Any, list[Route]] = {}
    for route in going:
        same.setdefault(route_identity(route), []).append(route)
    used: set[int] = set()
    for route in coming:
        candidates = same.get(route_identity(route), ()) or slots.get(_slot(route), ())
        old = next((one for one in candidates if id(one) not in used), None)
        if old is None:
            yield route_draft(UNSET, route)
            continue
        used.add(id(old))
        if old != route:
            yield route_draft(old, route)
    for route in going:
        if id(route) not in used:
            yield route_draft(route, UNSET)


def _slot(route: Route) -> typing.Any:
    """What only one route can hold in the kernel: a gateway that changes there is replaced without a gap."""
    if route.get("weight") is not UNSET:
        return route_identity(route)
    return (route_ipv6(route), route.get("destination"), route.get("table_id"), kernel_metric(route))


def route_draft(before: typing.Any, after: typing.Any) -> Draft:
    """A change of a route; with equal sides it is put back."""
    shown = after if after is not UNSET else before
    path = f"routes.config[{route_name(shown)}]"
    differing: list[Found] = []
    if before is not UNSET and after is not UNSET and before != after:
        differing = found(after, before, path)
    return Draft("route", (route_identity(shown), shown.get("metric")), route_name(shown), before, after, differing)


def route_name(route: Route) -> str:
    """A route in one line, as ``ip route`` would spell it."""
    words = [str(route.get("route_type"))] if route.get("route_type") is not UNSET else []
    words.append(route.destination if isinstance(route.destination, str) else "default")
    for word, field in (("via", "next_hop_address"), ("dev", "next_hop_interface"), ("src", "source")):
        value = route.get(field)
        if value not in (UNSET, "", "0.0.0.0", "::"):
            words.append(f"{word} {value}")
    if route.get("table_id") not in (UNSET, 0, MAIN_TABLE):
        words.append(f"table {route.table_id}")
    for word, field in (("metric", "metric"), ("weight", "weight"), ("cwnd", "cwnd")):
        if route.get(field) not in (UNSET, 0):
            words.append(f"{word} {route.get(field)}")
    return " ".join(words)


def _rules(before: tuple[RouteRule, ...], after: tuple[RouteRule, ...]) -> typing.Iterator[Draft]:
    if before is after:
        return
    old, new = ({(rule_identity(one), one.get("priority")): one for one in rules} for rules in (before, after))
    for key, rule in new.items():
        if key not in old:
            yield Draft("rule", key, rule_name(rule), UNSET, rule)
    for key, rule in old.items():
        if key not in new:
            yield Draft("rule", key, rule_name(rule), rule, UNSET)


def rule_name(rule: RouteRule) -> str:
    """A rule in one line, as ``ip rule`` would spell it."""
    words = [f"{rule.priority}:"] if rule.priority is not UNSET else []
    words.append("ipv6" if rule.family == "ipv6" else "ipv4")
    for word, field in (("from", "ip_from"), ("to", "ip_to"), ("iif", "iif"), ("fwmark", "fwmark"), ("mask", "fwmask")):
        value = rule.get(field)
        if value not in (UNSET, ""):
            words.append(f"{word} {hex(value) if isinstance(value, int) else value}")
    words.append(str(rule.action) if rule.action is not UNSET else f"table {rule.route_table}")
    if rule.suppress_prefix_length is not UNSET:
        words.append(f"suppress-prefix-length {rule.suppress_prefix_length}")
    return " ".join(words)
