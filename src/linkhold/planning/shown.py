"""A document that tells a whole host (what `show` printed, kept in a file) as the state that a provider would show."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Invalid, Key
from linkhold.foundation.record import UNSET
from linkhold.planning.compare import config
from linkhold.planning.merge_interface import OFF
from linkhold.planning.references import with_ports
from linkhold.state.interfaces.common import Interface, Untyped
from linkhold.state.network import NetworkState
from linkhold.state.normalise import route, rule
from linkhold.state.routes import Routes
from linkhold.state.rules import RouteRules


def as_shown(document: NetworkState) -> NetworkState:
    """Up and without IP where nothing else is said, membership said on both sides, routes and rules with their defaults.

    What is canonical already stays as it is; leased and link-local addresses stay too.

    Raises:
        Invalid: an interface has no type.
    """
    listed = document.interfaces if isinstance(document.interfaces, tuple) else ()
    _refuse_untyped(listed)
    table = {one.key: _complete(one) for one in listed if one.state != "absent"}
    for one in list(table.values()):
        for port in one.ports if isinstance(one.ports, tuple) else ():
            if (port, "") in table:
                table[port, ""] = table[port, ""].replace(controller=one.name)
    members: dict[str, set[str]] = {}
    for one in table.values():
        if isinstance(one.controller, str) and one.controller:
            members.setdefault(one.controller, set()).add(one.name)
    changes: dict[str, typing.Any] = {
        "interfaces": tuple(_with_members(one, members) for one in table.values()),
        "rules": RouteRules(config=tuple(rule(one) for one in config(document.rules))),
    }
    routes = document.routes.running if isinstance(document.routes, Routes) else UNSET
    running = tuple(route(one) for one in routes) if isinstance(routes, tuple) else UNSET
    changes["routes"] = Routes(running=running, config=tuple(route(one) for one in config(document.routes)))
    return document.replace(**changes)


def _refuse_untyped(listed: tuple[Interface, ...]) -> None:
    found = Diagnostics()
    for index, one in enumerate(listed):
        if isinstance(one, Untyped):
            message = f"the current state does not say what kind of interface {one.name} is"
            found.error("unknown-type", ("interfaces", Key(one.name, index)), message, expected="a type")
    if found:
        raise Invalid(found)


def _complete(one: Interface) -> Interface:
    said = {"state": "up", **OFF}
    missing = {name: value for name, value in said.items() if one.get(name) is UNSET}
    return one.replace(**missing) if missing else one


def _with_members(one: Interface, members: dict[str, set[str]]) -> Interface:
    if not one.is_controller:
        return one
    listed = set(one.ports) if isinstance(one.ports, tuple) else set()
    return with_ports(one, listed | members.get(one.name, set()))
