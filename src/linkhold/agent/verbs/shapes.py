"""Schemas that several verbs share."""

import typing

from linkhold.agent.schema import Schema

TRUE: typing.Final[Schema] = {"type": "boolean", "enum": [True], "description": "done"}
OBJECT: typing.Final[Schema] = {"type": "object"}
DOCUMENT: typing.Final[Schema] = {
    "type": "object",
    "description": "a network document, as docs/reference/document.schema.json says it",
}
NAMED: typing.Final[Schema] = {"type": "object", "additionalProperties": {"type": "object"}}
"""A map from names to attributes."""

DONE: typing.Final[Schema] = {
    "type": "object",
    "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
    "required": ["code", "message"],
}
