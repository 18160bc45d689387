"""Plain data by path: finding, setting, keeping, comparing."""

import pytest

from linkhold.policy.expression import Step
from linkhold.policy.values import changed, equal, form_at, meant, only, values_at
from linkhold.state.interfaces import kind_class
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState
from linkhold.state.routes import Route

PLAIN = {"a": {"b": [{"c": 1}, {"c": 2, "d": "x"}]}, "e": "y"}


def steps(path):
    return [Step(name, 0) for name in path.split(".")] if path else []


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("e", ["y"]),
        ("a.b.0.c", [1]),
        ("a.b.c", [1, 2]),
        ("a.b.d", ["x"]),
        ("a.b.7.c", []),
        ("a.nix.c", []),
        ("e.f", []),
        ("", [PLAIN]),
    ],
)
def test_values_at_a_path(path, values):
    assert values_at(PLAIN, steps(path)) == values


def test_setting_makes_a_copy_with_maps_on_the_way():
    before = repr(PLAIN)
    assert changed(PLAIN, steps("a.b.c"), 5)["a"]["b"] == [{"c": 5}, {"c": 5, "d": "x"}]
    assert changed(PLAIN, steps("a.b.1.c"), 5)["a"]["b"] == [{"c": 1}, {"c": 5, "d": "x"}]
    assert changed(PLAIN, steps("f.g"), 5)["f"] == {"g": 5}
    assert changed(PLAIN, steps("e.g"), 5)["e"] == {"g": 5}
    assert repr(PLAIN) == before


def test_null_takes_away_and_makes_nothing():
    assert changed(PLAIN, steps("a.b.d"), None)["a"]["b"] == [{"c": 1}, {"c": 2}]
    assert changed(PLAIN, steps("a.b.0"), None)["a"]["b"] == [{"c": 2, "d": "x"}]
    assert changed(PLAIN, steps("f.g"), None) == PLAIN
    assert changed(PLAIN, steps("a"), None) == {"e": "y"}


def test_keeping_a_part():
    assert only(PLAIN, steps("a.b.d")) == {"a": {"b": [{"d": "x"}]}}
    assert only(PLAIN, steps("a.b.0")) == {"a": {"b": [{"c": 1}]}}
    assert only(PLAIN, steps("a.nix")) is None
    assert only(PLAIN, steps("a.b.nix")) is None


@pytest.mark.parametrize(
    ("cls", "path", "value", "wanted", "same"),
    [
        (Interface, "mac-address", "02:00:00:00:00:0A", "02:00:00:00:00:0a", True),
        (Interface, "mtu", 1500, "1500", True),
        (Interface, "mtu", 1500, "0x5dc", True),
        (Interface, "mtu", 1500, "1501", False),
        (Interface, "name", "eth1", "ETH1", False),
        (Interface, "name", "1", 1, True),
        (Interface, "ipv4.enabled", True, "true", True),
        (Interface, "ipv4.enabled", True, "yes", True),
        (Interface, "ipv4.enabled", False, "true", False),
        (Interface, "ipv6.address.0.ip", "2001:db8::1", "2001:DB8:0::1", True),
        (Route, "destination", "::/0", "0::/0", True),
        (Route, "destination", "0.0.0.0/0", "nonsense", False),
        (NetworkState, "dns-resolver.config.search", ["a.example", "b.example"], "b.example", True),
        (NetworkState, "dns-resolver.config.search", ["a.example"], ["a.example"], True),
        (NetworkState, "dns-resolver.config.search", ["a.example"], ["b.example"], False),
        (Interface, "no.such.field", True, "true", True),
        (Interface, "no.such.field", {"a": 1}, "a", False),
        (Interface, "mtu", None, "0", False),
    ],
)
def test_values_are_compared_as_what_they_are(cls, path, value, wanted, same):
    assert equal(value, wanted, form_at(cls, steps(path))) is same


def test_words_stand_for_what_the_field_holds():
    bridge = kind_class("linux-bridge")
    assert meant("true", form_at(bridge, steps("bridge.options.stp.enabled"))) is True
    assert meant("1400", form_at(bridge, steps("mtu"))) == 1400
    assert meant("1400", form_at(bridge, steps("name"))) == "1400"
    assert meant("1400", None) == "1400"
