"""Captures carried out: each takes a state (plain data) and gives a part of it, or one with something replaced."""

import typing

from linkhold.foundation.record import Record
from linkhold.policy.expression import CAPTURE, Expression, Mistake, Place, Step, Word
from linkhold.policy.values import Steps, changed, class_of, equal, form_at, meant, only, spelled, values_at
from linkhold.state.forms import Plain
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState
from linkhold.state.ovs import BridgeMapping
from linkhold.state.routes import Route
from linkhold.state.rules import RouteRule

State = dict[str, Plain]
"""A state as plain data, as `document.to_plain` gives it."""


class Listing(typing.NamedTuple):
    """A list of objects in a state: what it holds, and the keys that stay whatever part is kept."""

    keys: tuple[str, ...]
    noun: str
    cls: type[Record]
    identity: tuple[str, ...] = ()


LISTINGS: typing.Final = (
    Listing(("interfaces",), "interface", Interface, ("name", "type")),
    Listing(("routes", "running"), "route", Route),
    Listing(("routes", "config"), "route", Route),
    Listing(("route-rules", "config"), "route rule", RouteRule),
    Listing(("ovn", "bridge-mappings"), "bridge mapping", BridgeMapping, ("localnet",)),
)
"""The lists of objects in a state; any other section counts as one object."""


def execute(expression: Expression, current: State, captured: typing.Mapping[str, State]) -> State:
    """What an expression gives; `captured` holds what the captures that it refers to gave.

    Raises:
        Mistake: nothing is as it says.
    """
    state = captured[expression.source.capture] if expression.source else current
    if expression.place is None:
        return state
    listing = listing_of(expression.place)
    value = _value(expression, current, captured)
    if expression.operator == ":=":
        return _replaced(expression, state, listing, value)
    if expression.operator:
        return _filtered(expression, state, listing, value)
    return _retained(expression, state, listing)


def listing_of(place: Place) -> Listing | None:
    """The list of objects that a path leads into, if it is one."""
    names = tuple(step.name for step in place.steps)
    return next((one for one in LISTINGS if names[: len(one.keys)] == one.keys), None)


def check(expression: Expression) -> None:
    """What can be said of an expression before there is a state.

    Raises:
        Mistake: it can't work with any.
    """
    place = expression.place
    if place is None or not expression.operator:
        return
    listing = listing_of(place)
    if expression.operator != ":=" and len(place.steps) <= (len(listing.keys) if listing else 1):
        hint = f"as in {place}.name" if str(place) == "interfaces" else "say the key to compare"
        raise Mistake(f"'{place}' has no value to compare", expression.text, place.position, hint=hint)


def _value(expression: Expression, current: State, captured: typing.Mapping[str, State]) -> Plain | Word:
    """A word as it is; what a path leads to."""
    value = expression.value
    if value is None or isinstance(value, Word):
        return value
    return one_at(value, captured[value.capture] if value.capture else current, expression.text)


def one_at(place: Place, state: State, text: str) -> Plain:
    """The one value that a path in a text leads to.

    Raises:
        Mistake: it leads nowhere; the pointer is at the step where it ends.
    """
    value: Plain = state
    before = f"{CAPTURE}.{place.capture}" if place.capture else "the current state"
    for step in place.steps:
        value = _inner(value, step, before, text)
        before = f"{before}.{step.name}" if place.capture or before != "the current state" else step.name
    return value


def _inner(value: Plain, step: Step, before: str, text: str) -> Plain:
    if isinstance(value, dict):
        if step.name in value:
            return value[step.name]
        raise Mistake(f"there is no '{step.name}' in {before}", text, step.position)
    if not isinstance(value, list):
        raise Mistake(f"nothing is in {before}: it is {spelled(value)}", text, step.position)
    if step.number is None:
        hint = f"say which element: {before}.0.{step.name}"
        raise Mistake(f"{before} is a list", text, step.position, hint=hint)
    if step.number >= len(value):
        length = f"{len(value)} element{'s' if len(value) != 1 else ''}"
        raise Mistake(f"there is no element {step.name} in {before}: it has {length}", text, step.position)
    return value[step.number]


