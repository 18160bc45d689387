"""Documents: all mistakes at once with their places, hints for what people bring along, and printing that reads back."""

import json
import typing

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Invalid, Key
from linkhold.state.dns import DnsResolver
from linkhold.state.document import locate_all, parse, parse_document, read, to_json, to_plain, to_yaml
from linkhold.state.fields import HIDDEN
from linkhold.state.interfaces.common import Untyped
from linkhold.state.limits import MAX_MISTAKES
from linkhold.state.network import NetworkState
from linkhold.state.routes import Routes
from linkhold.state.text import load
from linkhold.state.yaml_writing import spell_text, write_yaml
from tests.strategies import states

quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

WRONG = """\
dns: {}
interfaces:
- name: eth1
  type: ethernet
  mtu: abc
  ipv4:
    enabled: yes
    adress: []
    address:
    - ip: 192.0.2.1
      prefix-length: 99
- name: bond0
  type: bnd
- type: dummy
- name: eth1.7
  type: vlan
  vlan:
    id: 5000
    base-iface: eth1
  state: up
  state: down
routes:
  config:
  - next-hop-interface: eth1
    metric: x
"""


def mistakes(text: str | bytes) -> list[Diagnostic]:
    with pytest.raises(Invalid) as caught:
        parse(text, source="file.yml")
    return list(caught.value.diagnostics)


def by_name(state: NetworkState) -> NetworkState:
    if not isinstance(state.interfaces, tuple):
        return state
    ordered = sorted(state.interfaces, key=lambda one: (one.name, one.userspace, one.kind))
    return state.replace(interfaces=tuple(ordered))


def test_all_mistakes_are_told_at_once_each_with_its_place() -> None:
    told = [(one.line, one.column, one.code) for one in mistakes(WRONG)]
    assert told == [
        (1, 1, "unknown-key"),
        (5, 8, "value"),
        (8, 5, "unknown-key"),
        (11, 22, "prefix"),
        (13, 9, "kind"),
        (14, 3, "missing-key"),
        (18, 9, "value"),
        (21, 3, "duplicate-key"),
        (25, 13, "value"),
    ]
    assert {one.source for one in mistakes(WRONG)} == {"file.yml"}


def test_the_same_document_as_json_has_places_too() -> None:
    plain = yaml.load(WRONG, Loader=yaml.CSafeLoader)
    plain["interfaces"][3].pop("state")
    told = mistakes(json.dumps(plain, indent=1))
    assert [one.code for one in told] == [one.code for one in mistakes(WRONG) if one.code != "duplicate-key"]
    assert all(one.line for one in told)


def test_hints_name_what_was_meant() -> None:
    hints = {str(one.path[-1]): one.hint for one in mistakes(WRONG) if one.path}
    assert hints["dns"] == "did you mean 'dns-resolver'?"
    assert hints["adress"] == "did you mean 'address'?"
    assert hints["type"] == "did you mean 'bond'?"


def test_a_missing_name_is_told_where_the_interface_begins() -> None:
    (mistake,) = mistakes("interfaces:\n- name: a\n  type: dummy\n- type: dummy\n  mtu: 1500\n")
    assert (mistake.code, mistake.line, mistake.column) == ("missing-key", 4, 3)


def test_values_have_paths_only() -> None:
    with pytest.raises(Invalid) as caught:
        read({"interfaces": [{"name": "eth1", "type": "ethernet", "mtu": -1}]})
    (mistake,) = caught.value.diagnostics
    assert (mistake.line, mistake.path) == (0, ("interfaces", Key("eth1"), "mtu"))


def test_later_diagnostics_are_located_in_the_text() -> None:
    text = "interfaces:\n- name: br0\n  type: linux-bridge\n  bridge:\n    port:\n    - name: eth1\n"
    document = parse_document(text, source="x.yml")
    path = ("interfaces", Key("br0"), "bridge", "port", Key("eth1"))
    located = document.locate(
        [Diagnostic(code="c", path=path, message="m"), Diagnostic(code="d", path=(), message="m")]
    )
    assert [(one.line, one.column, one.source) for one in located] == [(1, 1, "x.yml"), (6, 7, "x.yml")]
    assert locate_all([Diagnostic(code="c", path=path, message="m")], "")[0].line == 0
    assert locate_all([Diagnostic(code="c", path=path, message="m")], b"\xff")[0].line == 0


