"""Coercions: what counts as the same value, and what does not."""

import typing

import pytest

from linkhold.foundation.diagnostics import Diagnostics, Key
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import KeyedBy, Length, Numbered, Range, Spelled, Strict, Unordered, fields_of
from linkhold.state.forms import Plain, check_record, form_of, read_record, record_schema, write_record
from linkhold.state.spellings import IP_ADDRESS, IP_NETWORK, MAC, OPTIONAL_ADDRESS


class Inner(Record):
    name: str
    size: typing.Annotated[int | Unset, Range(0, 9)] = UNSET

    def check(self, at: typing.Any, found: Diagnostics) -> None:
        if self.size == 7:
            found.error("seven", (*at, "size"), "not seven")


class Sample(Record):
    flag: bool | Unset = UNSET
    strict_flag: typing.Annotated[bool | Unset, Strict()] = UNSET
    number: typing.Annotated[int | Unset, Range(0, 65535)] = UNSET
    signed: typing.Annotated[int | Unset, Range(-5, 5)] = UNSET
    strict_number: typing.Annotated[int | Unset, Range(0, 9), Strict()] = UNSET
    text: typing.Annotated[str | Unset, Length(0, 4)] = UNSET
    choice: typing.Annotated[typing.Literal["off", "layer2"] | Unset, Numbered()] = UNSET
    plain_choice: typing.Literal["a", "b"] | Unset = UNSET
    mac: typing.Annotated[str | Unset, MAC] = UNSET
    address: typing.Annotated[str | Unset, IP_ADDRESS] = UNSET
    network: typing.Annotated[str | Unset, IP_NETWORK] = UNSET
    gateway: typing.Annotated[str | Unset, OPTIONAL_ADDRESS] = UNSET
    port: typing.Annotated[tuple[str, ...] | Unset, Spelled("port", "ports"), Unordered()] = UNSET
    inner: Inner | Unset = UNSET
    several: typing.Annotated[tuple[Inner, ...] | Unset, KeyedBy("name")] = UNSET


def read(key: str, raw: Plain) -> tuple[typing.Any, Diagnostics]:
    found = Diagnostics()
    record = read_record(Sample, {key: raw}, (), found)
    name = next(field.name for field in fields_of(Sample).values() if key in (field.key, *field.aliases))
    return record.get(name), found


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        *[("flag", raw, True) for raw in (True, 1, "1", "true", "True", "YES", "yes", "on", "y")],
        *[("flag", raw, False) for raw in (False, 0, "0", "false", "no", "OFF", "n", "N")],
        ("strict-flag", True, True),
        ("number", 1500, 1500),
        ("number", "1500", 1500),
        ("number", "0x5DC", 1500),
        ("number", "0X5dc", 1500),
        ("number", "007", 7),
        ("signed", "-5", -5),
        ("strict-number", 9, 9),
        ("text", "äö", "äö"),
        ("choice", "layer2", "layer2"),
        ("choice", 1, "layer2"),
        ("choice", "1", "layer2"),
        ("choice", 0, "off"),
        ("choice", False, "off"),
        ("mac", "52:54:00:aB:cd:ef", "52:54:00:AB:CD:EF"),
        ("mac", "52-54-00-ab-cd-ef", "52:54:00:AB:CD:EF"),
        ("address", "2001:DB8:0::1", "2001:db8::1"),
        ("network", "192.0.2.77/24", "192.0.2.0/24"),
        ("network", "192.0.2.77", "192.0.2.77/32"),
        ("network", "2001:DB8::1", "2001:db8::1/128"),
        ("gateway", "", ""),
        ("port", ["b", "a"], ("a", "b")),
        ("ports", ["a"], ("a",)),
        ("inner", {"name": "x", "size": None}, Inner(name="x")),
        ("text", None, UNSET),
    ],
)
def test_read_as(key: str, raw: Plain, value: typing.Any) -> None:
    assert read(key, raw) == (value, [])


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        *[("flag", raw) for raw in (2, "maybe", 1.0, [], {}, "")],
        *[("strict-flag", raw) for raw in ("true", 1, "yes")],
        *[("number", raw) for raw in (-1, 65536, "65536", "0x", "1_0", "", "-1", True, 1.5, "٣", "9" * 30, [1])],
        *[("signed", raw) for raw in ("0x1", 6, "--5", "-")],
        *[("strict-number", raw) for raw in ("1", 10)],
        *[("text", raw) for raw in (5, True, "äöü", ["a"])],
        *[("choice", raw) for raw in (2, "2", "Layer2", True, "")],
        *[("plain-choice", raw) for raw in (0, "0", "c")],
        *[("mac", raw) for raw in ("52:54:00:ab:cd", "52:54:00:ab:cd:eg", 525400, "", "525400abcdef")],
        *[("address", raw) for raw in ("192.0.2.1/24", "192.0.2", "fe80::1%eth1", "", "01.2.3.4", 1)],
        *[("network", raw) for raw in ("192.0.2.0/33", "a", "")],
        *[("port", raw) for raw in ("eth1", {"eth1": None}, [["eth1"]], [None], ["a", "a"])],
        *[("inner", raw) for raw in ("x", [], {}, {"name": "x", "siez": 3}, {"name": "x", "size": 7})],
    ],
)
def test_refused_with_the_place(key: str, raw: Plain) -> None:
    _, found = read(key, raw)
    assert [one.path[0] for one in found] == [key]
    assert found[0].message


