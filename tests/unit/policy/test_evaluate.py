"""Policies on whole states: what was captured before, what is missing, and what holds for every host."""

import contextlib
import itertools
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkhold.foundation.diagnostics import Invalid
from linkhold.planning import planner
from linkhold.policy.document import parse_policy, read_policy
from linkhold.policy.either import parse_either, read_either
from linkhold.policy.evaluate import evaluate, from_file, needs_current, to_file
from linkhold.state.document import Document, parse, read, to_plain
from linkhold.state.limits import MAX_MISTAKES
from linkhold.state.network import NetworkState
from tests.cases.hosts import carry_out, host, look, observed
from tests.unit.planning.documents import HARDWARE, documents

HOST = parse(
    """
    interfaces:
    - {name: eth1, type: ethernet, state: up, mtu: 1500, 802.1x: {identity: me, private-key-password: secret}}
    - {name: eth2, type: ethernet, state: down, mtu: 1400}
    routes: {running: [{destination: 0.0.0.0/0, next-hop-interface: eth1, next-hop-address: 192.0.2.1}]}
    """
)
POLICY = """
capture:
  gw-if: interfaces.name==capture.gw.routes.running.0.next-hop-interface
  gw: routes.running.destination=="0.0.0.0/0"
desiredState:
  interfaces:
  - name: "{{ capture.gw-if.interfaces.0.name }}"
    type: ethernet
    mtu: 9000
"""


def _interfaces(evaluated):
    return to_plain(evaluated.state)["interfaces"]


def test_captures_stand_in_any_order_and_are_given_back_in_that_of_the_policy():
    evaluated = evaluate(parse_policy(POLICY), HOST)
    assert _interfaces(evaluated) == [{"name": "eth1", "type": "ethernet", "state": "up", "mtu": 9000}]
    assert list(evaluated.captured) == ["gw-if", "gw"]
    assert evaluated.captured["gw"] == {
        "routes": {
            "running": [
                {
                    "destination": "0.0.0.0/0",
                    "next-hop-interface": "eth1",
                    "next-hop-address": "192.0.2.1",
                    "table-id": 254,
                }
            ]
        }
    }


def test_what_was_captured_before_is_not_captured_again():
    policy = parse_policy(POLICY)
    before = evaluate(policy, HOST).captured
    other = parse("interfaces: [{name: eth1, type: ethernet, mtu: 9000}, {name: eth7, type: ethernet}]")
    assert _interfaces(evaluate(policy, other, before)) == []
    moved = {"gw-if": {"interfaces": [{"name": "eth7", "type": "ethernet"}]}, "gw": before["gw"]}
    assert _interfaces(evaluate(policy, other, moved))[0]["name"] == "eth7"


def test_all_captured_needs_no_current_state_and_says_everything():
    policy = parse_policy(POLICY)
    before = evaluate(policy, HOST).captured
    assert needs_current(policy)
    assert needs_current(policy, {"gw": {}})
    assert not needs_current(policy, before)
    assert _interfaces(evaluate(policy, None, before)) == [{"name": "eth1", "type": "ethernet", "mtu": 9000}]


def test_without_any_current_state_each_capture_is_told():
    with pytest.raises(Invalid) as caught:
        evaluate(parse_policy(POLICY), None)
    (one,) = caught.value.diagnostics
    assert (one.path, one.line) == (("capture", "gw"), 4)
    assert "no current state" in one.message


def test_a_policy_that_brings_its_current_state_needs_no_other():
    policy = read_policy({"capture": {"a": "interfaces.state==down"}, "desired": {}, "current": to_plain(HOST)})
    assert not needs_current(policy)
    assert evaluate(policy).captured["a"]["interfaces"][0]["name"] == "eth2"


def test_the_current_state_of_a_policy_is_read_with_all_its_mistakes():
    with pytest.raises(Invalid) as caught:
        read_policy({"desired": {}, "current": {"interfaces": [{"name": "a", "type": "vlna"}], "nix": {}}})
    assert [one.path[:2] for one in caught.value.diagnostics] == [("current", "interfaces"), ("current", "nix")]


def test_captured_states_survive_their_file_without_secrets():
    captured = evaluate(
        read_policy({"capture": {"all": "", "down": "interfaces.state==down"}, "desired": {}}), HOST
    ).captured
    kept = to_file(captured, "2026-01-01T00:00:00Z")
    assert kept["down"]["metaInfo"] == {"time": "2026-01-01T00:00:00Z", "version": "0"}
    assert "secret" not in str(kept)
    assert from_file(kept)["down"] == captured["down"]
    assert from_file(to_file(captured, "", secrets=True)) == captured


@pytest.mark.parametrize("plain", [[], {"a": 1}, {"a": {}}, {"a": {"state": []}}, {"a": {"metaInfo": {}}}])
def test_what_is_no_file_of_captured_states_is_told(plain):
    with pytest.raises(Invalid):
        from_file(plain)


