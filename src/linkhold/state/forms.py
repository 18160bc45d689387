"""Forms: how one value is read from, and written to, plain data (what YAML and JSON know: maps, lists, texts, numbers).

A form is found from a field's type and markers (`form_of`), or put beside the type itself: ``Annotated[str | Unset, MAC]``.
Reading never raises: mistakes go to the collector, and the value is then `UNSET`, so all mistakes are found in one pass.
Single values are in `state.scalars`; here are those made of others, up to whole records.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Key, Misread, Path, did_you_mean
from linkhold.foundation.record import UNSET, Record
from linkhold.foundation.remembered import remembered
from linkhold.state.fields import (
    HIDDEN,
    Described,
    Field,
    KeyedBy,
    Length,
    Numbered,
    Range,
    Secret,
    Strict,
    Unordered,
    fields_of,
)
from linkhold.state.scalars import Choice, Flag, Form, Parsed, Plain, Text, Whole, shown

__all__ = [
    "Choice",
    "Flag",
    "Form",
    "Hidden",
    "ListOf",
    "MapOf",
    "Parsed",
    "Plain",
    "Section",
    "Text",
    "Whole",
    "check_record",
    "form_of",
    "is_record_type",
    "read_record",
    "record_schema",
    "shown",
    "write_record",
]


class ListOf(Form):
    """A list of one form; an element that can't be read is left out after its diagnostic."""

    expected = "a list"

    def __init__(
        self, inner: Form, *, unordered: bool = False, keyed: KeyedBy | None = None, length: Length | None = None
    ) -> None:
        self.inner, self.unordered, self.keyed, self.length = inner, unordered, keyed, length

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        if not isinstance(raw, list):
            return self.wrong(raw, at, found, hint="write it as a list: [...]")
        values = []
        seen: dict[object, int] = {}
        for index, element in enumerate(raw):
            step = self._step(element, index)
            value = self.inner.read(element, (*at, step), found)
            if value is UNSET:
                continue
            identity = self._identity(value)
            if identity is not None and identity in seen:
                name = element if isinstance(element, str) else step
                found.error("duplicate", (*at, index), f"'{name}' stands twice in this list", hint="take one away")
            elif identity is not None:
                seen[identity] = index
            values.append(value)
        if self.length and not self.length.least <= len(values) <= self.length.most:
            expected = f"{self.length.least} to {self.length.most} elements"
            found.error("value", at, f"has {len(values)} elements", expected=expected)
        return tuple(sorted(values)) if self.unordered else tuple(values)

    def _step(self, element: Plain, index: int) -> str | int:
        if isinstance(element, dict):
            name = element.get("name")
            return Key(name, index) if isinstance(name, str) and name else index
        return index

    def _identity(self, value: typing.Any) -> object:
        if self.keyed:
            return tuple(value.get(name) for name in self.keyed.names)
        return value if self.unordered else None

    def write(self, value: typing.Any, secrets: bool) -> Plain:
        return [self.inner.write(element, secrets) for element in value]

    def schema(self) -> dict[str, Plain]:
        limits = {"minItems": self.length.least, "maxItems": self.length.most} if self.length else {}
        return {"type": "array", "items": self.inner.schema()} | limits


class MapOf(Form):
    """A map from texts to one form. With `nulls`, a null value is kept: it means *take this key away*."""

    expected = "a map"

    def __init__(self, inner: Form, *, nulls: bool = False) -> None:
        self.inner, self.nulls = inner, nulls

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        if not isinstance(raw, dict):
            return self.wrong(raw, at, found, hint="write it as a map: key: value")
        values: dict[str, typing.Any] = {}
        for key, element in raw.items():
            key = str(key)
            if element is None:
                if self.nulls:
                    values[key] = None
                continue
            value = self.inner.read(element, (*at, key), found)
            if value is not UNSET:
                values[key] = value
        return dict(sorted(values.items()))

    def write(self, value: typing.Any, secrets: bool) -> Plain:
        return {key: None if inner is None else self.inner.write(inner, secrets) for key, inner in value.items()}

    def schema(self) -> dict[str, Plain]:
        inner = self.inner.schema()
        return {"type": "object", "additionalProperties": {"anyOf": [inner, {"type": "null"}]} if self.nulls else inner}