def test_a_wrong_value_says_what_would_be_right() -> None:
    _, found = read("number", 70000)
    assert found[0].expected == "a whole number from 0 to 65535"
    assert "70000" in found[0].message
    _, found = read("plain-choice", "bb")
    assert found[0].hint == "did you mean 'b'?"
    _, found = read("address", "192.0.2.1/24")
    assert "prefix" in found[0].hint


def test_unknown_keys_suggest_the_closest() -> None:
    found = Diagnostics()
    read_record(Sample, {"nmber": 1}, ("here",), found)
    assert (found[0].code, found[0].path) == ("unknown-key", ("here", "nmber"))
    assert found[0].hint.startswith("did you mean 'number'")


def test_two_names_of_one_field_may_agree_but_not_contradict() -> None:
    found = Diagnostics()
    assert read_record(Sample, {"port": ["a"], "ports": ["a"]}, (), found) == Sample(port=("a",))
    assert found == []
    read_record(Sample, {"port": ["a"], "ports": ["b"]}, (), found)
    assert [(one.code, one.path) for one in found] == [("contradiction", ("ports",))]


def test_all_mistakes_are_found_at_once() -> None:
    found = Diagnostics()
    raw = {
        "number": -1,
        "flga": 1,
        "several": [{"name": "a", "size": "x"}, {}, {"name": "b", "size": 7}, {"name": "a"}],
    }
    assert read_record(Sample, raw, (), found).said() == {
        "several": (Inner(name="a"), Inner(name="b", size=7), Inner(name="a"))
    }
    assert [(one.code, one.path) for one in found] == [
        ("value", ("number",)),
        ("unknown-key", ("flga",)),
        ("value", ("several", Key("a"), "size")),
        ("missing-key", ("several", 1)),
        ("seven", ("several", Key("b"), "size")),
        ("duplicate", ("several", 3)),
    ]


def test_a_check_is_silent_about_what_could_not_be_read() -> None:
    class Pair(Record):
        one: int | Unset = UNSET
        two: int | Unset = UNSET

        def check(self, at: typing.Any, found: Diagnostics) -> None:
            found.error("one", (*at, "one"), "one is wrong")
            found.error("two", (*at, "two"), "two is wrong")
            found.error("all", at, "something is wrong")

    found = Diagnostics()
    read_record(Pair, {"one": "x"}, ("p",), found)
    assert [(one.code, one.path) for one in found] == [("value", ("p", "one")), ("two", ("p", "two"))]


def test_a_merged_record_can_be_checked_with_all_within() -> None:
    found = Diagnostics()
    check_record(Sample(inner=Inner(name="a", size=7), several=(Inner(name="b", size=7),)), ("top",), found)
    assert [one.path for one in found] == [("top", "inner", "size"), ("top", "several", Key("b"), "size")]


def test_keys_are_written_in_order_of_declaration() -> None:
    record = Sample(several=(Inner(name="a"),), port=("x",), flag=False)
    assert write_record(record) == {"flag": False, "port": ["x"], "several": [{"name": "a"}]}
    assert list(write_record(record)) == ["flag", "port", "several"]


def test_the_schema_accepts_what_is_read() -> None:
    schema = record_schema(Sample)
    assert schema["additionalProperties"] is False
    assert {"port", "ports"} <= schema["properties"].keys()
    assert schema["properties"]["inner"] == {"$ref": "#/$defs/Inner"}
    assert schema["properties"]["choice"] == {"enum": ["off", "layer2", 0, "0", 1, "1"]}


def test_a_type_without_a_form_is_a_mistake_of_ours() -> None:
    class Odd(Record):
        value: float

    with pytest.raises(TypeError, match="no form"):
        form_of(fields_of(Odd)["value"])
