"""Where two values disagree: generic over the markers, only about what the first of them says.

An absent field and its `Default` are equal; `ReadOnly` and `ApplyOnly` fields never differ; elements of `KeyedBy` lists
are compared one by one. Values that were merged share their untouched parts, so comparing starts with identity and an
unchanged host costs next to nothing.
"""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.planning.change import Difference
from linkhold.planning.traits import Trait, identity, spelled, traits_of
from linkhold.state.fields import HIDDEN
from linkhold.state.forms import write_record


class Found(typing.NamedTuple):
    """One disagreement, for those who judge it (risk, replacing, verification).

    `fixed`, `flaps` (the reason, '' if it does not) and `advisory` hold when the field, or any section around it, is
    marked so.
    """

    difference: Difference
    trait: Trait
    fixed: bool
    flaps: str
    advisory: bool


def differences(expected: Record, current: Record, path: str = "") -> tuple[Difference, ...]:
    """Every field of `expected` that is not so in `current`; paths start with `path`."""
    return tuple(one.difference for one in found(expected, current, path))


def found(expected: Record, current: Record, path: str = "") -> list[Found]:
    """Like `differences`, with traits."""
    into: list[Found] = []
    if expected is not current and expected != current:
        _compare(expected, current, path, into)
    return into


def same(expected: Record, current: Record) -> bool:
    """Whether nothing that `expected` says differs."""
    return not found(expected, current)


def _compare(expected: Record, current: Record, path: str, into: list[Found]) -> None:
    said, there = expected.__dict__, current.__dict__
    for name, trait in traits_of(type(expected)).items():  # in order of declaration
        if name not in said:
            continue
        wanted, now = said[name], there.get(name, UNSET)
        if wanted is now or trait.silent or (trait.unverified and now is UNSET and trait.default is UNSET):
            continue
        _field(trait, wanted, now, f"{path}.{trait.key}" if path else trait.key, into)


def _field(trait: Trait, wanted: typing.Any, now: typing.Any, path: str, into: list[Found]) -> None:
    if now is UNSET:
        now = trait.default
    if wanted == now or (trait.secret and wanted == HIDDEN):
        return
    if trait.section and isinstance(wanted, Record):
        _section(trait, wanted, now, path, into)
    elif trait.element and trait.keys:
        _elements(trait, wanted, () if now is UNSET else now, path, into)
    elif trait.unordered and now is not UNSET and sorted(wanted) == sorted(now):
        return
    elif trait.mapping:
        _mapping(trait, wanted, now if isinstance(now, dict) else {}, path, into)
    else:
        into.append(_found(trait, path, trait.plain(now), trait.plain(wanted)))


def _section(trait: Trait, wanted: Record, now: typing.Any, path: str, into: list[Found]) -> None:
    if not isinstance(now, Record):
        now = type(wanted).__new__(type(wanted))  # nothing said: every field at its default
    if not wanted.__dict__ and trait.resets and not _blank(now):
        into.append(_found(trait, path, trait.plain(now), {}))
        return
    before = len(into)
    _compare(wanted, now, path, into)
    if trait.fixed or trait.flaps or trait.advisory:
        into[before:] = [
            Found(
                one.difference,
                one.trait,
                one.fixed or trait.fixed,
                one.flaps or trait.why_flaps,
                one.advisory or trait.advisory,
            )
            for one in into[before:]
        ]


def _blank(section: Record) -> bool:
    """Whether everything in a section is as if it had not been said."""
    traits = traits_of(type(section))
    return all(traits[name].silent or value == traits[name].default for name, value in section.__dict__.items())


def _elements(trait: Trait, wanted: tuple[Record, ...], now: tuple[Record, ...], path: str, into: list[Found]) -> None:
    before = {identity(one, trait.keys): one for one in now}
    after = {identity(one, trait.keys): one for one in wanted}
    for key, element in after.items():
        there = f"{path}[{spelled(key)}]"
        gone = element.get("state") == "absent" if "state" in traits_of(type(element)) else False
        if gone:
            if key in before:
                into.append(_found(trait, there, _plain(before[key]), UNSET))
        elif key not in before:
            into.append(_found(trait, there, UNSET, _plain(element)))
        elif element is not before[key]:
            _compare(element, before[key], there, into)
    for key, element in before.items():
        if key not in after:
            into.append(_found(trait, f"{path}[{spelled(key)}]", _plain(element), UNSET))
    if trait.name == "address" and before.keys() == after.keys() and list(before) != list(after):
        into.append(_found(trait, path, [spelled(key) for key in before], [spelled(key) for key in after]))


def _mapping(
    trait: Trait, wanted: dict[str, typing.Any], now: dict[str, typing.Any], path: str, into: list[Found]
) -> None:
    for key, value in wanted.items():
        if now.get(key) != value:
            into.append(_found(trait, f"{path}.{key}", now.get(key, UNSET), UNSET if value is None else value))
    if trait.resets or trait.whole:  # the whole map was said
        into += [_found(trait, f"{path}.{key}", now[key], UNSET) for key in now if key not in wanted]


def _plain(element: Record) -> typing.Any:
    return write_record(element, secrets=True)


def _found(trait: Trait, path: str, before: typing.Any, after: typing.Any) -> Found:
    difference = Difference(path=path, before=before, after=after, secret=trait.secret)
    return Found(difference, trait, trait.replaces(before, after), trait.why_flaps, trait.advisory)
