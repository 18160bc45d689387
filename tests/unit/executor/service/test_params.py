"""Params of verbs: every mistake at once, nothing unknown, defaults filled in."""

import typing

import pytest

from linkhold.executor.service.params import (
    Mistaken,
    Param,
    anything,
    checked,
    flag,
    mapping,
    number,
    text,
    texts,
    whole,
)

SHAPE = {"name": text(), "count": whole(7, least=-1), "deep": mapping({})}


def test_defaults_are_filled_in() -> None:
    assert checked(SHAPE, {"name": "x"}) == {"name": "x", "count": 7, "deep": {}}


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(Mistaken) as caught:
        checked(SHAPE, {"count": "7", "deep": [], "more": 1})
    told = str(caught.value)
    for part in ("unknown: 'more'", "missing: 'name'", "'count' is not a whole number", "'deep' is not a map"):
        assert part in told


@pytest.mark.parametrize(
    ("param", "good", "bad"),
    [
        (text(), ["", "x"], [1, None, True, [], "x" * 1001]),
        (flag(), [True, False], [0, 1, "true", None]),
        (whole(), [0, 7], [-1, True, 1.0, "1", None]),
        (whole(least=-1), [-1], [-2]),
        (number(), [0, 0.5, 7], [-1, True, "1", float("inf"), float("nan"), None]),
        (mapping(), [{}, {"a": 1}], [[], None, "{}"]),
        (texts(), [[], ["a"]], ["a", [1], {}, None, ["a"] * 1001]),
        (anything(), [None, 1, [], {}], []),
    ],
    ids=["text", "flag", "whole", "from -1", "number", "mapping", "texts", "anything"],
)
def test_kinds(param: Param, good: list[typing.Any], bad: list[typing.Any]) -> None:
    for value in good:
        assert checked({"it": param}, {"it": value}) == {"it": value}
    for value in bad:
        with pytest.raises(Mistaken):
            checked({"it": param}, {"it": value})
