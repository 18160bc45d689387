"""Route rules: absent filters first, then additions; priorities that nobody chose are counted up (nmstate, 1.15)."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.state.normalise import rule as canonical
from linkhold.state.routes import MAIN_TABLE
from linkhold.state.rules import RouteRule

FIRST_PRIORITY: typing.Final = 30000
_LAST_PRIORITY: typing.Final = 32765
"""The kernel's own rules for the tables main and default come right after (FRA_PRIORITY 32766, 32767)."""

Identity = tuple[typing.Any, ...]


def rule_identity(rule: RouteRule) -> Identity:
    """What makes two rules the same, whatever their priority."""
    said = canonical(rule).__dict__
    mask = said.get("fwmask", UNSET)
    return (
        said.get("family", ""),
        said.get("ip_from", ""),
        said.get("ip_to", ""),
        said.get("route_table", 0),
        said.get("fwmark", 0),
        0xFFFFFFFF if mask is UNSET else mask,
        said.get("action", ""),
        said.get("iif", ""),
        said.get("suppress_prefix_length", -1),
    )


def matches(pattern: RouteRule, rule: RouteRule) -> bool:
    """Whether everything that a filter gives is so in a rule; an empty network means: none."""
    pattern, rule = canonical(pattern), canonical(rule)
    for name, wanted in pattern.said().items():
        if name == "state":
            continue
        value = rule.get(name)
        if name == "route_table" and value is UNSET:
            value = MAIN_TABLE
        if name == "priority" and value is UNSET:
            value = 0
        if name in ("ip_from", "ip_to") and wanted == "" and value in (UNSET, ""):
            continue
        if value != wanted:
            return False
    return True


def merge_rules(
    desired: tuple[RouteRule, ...], current: tuple[RouteRule, ...], *, numbered: bool = True
) -> tuple[RouteRule, ...]:
    """The rules as they will be; with `numbered`, every new one has a priority."""
    if not desired:
        return current
    patterns = [one for one in desired if one.state == "absent"]
    there: dict[Identity, list[RouteRule]] = {}
    for rule in current:
        there.setdefault(rule_identity(rule), []).append(rule)
    kept: dict[int, RouteRule] = {}
    new: list[RouteRule] = []
    for said in desired:
        if said.state == "absent":
            continue
        found = _same(said, there.get(rule_identity(said), ()), kept)
        if found is not None:
            kept[id(found)] = found
        else:
            new.append(canonical(said))
    stay = tuple(rule for rule in current if id(rule) in kept or not any(matches(one, rule) for one in patterns))
    return (*stay, *_numbered(new, current)) if numbered else (*stay, *new)


def _same(said: RouteRule, there: typing.Iterable[RouteRule], taken: typing.Container[int]) -> RouteRule | None:
    """A rule that is there already and does what is asked; one with the priority that was asked for, if any was."""
    for rule in there:
        if id(rule) not in taken and (said.priority in (UNSET, -1) or said.priority == rule.priority):
            return rule
    return None


def _numbered(new: list[RouteRule], current: tuple[RouteRule, ...]) -> typing.Iterator[RouteRule]:
    used = [
        one.priority for one in (*current, *new) if isinstance(one.priority, int) and one.priority <= _LAST_PRIORITY
    ]
    following = max([FIRST_PRIORITY - 1, *used]) + 1
    for rule in new:
        if rule.priority is UNSET:
            rule = rule.replace(priority=following)
            following += 1
        yield rule
