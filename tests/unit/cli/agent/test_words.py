"""Hosts and parameters as people write them."""

import io

import pytest

from linkhold.cli.agent import words
from linkhold.foundation.diagnostics import Diagnostics


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("host1", ("host1", 54321)),
        ("host1.example:99", ("host1.example", 99)),
        ("192.0.2.1", ("192.0.2.1", 54321)),
        ("192.0.2.1:7", ("192.0.2.1", 7)),
        ("2001:db8::1", ("2001:db8::1", 54321)),
        ("[2001:db8::1]", ("2001:db8::1", 54321)),
        ("[fe80::1%eth0]:7", ("fe80::1%eth0", 7)),
    ],
)
def test_places(text, place):
    mistakes = Diagnostics()
    assert words.place(text, mistakes) == place
    assert mistakes == []


@pytest.mark.parametrize("text", ["", ":5", "host:x", "host:0", "host:65536", "[::1]:", "[::1]x", "[::1", "host:-1"])
def test_places_that_are_none(text):
    mistakes = Diagnostics()
    words.place(text, mistakes)
    assert [one.code for one in mistakes] == ["bad-call"]


@pytest.mark.parametrize(
    ("said", "params"),
    [
        ([], {}),
        (['{"a": [1]}'], {"a": [1]}),
        ([" [1, 2]"], [1, 2]),
        (["-"], {"from": "input"}),
        (["a=1", "b=true", "c=text", 'd={"e": null}', "f=", "g=a=b", 'h="5"'],
         {"a": 1, "b": True, "c": "text", "d": {"e": None}, "f": "", "g": "a=b", "h": "5"}),
    ],
)  # fmt: skip
def test_params(said, params):
    mistakes = Diagnostics()
    assert words.params(said, io.StringIO('{"from": "input"}'), mistakes) == params
    assert mistakes == []


@pytest.mark.parametrize(
    ("said", "count"), [(["{"], 1), (["[1"], 1), (["-"], 1), (["a", "=b", "c=1"], 2), (["[" * 100_000], 1)]
)
def test_params_that_are_none(said, count):
    mistakes = Diagnostics()
    words.params(said, io.StringIO("5"), mistakes)
    assert len(mistakes) == count