def test_a_flood_of_mistakes_ends() -> None:
    text = "interfaces:\n" + "".join(f"- name: x{number}\n  type: dummy\n  speling: 1\n" for number in range(5000))
    told = mistakes(text)
    assert len(told) == MAX_MISTAKES + 1
    assert [one.code for one in told].count("too-many") == 1


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("network:\n  version: 2\n  ethernets: {eth0: {dhcp4: true}}\n", "format", "netplan"),
        ("version: 2\nethernets: {}\n", "format", "netplan"),
        ("DEVICE=eth0\nBOOTPROTO=none\n", "format", "ifcfg"),
        ("auto lo\niface lo inet loopback\n", "format", "ifupdown"),
        ("[connection]\nid=eth0\n", "syntax", "keyfile"),
        ("[Match]\nName=eth0\n", "syntax", "networkd"),
        ("<network/>\n", "format", "XML"),
        ("apiVersion: nmstate.io/v1\nkind: NodeNetworkConfigurationPolicy\n", "format", "spec.desiredState"),
        ("network_state:\n  interfaces: []\n", "format", "Ansible"),
        ("version: 1\nconfig: []\n", "format", "cloud-init"),
        ("name: eth1\ntype: ethernet\n", "format", "list under `interfaces`"),
        ("- name: eth1\n", "format", "interfaces"),
        ("capture: {}\ndesiredState: {}\n", "policy", "document of its own"),
        ("desired: {interfaces: []}\n", "policy", "document of its own"),
        ("hello\n", "format", "interfaces"),
        ("42\n", "format", "interfaces"),
        ("[]", "format", "interfaces"),
    ],
)
def test_other_formats_are_recognised(text: str, code: str, words: str) -> None:
    (mistake,) = mistakes(text)
    assert mistake.code == code
    assert words in mistake.hint


@pytest.mark.parametrize("text", ["", "---\n", "# only a remark\n", "null"])
def test_an_empty_document_asks_for_nothing_and_warns(text: str) -> None:
    document = parse_document(text)
    assert document.state == NetworkState()
    assert [one.code for one in document.warnings] == ["empty"]
    assert parse_document("{}").warnings == ()


# Printing

KERNEL_AND_OVS = """\
interfaces:
- name: ovs0
  type: ovs-bridge
- name: br1
  type: linux-bridge
- name: ovs0
  type: ovs-interface
"""


def test_interfaces_are_printed_by_name_those_of_the_kernel_first() -> None:
    printed = to_plain(parse(KERNEL_AND_OVS))["interfaces"]
    assert [(one["name"], one["type"]) for one in printed] == [
        ("br1", "linux-bridge"),
        ("ovs0", "ovs-interface"),
        ("ovs0", "ovs-bridge"),
    ]


def test_keys_stand_in_the_order_of_the_schema() -> None:
    state = parse("routes: {config: []}\nhostname: {config: h}\ninterfaces: [{mtu: 1500, type: dummy, name: d}]\n")
    assert to_yaml(state) == (
        "---\nhostname:\n  config: h\nroutes:\n  config: []\ninterfaces:\n- name: d\n  type: dummy\n  mtu: 1500\n"
    )
    assert to_json(state) == (
        '{"hostname": {"config": "h"}, "routes": {"config": []},'
        ' "interfaces": [{"name": "d", "type": "dummy", "mtu": 1500}]}'
    )


def test_what_is_shown_of_a_host_has_its_sections_even_when_empty() -> None:
    assert to_plain(NetworkState()) == {}
    assert list(to_plain(NetworkState(), shown=True)) == ["dns-resolver", "route-rules", "routes", "interfaces"]
    plain = to_plain(NetworkState(routes=Routes(config=()), dns=DnsResolver()), shown=True)
    assert plain["routes"] == {"running": [], "config": []}
    assert plain["route-rules"] == {"config": []}
    assert plain["dns-resolver"] == {"running": {}, "config": {}}


SECRETS = "interfaces: [{name: eth1, %s802.1x: {eap-methods: [tls], private-key-password: hunter2}}]"


@pytest.mark.parametrize("kind", ["", "type: ethernet, "])
def test_secrets_are_hidden_unless_asked_for(kind: str) -> None:
    state = parse(SECRETS % kind)
    assert "hunter2" not in to_yaml(state) + to_json(state)
    assert HIDDEN in to_yaml(state)
    assert "hunter2" in to_yaml(state, secrets=True)
    assert isinstance(state.interfaces, tuple)
    assert isinstance(state.interfaces[0], Untyped) is (kind == "")


def test_secrets_are_not_quoted_in_mistakes() -> None:
    text = "interfaces: [{name: m, type: macsec, macsec: {encrypt: true, base-iface: e, mka-cak: hunter2, port: 1}}]"
    assert all("hunter2" not in str(one) for one in mistakes(text))


@quick
@given(states())
def test_printing_reads_back(state: NetworkState) -> None:
    assert parse(to_yaml(state, secrets=True)) == by_name(state)
    assert parse(to_json(state, secrets=True)) == by_name(state)
    assert parse(to_json(state, secrets=True, indent=2)) == by_name(state)


# Writing YAML

