"""Whether a host agrees with what was asked for: every difference at once, never just the first (nmstate, 2.3).

Compared is what the document *says* (and what the plan did beyond that), not everything a merge expects: the kernel may
well change what nobody spoke of.
"""

import typing

from linkhold.foundation.garbage import uncollected
from linkhold.foundation.record import UNSET, Record
from linkhold.planning.change import Change, Plan
from linkhold.planning.compare import config, route_name
from linkhold.planning.diff import Found, found
from linkhold.planning.going_back import can_be_made
from linkhold.planning.merge_routes import agrees, matches, route_identity
from linkhold.planning.merge_rules import matches as rule_matches
from linkhold.planning.merge_rules import rule_identity
from linkhold.planning.owning import Capabilities
from linkhold.planning.pairs import takes_away
from linkhold.planning.passing import Passing
from linkhold.planning.paths import steps
from linkhold.planning.planner import Outcome, restore
from linkhold.planning.references import controller_of
from linkhold.planning.traits import identity, traits_of
from linkhold.state.fields import Unverified
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip, IpAddress
from linkhold.state.interfaces.linux_bridge import ROUNDED
from linkhold.state.network import NetworkState

_OF_A_PROFILE: typing.Final = frozenset({"name", "profile_name", "provider", "state"})
_KEPT_BY_PROFILES: typing.Final = frozenset({"identifier", "wait_ip", "profile_name"})
"""What a kernel has no place for: compared only where a host shows it."""

_OWN_MAC: typing.Final = frozenset({"vrf"})


class Mismatch(Record):
    """One thing that is not as it should be; `desired` and `current` as a document spells them, `UNSET` where absent.

    An `advisory` one is worth a warning only.
    """

    path: str
    desired: typing.Any = UNSET
    current: typing.Any = UNSET
    advisory: bool = False
    secret: bool = False

    def __str__(self) -> str:
        if self.secret:
            return f"{self.path}: another secret"
        return f"{self.path}: desired {_shown(self.desired)}, is {_shown(self.current)}"


def _shown(value: object) -> str:
    import json

    return "nothing" if value is UNSET else json.dumps(value, ensure_ascii=False, default=str)


@uncollected
def verify(outcome: Outcome, observed: NetworkState, *, lasting: bool = True) -> tuple[Mismatch, ...]:
    """Everything in which a host is not as the outcome of planning wants it; empty when it agrees. Of a change that is not
    `lasting`, what is merely stored is as before: a profile of what was taken away stays for the next boot."""
    there, expected = observed.by_key, outcome.expected.by_key
    if not lasting:
        there = {key: one for key, one in there.items() if not _stored_only(one)}
    mismatches: list[Mismatch] = []
    named = set()
    passing = Passing(outcome, observed)
    bonds = {one.name for one in there.values() if one.kind == "bond"}
    for said in outcome.desired.by_key.values():
        named.add(said.key)
        now = there.get(said.key)
        bonded = now is not None and controller_of(now) in bonds
        if now is not None:
            said = passing.allowed_for(said, now)
        mismatches += _interface(said, now, expected.get(said.key), bonded=bonded)
    for change in outcome.plan.changes:
        if change.subject == "interface":
            mismatches += _side_effect(change, there, named)
            mismatches += _ownership(change, there)
            mismatches += _storing(change, there)
    mismatches += _routes(outcome, observed)
    mismatches += _rules(outcome, observed)
    for field, path in (("hostname", "hostname"), ("dns", "dns-resolver"), ("ovs_db", "ovs-db"), ("ovn", "ovn")):
        mismatches += _section(outcome, observed, field, path)
    return tuple(one for one in mismatches if not any(one.path.startswith(path) for path in outcome.waived))


def _stored_only(interface: Interface) -> bool:
    """Whether nothing is left of an interface but a profile that would make it."""
    return interface.state == "down" and interface.said().keys() <= _OF_A_PROFILE


def verify_restored(
    plan: Plan, observed: NetworkState, *, capabilities: typing.Sequence[Capabilities] = ()
) -> tuple[Mismatch, ...]:
    """Everything in which a host is not as it was before a plan, as far as its providers (see `restore`) can show."""
    mismatches: list[Mismatch] = []
    for change in restore(plan, observed, capabilities=capabilities).plan.changes:
        if change.differences:
            mismatches += (
                Mismatch(path=one.path, desired=one.after, current=one.before, secret=one.secret)
                for one in change.differences
            )
        elif change.before != change.after or change.action in "+-":
            mismatches.append(_whole(change))
    gone = _pulled_out(plan, observed)
    return (*mismatches, *gone)


def _whole(change: Change) -> Mismatch:
    section = {"interface": "interfaces", "route": "routes.config", "rule": "route-rules.config"}.get(
        change.subject, change.subject
    )
    is_, was = ("absent", "present") if change.action == "+" else ("present", "absent")
    return Mismatch(path=f"{section}[{change.name}]", desired=was, current=is_)