def test_which_is_a_policy_the_keys_tell():
    assert isinstance(parse_either("interfaces: []"), Document)
    assert isinstance(parse_either("{}"), Document)
    for text in ("capture: {}", "desired: {}", "desiredState: {}", "{capture: {}, desiredState: {}}"):
        assert not isinstance(parse_either(text), Document)
    assert isinstance(read_either({"interfaces": []}), NetworkState)
    with pytest.raises(Invalid, match="stands beside a policy"):
        parse_either("{interfaces: [], capture: {}}")
    with pytest.raises(Invalid, match="unknown key"):
        parse_either("interfaces: [{name: a, type: dummy, nix: 1}]")


def test_what_is_found_later_is_told_where_the_policy_says_it():
    text = "capture: {}\ndesired:\n  interfaces:\n  - name: eth1\n    mtu: 9\n"
    policy = parse_policy(text)
    document = Document(state=evaluate(policy).state, text=text, source="p.yml", at=(policy.key,))
    late = planner.plan(document.state, NetworkState()).diagnostics
    (located,) = document.locate(late)
    assert str(located).startswith("p.yml:4:5: error[unknown-type] desired.interfaces[eth1].type")


def test_a_long_chain_of_captures_is_no_trouble():
    names = [f"c{index}" for index in range(3000)]
    capture = {"c0": 'interfaces.name=="eth1"'}
    capture |= {name: f"capture.{before} | interfaces.name==eth1" for before, name in itertools.pairwise(names)}
    wanted = {"interfaces": [{"name": "{{ capture.c2999.interfaces.0.name }}", "mtu": 1400}]}
    began = time.monotonic()
    backwards = dict(reversed(capture.items()))
    assert _interfaces(evaluate(read_policy({"capture": backwards, "desired": wanted}), HOST))[0]["name"] == "eth1"
    assert time.monotonic() - began < 5


def test_captures_within_captures_have_a_bound():
    capture = {"c0": "interfaces.type==ethernet"}
    capture |= {f"c{n}": f"capture.c{n - 1} | interfaces.x{n} := capture.c{n - 1}.interfaces" for n in range(1, 60)}
    with pytest.raises(Invalid, match="too-large"):
        evaluate(read_policy({"capture": capture, "desired": {"interfaces": "{{ capture.c59.interfaces }}"}}), HOST)


def test_looking_for_mistakes_ends_some_time():
    capture = {f"c{index}": f"capture.nix{index} | interfaces.name==eth1" for index in range(20000)}
    wanted = [{"name": f"{{{{ capture.nix{index}.interfaces.0.name }}}}"} for index in range(20000)]
    began = time.monotonic()
    with pytest.raises(Invalid) as caught:
        read_policy({"capture": capture, "desired": {"interfaces": wanted}})
    assert len(caught.value.diagnostics) <= 2 * MAX_MISTAKES
    assert time.monotonic() - began < 10


def test_a_circle_among_many_is_named():
    capture = {"a": "capture.b | interfaces.name==x", "b": "capture.c | interfaces.name==x"}
    capture |= {
        "c": "capture.b | interfaces.name==x",
        "d": "capture.d | interfaces.name==x",
        "e": "interfaces.name==eth1",
    }
    with pytest.raises(Invalid, match="need each other: b → c → b"):
        read_policy({"capture": capture, "desired": {}})


THOROUGH = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
COPY = {
    "capture": {"all": ""},
    "desired": {
        "interfaces": "{{ capture.all.interfaces }}",
        "routes": "{{ capture.all.routes }}",
        "route-rules": "{{ capture.all.route-rules }}",
        "dns-resolver": "{{ capture.all.dns-resolver }}",
    },
}


@THOROUGH
@given(documents())
def test_a_policy_that_wants_everything_as_it_is_changes_nothing(plain):
    bare = observed(HARDWARE)
    memory = host(bare)
    with contextlib.suppress(Invalid):  # a document that can't be read leaves the bare host, which serves as well
        carry_out(memory, planner.plan(read(plain), bare).plan)
    found = to_plain(evaluate(read_policy(COPY), look(memory)).state)
    assert found == {"interfaces": []}


EXPRESSIONS = st.lists(
    st.sampled_from(
        (
            "interfaces",
            "routes",
            ".",
            "running",
            "name",
            "==",
            ":=",
            "!=",
            "|",
            " ",
            '"x"',
            "capture.a",
            "0",
            "null",
            "dns-resolver",
            "config",
            "search",
            "eth1",
            "ipv4",
            "address",
        )
    ),
    max_size=12,
).map("".join)


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS, EXPRESSIONS)
def test_whatever_a_policy_says_it_means_something_or_is_told(first, second):
    plain = {
        "capture": {"a": "", "b": first, "c": second},
        "desired": {"interfaces": [{"name": "{{ capture.b.interfaces.0.name }}"}]},
    }
    told = []
    try:
        evaluated = evaluate(read_policy(plain), HOST)
    except Invalid as invalid:
        told = invalid.diagnostics
        evaluated = None
    assert (evaluated is None) == bool(told)
    if evaluated is not None:
        assert set(evaluated.captured) == {"a", "b", "c"}
        assert all(isinstance(state, dict) for state in evaluated.captured.values())