MISREAD = ["", "~", "null", "Null", "true", "NO", "yes", "on", "y", "1", "-1", "0123", "010", "0o17", "0x1F", "1_000"]
MISREAD += ["1e3", "012e3", "1.5", ".5", "5.", ".inf", "-.INF", ".nan", "2024-01-01", "2024-01-01 10:00:00", "=", "<<"]
MISREAD += ["1:30", "190:20:30.15", "0b11", "+12", "12e03", "52:54:00:12:34:56", "9:9"]
ODD = [
    "a: b",
    "a #b",
    "#a",
    "- a",
    "-",
    "--- a",
    "...",
    "? a",
    ": a",
    "a:",
    "*a",
    "&a",
    "!a",
    "|",
    ">",
    "%a",
    "@a",
    "`a",
]
ODD += ["[a", "{a", "'a'", '"a"', "a'b", 'a"b', " a", "a ", "a\tb", "a\nb", "\na", "a\n", "a\\b", "'\"\\"]
ODD += ["é", "\x7f", "\x85", "\u2028", "\ufeff", "::", "::/0", "::1"]
BARE = ["eth1", "eth1.7", "br-int", "192.0.2.1", "192.0.2.0/24", "2001:db8::1", "52:54:00:AB:CD:EF", "802.3ad"]
BARE += ["802.1q", "layer3+4", "3599sec", "a b", "a,b", "<_password_hid_by_nmstate>", "no-pref", "1500m", "/etc/x"]
BARE += ["a#b", "it's"]


@pytest.mark.parametrize("text", MISREAD + ODD + BARE)
def test_texts_stay_texts_for_readers_of_both_versions(text: str) -> None:
    written = write_yaml({"a": text, "b": [text], text: {"c": text}})
    expected = {"a": text, "b": [text], text: {"c": text}}
    assert yaml.load(written, Loader=yaml.CSafeLoader) == expected  # YAML 1.1
    assert load(written, Diagnostics()) == expected  # YAML 1.2


@pytest.mark.parametrize("text", MISREAD)
def test_what_some_reader_would_misread_is_quoted(text: str) -> None:
    assert spell_text(text)[0] in "'\""


@pytest.mark.parametrize("text", BARE)
def test_nothing_else_is_quoted(text: str) -> None:
    assert spell_text(text) == text


def test_texts_of_several_lines_are_written_as_such_and_never_folded() -> None:
    assert write_yaml({"a": {"b": "x\n\n y"}}) == "---\na:\n  b: |-\n    x\n\n     y\n"
    assert write_yaml({"a": "word " * 100 + "end"}).count("\n") == 2


_leaf = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text() | st.sampled_from(MISREAD + ODD)
_tree = st.recursive(_leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


@quick
@given(st.dictionaries(st.text(), _tree, max_size=4))
def test_whatever_is_written_reads_back(plain: dict[str, typing.Any]) -> None:
    found = Diagnostics()
    assert load(write_yaml(plain), found) == plain
    assert found == []
    assert yaml.load(write_yaml(plain), Loader=yaml.CSafeLoader) == plain


# Fuzzing

_GOOD = to_yaml(parse(KERNEL_AND_OVS)) + WRONG.partition("interfaces:\n")[2]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutated_documents_are_read_or_refused_with_places(data: st.DataObject) -> None:
    lines = _GOOD.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        how = data.draw(st.sampled_from(["drop", "twice", "indent", "swap", "garble"]))
        if how == "drop" and len(lines) > 1:
            del lines[at]
        elif how == "twice":
            lines.insert(at, lines[at])
        elif how == "indent":
            lines[at] = data.draw(st.sampled_from(["  ", "\t", "- ", "[", "&a ", "*a "])) + lines[at]
        elif how == "swap":
            lines[at] = data.draw(st.sampled_from(lines))
        else:
            lines[at] = lines[at].replace(
                data.draw(st.sampled_from([": ", "-", "0", "e"])), data.draw(st.text(max_size=3))
            )
    _read_or_refuse("".join(lines))


@quick
@given(st.text() | st.binary())
def test_anything_is_read_or_refused(text: str | bytes) -> None:
    _read_or_refuse(text)


_KEYS = st.sampled_from(
    ["interfaces", "name", "type", "state", "ipv4", "bridge", "port", "vlan", "routes", "config", "ethtool"]
)
_ANY = st.recursive(
    _leaf | st.sampled_from(["bond", "linux-bridge", "absent", "eth0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=15,
)


@quick
@given(st.lists(st.dictionaries(_KEYS, _ANY, max_size=5), max_size=3), st.dictionaries(_KEYS, _ANY, max_size=3))
def test_any_values_are_read_or_refused(interfaces: list[typing.Any], more: dict[str, typing.Any]) -> None:
    _read_or_refuse(json.dumps({**more, "interfaces": interfaces}))


def _read_or_refuse(text: str | bytes) -> None:
    refused, state = None, NetworkState()
    try:
        state = parse(text)
    except Invalid as error:
        refused = error.diagnostics
    if refused is not None:
        assert refused.errors()
        assert all(one.message and one.line >= 0 for one in refused)
    else:
        assert parse(to_yaml(state, secrets=True)) == by_name(state)
        assert parse(to_json(state, secrets=True)) == by_name(state)
