"""The JSON Schema (draft 2020-12) of documents, generated from the classes: for editors, and for programs that write them.

Each record class is a definition of its name; an interface's ``type`` chooses the definition of its kind, so that an
editor offers only what that kind has. What reading accepts, the schema accepts; the other way round only nearly: rules
between several values (`check` methods) and grammars without a pattern are told by reading alone.
"""

import functools
import re
import typing

from linkhold.foundation.record import Record
from linkhold.state.fields import Default, Described, Field, ReadOnly, fields_of
from linkhold.state.forms import Plain, form_of, is_record_type
from linkhold.state.interfaces import all_kinds
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState

DRAFT: typing.Final = "https://json-schema.org/draft/2020-12/schema"

_WITHOUT_TYPE: typing.Final[dict[str, Plain]] = {
    "anyOf": [{"not": {"required": ["type"]}}, {"properties": {"type": {"enum": ["unknown", None]}}}]
}
_GOES: typing.Final[dict[str, Plain]] = {"required": ["state"], "properties": {"state": {"const": "absent"}}}


def schema() -> dict[str, Plain]:
    """The schema of a whole document, as plain data."""
    root = _definition(NetworkState)
    kinds = all_kinds()
    definitions = {cls.__name__: _definition(cls) for cls in record_classes() if not issubclass(cls, Interface)}
    for kind, cls in kinds.items():
        definitions[cls.__name__] = _kind(kind, cls)
    definitions["Ethernet"]["properties"]["veth"] = definitions["Veth"]["properties"]["veth"]  # its older spelling
    definitions["AnyKind"] = _any_kind([definitions[cls.__name__] for cls in kinds.values()])
    definitions["Interface"] = _interface(kinds)
    for unused in ("NetworkState", "Unknown"):  # the root itself; and what has no type may be of any kind
        del definitions[unused]
    return {
        "$schema": DRAFT,
        **root,
        "type": "object",
        "title": "Network document",
        "$defs": dict(sorted(definitions.items())),
    }


@functools.cache
def record_classes() -> tuple[type[Record], ...]:
    """Every record class that a document can hold, in the order in which they are met."""
    seen: dict[type[Record], None] = {}
    waiting: list[type[Record]] = [NetworkState, *all_kinds().values()]
    while waiting:
        cls = waiting.pop(0)
        if cls not in seen:
            seen[cls] = None
            waiting += [inner for field in fields_of(cls).values() for inner in _records_in(field.base)]
    del seen[Interface]
    names = [cls.__name__ for cls in seen]
    if len(set(names)) != len(names):
        raise TypeError(f"two record classes share a name: {sorted({name for name in names if names.count(name) > 1})}")
    return tuple(seen)


def _records_in(base: typing.Any) -> list[type[Record]]:
    if is_record_type(base):
        return [base]
    return [inner for argument in typing.get_args(base) for inner in _records_in(argument)]


def _definition(cls: type[Record]) -> dict[str, Plain]:
    properties: dict[str, Plain] = {}
    required: list[Plain] = []
    for field in fields_of(cls).values():
        properties[field.key] = _property(field)
        for alias in field.aliases:
            described = {"description": f"Another name for '{field.key}'.", "deprecated": True}
            properties[alias] = {**_property(field), **described}
        if field.required:
            required.append(field.key)
    return {
        "title": _title(cls.__name__),
        "description": _first_sentence(cls),
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }


def _property(field: Field) -> dict[str, Plain]:
    form = form_of(field)
    inner = form.schema()
    if "$ref" in inner.get("items", {}):
        inner = {**inner, "items": {"type": "object", **inner["items"]}}
    plain = inner if field.required else _or_null(inner)
    default = field.marker(Default)
    if default is not None:
        plain = {**plain, "default": form.write(default.value, True)}
    if field.has(ReadOnly):
        plain = {**plain, "readOnly": True}
    described = field.marker(Described)
    records = _records_in(field.base)
    if described is not None:
        plain = {**plain, "description": described.text}
    elif records and records[0] is not Interface:
        plain = {**plain, "description": _first_sentence(records[0])}
    return plain


def _or_null(inner: dict[str, Plain]) -> dict[str, Plain]:
    """Null behind an optional key means that nothing was said; the definitions of sections allow it themselves, so that
    mistakes within are told at their own place and not at that of a choice.
    """
    if "$ref" in inner:
        return inner
    if "enum" in inner:
        return {**inner, "enum": [*inner["enum"], None]}
    kind = inner.get("type")
    if isinstance(kind, str) and "anyOf" not in inner and "const" not in inner:
        return {**inner, "type": [kind, "null"]}
    if isinstance(kind, list) and "anyOf" not in inner:
        return {**inner, "type": [*kind, "null"]}
    if inner.keys() == {"anyOf"}:
        return {"anyOf": [*inner["anyOf"], {"type": "null"}]}
    return {"anyOf": [inner, {"type": "null"}]}


def _kind(kind: str, cls: type[Interface]) -> dict[str, Plain]:
    definition = _definition(cls)
    return {
        **definition,
        "title": kind,
        "type": "object",
        "properties": {"type": {"const": kind}, **definition["properties"]},
    }


def _any_kind(kinds: list[dict[str, Plain]]) -> dict[str, Plain]:
    """An interface without ``type``: what any kind has, until the host tells which it is."""
    offered: dict[str, list[Plain]] = {}
    for kind in kinds:
        for key, inner in kind["properties"].items():
            if inner not in offered.setdefault(key, []):
                offered[key].append(inner)
    del offered["type"]
    properties = {key: inner[0] if len(inner) == 1 else {"anyOf": inner} for key, inner in offered.items()}
    return {
        "title": "Interface that exists",
        "description": "An interface without a type: its kind is that of the interface of this name on the host.",
        "type": "object",
        "properties": {"type": {"enum": ["unknown", None]}, **properties},
        "additionalProperties": False,
        "required": ["name"],
    }


def _interface(kinds: dict[str, type[Interface]]) -> dict[str, Plain]:
    by_kind = [
        {
            "if": {"required": ["type"], "properties": {"type": {"const": kind}}},
            "then": {"$ref": f"#/$defs/{cls.__name__}"},
        }
        for kind, cls in kinds.items()
        if kind != "unknown"
    ]
    untyped = {"if": _WITHOUT_TYPE, "then": {"$ref": "#/$defs/AnyKind"}}
    base = {key: inner for key, inner in _definition(Interface)["properties"].items() if key in ("name", "state")}
    described = {"description": "The kind of interface; may be left out when the host has an interface of this name."}
    return {
        "title": "Interface",
        "description": _first_sentence(Interface),
        "type": "object",
        "properties": {**base, "type": {"enum": [*kinds, None], **described}},
        "required": ["name"],
        # Of an interface that goes, nothing but its name and type is looked at.
        "if": _GOES,
        "else": {"allOf": [untyped, *by_kind]},
    }


def _title(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()


def _first_sentence(cls: type[Record]) -> str:
    text = " ".join((cls.__doc__ or "").strip().split("\n\n")[0].split())
    return text if text.endswith(".") else text + "."
