"""Facts about a host as plain JSON data, for the way from the process that reads them to the one that reports.

Records become maps of what they say, under the names that `facts.py` gives its fields; tuples, named ones too, become lists.
Reading goes by the types that the fields are declared with, so a new fact needs nothing here.
"""

import types
import typing

from linkhold.foundation.record import Record
from linkhold.networks.facts import Facts

Plain = typing.Any


def to_plain(facts: Facts) -> dict[str, Plain]:
    """Plain data of facts."""
    return typing.cast("dict[str, Plain]", _write(facts))


def _write(value: Plain) -> Plain:
    if isinstance(value, Record):
        return {name: _write(inner) for name, inner in value.said().items()}
    if isinstance(value, dict):
        return {key: _write(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_write(one) for one in value]
    return value


def from_plain(plain: typing.Mapping[str, Plain]) -> Facts:
    """The facts that `to_plain` wrote.

    Raises:
        KeyError, TypeError, ValueError: this is no such data.
    """
    return typing.cast("Facts", _read(Facts, plain))


_HINTS: typing.Final[dict[type, dict[str, Plain]]] = {}


def _hints(cls: type) -> dict[str, Plain]:
    if cls not in _HINTS:
        _HINTS[cls] = typing.get_type_hints(cls)
    return _HINTS[cls]


def _read(hint: Plain, plain: Plain) -> Plain:
    """A value of the type that a hint names."""
    origin: Plain = typing.get_origin(hint)
    inner: Plain = typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return None if plain is None else _read(next(one for one in inner if one is not types.NoneType), plain)
    if origin is dict:
        return {key: _read(inner[1], one) for key, one in plain.items()}
    if origin is tuple:
        hints = [inner[0]] * len(plain) if inner[1:] == (...,) else inner
        return tuple(_read(one, value) for one, value in zip(hints, plain, strict=True))
    if isinstance(hint, type) and issubclass(hint, Record):
        hints = _hints(hint)
        return hint(**{name: _read(hints[name], value) for name, value in plain.items()})
    if isinstance(hint, type) and hasattr(hint, "_fields"):
        return hint(*(_read(one, value) for one, value in zip(_hints(hint).values(), plain, strict=True)))
    return plain
