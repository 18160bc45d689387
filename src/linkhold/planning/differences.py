"""The least document that does to a host what another one does: only what it changes, and what tells where.

Of an interface these are the properties that change, with name, type and state; of one that is not there, all that was
said. Routes and rules that go are named one by one, those that come are added; DNS, hostname and Open vSwitch's own
settings are given as the document says them, if anything in them changes.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Invalid
from linkhold.foundation.record import UNSET, Record
from linkhold.planning.check import check
from linkhold.planning.compare import config
from linkhold.planning.diff import same
from linkhold.planning.merge import merge
from linkhold.planning.merge_routes import Filters, route_identity, route_ipv6
from linkhold.planning.merge_rules import matches, rule_identity
from linkhold.planning.resolve import resolve
from linkhold.planning.shown import as_shown
from linkhold.planning.traits import Trait, traits_of
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip
from linkhold.state.network import NetworkState
from linkhold.state.normalise import normalised
from linkhold.state.routes import Route, Routes
from linkhold.state.rules import RouteRule, RouteRules

_SINGLE: typing.Final = ("hostname", "dns", "ovs_db", "ovn")


_NOT_THERE: typing.Final = frozenset({"missing-controller", "missing-parent", "missing-port", "no-such-interface"})
_WILL_EXIST: typing.Final = "an interface that will exist"


class Followed(typing.NamedTuple):
    """A document followed on a host: in canonical form, and the whole host before and after."""

    known: NetworkState
    before: NetworkState
    after: NetworkState


def followed(document: NetworkState, current: NetworkState) -> Followed:
    """What a document does to a host that is as `current`, which need not be told in full: interfaces that a document
    speaks of and that are not there may be on the host all the same. Whoever applies it will know.

    Raises:
        Invalid: the document can't be followed there, nor on a host that has more.
    """
    before = as_shown(current)
    found = Diagnostics()
    known = normalised(resolve(document, before, found), found)
    after = before
    if not found.errors():
        after = merge(known, before).expected
        check(known, before, after, found)
    wrong = [one for one in found.errors() if not _elsewhere(one)]
    if wrong:
        raise Invalid(Diagnostics(wrong))
    return Followed(known, before, after)


def _elsewhere(one: Diagnostic) -> bool:
    return one.code in _NOT_THERE or (one.code == "route-interface" and one.expected == _WILL_EXIST)


def generate_differences(new: NetworkState, old: NetworkState) -> NetworkState:
    """What of the document `new` changes a host that is as `old`: applied there, it gives the same.

    Raises:
        Invalid: as `followed`.
    """
    known, old, expected = followed(new, old)
    entries = _interfaces(known, expected, old)
    said: dict[str, typing.Any] = {"interfaces": tuple(entries.values()), **_others(known, expected, old)}
    found = NetworkState(**said)
    missing = _missing(found, known, expected, old)
    if missing:  # what an unchanged entry says can matter for another one
        entries |= {key: _up(one) for key, one in known.by_key.items() if key in missing or missing == {ALL}}
        found = found.replace(interfaces=tuple(entries.values()))
    return found.replace(interfaces=_as_said(found.by_key, new, known))


ALL: typing.Final = ("", "")
"""Stands for every entry of the document."""


def _missing(
    found: NetworkState, known: NetworkState, expected: NetworkState, old: NetworkState
) -> set[tuple[str, str]]:
    """The entries without which the document would do something else."""
    given = merge(found, old).expected.by_key
    wrong = {
        key
        for key in given.keys() | expected.by_key.keys()
        if (one := given.get(key)) is not (other := expected.by_key.get(key))
        and (one is None or other is None or not (same(one, other) and same(other, one)))
    }
    return wrong if wrong <= known.by_key.keys() else {ALL}


def _interfaces(known: NetworkState, expected: NetworkState, old: NetworkState) -> dict[typing.Any, Interface]:
    entries: dict[typing.Any, Interface] = {}
    for key, said in known.by_key.items():
        now, then = old.by_key.get(key), expected.by_key.get(key)
        if now is None or then is None or type(now) is not type(then):
            if now is not then:
                entries[key] = _up(said)
        elif said.state == "absent":
            if not same(then, now):
                entries[key] = said
        elif then is not now:
            kept = reduced(said, then, now)
            if kept or then.state != now.state:
                entries[key] = type(said).of({"name": said.name, "state": then.state} | kept)
    return entries


def _up(said: Interface) -> Interface:
    return said if said.state is not UNSET else said.replace(state="up")


def reduced(said: Interface, then: Interface, now: Interface) -> dict[str, typing.Any]:
    """The fields that were said and change something, but for name and state."""
    kept = _changing(said, then, now)
    if said.copy_mac_from is not UNSET and said.mac_address is UNSET and then.mac_address != now.mac_address:
        kept["copy_mac_from"] = said.copy_mac_from
    return {name: value for name, value in kept.items() if name not in ("name", "state")}


def _changing(said: Record, then: Record, now: Record) -> dict[str, typing.Any]:
    """The fields of a record that were said and become something else; of sections, the parts that do.

    Notes on the applying (`ApplyOnly`) stay where anything does.
    """
    kept: dict[str, typing.Any] = {}
    traits = traits_of(type(said))
    for name, value in said.said().items():
        trait = traits[name]
        if not trait.silent and _changes(trait, name, then, now):
            part = _part(trait, value, then.get(name), now.get(name))
            if part is not UNSET:
                kept[name] = part
    notes = {name: value for name, value in said.said().items() if traits[name].apply_only} if kept else {}
    return {name: {**notes, **kept}[name] for name in traits if name in kept or name in notes}


def _changes(trait: Trait, name: str, then: Record, now: Record) -> bool:
    value = then.get(name)
    if value is UNSET:
        return now.get(name) is not UNSET
    if isinstance(value, Ip) and isinstance(now.get(name), Ip) and _stay(value) - _stay(now.get(name)):
        return True
    if name == "address" and isinstance(then, Ip) and isinstance(now, Ip) and _stay(then) - _stay(now):
        return True  # leased ones that become static differ in nothing else
    return not same(type(then).of({name: value}), now)


def _stay(section: Ip) -> set[tuple[str, int]]:
    addresses = section.address if isinstance(section.address, tuple) else ()
    return {(one.ip, one.prefix_length) for one in addresses if not one.dynamic}


def _part(trait: Trait, value: typing.Any, then: typing.Any, now: typing.Any) -> typing.Any:
    if trait.section is None or trait.whole or not value.said() or then is UNSET:
        return value
    blank = type(then).of({})
    part = _changing(value, then, blank if now is UNSET else now)
    return type(value).of(part) if part else UNSET


def _as_said(
    entries: typing.Mapping[typing.Any, Interface], new: NetworkState, known: NetworkState
) -> tuple[Interface, ...]:
    """The entries, those found by their MAC under the name and with the MAC of the document."""
    listed = new.interfaces if isinstance(new.interfaces, tuple) else ()
    by_profile = {one.profile_name: key for key, one in known.by_key.items() if one.profile_name is not UNSET}
    found = dict(entries)
    for said in listed:
        key = by_profile.get(said.profile_name if said.profile_name is not UNSET else said.name)
        if said.identifier == "mac-address" and key in found:
            found[key] = found[key].replace(
                name=said.name,
                identifier="mac-address",
                mac_address=said.mac_address,
                profile_name=said.profile_name,
            )
    return tuple(found.values())


def _others(known: NetworkState, expected: NetworkState, old: NetworkState) -> dict[str, typing.Any]:
    said: dict[str, typing.Any] = {}
    for name in _SINGLE:
        value, then, now = known.get(name), expected.get(name), old.get(name)
        if value is not UNSET and then is not now and not same(then, type(then)() if now is UNSET else now):
            said[name] = value
    routes = _routes(config(known.routes), config(expected.routes), config(old.routes))
    rules = _rules(config(known.rules), config(expected.rules), config(old.rules))
    if routes:
        said["routes"] = Routes(config=routes)
    if rules:
        said["rules"] = RouteRules(config=rules)
    return said


def _routes(said: tuple[Route, ...], then: tuple[Route, ...], now: tuple[Route, ...]) -> tuple[Route, ...]:
    """Those that filters take away, one by one; those that come, and those that one of these filters would take along."""
    filters = Filters(one for one in said if one.state == "absent")
    added = [one for one in said if one.state != "absent"]
    wanted = {route_identity(one) for one in added}
    stay = {id(one) for one in then}
    gone = [one for one in now if id(one) not in stay and route_identity(one) not in wanted and filters.match(one)]
    absent = tuple(absent_route(one) for one in gone)
    lost = Filters(absent)
    there = {route_identity(one) for one in now if id(one) in stay}
    return (*absent, *(one for one in added if route_identity(one) not in there or lost.match(one)))


def absent_route(route: Route) -> Route:
    """The filter that takes away this route."""
    anywhere = route.next_hop_address is UNSET and route.route_type is UNSET
    gateway: typing.Any = ("::" if route_ipv6(route) else "0.0.0.0") if anywhere else route.next_hop_address
    return route.replace(state="absent", details=UNSET, next_hop_address=gateway)


def _rules(
    said: tuple[RouteRule, ...], then: tuple[RouteRule, ...], now: tuple[RouteRule, ...]
) -> tuple[RouteRule, ...]:
    there, stay = set(now), {id(one) for one in then}
    absent = tuple(absent_rule(one) for one in now if id(one) not in stay)
    new = {rule_identity(one) for one in then if one not in there}  # of twins, one may be there already
    added = (one for one in said if one.state != "absent")
    coming = (one for one in added if rule_identity(one) in new or any(matches(gone, one) for gone in absent))
    return (*absent, *coming)


def absent_rule(rule: RouteRule) -> RouteRule:
    """The filter that takes away this rule: no networks in it means none."""
    networks = {name: "" for name in ("ip_from", "ip_to") if rule.get(name) is UNSET}
    return rule.replace(state="absent", **networks)
