"""JSON Schema, as far as the agent's verbs need it: parameters are checked against the schema that is published for them.

Known words are `WORDS`, ``type`` with one name or several. A test holds that no verb's schema uses another.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path, did_you_mean

Schema = dict[str, typing.Any]

WORDS: typing.Final = frozenset(
    {
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "minimum",
        "maximum",
        "minLength",
        "default",
        "description",
    }
)

_TYPES: typing.Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def check(value: object, schema: Schema, at: Path, found: Diagnostics) -> None:
    """Tell of everything in a value that does not follow a schema."""
    kinds = schema.get("type")
    if kinds is not None and not any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        words = kinds if isinstance(kinds, str) else " or ".join(kinds)
        found.error("params", at, f"is {_named(value)}", expected=words)
        return
    if "enum" in schema and value not in schema["enum"]:
        found.error("params", at, f"is {value!r}", expected=", ".join(map(repr, schema["enum"])))
    if isinstance(value, dict):
        _check_object(value, schema, at, found)
    elif isinstance(value, list) and "items" in schema:
        for index, element in enumerate(value):
            check(element, schema["items"], (*at, index), found)
    elif isinstance(value, str) and len(value) < schema.get("minLength", 0):
        found.error("params", at, "is empty")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _check_number(value, schema, at, found)


def _check_object(value: dict[str, object], schema: Schema, at: Path, found: Diagnostics) -> None:
    properties: dict[str, Schema] = schema.get("properties", {})
    further: bool | Schema = schema.get("additionalProperties", True)
    for name in schema.get("required", ()):
        if name not in value:
            found.error("params", (*at, name), "is missing")
    for name, inner in value.items():
        if name in properties:
            check(inner, properties[name], (*at, name), found)
        elif further is False:
            found.error("params", (*at, name), "is not known here", hint=did_you_mean(name, properties))
        elif isinstance(further, dict):
            check(inner, further, (*at, name), found)


def _check_number(value: float, schema: Schema, at: Path, found: Diagnostics) -> None:
    if value < schema.get("minimum", value):
        found.error("params", at, f"is {value}", expected=f"at least {schema['minimum']}")
    if value > schema.get("maximum", value):
        found.error("params", at, f"is {value}", expected=f"at most {schema['maximum']}")


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def _named(value: object) -> str:
    return next((kind for kind in _TYPES if _is(value, kind)), type(value).__name__)
