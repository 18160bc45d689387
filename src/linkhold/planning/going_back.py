"""What a host has to look like to be as it was before a plan."""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.planning.change import Change, Plan
from linkhold.planning.compare import config
from linkhold.planning.merge_interface import over_interface
from linkhold.planning.merge_routes import kernel_metric, route_identity
from linkhold.planning.merge_rules import rule_identity
from linkhold.planning.overlay import over
from linkhold.planning.owning import Capabilities
from linkhold.planning.pairs import peer_of
from linkhold.planning.references import ports_of, with_ports
from linkhold.planning.traits import Trait, identity, traits_of
from linkhold.state.dns import DnsConfig, DnsResolver
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip
from linkhold.state.network import NetworkState
from linkhold.state.routes import Route, Routes
from linkhold.state.rules import RouteRule, RouteRules

_FIELDS: typing.Final = {"dns": "dns", "hostname": "hostname", "ovs-db": "ovs_db", "ovn": "ovn"}


def within_reach(plan: Plan, now: NetworkState, capabilities: typing.Sequence[Capabilities]) -> NetworkState:
    """Like `before_of`, as far as anybody can bring it back any more.

    The service that owned an interface may have died for good. What it kept of its own is put back in its files by then,
    for its next start; what the kernel has of the interface is left to do, by the kernel's own provider. What was leased
    stays as it is: nobody renews it, and nobody but the dead could have taken it.
    """
    known = {one.provider for one in capabilities}
    orphans = [one.before for one in plan.changes if known and _orphaned(one.before, known)]
    if not orphans:
        return before_of(plan, now)
    lost = [one.path.split(".") for one in capabilities[0].inabilities]
    changes = [
        one.replace(before=_left_to_kernel(one.before, lost)) if known and _orphaned(one.before, known) else one
        for one in plan.changes
    ]
    target = before_of(plan.replace(changes=tuple(changes)), now)
    table = dict(target.by_key)
    for one in orphans:
        if one.key in table and one.key in now.by_key:
            table[one.key] = _with_leases(one, table[one.key], now.by_key[one.key])
    return target.replace(interfaces=tuple(table.values()))


def _orphaned(before: typing.Any, known: set[str]) -> bool:
    return isinstance(before, Interface) and isinstance(before.provider, str) and before.provider not in known


def _left_to_kernel(before: Interface, lost: typing.Iterable[list[str]]) -> Interface:
    left: Interface = before.replace(provider=UNSET)
    for path in lost:
        left = _without(left, path)
    return left


def _with_leases(before: Interface, target: Interface, now: Interface) -> Interface:
    for family in ("ipv4", "ipv6"):
        section = before.get(family)
        if isinstance(section, Ip) and True in (section.dhcp, section.get("autoconf")):
            target = target.replace(**{family: now.get(family)})
    return target


def _without(record: typing.Any, path: list[str]) -> typing.Any:
    trait = next((one for one in traits_of(type(record)).values() if one.key == path[0]), None)
    value = record.get(trait.name) if trait is not None else UNSET
    if trait is None or value is UNSET:
        return record
    if len(path) == 1:
        return record.replace(**{trait.name: UNSET})
    return record.replace(**{trait.name: _without(value, path[1:])}) if isinstance(value, Record) else record


def before_of(plan: Plan, now: NetworkState) -> NetworkState:
    """`now` with everything that the plan touches as it was before it."""
    changes = _by_subject(plan)
    said: dict[str, typing.Any] = {"interfaces": _interfaces(changes.get("interface", []), now)}
    said["routes"] = Routes(config=_routes(changes.get("route", []), config(now.routes)))
    said["rules"] = RouteRules(config=_rules(changes.get("rule", []), config(now.rules)))
    for subject, field in _FIELDS.items():
        held = now.get(field)
        for change in changes.get(subject, []):
            held = _section(change.before, held, change.after)
        said[field] = held
    return NetworkState(**said)


def inverted(plan: Plan) -> tuple[NetworkState, NetworkState]:
    """What the plan speaks of after it was carried out, and before."""
    changes = _by_subject(plan)
    applied: dict[str, typing.Any] = {
        "interfaces": tuple(one.after for one in changes.get("interface", []) if one.after is not UNSET),
        "routes": Routes(config=tuple(one.after for one in changes.get("route", []) if one.after is not UNSET)),
        "rules": RouteRules(config=tuple(one.after for one in changes.get("rule", []) if one.after is not UNSET)),
    }
    for subject, field in _FIELDS.items():
        for change in changes.get(subject, []):
            applied[field] = change.after
    state = NetworkState(**applied)
    return state, before_of(plan, state)


def _by_subject(plan: Plan) -> dict[str, list[Change]]:
    changes: dict[str, list[Change]] = {}
    for one in plan.changes:
        changes.setdefault(one.subject, []).append(one)
    return changes


def _interfaces(changes: list[Change], now: NetworkState) -> tuple[Interface, ...]:
    table = dict(now.by_key)
    changed = {(one.before if one.before is not UNSET else one.after).name for one in changes}
    for change in changes:
        key = (change.before if change.before is not UNSET else change.after).key
        there = table.get(key)
        if change.before is UNSET:
            if there is not None and there.virtual and type(there) is type(change.after):  # else somebody else made it
                del table[key]
        elif there is None:
            if can_be_made(change.before):
                table[key] = change.before
        elif type(there) is not type(change.before):
            table[key] = change.before
        else:
            table[key] = back(_with_passing_ports(change, there, now, changed), there)
    return tuple(table.values())


