"""Text to plain data: what scalars mean, what is refused and where, and that hostile texts cost little."""

import builtins
import json
import time
import tracemalloc
import typing

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Key, Path
from linkhold.foundation.record import UNSET
from linkhold.state import limits
from linkhold.state.text import load
from linkhold.state.yaml_places import Places

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def read(text: str | bytes) -> typing.Any:
    found = Diagnostics()
    plain = load(text, found)
    assert found == []
    return plain


def refuse(text: str | bytes) -> list[Diagnostic]:
    found = Diagnostics()
    load(text, found)
    assert found, "nothing was found wrong"
    return list(found)


@pytest.mark.parametrize(
    ("scalar", "meaning"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("on", "on"),
        ("n", "n"),
        ("1500", 1500),
        ("-7", -7),
        ("+5", 5),
        ("0", 0),
        ("0x1F", 31),
        ("0o17", 15),
        ("010", "010"),
        ("0123", "0123"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("01:02:03:04:05:06", "01:02:03:04:05:06"),
        ("52:54:00:12:34:56", "52:54:00:12:34:56"),
        ("2024-01-01", "2024-01-01"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("192.0.2.1", "192.0.2.1"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("-", None),
        ("'1500'", "1500"),
        ('"null"', "null"),
        ("!!str 1500", "1500"),
        ("!!int '12'", 12),
        ("!!float 1", 1.0),
    ],
)
def test_scalars_mean_what_yaml_1_2_says(scalar: str, meaning: object) -> None:
    value = read(f"a: {scalar}\n" if scalar != "-" else "a:\n")["a"]
    assert value == meaning
    assert isinstance(value, type(meaning))


@pytest.mark.parametrize("scalar", ["1e3", "012e3", "0x1F", "+5", "1.50", "-0", ".5"])
def test_numbers_print_as_they_were_written(scalar: str) -> None:
    assert str(read(f"a: {scalar}")["a"]) == scalar


def test_keys_are_texts_whatever_they_look_like() -> None:
    assert read("1: a\ntrue: b\n802.1x: c\n'': d") == {"1": "a", "true": "b", "802.1x": "c", "": "d"}


def test_aliases_stand_for_what_they_name() -> None:
    assert read("a: &x {b: [1]}\nc: *x\n? &k d\n: &v 2\ne: [*k, *v]") == {
        "a": {"b": [1]},
        "c": {"b": [1]},
        "d": 2,
        "e": ["d", 2],
    }


@pytest.mark.parametrize("text", ["a: ä", "a: ä\nb: 漢字"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(text: str, encoding: str) -> None:
    assert read(text.encode(encoding)) == read(text)


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "\ufeff"])
def test_an_empty_text_is_none(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "words"),
    [
        ("a: 1\na: 2\n", "duplicate-key", 2, 1, "first in line 1, column 1"),
        ('{"a": 1,\n "a": 2}', "duplicate-key", 2, 2, "first in line 1, column 2"),
        ("b:\n  c: 1\n  d: 2\n  c: 3\n", "duplicate-key", 4, 3, "first in line 2, column 3"),
        ("a: 1\n\tb: 2\n", "syntax", 2, 1, "tab"),
        ("\ta: 1\n", "syntax", 1, 1, "token"),
        ("a: b: c\n", "syntax", 1, 5, "mapping values"),
        ("a: [1, 2\n", "syntax", 2, 1, "']'"),
        ('{"a": 1 "b": 2}', "syntax", 1, 9, "','"),
        ("a: *x\n", "alias", 1, 4, "not defined"),
        ("a: &x [1, *x]\n", "alias", 1, 11, "contains itself"),
        ("a: !!python/name:os.system x\n", "tag", 1, 4, "unknown tag"),
        ("a: !vault |\n  x\n", "tag", 1, 4, "unknown tag"),
        ("a: !!int x\n", "tag", 1, 4, "type"),
        ("a: !!set {b, c}\n", "tag", 1, 4, "unknown tag"),
        ("a: 1\n---\nb: 2\n", "documents", 2, 1, "second document"),
        ("? [1]\n: 2\n", "key", 1, 3, "must be a text"),
        ("&a [1]: 2\n", "key", 1, 1, "must be a text"),
        ("a: &x [1]\n*x : 2\n", "key", 2, 1, "must be a text"),
        ("<<: {a: 1}\n", "merge-key", 1, 1, "merge keys"),
        ("a: 1\nb: \x00\n", "syntax", 2, 4, "control"),
        (b"a: 1\nb: gr\xfcn\n", "encoding", 2, 6, "offset 10 (0xfc)"),
        (b"\xff\xfea\x00:\x00 \x00\x00\xd8", "encoding", 1, 4, "UTF-16"),
        ("a: \ud800", "encoding", 1, 4, "surrogate"),
        ('{"a": "\\ud800"}', "syntax", 1, 10, "escape"),
        ("a: " + "9" * 41, "number-too-long", 1, 4, "41 digits"),
        ('{"a": ' + "9" * 5000 + "}", "number-too-long", 1, 7, "5000 digits"),
    ],
)
def test_mistakes_have_places(text: str | bytes, code: str, line: int, column: int, words: str) -> None:
    mistakes = refuse(text)
    assert [(one.code, one.line, one.column) for one in mistakes] == [(code, line, column)]
    assert words in mistakes[0].message


def test_mistakes_are_told_together_and_the_rest_is_read() -> None:
    found = Diagnostics()
    plain = load("a: 1\na: 2\nb: !x 3\nc: {d: 1, d: 2}\ne: 5\n", found)
    assert [one.code for one in found] == ["duplicate-key", "tag", "duplicate-key"]
    assert plain["e"] == 5


def test_paths_of_mistakes_use_names() -> None:
    (mistake,) = refuse("interfaces:\n- name: eth1\n  ipv4:\n    dhcp: true\n    dhcp: false\n")
    assert mistake.path == ("interfaces", Key("eth1"), "ipv4", "dhcp")
    assert isinstance(mistake.path[1], Key)


@pytest.mark.parametrize(
    "text", ['{"a": [1, 2.5, true, null, "x"]}', "[]", "{}", '{"a":{"b":":"},"c ":"\\":"}', '{"a" : 1}']
)
def test_json_is_json(text: str) -> None:
    assert read(text) == json.loads(text)


def test_flow_yaml_that_begins_like_json_is_yaml() -> None:
    assert read("{a: 1, b: [x, y],}") == {"a": 1, "b": ["x", "y"]}


def test_one_whitespace_before_a_colon_does_not_hide_a_duplicate() -> None:
    assert [one.code for one in refuse('{"a" :1,"a":2}')] == ["duplicate-key"]
    assert [one.code for one in refuse('{"a":1,"a" :2,"b":":"}')] == ["duplicate-key"]


def test_without_libyaml_it_says_so_and_json_still_works(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: typing.Any, **more: typing.Any) -> typing.Any:
        if name == "yaml.cyaml":
            raise ImportError("no _yaml")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    (mistake,) = refuse("a: 1")
    assert mistake.code == "no-libyaml"
    assert "JSON" in mistake.hint
    assert read('{"a": 1}') == {"a": 1}


def _bombs() -> dict[str, str]:
    layers = "".join(f"b{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    long = "x" * 1_000_000
    return {
        "a billion laughs": "b0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + layers,
        "a million aliases": "a: &a x\nb: [" + "*a," * 1_000_000 + "*a]",
        "a million aliases in a block": "a: &a x\nb:\n" + "- *a\n" * 1_000_000,
        "aliases of a long text": f"a: &a '{long}'\nb: [" + "*a," * 50_000 + "]",
        "deep flow": "[" * 1_000_000,
        "deep blocks": "- " * 1_000_000,
        "deep json": '{"a":' * 1_000_000 + "1" + "}" * 1_000_000,
        "keys of keys": "{" * 100_000,
        "question marks": "? " * 100_000,
        "a huge number": "a: " + "9" * 10_000_000,
        "a huge json number": '{"a": ' + "9" * 10_000_000 + "}",
        "a huge text": f"a: '{long}{long}'",
        "a huge json text": f'{{"a": "{long}{long}"}}',
        "many json values": "[" + "1," * limits.MAX_NODES + "1]",
        "duplicates": "a: 1\n" * 100_000,
        "unknown tags": "- !x y\n" * 100_000,
        "directives": "".join(f"%TAG !{number}! x\n" for number in range(100_000)) + "---\na: 1\n",
        "a huge key": f"? {long}\n: 1\n",
        "a large document": " " * (limits.MAX_BYTES + 1),
    }


@pytest.mark.parametrize("name", _bombs())
def test_bombs_are_refused_quickly_and_in_little_memory(name: str) -> None:
    text = _bombs()[name]
    load("a: 1", Diagnostics())  # the import of yaml is not what is measured
    start = time.process_time()
    mistakes = refuse(text)
    elapsed = time.process_time() - start
    assert mistakes[-1].code in {"too-large", "too-deep", "number-too-long", "too-many", "key"}
    assert elapsed < 1, f"{elapsed:.2f} s"
    tracemalloc.start()
    refuse(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150 * 2**20 + len(text)


def test_the_deepest_document_allowed_is_read() -> None:
    deep = "[" * limits.MAX_DEPTH + "]" * limits.MAX_DEPTH
    assert read(deep) == json.loads(deep)
    assert read("a: " + "[" * (limits.MAX_DEPTH - 1) + "]" * (limits.MAX_DEPTH - 1))
    assert refuse(f"[{deep}]")[0].code == "too-deep"


def test_a_large_document_is_no_slower_than_the_ordinary_loader() -> None:
    entry = {
        "type": "vlan",
        "mtu": 1500,
        "ipv4": {"enabled": True, "address": [{"ip": "192.0.2.1", "prefix-length": 24}]},
    }
    plain = {"interfaces": [{"name": f"bond0.{number}", **entry} for number in range(500)]}
    text = yaml.dump(plain, Dumper=_NoAliases, sort_keys=False)
    start = time.process_time()
    assert yaml.load(text, Loader=yaml.CSafeLoader) == plain
    middle = time.process_time()
    assert read(text) == plain
    assert time.process_time() - middle < 1.3 * (middle - start)


class _NoAliases(yaml.CSafeDumper):
    def ignore_aliases(self, data: typing.Any) -> bool:
        return True


# Positions

TEXT = """\
interfaces:
- name: eth1
  ipv4:
    address:
    - ip: 192.0.2.1
  mtu: 1500
- {name: br0, bridge: {port: [{name: eth1, vlan: {}}]}}
dns-resolver:
  config:
    search: [a.example, b.example]
copy: &c {x: 1}
again: *c
"""


@pytest.mark.parametrize(
    ("path", "key", "place"),
    [
        ((), False, (1, 1)),
        (("interfaces",), False, (1, 1)),
        (("interfaces", 0), False, (2, 3)),
        (("interfaces", Key("eth1"), "mtu"), False, (6, 8)),
        (("interfaces", Key("eth1"), "mtu"), True, (6, 3)),
        (("interfaces", Key("eth1"), "ipv4"), False, (3, 3)),
        (("interfaces", Key("eth1"), "ipv4", "address", 0, "ip"), False, (5, 11)),
        (("interfaces", Key("br0"), "bridge", "port", Key("eth1"), "vlan"), False, (7, 44)),
        (("dns-resolver", "config", "search", 1), False, (10, 25)),
        (("dns-resolver", "config", "search", Key("b.example")), False, (10, 25)),
        (("again", "x"), False, (11, 14)),
        (("again",), True, (12, 1)),
        (("interfaces", Key("eth1"), "missing", "deep"), False, (2, 3)),
        (("interfaces", 99), False, (1, 1)),
        (("interfaces", Key("eth9")), False, (1, 1)),
    ],
)
def test_places(path: Path, key: bool, place: tuple[int, int]) -> None:
    assert Places(TEXT).find(path, key=key) == place


def test_places_before_a_syntax_error_are_known() -> None:
    assert Places("a: 1\nb:\n  c: 2\nd: [").find(("b", "c")) == (3, 6)
    assert Places("").find(("a",)) == (0, 0)


# Fuzzing

_WORDS = [
    "a",
    "b:",
    " ",
    "  ",
    "\n",
    "- ",
    ": ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&x ",
    "*x",
    "!!str ",
    "!x ",
    "'",
    '"',
    "|",
    ">",
]
_WORDS += [
    "#",
    "\t",
    "---\n",
    "...",
    "%YAML 1.1\n",
    "<<",
    "~",
    "0x1",
    "1e5",
    "9" * 50,
    "\ufeff",
    "é",
    "\\ud800",
    "\x00",
    "\x85",
]
_words = st.sampled_from(_WORDS)


def _never_raises(text: str | bytes) -> None:
    found = Diagnostics()
    plain = load(text, found)
    assert plain is not UNSET or found
    for one in found:
        assert one.line >= 0
        assert one.message
    if not found:
        json.dumps(plain, allow_nan=False, ensure_ascii=False).encode()


@quick
@given(st.lists(_words, max_size=30).map("".join))
def test_fuzzed_texts_are_read_or_refused(text: str) -> None:
    _never_raises(text)


@quick
@given(st.binary(max_size=200))
def test_fuzzed_bytes_are_read_or_refused(text: bytes) -> None:
    _never_raises(text)


_plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@quick
@given(_plain.filter(lambda plain: isinstance(plain, dict | list)))
def test_json_texts_read_like_the_ordinary_reader(plain: typing.Any) -> None:
    assert read(json.dumps(plain)) == plain
    assert read(json.dumps(plain, ensure_ascii=False, separators=(",", ":"))) == plain


@quick
@given(st.dictionaries(st.text(), _plain, max_size=4), st.data())
def test_mutated_json_is_read_or_refused(plain: typing.Any, data: st.DataObject) -> None:
    text = json.dumps(plain)
    at = data.draw(st.integers(0, len(text)))
    _never_raises(text[:at] + data.draw(st.sampled_from(["", ",", "}", '"', "\\", "\x00", "a:"])) + text[at + 1 :])
