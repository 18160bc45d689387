"""What was said, laid over what is there: generic over the markers (maps merge, lists replace, `KeyedBy` elements keep
what is not said of them).

The result shares every untouched part with what is there, and *is* what is there when nothing changes: comparing and
planning an unchanged host is then a matter of identities.
"""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.planning.traits import Trait, identity, traits_of
from linkhold.state.fields import HIDDEN

_R = typing.TypeVar("_R", bound=Record)


def over(now: _R, said: Record) -> _R:
    """`said` laid over `now`, a value of the same class (or of a subclass: the more exact one wins)."""
    values: dict[str, typing.Any] | None = None
    traits = traits_of(type(said))
    for name, new in said.__dict__.items():
        trait = traits[name]
        if trait.silent:
            continue
        old = now.__dict__.get(name, UNSET)
        merged = _field(trait, old, new)
        if merged is not old and merged != old:
            if values is None:
                values = dict(now.__dict__)
            values[name] = merged
    return now if values is None else type(now)(**values)


def holds(now: Record, said: Record) -> bool:
    """Whether a value says already all that was said: a quick look, which may say no where `over` finds nothing to do."""
    there = now.__dict__
    for name, value in said.__dict__.items():
        old = there.get(name, UNSET)
        if isinstance(value, Record):
            if not isinstance(old, Record) or not value.__dict__.items() <= old.__dict__.items():
                return False
        elif old != value:
            return False
    return True


def fresh(said: _R) -> _R:
    """What was said of something that is not there yet: without what only hosts show, and what only takes away."""
    values: dict[str, typing.Any] = {}
    traits = traits_of(type(said))
    for name, new in said.__dict__.items():
        trait = traits[name]
        if trait.silent:
            continue
        values[name] = (
            _field(trait, UNSET, new) if trait.section or trait.element or trait.mapping or trait.secret else new
        )
    return said if values == said.__dict__ else type(said)(**values)


def _field(trait: Trait, old: typing.Any, new: typing.Any) -> typing.Any:
    if trait.secret and new == HIDDEN:
        return old
    if trait.section:
        if trait.whole and old is not UNSET:
            return _whole(old, new)
        if trait.resets and not new.__dict__:
            return new if old is UNSET else reset(old)
        if old is UNSET:
            return fresh(new)
        return old if new.__dict__.items() <= old.__dict__.items() else over(old, new)
    if trait.element:
        return _elements(trait, () if old is UNSET else old, new)
    if trait.mapping:
        return _mapping(trait, {} if old is UNSET else old, new)
    if trait.unordered and old is not UNSET and len(old) == len(new) and sorted(old) == sorted(new):
        return old
    return new


def _whole(old: Record, new: Record) -> Record:
    """The new section, with everything that the old one says beyond it back at its default."""
    if not new.__dict__:
        return new if old.__dict__ else old
    traits = traits_of(type(new))
    defaults = {name: traits[name].default for name in old.__dict__ if name not in new.__dict__}
    merged = type(new)(**defaults, **new.__dict__)
    return old if merged == old else merged


def _elements(trait: Trait, old: tuple[Record, ...], new: tuple[Record, ...]) -> tuple[Record, ...]:
    if not trait.keys:
        return tuple(fresh(one) for one in new)
    if trait.grows and not new:
        return tuple(one for one in map(reset, old) if one.__dict__.keys() - set(trait.keys))
    there = {identity(one, trait.keys): one for one in old}
    merged = dict(there) if trait.grows else {}
    for element in new:
        key = identity(element, trait.keys)
        if element.get("state") == "absent":
            merged.pop(key, None)
        else:
            merged[key] = over(there[key], element) if key in there else fresh(element)
    result = tuple(merged.values())
    return old if len(old) == len(result) and all(map(_is, old, result)) else result


def _is(one: object, other: object) -> bool:
    return one is other


def _mapping(trait: Trait, old: dict[str, typing.Any], new: dict[str, typing.Any]) -> dict[str, typing.Any]:
    """Maps merge by key; one that is `Whole` is replaced, and an empty one that `Resets` too. Null takes a key away."""
    merged = new if trait.whole or (trait.resets and not new) else {**old, **new}
    return {key: value for key, value in merged.items() if value is not None}


def reset(section: _R) -> _R:
    """A section (or list element) with everything back at its default; what has none is not said any more."""
    values: dict[str, typing.Any] = {}
    for name, trait in traits_of(type(section)).items():
        value = section.get(name)
        if value is UNSET or trait.silent:
            continue
        if trait.section:
            values[name] = reset(value)
        elif trait.default is not UNSET:
            values[name] = trait.default
        elif trait.field.required:
            values[name] = value
    return type(section)(**values)