class Section(Form):
    """A map with known keys: a record."""

    expected = "a map"

    def __init__(self, cls: type[Record]) -> None:
        self.cls = cls

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        return read_record(self.cls, raw, at, found)

    def write(self, value: typing.Any, secrets: bool) -> Plain:
        return write_record(value, secrets=secrets)

    def schema(self) -> dict[str, Plain]:
        return {"$ref": f"#/$defs/{self.cls.__name__}"}


class Hidden(Form):
    """A secret around another form: written as `HIDDEN` unless secrets are asked for."""

    def __init__(self, inner: Form) -> None:
        self.inner, self.expected = inner, inner.expected

    def read(self, raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
        if raw == HIDDEN:
            return HIDDEN
        mistakes = Diagnostics()
        value = self.inner.read(raw, at, mistakes)
        if mistakes:  # the message of the inner form would quote the secret
            found.error("value", at, "this secret does not have the form expected", expected=self.expected)
        return value

    def write(self, value: typing.Any, secrets: bool) -> Plain:
        return self.inner.write(value, secrets) if secrets else HIDDEN

    def schema(self) -> dict[str, Plain]:
        return {"anyOf": [self.inner.schema(), {"const": HIDDEN}]}


@remembered
def form_of(field: Field) -> Form:
    """The form of a field, from its type and markers."""
    form = next((one for one in field.markers if isinstance(one, Form)), None) or _by_type(field.base, field)
    return Hidden(form) if field.has(Secret) else form


def _by_type(base: typing.Any, field: Field) -> Form:
    strict = field.has(Strict)
    if base is bool:
        return Flag(strict=strict)
    if base is int:
        limits = field.marker(Range) or Range(0, 2**32 - 1)
        return Whole(limits.least, limits.most, strict=strict)
    if base is str:
        return Text(field.marker(Length))
    origin = typing.get_origin(base)
    if origin is typing.Literal:
        words = typing.get_args(base)
        numbered = field.marker(Numbered)
        return Choice(words, (numbered.numbers or tuple(range(len(words)))) if numbered else ())
    if origin is tuple:
        inner_hint = typing.get_args(base)[0]
        inner = form_of(Field(field.name, inner_hint, required=True, underscored=False))
        return ListOf(inner, unordered=field.has(Unordered), keyed=field.marker(KeyedBy), length=field.marker(Length))
    if origin is dict:
        return MapOf(_by_type(typing.get_args(base)[1], field))
    if isinstance(base, type) and issubclass(base, Record):
        return Section(base)
    raise TypeError(f"no form for {base!r} of field {field.name}: put a Form beside the type")


@remembered
def _reading_of(cls: type[Record]) -> tuple[dict[str, tuple[str, Form]], frozenset[str], bool]:
    """The field and its form by key, the fields that must be there, and whether the class has a `check`."""
    fields = fields_of(cls).values()
    keys = {key: (field.name, form_of(field)) for field in fields for key in (field.key, *field.aliases)}
    return keys, cls.required(), hasattr(cls, "check")


@remembered
def _writers_of(cls: type[Record]) -> dict[str, tuple[str, Form | None]]:
    """By field its key and, where the value is not written as it is, its form."""
    forms = {name: (field.key, form_of(field)) for name, field in fields_of(cls).items()}
    return {name: (key, None if type(form).write is Form.write else form) for name, (key, form) in forms.items()}


def read_record(cls: type[Record], raw: Plain, at: Path, found: Diagnostics) -> typing.Any:
    """An instance of `cls` for the map `raw`, or `UNSET` when something required is missing or wrong.

    Unknown keys, doubly spelled keys that contradict each other and wrong values each add a diagnostic. A class may have
    a method ``check(at, found)`` for what its fields can't say alone; what it says of fields that could not be read in
    the first place is left out, as it would only confuse.
    """
    if not isinstance(raw, dict):
        found.error("value", at, f"{shown(raw)} is not a map", expected="a map")
        return UNSET
    before = len(found)
    keys, required, check = _reading_of(cls)
    values: dict[str, typing.Any] = {}
    for key, inner in raw.items():
        known = keys.get(key)
        if known is None:
            hint = did_you_mean(str(key), keys)
            found.error("unknown-key", (*at, str(key)), f"unknown key '{key}'", expected="a known key", hint=hint)
        elif inner is not None:
            name, form = known
            value = inner if inner.__class__ is form.verbatim else form.read(inner, (*at, key), found)
            if value is UNSET:
                continue
            if name in values and values[name] != value:
                proper = fields_of(cls)[name].key
                found.error("contradiction", (*at, key), f"'{key}' contradicts '{proper}', another name for it")
            values[name] = value
    if not required <= values.keys():
        _complain_of_missing(cls, raw, at, found)
        return UNSET
    record = cls.of(values)
    if check:
        _check(record, at, found, found[before:] if len(found) > before else [])
    return record


def _complain_of_missing(cls: type[Record], raw: dict[str, Plain], at: Path, found: Diagnostics) -> None:
    for field in fields_of(cls).values():
        spoken = any(raw.get(key) is not None for key in (field.key, *field.aliases))
        if field.required and not spoken:
            found.error("missing-key", at, f"'{field.key}' is required", expected=form_of(field).expected)


def _check(record: Record, at: Path, found: Diagnostics, earlier: list[Diagnostic]) -> None:
    check = getattr(record, "check", None)
    if check is None or isinstance(found, Misread):
        return
    if not earlier:
        check(at, found)
        return
    mistakes = Diagnostics()
    check(at, mistakes)
    found += [one for one in mistakes if not any(_about_the_same(one.path, other.path) for other in earlier)]


def _about_the_same(one: Path, other: Path) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def check_record(record: Record, at: Path, found: Diagnostics) -> None:
    """Check a record that was not read from a document (but merged, say), and all records within it."""
    for field in fields_of(type(record)).values():
        _check_within(record.get(field.name), (*at, field.key), found)
    _check(record, at, found, [])


def _check_within(value: object, at: Path, found: Diagnostics) -> None:
    if isinstance(value, Record):
        check_record(value, at, found)
    elif isinstance(value, tuple):
        for index, element in enumerate(value):
            name = element.get("name") if isinstance(element, Record) else UNSET
            _check_within(element, (*at, Key(name, index) if isinstance(name, str) else index), found)


def write_record(record: Record, *, secrets: bool = False) -> dict[str, Plain]:
    """Plain data of a record, keys in the order of declaration, only what was said."""
    plain: dict[str, Plain] = {}
    values = record.__dict__
    for name, (key, form) in _writers_of(type(record)).items():
        if name in values:
            plain[key] = values[name] if form is None else form.write(values[name], secrets)
    return plain


def record_schema(cls: type[Record]) -> dict[str, Plain]:
    """The JSON Schema of one record class, with references to ``#/$defs/<class name>`` for the records within."""
    properties: dict[str, Plain] = {}
    for field in fields_of(cls).values():
        described = field.marker(Described)
        inner = form_of(field).schema()
        if described:
            inner = {**inner, "description": described.text}
        for key in (field.key, *field.aliases):
            properties[key] = inner
    required = [field.key for field in fields_of(cls).values() if field.required]
    return {
        "type": "object",
        "description": (cls.__doc__ or "").strip().split("\n")[0],
        "properties": properties,
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def is_record_type(base: object) -> bool:
    """Whether a field's type is a record class."""
    return isinstance(base, type) and issubclass(base, Record)
