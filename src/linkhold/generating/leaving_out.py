"""What files can't hold and an interface can do without: taken out of a document, and told."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Key, Path
from linkhold.foundation.record import UNSET, Record
from linkhold.planning.feasible import UNSUPPORTED
from linkhold.planning.owning import Capabilities
from linkhold.planning.traits import Trait, traits_of
from linkhold.state.interfaces.common import Interface

_R = typing.TypeVar("_R", bound=Record)


def left_out(interface: Interface, capabilities: Capabilities, found: Diagnostics) -> Interface:
    """The interface without what is a mere warning among the inabilities of its kind."""
    for one in capabilities.inabilities:
        if one.severity == "warning" and one.kind in ("", interface.kind):
            at: Path = ("interfaces", Key(interface.name))
            interface = _without(interface, tuple(one.path.split(".")), at, one.reason, found)
    return interface


def _without(record: _R, keys: tuple[str, ...], at: Path, reason: str, found: Diagnostics) -> _R:
    trait = next((one for one in traits_of(type(record)).values() if one.key == keys[0]), None)
    value = record.get(trait.name) if trait is not None else UNSET
    if trait is None or value is UNSET:
        return record
    where = (*at, keys[0])
    if len(keys) > 1:
        return record.replace(**{trait.name: _within(trait, value, keys[1:], where, reason, found)})
    if value != trait.default and not (isinstance(value, Record) and not value.said()):
        found.warning(UNSUPPORTED, where, f"{reason}; left out")
    return record.replace(**{trait.name: UNSET})


def _within(
    trait: Trait, value: typing.Any, keys: tuple[str, ...], at: Path, reason: str, found: Diagnostics
) -> typing.Any:
    if isinstance(value, Record):
        return _without(value, keys, at, reason, found)
    if not isinstance(value, tuple):
        return value
    return tuple(_without(one, keys, (*at, _name(trait, one)), reason, found) for one in value)


def _name(trait: Trait, element: Record) -> Key:
    return Key(str(element.get(trait.keys[0])) if trait.keys else "")
