"""The JSON Schema accepts what reading accepts, and refuses what an editor should underline."""

import pathlib
import re
import typing

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkhold.foundation.diagnostics import Diagnostics, Invalid
from linkhold.foundation.record import Record
from linkhold.state.document import read, to_plain
from linkhold.state.fields import fields_of
from linkhold.state.interfaces import KINDS, all_kinds, kind_class
from linkhold.state.network import NetworkState
from linkhold.state.schema import record_classes, schema
from linkhold.state.text import load
from tests.strategies import states

EXAMPLES = sorted((pathlib.Path(__file__).parents[3] / "examples").glob("**/*.yml"))
SCHEMA = schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
quick = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def interface(**keys: typing.Any) -> dict[str, typing.Any]:
    return {"interfaces": [{"name": "x", **{key.replace("_", "-"): value for key, value in keys.items()}}]}


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_reference_leads_somewhere() -> None:
    references = set(re.findall(r"'#/\$defs/(\w+)'", str(SCHEMA)))
    assert references <= SCHEMA["$defs"].keys()
    assert SCHEMA["$defs"].keys() == references, "definitions that nothing refers to"


def test_every_class_key_and_kind_is_in_it() -> None:
    for cls in record_classes():
        name = "AnyKind" if cls is kind_class("unknown") else cls.__name__
        definition = SCHEMA if cls is NetworkState else SCHEMA["$defs"][name]
        for field in fields_of(cls).values():
            for key in (field.key, *field.aliases):
                assert key in definition["properties"], f"{cls.__name__}.{key}"
    assert set(KINDS) <= set(SCHEMA["$defs"]["Interface"]["properties"]["type"]["enum"])


def test_every_definition_has_a_title_and_a_description() -> None:
    for name, definition in [("document", SCHEMA), *SCHEMA["$defs"].items()]:
        assert definition["title"], name
        assert definition["description"].endswith("."), name


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_valid(path: pathlib.Path) -> None:
    found = Diagnostics()
    plain = load(path.read_bytes(), found)
    assert found == []
    assert [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(plain)] == []


@quick
@given(states())
def test_whatever_can_be_said_is_valid(state: NetworkState) -> None:
    plain = to_plain(state, secrets=True)
    assert [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(plain)] == []
    hidden = to_plain(state)
    assert [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(hidden)] == []


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"interfaces": None},
        {"interfaces": [], "description": None},
        interface(),
        interface(type=None, mtu=1500),
        interface(type="unknown", vlan={"id": 1}),
        interface(type="vlan", vlan={"id": "0x10", "base-iface": "eth0"}),
        interface(type="ethernet", veth={"peer": "y"}),
        interface(type="veth", veth={"peer": "y"}),
        interface(type="vlan", state="absent", nonsense={"speling": 1}),
        interface(state="absent", nonsense=1),
        interface(type="bond", mtu="1500", link_aggregation={"mode": 1, "ports": ["a"], "options": {}}),
        interface(type="dummy", accept_all_mac_addresses="Yes", ipv4={"enabled": 1, "dhcp": "off"}),
        interface(type="dummy", mac_address="52-54-00-ab-cd-ef"),
        {
            "routes": {
                "config": [{"state": "absent", "destination": "", "next-hop-address": "", "next-hop-interface": None}]
            }
        },
    ],
)
def test_what_reading_accepts_is_valid(document: typing.Any) -> None:
    read(document)
    VALIDATOR.validate(document)


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ([], "$"),
        ({"dns": {}}, "$"),
        ({"interfaces": {}}, "$.interfaces"),
        ({"interfaces": [{}]}, "$.interfaces[0]"),
        (interface(type="bnd"), "$.interfaces[0].type"),
        (interface(state="upp"), "$.interfaces[0].state"),
        (interface(type="dummy", vlan={"id": 1}), "$.interfaces[0]"),
        (interface(type="vlan", link_aggregation={}), "$.interfaces[0]"),
        (interface(type="vlan", vlan={"id": 5000}), "$.interfaces[0].vlan.id"),
        (interface(type="vlan", vlan={"idd": 5}), "$.interfaces[0].vlan"),
        (interface(type="vlan", vlan={"reorder-headers": "yes"}), "$.interfaces[0].vlan['reorder-headers']"),
        (interface(type="dummy", mtu="many"), "$.interfaces[0].mtu"),
        (interface(type="dummy", mac_address="52:54"), "$.interfaces[0]['mac-address']"),
        (interface(type="dummy", ipv4={"address": [{"ip": "192.0.2.1"}]}), "$.interfaces[0].ipv4.address[0]"),
        ({"routes": {"config": [{"metric": "x"}]}}, "$.routes.config[0].metric"),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(document: typing.Any, place: str) -> None:
    with pytest.raises(Invalid):
        read(document)
    assert place in {error.json_path for error in VALIDATOR.iter_errors(document)}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "unknown"])
def test_an_editor_is_offered_the_keys_of_the_kind_only(kind: str) -> None:
    own = {key for field in fields_of(all_kinds()[kind]).values() for key in (field.key, *field.aliases)}
    offered = SCHEMA["$defs"][all_kinds()[kind].__name__]["properties"].keys()
    assert offered - {"type"} - own <= ({"veth"} if kind == "ethernet" else set())


_PIECES = st.sampled_from([None, True, False, 0, 1, 7, -1, 1500, "1", "0x10", "yes", "off", "up", "", "eth0"])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_reading_accepts_nothing_that_the_schema_refuses(data: st.DataObject) -> None:
    """One key of one section gets any value: where reading takes it, so does the schema."""
    kind = data.draw(st.sampled_from(sorted(KINDS)))
    cls: type[Record] = all_kinds()[kind]
    document: dict[str, typing.Any] = {"name": "x", "type": kind}
    place = document
    while True:
        field = data.draw(st.sampled_from(sorted(fields_of(cls).values(), key=lambda one: one.key)))
        if field.key in ("name", "type"):
            return
        if isinstance(field.base, type) and issubclass(field.base, Record) and data.draw(st.booleans()):
            place[field.key] = {}
            place, cls = place[field.key], field.base
            continue
        piece = data.draw(_PIECES)
        place[field.key] = data.draw(st.sampled_from([piece, [piece], [], {}]))
        break
    try:
        read({"interfaces": [document]})
    except Invalid:
        return
    assert [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors({"interfaces": [document]})] == []