def _pulled_out(plan: Plan, observed: NetworkState) -> list[Mismatch]:
    """What was there before and is not any more, where no plan can bring it back: hardware."""
    there = observed.by_key
    before = [one.before for one in plan.changes if one.subject == "interface" and one.before is not UNSET]
    return [
        Mismatch(path=f"interfaces[{one.name}]", desired="present", current="absent")
        for one in before
        if not can_be_made(one) and one.key not in there
    ]


def _interface(
    said: Interface, now: Interface | None, expected: Interface | None, *, bonded: bool
) -> typing.Iterator[Mismatch]:
    path = f"interfaces[{said.name}]"
    if said.state == "absent":
        if now is not None and takes_away(said, now):
            yield Mismatch(path=f"{path}.state", desired="absent", current=now.state)
        return
    if now is None:
        if said.wanted:
            yield Mismatch(path=path, desired="up", current=UNSET)
        return
    if not isinstance(now, type(said)):
        yield Mismatch(path=f"{path}.type", desired=said.kind, current=now.kind)
        return
    for one in found(_comparable(said, now, expected or said, bonded=bonded), now, path):
        yield from _judged(one, expected or said)


def _judged(one: Found, expected: Interface | None = None) -> typing.Iterator[Mismatch]:
    difference = one.difference
    if one.trait.unverified and _left_out(one, expected):
        return
    rounded = (
        one.trait.name in ROUNDED and isinstance(difference.before, int) and difference.after - difference.before == 1
    )
    advisory = one.advisory or rounded
    yield Mismatch(
        path=difference.path,
        desired=difference.after,
        current=difference.before,
        advisory=advisory,
        secret=difference.secret,
    )


def _left_out(one: Found, expected: Interface | None) -> bool:
    """Whether a field that is not always compared is not compared here, by the section around it."""
    record: typing.Any = expected
    if record is None:
        return True
    for key in steps(one.difference.path)[2:-1]:
        name = next((name for name, trait in traits_of(type(record)).items() if trait.key == key), "")
        record = record.get(name) if name else UNSET
        if not isinstance(record, Record):
            return True
    marker = one.trait.field.marker(Unverified)
    return marker is None or marker.holds(record)


def _comparable(said: Interface, now: Interface, expected: Interface, *, bonded: bool) -> Interface:
    """What was said, in the words of what a host can show. Ports of a bond get the MAC that it chooses."""
    changes: dict[str, typing.Any] = {"state": said.state if said.state is not UNSET else "up"}
    for name in _KEPT_BY_PROFILES:
        if said.get(name) is not UNSET and now.get(name) is UNSET:
            changes[name] = UNSET
    if said.mtu == 0:
        changes["mtu"] = UNSET
    if said.mac_address is not UNSET and (now.kind in _OWN_MAC or bonded):
        changes["mac_address"] = UNSET
    bond, settled = said.get("bond"), expected.get("bond")
    if bond is not UNSET and settled is not UNSET and bond.get("options") is not UNSET and not bond.options.said():
        changes["bond"] = bond.replace(options=settled.options)
    for family in ("ipv4", "ipv6"):
        section = said.get(family)
        if section is not UNSET:
            wanted = expected.get(family)
            off = wanted is not UNSET and wanted.enabled is False
            if wanted is not UNSET and not wanted.automatic:
                section = section.by_hand
            if now.kind == "loopback" and family == "ipv6":
                # it makes itself no addresses, so how it would does not matter: NetworkManager sets what it likes
                section = section.replace(addr_gen_mode=UNSET)
            changes[family] = type(section)(enabled=False) if off else _ip(section, now.get(family))
    changed = said.replace(**{name: value for name, value in changes.items() if said.get(name) != value})
    return typing.cast("Interface", _grown(changed, now))


def _ip(said: Ip, now: typing.Any) -> Ip:
    """Extra addresses are tolerated unless the document forbids them."""
    if not isinstance(said.address, tuple) or not isinstance(now, Ip) or not isinstance(now.address, tuple):
        return said
    said_keys = [_address(one) for one in said.address]
    static = {_address(one) for one in now.static} if said.allow_extra_address is False else set()
    shown = {_address(one): one for one in now.address}
    kept = [key for key in shown if key in said_keys or key not in static]
    in_order = said.ipv6 or [key for key in kept if key in said_keys] == [key for key in said_keys if key in shown]
    order = (*kept, *said_keys) if in_order else (*said_keys, *kept)  # the kernel sorts IPv6 addresses by itself
    wanted = shown | {_address(one): one for one in said.address}
    return said.replace(address=tuple(wanted[key] for key in dict.fromkeys(order)))


def _address(one: IpAddress) -> typing.Any:
    return one.ip, one.prefix_length


def _grown(said: Record, now: Record) -> Record:
    """A document's lists that only grow, with the elements it does not mention."""
    changes: dict[str, typing.Any] = {}
    for name, value in said.__dict__.items():
        trait = traits_of(type(said))[name]
        there = now.get(name)
        if trait.section and isinstance(there, Record):
            inner = _grown(value, there)
            if inner is not value:
                changes[name] = inner
        elif trait.grows and isinstance(there, tuple):
            known = {identity(one, trait.keys) for one in value}
            changes[name] = (*value, *(one for one in there if identity(one, trait.keys) not in known))
    return said.replace(**changes) if changes else said


