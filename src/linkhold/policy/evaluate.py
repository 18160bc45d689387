"""A policy and a state give a document: captures carried out in the order in which they need each other, templates filled.

The document says only what differs from the current state where there are captures: a policy that is meant for many hosts
names much that is as it should be, and what nobody changes is not to be taken under management for that (nmstate#2533).
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Invalid, Path
from linkhold.foundation.record import UNSET, Record
from linkhold.planning.differences import generate_differences
from linkhold.planning.shown import as_shown
from linkhold.policy.capture import State, execute
from linkhold.policy.document import Policy, enough, in_order, needed_by, pointed
from linkhold.policy.expression import Mistake
from linkhold.policy.template import filled, is_template
from linkhold.state import document
from linkhold.state.fields import HIDDEN
from linkhold.state.forms import Plain
from linkhold.state.interfaces import SECRET_KEYS
from linkhold.state.limits import MAX_NODES
from linkhold.state.network import NetworkState
from linkhold.state.spellings import is_ipv6

VERSION: typing.Final = "0"
"""Of the form in which captured states are kept (nmstate)."""

_LIFETIMES: typing.Final = ("valid-life-time", "preferred-life-time")


class Evaluated(Record):
    """What came out: a document, and by name the (plain) state that each capture gave."""

    state: NetworkState
    captured: dict[str, State]


def needs_current(policy: Policy, captured: typing.Container[str] = ()) -> bool:
    """Whether there has to be a current state: some capture was not given, and the policy does not bring one."""
    return policy.current is UNSET and any(name not in captured for name in policy.capture)


def evaluate(
    policy: Policy,
    current: NetworkState | None = None,
    captured: typing.Mapping[str, State] | None = None,
) -> Evaluated:
    """The document that a policy means on a host as `current` (or as the policy's own current state says).

    Captures whose names are in `captured` gave that before, and are not carried out again.

    Raises:
        Invalid: a capture finds nothing, a template leads nowhere, or what comes out is no valid document.
    """
    said = current if current is not None else policy.current
    base = as_shown(said) if isinstance(said, NetworkState) else None
    states = _captures(policy, base, dict(captured or {}))
    found = Diagnostics()
    plain = _filled(policy.wanted, (), states, found)
    _refuse_large(plain, found)
    if found.errors():
        raise Invalid(policy.locate_wanted(found))
    state = document.read_into(_lasting(plain), found)
    if found.errors() or not isinstance(state, NetworkState):
        raise Invalid(policy.locate_wanted(found))
    if policy.capture and base is not None:
        try:
            state = generate_differences(state, base)
        except Invalid as invalid:
            raise Invalid(policy.locate_wanted(invalid.diagnostics)) from None
    return Evaluated(state=state, captured={name: states[name] for name in policy.capture})


def _captures(policy: Policy, current: NetworkState | None, states: dict[str, State]) -> dict[str, State]:
    found = Diagnostics()
    plain = _looked_at(current) if current is not None else None
    for name in in_order(policy.capture):
        if enough(found):
            break
        expression = policy.capture[name]
        if name in states or any(one not in states for one in needed_by(expression)):
            continue  # given; or it needs one whose mistake is told
        if plain is None:
            hint = "give one under `current`"
            found.error("capture", ("capture", name), "there is no current state to look at", hint=hint)
            continue
        try:
            states[name] = execute(expression, plain, states)
        except Mistake as mistake:
            found.append(pointed(mistake, "capture", ("capture", name)))
    if found:
        raise Invalid(policy.locate(found))
    return states


def _looked_at(current: NetworkState) -> State:
    """A state as captures see it. Policies reckon with a gateway in every route: of those without one, ``0.0.0.0`` or
    ``::`` (nmstate, 1.14).
    """
    plain = document.to_plain(current, secrets=True, shown=True)
    routes = {name: [_with_gateway(one) for one in listed] for name, listed in plain["routes"].items()}
    return {**plain, "routes": routes}


def _with_gateway(route: dict[str, Plain]) -> dict[str, Plain]:
    if "next-hop-address" in route or "route-type" in route:
        return route
    return {**route, "next-hop-address": "::" if is_ipv6(route.get("destination", "")) else "0.0.0.0"}


def _filled(plain: Plain, path: Path, states: typing.Mapping[str, State], found: Diagnostics) -> typing.Any:
    """Plain data with every template replaced; those that can't be are told."""
    if is_template(plain):
        try:
            return filled(plain, states)
        except Mistake as mistake:
            found.append(pointed(mistake, "template", path))
            return None
    if isinstance(plain, dict):
        return {key: _filled(inner, (*path, str(key)), states, found) for key, inner in plain.items()}
    if isinstance(plain, list):
        return [_filled(inner, (*path, index), states, found) for index, inner in enumerate(plain)]
    return plain


def _refuse_large(plain: Plain, found: Diagnostics) -> None:
    """Captures that are put into each other grow without bound, where a document read from a text can't."""
    waiting, count = [plain], 0
    while waiting and count <= MAX_NODES:
        one = waiting.pop()
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        count += len(inner)
        waiting += inner
    if count > MAX_NODES:
        message = f"what comes out has more than {MAX_NODES} values"
        found.error("too-large", (), message, hint="capture less of the state")


def _lasting(plain: dict[str, Plain]) -> dict[str, Plain]:
    """The same with captured addresses as static ones wherever the document does not ask for dynamic ones: a lifetime
    would have them ignored, and what was leased could not be made to stay.
    """
    listed = plain.get("interfaces")
    if not isinstance(listed, list):
        return plain
    return {**plain, "interfaces": [_lasting_interface(one) for one in listed]}


def _lasting_interface(plain: Plain) -> Plain:
    if not isinstance(plain, dict):
        return plain
    changes = {}
    for family in ("ipv4", "ipv6"):
        section = plain.get(family)
        if not isinstance(section, dict) or True in (section.get("dhcp"), section.get("autoconf")):
            continue
        addresses = section.get("address")
        if isinstance(addresses, list):
            changes[family] = {**section, "address": [_without_end(one) for one in addresses]}
    return {**plain, **changes}


def _without_end(address: Plain) -> Plain:
    if not isinstance(address, dict):
        return address
    return {key: value for key, value in address.items() if key not in _LIFETIMES}


def to_file(captured: typing.Mapping[str, State], time: str, *, secrets: bool = False) -> dict[str, Plain]:
    """Captured states as they are kept: ``{name: {metaInfo: {time, version}, state}}``; `time` as RFC 3339 spells it."""
    return {
        name: {"metaInfo": {"time": time, "version": VERSION}, "state": state if secrets else _hidden(state)}
        for name, state in captured.items()
    }


def _hidden(plain: Plain) -> Plain:
    if isinstance(plain, dict):
        return {key: HIDDEN if key in SECRET_KEYS and inner else _hidden(inner) for key, inner in plain.items()}
    return [_hidden(inner) for inner in plain] if isinstance(plain, list) else plain


def from_file(plain: Plain, found: Diagnostics | None = None) -> dict[str, State]:
    """The states in what `to_file` gave; with `found`, mistakes go there.

    Raises:
        Invalid: it is not of that form.
    """
    told = Diagnostics() if found is None else found
    states: dict[str, State] = {}
    for name, held in plain.items() if isinstance(plain, dict) else ():
        state = held.get("state") if isinstance(held, dict) else None
        if isinstance(state, dict):
            states[str(name)] = state
        else:
            told.error("value", (str(name), "state"), "no captured state is here", expected="a map of sections")
    if not isinstance(plain, dict | None):
        told.error("format", (), "captured states are a map", expected="a map of names to captured states")
    if found is None and told:
        raise Invalid(told)
    return states
