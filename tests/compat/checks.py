"""How a program written for nmstate asks and compares."""

import copy
import typing

import libnmstate
from libnmstate.iplib import is_ipv6_link_local_addr
from libnmstate.schema import DNS, Interface, InterfaceIP, InterfaceState, Route, RouteRule
from libnmstate.state import state_match

State = dict[str, typing.Any]


def one(name: str, state: State | None = None) -> State:
    """What is shown of one interface; KeyError when it is not there."""
    shown = libnmstate.show() if state is None else state
    found = {entry[Interface.NAME]: entry for entry in shown[Interface.KEY]}
    return typing.cast("State", found[name])


def names() -> set[str]:
    """The names of all interfaces."""
    return {entry[Interface.NAME] for entry in libnmstate.show()[Interface.KEY]}


def static_addresses(name: str, family: str) -> list[tuple[str, int]]:
    """The addresses of an interface without the link-local ones."""
    return [
        (address["ip"], address["prefix-length"])
        for address in one(name)[family].get(InterfaceIP.ADDRESS, [])
        if not is_ipv6_link_local_addr(address["ip"], address["prefix-length"])
    ]


def up(name: str, kind: str, **sections: typing.Any) -> State:
    """A document of one interface that is to be up; underscores in names of sections stand for dashes."""
    said = {key.replace("_", "-"): value for key, value in sections.items()}
    return {Interface.KEY: [{Interface.NAME: name, "type": kind, "state": "up", **said}]}


def gone(*absent: str) -> State:
    """A document that takes interfaces away."""
    return {Interface.KEY: [{Interface.NAME: name, "state": "absent"} for name in absent]}


def apply(desired: State, **options: typing.Any) -> None:
    """Apply, and see in `show` that it is so; the caller's document is as it was."""
    before = copy.deepcopy(desired)
    libnmstate.apply(desired, **options)
    assert desired == before
    assert_state_match(desired)


def assert_state_match(desired: State) -> None:
    """Whether the host is as a document says, in what the document says."""
    current = libnmstate.show()
    for wanted in desired.get(Interface.KEY, []):
        if wanted.get("state") == InterfaceState.ABSENT:
            continue
        shown = _normal(one(wanted[Interface.NAME], current))
        assert state_match(_normal(wanted), shown), f"desired {_normal(wanted)}\nshown {shown}"
    for wanted in desired.get(Route.KEY, {}).get(Route.CONFIG, []):
        matching = [route for route in current[Route.KEY][Route.CONFIG] if _route_matches(wanted, route)]
        assert bool(matching) is (wanted.get(Route.STATE) != Route.STATE_ABSENT), (wanted, current[Route.KEY])
    for wanted in desired.get(RouteRule.KEY, {}).get(RouteRule.CONFIG, []):
        matching = [rule for rule in current[RouteRule.KEY][RouteRule.CONFIG] if _rule_matches(wanted, rule)]
        assert bool(matching) is (wanted.get(RouteRule.STATE) != RouteRule.STATE_ABSENT), (wanted, matching)
    for key, value in desired.get(DNS.KEY, {}).get(DNS.CONFIG, {}).items():
        assert current[DNS.KEY][DNS.CONFIG].get(key, []) == value


def assert_absent(*absent: str) -> None:
    """None of these is shown."""
    assert names().isdisjoint(absent)


_UNSHOWN = ("type", "copy-mac-from", "identifier", "profile-name")
"""Said in a document and not compared: a veth shows as one where ethernet was said."""


def _normal(entry: State) -> State:
    normal = {key: value for key, value in copy.deepcopy(entry).items() if key not in _UNSHOWN}
    for family in (Interface.IPV4, Interface.IPV6):
        section = normal.get(family, {})
        section.pop(InterfaceIP.ALLOW_EXTRA_ADDRESS, None)
        if InterfaceIP.ADDRESS in section:
            section[InterfaceIP.ADDRESS] = sorted(
                (
                    {"ip": address["ip"], "prefix-length": address["prefix-length"]}
                    for address in section[InterfaceIP.ADDRESS]
                    if not is_ipv6_link_local_addr(address["ip"], address["prefix-length"])
                ),
                key=lambda address: str(address["ip"]),
            )
    if Interface.MAC in normal:
        normal[Interface.MAC] = normal[Interface.MAC].upper()
    _sort_ports(normal)
    return normal


def _sort_ports(entry: State) -> None:
    for section in ("bridge", "link-aggregation", "vrf"):
        inside = entry.get(section, {})
        if "ports" in inside:
            inside["port"] = inside.pop("ports")
        if "port" in inside:
            inside["port"] = sorted(inside["port"], key=str)


def _route_matches(wanted: State, route: State) -> bool:
    ignored = {Route.STATE, Route.METRIC}
    return all(
        value == route.get(key)
        for key, value in wanted.items()
        if key not in ignored and not (key == Route.TABLE_ID and value == Route.USE_DEFAULT_ROUTE_TABLE)
    )


def _rule_matches(wanted: State, rule: State) -> bool:
    return all(
        value == rule.get(key)
        for key, value in wanted.items()
        if key != RouteRule.STATE and not (key == RouteRule.PRIORITY and value == RouteRule.USE_DEFAULT_PRIORITY)
    )