def _filtered(expression: Expression, state: State, listing: Listing | None, value: Plain | Word) -> State:
    place = expression.place
    assert place is not None
    wanted = value.text if isinstance(value, Word) else value
    inverse = expression.operator == "!="
    if listing is None:
        form = form_at(NetworkState, place.steps)
        if _holds(values_at(state, place.steps), wanted, form) is inverse:
            raise _not_found(expression, place.steps[0].name, place.steps[1:], value)
        return {place.steps[0].name: state.get(place.steps[0].name, {})}
    rest = place.steps[len(listing.keys) :]
    elements = _elements(state, listing)
    if rest and rest[0].number is not None:
        elements, rest = elements[rest[0].number : rest[0].number + 1], rest[1:]
    forms = {cls: form_at(cls, rest) for cls in {class_of(one, listing.cls) for one in elements}}
    kept = [
        one
        for one in elements
        if _holds(values_at(one, rest), wanted, forms[class_of(one, listing.cls)]) is not inverse
    ]
    if not kept:
        raise _not_found(expression, listing.noun, rest, value)
    return _nested(listing.keys, kept)


def _holds(values: list[Plain], wanted: Plain, form: typing.Any) -> bool:
    """Whether any of the values is the one wanted; null is wanted where there is none."""
    if wanted is None:
        return all(one is None for one in values)
    return any(equal(one, wanted, form) for one in values)


def _not_found(expression: Expression, noun: str, rest: Steps, value: Plain | Word) -> Mistake:
    shown = value if isinstance(value, Word) else spelled(value)
    said = f"{'.'.join(step.name for step in rest)}{expression.operator.rstrip('=') or ''}={shown}"
    position = expression.value.position if expression.value is not None else 0
    return Mistake(f"{noun} with '{said}' not found", expression.text, position)


def _replaced(expression: Expression, state: State, listing: Listing | None, value: Plain | Word) -> State:
    place = expression.place
    assert place is not None
    steps = place.steps
    if listing is None or len(steps) == len(listing.keys):
        form = form_at(NetworkState, steps)
        return typing.cast("State", changed(state, steps, _given(value, form)))
    rest = steps[len(listing.keys) :]
    elements: list[Plain] = []
    for index, one in enumerate(_elements(state, listing)):
        chosen = rest[0].number in (None, index)
        inner = rest[1:] if rest[0].number is not None else rest
        form = form_at(class_of(one, listing.cls), inner)
        elements.append(changed(one, inner, _given(value, form)) if chosen else one)
    if not elements:
        return state
    keys = tuple(Step(key, place.position) for key in listing.keys)
    return typing.cast("State", changed(state, keys, [one for one in elements if one is not None]))


def _given(value: Plain | Word, form: typing.Any) -> Plain:
    if not isinstance(value, Word):
        return value
    return value.text if value.quoted or value.text is None else meant(value.text, form)


def _retained(expression: Expression, state: State, listing: Listing | None) -> State:
    place = expression.place
    assert place is not None
    if listing is None or len(place.steps) == len(listing.keys):
        part = only(state, place.steps)
        if part is None:
            raise Mistake(f"there is no '{place}'", expression.text, place.position)
        return typing.cast("State", part)
    rest = place.steps[len(listing.keys) :]
    elements = _elements(state, listing)
    if rest[0].number is not None:
        elements, rest = elements[rest[0].number : rest[0].number + 1], rest[1:]
    kept = [_part(one, rest, listing) for one in elements]
    if all(one is None for one in kept):
        shown = ".".join(step.name for step in rest)
        what = f" with '{shown}'" if shown else ""
        raise Mistake(f"{listing.noun}{what} not found", expression.text, place.steps[len(listing.keys)].position)
    return _nested(listing.keys, [one for one in kept if one is not None])


def _part(element: Plain, rest: Steps, listing: Listing) -> Plain:
    """An element with only one part of it, and what tells which element it is."""
    part = only(element, rest)
    if part is None or not rest:
        return part
    return {key: element[key] for key in listing.identity if key in element} | part


def _elements(state: State, listing: Listing) -> list[Plain]:
    held: Plain = state
    for key in listing.keys:
        held = held.get(key) if isinstance(held, dict) else None
    return held if isinstance(held, list) else []


def _nested(keys: tuple[str, ...], value: Plain) -> State:
    for key in reversed(keys):
        value = {key: value}
    return typing.cast("State", value)