def _with_passing_ports(change: Change, there: Interface, now: NetworkState, changed: set[str]) -> Interface:
    """The controller before, without ports that went meanwhile by themselves, and with those that came: nothing was done to
    them (`planning.passing`)."""
    before: Interface = change.before
    had, held = ports_of(before), ports_of(there)
    if had is None or held is None:
        return before
    wanted = ports_of(change.after) or ()
    kept = {port for port in had if port in changed or port in held or (port, "") in now.by_key}
    come = {port for port in held if port not in changed and port not in had and port not in wanted}
    return with_ports(before, kept | come)


def can_be_made(before: Interface) -> bool:
    """Whether one that is gone can be made again: no hardware, and no veth whose other end is in another namespace."""
    return before.virtual and not (before.kind == "veth" and not peer_of(before))


def back(before: Interface, now: Interface) -> Interface:
    """`now` as it was before. What it says now and did not say then goes back to its default.

    Leased, autoconfigured and link-local addresses are the kernel's and the routers' affair: they are as they are now.
    """
    if now == before:
        return now
    now = now.replace(provider=before.provider)
    said = completed(before, now)
    for family in ("ipv4", "ipv6"):
        section = said.get(family)
        if isinstance(section, Ip) and isinstance(section.address, tuple):
            said = said.replace(**{family: section.replace(address=section.static)})
    return over_interface(now, said)


def completed(before: Record, now: Record) -> typing.Any:
    """`before`, with the default for every field that only `now` says, and an "absent" for every element it adds."""
    values = before.said()
    for name, trait in traits_of(type(before)).items():
        old, new = before.get(name), now.get(name)
        if new is UNSET or trait.silent or old == new:
            continue
        if old is UNSET:
            if trait.section and (inner := completed(trait.section.__new__(trait.section), new)).said():
                values[name] = inner
            elif trait.default is not UNSET:
                values[name] = trait.default
            elif trait.grows and new:
                values[name] = _absences(new, ())
            elif trait.mapping:
                values[name] = dict.fromkeys(new)
        elif trait.section:
            values[name] = completed(old, new)
        elif trait.element and trait.keys:
            values[name] = _completed_elements(trait, old, new)
        elif trait.mapping:
            values[name] = {**dict.fromkeys(new), **old}
    return type(before)(**values)


def _completed_elements(trait: Trait, old: tuple[Record, ...], new: tuple[Record, ...]) -> tuple[Record, ...]:
    there = {identity(one, trait.keys): one for one in new}
    known = tuple(identity(one, trait.keys) for one in old)
    kept = (completed(one, there[key]) if key in there else one for key, one in zip(known, old, strict=True))
    return (*kept, *(_absences(new, known) if trait.grows else ()))


def _absences(elements: tuple[Record, ...], known: tuple[typing.Any, ...]) -> tuple[Record, ...]:
    """Elements that take themselves away, where their class can say so."""
    gone = []
    for one in elements:
        traits = traits_of(type(one))
        keys = [name for name, trait in traits.items() if trait.field.required]
        if "state" in traits and identity(one, tuple(keys)) not in known:
            gone.append(type(one)(state="absent", **{key: one.get(key) for key in keys}))
    return tuple(gone)


def _routes(changes: list[Change], now: tuple[Route, ...]) -> tuple[Route, ...]:
    if not changes:
        return now
    wanted = {_exact(one.before): one.before for one in changes if one.before is not UNSET}
    unwanted = {_exact(one.after) for one in changes if one.after is not UNSET} - wanted.keys()
    kept = [one for one in now if _exact(one) not in unwanted]
    there = {_exact(one) for one in kept}
    return (*kept, *(one for key, one in wanted.items() if key not in there))


def _exact(route: Route) -> typing.Any:
    """What makes it this route and no other."""
    return (*route_identity(route), kernel_metric(route), route.get("route_type"))


def _rules(changes: list[Change], now: tuple[RouteRule, ...]) -> tuple[RouteRule, ...]:
    if not changes:
        return now
    wanted = {_numbered(one.before): one.before for one in changes if one.before is not UNSET}
    unwanted = {_numbered(one.after) for one in changes if one.after is not UNSET} - wanted.keys()
    kept = [one for one in now if _numbered(one) not in unwanted]
    there = {_numbered(one) for one in kept}
    return (*kept, *(one for key, one in wanted.items() if key not in there))


def _numbered(rule: RouteRule) -> typing.Any:
    return (*rule_identity(rule), rule.get("priority"))


def _section(before: typing.Any, now: typing.Any, after: typing.Any) -> typing.Any:
    if isinstance(after, DnsResolver):
        empty = DnsConfig(server=(), search=(), options=())
        old = before.config if isinstance(before, DnsResolver) and isinstance(before.config, DnsConfig) else DnsConfig()
        held = now.config if isinstance(now, DnsResolver) and isinstance(now.config, DnsConfig) else DnsConfig()
        target = over(held, over(empty, old))
        return now if target is held and now is not UNSET else DnsResolver(config=target)
    if before is UNSET or now is UNSET:
        return now if before is UNSET else before
    return over(now, completed(before, now))
