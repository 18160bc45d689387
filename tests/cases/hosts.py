"""Simulated hosts for tests of plans: made from documents, and driven through a plan level by level."""

from linkhold.foundation.driving import drive
from linkhold.foundation.record import UNSET
from linkhold.planning.change import Plan
from linkhold.planning.diff import differences
from linkhold.planning.references import with_ports
from linkhold.providers.contract import ALL_DETAILS, Scope
from linkhold.providers.memory.provider import Memory
from linkhold.state.document import read
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ipv4, Ipv6
from linkhold.state.network import NetworkState
from linkhold.state.normalise import route, rule
from linkhold.state.routes import Routes
from linkhold.state.rules import RouteRules


def observed(plain: dict) -> NetworkState:
    """A document as a host would show it: up unless it says otherwise, membership said on both sides."""
    state = read(plain)
    listed = state.interfaces if isinstance(state.interfaces, tuple) else ()
    table = {one.key: _complete(one) for one in listed}
    members: dict[str, set[str]] = {}
    for one in list(table.values()):
        for port in one.ports if one.ports is not UNSET else ():
            table[port, ""] = table[port, ""].replace(controller=one.name)
    for one in table.values():
        if one.controller not in (UNSET, ""):
            members.setdefault(one.controller, set()).add(one.name)
    interfaces: tuple[Interface, ...] = tuple(
        with_ports(one, members.get(one.name, set())) if one.is_controller else one for one in table.values()
    )
    routes = (
        Routes(config=tuple(route(one) for one in state.routes.config))
        if state.routes is not UNSET
        else Routes(config=())
    )
    rules = (
        RouteRules(config=tuple(rule(one) for one in state.rules.config))
        if state.rules is not UNSET
        else RouteRules(config=())
    )
    return state.replace(interfaces=interfaces, routes=routes, rules=rules)


def _complete(one: Interface) -> Interface:
    said = {"state": "up", "ipv4": Ipv4(enabled=False), "ipv6": Ipv6(enabled=False)}
    return one.replace(**{name: value for name, value in said.items() if one.get(name) is UNSET})


def host(state: NetworkState) -> Memory:
    """A host in memory that is as said."""
    return Memory(state)


def look(memory: Memory) -> NetworkState:
    """Everything there is."""
    return drive(memory.observe(Scope(details=ALL_DETAILS)))


def carry_out(memory: Memory, plan: Plan, *, levels: int | None = None) -> None:
    """Apply a plan, or its first levels."""
    for stage, changes in list(plan.steps())[:levels]:
        drive(memory.apply(stage, changes))


def lasting(one: Interface) -> Interface:
    """An interface without leased and link-local addresses: those are not ours to bring back."""
    sections = {family: one.get(family) for family in ("ipv4", "ipv6")}
    return one.replace(**{family: held.replace(address=held.static) for family, held in sections.items()})


def unlike(one: NetworkState, other: NetworkState) -> list[str]:
    """Everything in which two hosts differ, whoever says it; a field at its default is as good as absent, and one that the
    other side does not say at all (real hosts do) can't be compared."""
    there, here = ({interface.key: interface for interface in state.interfaces} for state in (one, other))
    words = [f"{key[0]} is on one side only" for key in there.keys() ^ here.keys()]
    for key in there.keys() & here.keys():
        left, right = lasting(there[key]), lasting(here[key])
        pairs = ((left, right), (right, left))
        words += [
            str(one) for pair in pairs for one in differences(*pair) if one.before is not UNSET or "[" in one.path
        ]
    words += [str(route) for route in set(one.routes.config) ^ set(other.routes.config)]
    words += [str(rule) for rule in set(one.rules.config) ^ set(other.rules.config)]
    for field in ("hostname", "dns", "ovs_db", "ovn"):
        if other.get(field) is not UNSET:
            words += [str(difference) for difference in differences(other.get(field), one.get(field))]
    return words
