"""Captures from text to values, and mistakes with their places."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkhold.policy.expression import Mistake, Place, Word, parse

PIECES = (
    "interfaces",
    ".",
    "name",
    "==",
    ":=",
    "!=",
    "=",
    "|",
    " ",
    '"',
    "'",
    "capture",
    "gw",
    "0",
    "null",
    "\\",
    "é",
    "\n",
)


def _spelled(text):
    one = parse(text)
    value = one.value if one.value is None or isinstance(one.value, Place) else one.value.text
    return (
        str(one.source) if one.source else "",
        str(one.place) if one.place else "",
        one.operator,
        str(value) if isinstance(value, Place) else value,
    )


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ('interfaces.name=="eth1"', ("", "interfaces.name", "==", "eth1")),
        ("  interfaces.name  ==  'eth 1'  ", ("", "interfaces.name", "==", "eth 1")),
        ("interfaces.name==eth1.100", ("", "interfaces.name", "==", "eth1.100")),
        ("interfaces.mac-address==02:00:00:00:00:01", ("", "interfaces.mac-address", "==", "02:00:00:00:00:01")),
        ("routes.running.destination==::/0", ("", "routes.running.destination", "==", "::/0")),
        (r'interfaces.description=="a \"b\" | c"', ("", "interfaces.description", "==", 'a "b" | c')),
        ("interfaces.name!=lo", ("", "interfaces.name", "!=", "lo")),
        ('interfaces.name==""', ("", "interfaces.name", "==", "")),
        ("routes.running.next-hop-address:=null", ("", "routes.running.next-hop-address", ":=", None)),
        ('routes.running.next-hop-address:="null"', ("", "routes.running.next-hop-address", ":=", "null")),
        (
            "interfaces.name==capture.gw.routes.running.0.next-hop-interface",
            ("", "interfaces.name", "==", "capture.gw.routes.running.0.next-hop-interface"),
        ),
        (
            "interfaces.name==routes.config.0.next-hop-interface",
            ("", "interfaces.name", "==", "routes.config.0.next-hop-interface"),
        ),
        ("capture.gw | interfaces.mtu:=9000", ("capture.gw", "interfaces.mtu", ":=", "9000")),
        ("capture.gw|routes.running", ("capture.gw", "routes.running", "", None)),
        ("capture.gw.interfaces.name==eth1", ("capture.gw", "interfaces.name", "==", "eth1")),
        ("capture.gw", ("capture.gw", "", "", None)),
        ("capture.gw | all", ("capture.gw", "", "", None)),
        ("routes.running", ("", "routes.running", "", None)),
        ("everything", ("", "", "", None)),
        ("", ("", "", "", None)),
    ],
)
def test_what_captures_mean(text, meaning):
    assert _spelled(text) == meaning


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('interfaces.name="eth1"', "="),
        ('a.b | interfaces.name=="eth1"', "a.b"),
        ('interfaces.name=="eth1', '"eth1'),
        ("interfaces.name==eth1 eth2", "eth2"),
        ("interfaces.name== == eth2", "== eth2"),
        ("interfaces.name eth2", "eth2"),
        ("interfaces.name.", ""),
        ("nothing.name==eth1", "nothing.name"),
    ],
)
def test_the_pointer_is_at_the_mistake(text, place):
    with pytest.raises(Mistake) as caught:
        parse(text)
    line, pointer = caught.value.excerpt.split("\n")
    assert line == text
    where = text.index(place) if place else len(text) - 1
    assert pointer == "." * where + "^"


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=14).map("".join)))
def test_whatever_the_text_there_is_a_meaning_or_a_mistake_within_it(text):
    found = None
    try:
        expression = parse(text)
    except Mistake as mistake:
        found = mistake
    if found is not None:
        assert 0 <= found.position <= len(text)
        assert found.message
        assert found.excerpt.endswith("^")
    else:
        assert (expression.value is not None) == bool(expression.operator)
        assert expression.place is None or expression.place.capture == ""
        assert all(one.capture for one in expression.references)


def test_a_quoted_word_is_a_text_and_nothing_else():
    assert parse('interfaces.mtu:="1400"').value == Word("1400", True, 16)
    assert parse("interfaces.mtu:=1400").value == Word("1400", False, 16)


def test_of_a_long_line_only_the_part_around_the_mistake_is_shown():
    text = "interfaces.name==" + "x" * 5000 + " y" + "z" * 5000
    with pytest.raises(Mistake) as caught:
        parse(text)
    line, pointer = caught.value.excerpt.split("\n")
    assert len(line) <= 200
    assert line[len(pointer) - 1] == "y"