def _side_effect(
    change: Change, there: typing.Mapping[tuple[str, str], Interface], named: set[tuple[str, str]]
) -> typing.Iterator[Mismatch]:
    """What the plan did to interfaces that the document does not name."""
    shown = change.before if change.after is UNSET else change.after
    path = f"interfaces[{shown.name}]"
    now = there.get(shown.key)
    if shown.key in named:
        return
    if change.after is UNSET:
        if now is not None:
            yield Mismatch(path=f"{path}.state", desired="absent", current=now.state)
    elif now is None:
        yield Mismatch(path=path, desired="up", current=UNSET)
    elif change.differences:
        changed = {one.path for one in change.differences}
        for one in found(change.after, now, path):
            if one.difference.path in changed:
                yield from _judged(one)


def _ownership(change: Change, there: typing.Mapping[tuple[str, str], Interface]) -> typing.Iterator[Mismatch]:
    """Whether an interface that is up has come into the hands in which it shall be."""
    after = change.after
    now = there.get(after.key) if after is not UNSET and after.wanted else None
    if now is not None and now.owner != after.owner:
        yield Mismatch(path=f"interfaces[{after.name}].provider", desired=after.owner, current=now.owner)


def _storing(change: Change, there: typing.Mapping[tuple[str, str], Interface]) -> typing.Iterator[Mismatch]:
    """Whether a profile that said otherwise says now what is in force."""
    if change.before is UNSET or change.after is UNSET or change.before.unstored in (UNSET, change.after.unstored):
        return
    now = there.get(change.after.key)
    if now is not None and isinstance(now.unstored, tuple):
        yield Mismatch(path=f"interfaces[{now.name}].unstored", desired=UNSET, current=list(now.unstored))


def _routes(outcome: Outcome, observed: NetworkState) -> typing.Iterator[Mismatch]:
    said, now = config(outcome.desired.routes), config(observed.routes)
    there: dict[typing.Any, list[typing.Any]] = {}
    for route in now:
        there.setdefault(route_identity(route), []).append(route)
    added = [one for one in said if one.state != "absent"]
    last = {route_identity(one): one for one in added}  # of two that differ in their metric only, the later one counts
    for index, route in enumerate(said):
        path = f"routes.config[{index}]"
        if route.state == "absent":
            if any(matches(route, one) for one in added):
                continue  # what it takes away is given again
            for left in (one for one in now if matches(route, one)):
                yield Mismatch(path=path, desired="absent", current=_plain(left))
        elif last[route_identity(route)] is route and not any(
            agrees(route, one) for one in there.get(route_identity(route), ())
        ):
            yield Mismatch(path=path, desired=_plain(route), current=_plain_or_unset(there.get(route_identity(route))))
    known = {route_identity(one) for one in said}
    touched = outcome.plan.interfaces()
    for route in config(outcome.expected.routes):
        identity_ = route_identity(route)
        if route.get("next_hop_interface") in touched and identity_ not in known and identity_ not in there:
            yield Mismatch(path=f"routes.config[{route_name(route)}]", desired="present", current="absent")


def _rules(outcome: Outcome, observed: NetworkState) -> typing.Iterator[Mismatch]:
    said, now = config(outcome.desired.rules), config(observed.rules)
    if not said:
        return
    there: dict[typing.Any, list[typing.Any]] = {}
    for rule in now:
        there.setdefault(rule_identity(rule), []).append(rule)
    added = [one for one in said if one.state != "absent"]
    for index, rule in enumerate(said):
        path = f"route-rules.config[{index}]"
        if rule.state == "absent":
            if not any(rule_matches(rule, one) for one in added):
                for left in (one for one in now if rule_matches(rule, one)):
                    yield Mismatch(path=path, desired="absent", current=_plain(left))
        elif not any(
            rule.priority in (UNSET, -1) or rule.priority == one.priority for one in there.get(rule_identity(rule), ())
        ):
            yield Mismatch(path=path, desired=_plain(rule), current=_plain_or_unset(there.get(rule_identity(rule))))


def _section(outcome: Outcome, observed: NetworkState, field: str, path: str) -> typing.Iterator[Mismatch]:
    """A section of which there is one: what was said, as it is expected after merging."""
    said, expected, now = outcome.desired.get(field), outcome.expected.get(field), observed.get(field)
    if said is UNSET or expected is UNSET:
        return
    for one in found(expected, type(expected)() if now is UNSET else now, path):
        yield from _judged(one)


def _plain(value: Record) -> typing.Any:
    from linkhold.state.forms import write_record

    return write_record(value)


def _plain_or_unset(values: list[typing.Any] | None) -> typing.Any:
    return _plain(values[0]) if values else UNSET
