"""Parameters: by name and by position, checked against the schema that is published for them."""

import typing

import pytest

from linkhold.agent.arguments import arguments
from linkhold.agent.schema import check
from linkhold.agent.table import Param, Verb
from linkhold.foundation.diagnostics import Diagnostics, spell
from linkhold.wire.call import RpcError
from linkhold.wire.jsonrpc import INVALID_PARAMS


async def nothing(*_: object) -> None:
    return None


VERB = Verb(
    name="Test.verb",
    summary="",
    answer=nothing,
    params=(
        Param(name="document", schema={"type": "object"}, needed=True),
        Param(name="count", schema={"type": "integer", "minimum": 0, "maximum": 8}, default=1),
    ),
    result={},
)


def mistakes(value: object, schema: dict[str, typing.Any]) -> list[tuple[str, str]]:
    found = Diagnostics()
    check(value, schema, ("x",), found)
    return [(spell(one.path), one.message) for one in found]


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        ("a", {"type": "string"}, []),
        (1, {"type": "string"}, [("x", "is integer")]),
        (True, {"type": "integer"}, [("x", "is boolean")]),
        (1, {"type": "number"}, []),
        (None, {"type": ["array", "null"]}, []),
        ("", {"type": "string", "minLength": 1}, [("x", "is empty")]),
        (-1, {"type": "integer", "minimum": 0}, [("x", "is -1")]),
        (9, {"maximum": 8}, [("x", "is 9")]),
        ("c", {"enum": ["a", "b"]}, [("x", "is 'c'")]),
        ([1, "a"], {"items": {"type": "string"}}, [("x[0]", "is integer")]),
        ({"a": 1}, {"additionalProperties": {"type": "object"}}, [("x.a", "is integer")]),
        ({"b": 1}, {"properties": {"a": {}}, "additionalProperties": False}, [("x.b", "is not known here")]),
        ({}, {"required": ["a"]}, [("x.a", "is missing")]),
        ({"a": {"b": 1}}, {"properties": {"a": {"properties": {"b": {"type": "null"}}}}}, [("x.a.b", "is integer")]),
    ],
)
def test_a_schema_is_followed(value: object, schema: dict[str, typing.Any], expected: list[tuple[str, str]]) -> None:
    assert mistakes(value, schema) == expected


@pytest.mark.parametrize("params", [{"document": {}, "count": 2}, [{}, 2]])
def test_by_name_and_by_position_mean_the_same(params: object) -> None:
    assert arguments(VERB, params) == {"document": {}, "count": 2}


@pytest.mark.parametrize("params", [{"document": {}}, [{}], {"document": {}, "count": None}])
def test_what_is_left_out_has_its_default(params: object) -> None:
    assert arguments(VERB, params)["count"] == 1


@pytest.mark.parametrize(
    ("params", "paths"),
    [
        ({}, ["document"]),
        ({"document": [], "count": "many"}, ["document", "count"]),
        ({"document": {}, "cout": 1}, ["cout"]),
        ([{}, 1, 2], [""]),
        ("text", ["", "document"]),
    ],
)
def test_every_mistake_is_told(params: object, paths: list[str]) -> None:
    with pytest.raises(RpcError) as caught:
        arguments(VERB, params)
    assert caught.value.code == INVALID_PARAMS
    assert sorted(one["path"] for one in caught.value.data["diagnostics"]) == sorted(paths)


def test_a_lax_verb_takes_what_it_does_not_know() -> None:
    lax = VERB.replace(lax=True)
    assert arguments(lax, {"document": {}, "more": 1}) == {"document": {}, "count": 1}
    assert arguments(lax, [{}, 1, 2]) == {"document": {}, "count": 1}


def test_a_mistyped_name_is_recognised() -> None:
    with pytest.raises(RpcError) as caught:
        arguments(VERB, {"documnet": {}, "document": {}})
    assert "document" in caught.value.data["diagnostics"][0]["hint"]
