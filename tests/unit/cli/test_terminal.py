"""Ink and tables."""

import io
import json

import pytest

from linkhold.cli.terminal import Ink, columns, print_json, table
from linkhold.foundation.diagnostics import Diagnostic, Key

PLAIN, COLOURED = Ink(colour=False), Ink(colour=True)


def test_ink_is_for_people_only():
    assert PLAIN("text", "red") == "text"
    assert COLOURED("text", "red", "bold") == "\x1b[31;1mtext\x1b[0m"
    assert COLOURED("text") == "text"
    assert COLOURED("", "red") == ""


class Screen(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("environment", "colour"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_who_wants_colours(monkeypatch, environment, colour):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Ink(Screen()).colour is colour
    assert Ink(io.StringIO()).colour is False


def test_no_person_no_width():
    assert columns(io.StringIO()) == 0


def test_columns_are_as_wide_as_what_stands_in_them():
    text = table(("A", "B", "C"), [("1", "long text", "x"), ("22", "", "y")], PLAIN)
    assert text == "A   B          C\n1   long text  x\n22             y"


def test_the_last_column_is_wrapped_at_spaces():
    text = table(("NAME", "ADDRESSES"), [("lo", "127.0.0.1/8 ::1/128 2001:db8::1/64")], PLAIN, 30)
    assert text.splitlines() == [
        "NAME  ADDRESSES",
        "lo    127.0.0.1/8 ::1/128",
        "      2001:db8::1/64",
    ]


def test_a_word_that_is_too_long_is_not_cut():
    text = table(("N", "W"), [("1", "x" * 50)], PLAIN, 30)
    assert text.splitlines()[1] == f"1  {'x' * 50}"


def test_colours_take_no_room():
    plain = table(("A", "B"), [(("up", "green"), ("yes", "red"))], PLAIN)
    coloured = table(("A", "B"), [(("up", "green"), ("yes", "red"))], COLOURED)
    assert plain.splitlines()[1] == "up  yes"
    assert coloured.splitlines()[1] == "\x1b[32mup\x1b[0m  \x1b[31myes\x1b[0m"


def test_a_diagnostic_with_its_place():
    one = Diagnostic(
        code="range",
        path=("interfaces", Key("eth1"), "mtu"),
        message="too large",
        expected="at most 65536",
        hint="say 1500",
        source="x.yml",
        line=3,
        column=8,
    )
    assert PLAIN.diagnostic(one) == (
        "x.yml:3:8: error[range] interfaces[eth1].mtu: too large\n    expected: at most 65536\n    hint: say 1500"
    )


def test_json_for_programs_is_one_line(capsys):
    print_json({"b": "ü", "a": [1]})
    text = capsys.readouterr().out
    assert text == '{"b": "ü", "a": [1]}\n'
    with pytest.raises(ValueError, match="JSON"):
        print_json(float("nan"))


def test_json_for_people_is_indented(monkeypatch):
    screen = Screen()
    monkeypatch.setattr("sys.stdout", screen)
    print_json({"a": [1]})
    assert screen.getvalue() == json.dumps({"a": [1]}, indent=2) + "\n"
