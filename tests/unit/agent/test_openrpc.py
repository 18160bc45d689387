"""The published description: true to the table, and itself in the form that it claims."""

import asyncio
import typing

import jsonschema
import pytest

from linkhold.agent.openrpc import MEANINGS, document
from linkhold.agent.schema import WORDS
from linkhold.agent.verbs import ALL
from tests.unit.agent.hosts import Desk

DOCUMENT = document(ALL)


def test_every_verb_is_described_once() -> None:
    names = [method["name"] for method in DOCUMENT["methods"]]
    assert names == [verb.name for verb in ALL]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("verb", ALL, ids=lambda verb: verb.name)
def test_every_error_has_a_meaning(verb: typing.Any) -> None:
    assert set(verb.errors) <= set(MEANINGS)
    assert verb.summary
    assert all(param.summary for param in verb.params)


@pytest.mark.parametrize("name", ["rpc.discover", "Linkhold.discover"])
def test_it_is_told_to_who_asks(name: str) -> None:
    assert asyncio.run(Desk().ask(name)) == DOCUMENT


def schemas() -> list[dict[str, typing.Any]]:
    methods = DOCUMENT["methods"]
    return [one["result"]["schema"] for one in methods] + [p["schema"] for one in methods for p in one["params"]]


def test_schemas_are_json_schemas_of_the_words_that_are_enforced() -> None:
    for schema in schemas():
        jsonschema.Draft7Validator.check_schema(schema)
        assert used(schema) <= WORDS


def used(schema: dict[str, typing.Any]) -> set[str]:
    inner = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    return set(schema).union(*(used(one) for one in inner if isinstance(one, dict)))


def test_what_is_optional_says_its_default() -> None:
    apply = next(one for one in DOCUMENT["methods"] if one["name"] == "Linkhold.apply")
    told = {param["name"]: (param["required"], param["schema"].get("default")) for param in apply["params"]}
    assert told == {
        "document": (True, None),
        "commit": (False, True),
        "timeout": (False, None),
        "probes": (False, None),
    }
