"""The markers of each field as merge, differences and order read them: looked up once for each class."""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.state.fields import (
    Advisory,
    ApplyOnly,
    CreateOnly,
    Default,
    Field,
    Flaps,
    KeyedBy,
    ReadOnly,
    Resets,
    Secret,
    Unordered,
    Unverified,
    Whole,
    fields_of,
)
from linkhold.state.forms import form_of
from linkhold.state.scalars import Form


class Trait:
    """What the generic stages need to know of one field.

    `section` is the record class of a section; `element` that of the elements of a list of records, with `keys` the
    fields that tell these apart (empty where the position does). `silent` fields take no part in comparing.
    """

    __slots__ = (
        "advisory", "apply_only", "creating", "default", "element", "field", "fixed", "flaps", "form", "grows",
        "key", "keys", "mapping", "name", "read_only", "resets", "secret", "section", "silent", "unordered",
        "unverified", "verbatim", "whole", "why_flaps",
    )  # fmt: skip

    def __init__(self, field: Field) -> None:
        self.field, self.name, self.key = field, field.name, field.key
        default, keyed, flaps = field.marker(Default), field.marker(KeyedBy), field.marker(Flaps)
        self.default: typing.Any = default.value if default else UNSET
        self.keys: tuple[str, ...] = keyed.names if keyed else ()
        self.grows = bool(keyed and keyed.grows)
        self.read_only, self.apply_only = field.has(ReadOnly), field.has(ApplyOnly)
        self.silent = self.read_only or self.apply_only
        self.resets, self.secret = field.has(Resets), field.has(Secret)
        self.creating = field.marker(CreateOnly)
        self.fixed = self.creating is not None
        self.flaps = flaps is not None
        self.why_flaps = (flaps.why or f"{field.key} changes") if flaps else ""
        self.advisory, self.unverified = field.has(Advisory), field.has(Unverified)
        self.unordered, self.whole = field.has(Unordered), field.has(Whole)
        self.section: type[Record] | None = field.base if _is_record(field.base) else None
        self.mapping = typing.get_origin(field.base) is dict or field.base is dict
        inner = typing.get_args(field.base)[:1] if typing.get_origin(field.base) is tuple else ()
        self.form = form_of(field)
        self.verbatim = type(self.form).write is Form.write
        self.element: type[Record] | None = inner[0] if inner and _is_record(inner[0]) else None

    def replaces(self, before: typing.Any, after: typing.Any) -> bool:
        """Whether this difference (as a document spells it) needs the interface to be made anew."""
        return self.creating is not None and self.creating.replaces(before, after)

    def plain(self, value: typing.Any) -> typing.Any:
        """A value of this field as a document spells it, secrets included; `UNSET` stays."""
        return value if self.verbatim or value is UNSET else self.form.write(value, True)


def _is_record(base: object) -> bool:
    return isinstance(base, type) and issubclass(base, Record)


_traits: typing.Final[dict[type[Record], dict[str, Trait]]] = {}


def traits_of(cls: type[Record]) -> dict[str, Trait]:
    """The traits of a class's fields by name, in order of declaration."""
    traits = _traits.get(cls)
    if traits is None:
        traits = _traits[cls] = {name: Trait(field) for name, field in fields_of(cls).items()}
    return traits


def identity(element: Record, keys: tuple[str, ...]) -> typing.Any:
    """What a list element is known by."""
    if len(keys) == 1:
        return element.__dict__.get(keys[0], UNSET)
    values = element.__dict__
    return tuple([values.get(name, UNSET) for name in keys])


def spelled(identity_: typing.Any) -> str:
    """An identity as it stands in a path: ``eth1``, ``192.0.2.1/24``."""
    if isinstance(identity_, tuple):
        return "/".join(str(part) for part in identity_ if part is not UNSET)
    return str(identity_)
