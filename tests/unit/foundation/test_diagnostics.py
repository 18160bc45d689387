"""Diagnostics name the place, say what is wrong and what would be right."""

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Invalid, Key, did_you_mean, spell


def test_paths_read_like_the_document() -> None:
    assert spell(("interfaces", Key("eth1.7"), "ipv4", "address", 0, "ip")) == "interfaces[eth1.7].ipv4.address[0].ip"


def test_a_diagnostic_says_all_it_knows() -> None:
    one = Diagnostic(
        code="value",
        path=("mtu",),
        message="'x' is wrong",
        expected="a number",
        hint="try 1500",
        source="a.yml",
        line=3,
        column=8,
    )
    assert str(one) == "a.yml:3:8: error[value] mtu: 'x' is wrong; expected a number\n    hint: try 1500"


def test_they_are_sorted_by_place_and_told_once() -> None:
    found = Diagnostics()
    for path in (("b",), ("a",), ("b",)):
        found.error("value", path, "wrong")
    found.warning("odd", ("0",), "strange")
    assert [one.path for one in found.in_order()] == [("0",), ("a",), ("b",)]
    assert [one.path for one in found.in_order().errors()] == [("a",), ("b",)]
    assert str(Invalid(found)).splitlines() == [
        "warning[odd] 0: strange",
        "error[value] a: wrong",
        "error[value] b: wrong",
    ]


def test_the_closest_words_are_suggested() -> None:
    assert did_you_mean("adress", ["address", "enabled"]) == "did you mean 'address'?"
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
    assert did_you_mean("zzz", [f"word{index}" for index in range(50)]) == ""
