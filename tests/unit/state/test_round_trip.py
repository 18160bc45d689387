"""Whatever can be said is written and read back unchanged; secrets are hidden unless asked for."""

import json
import typing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.record import Record
from linkhold.state.fields import HIDDEN, Secret, fields_of
from linkhold.state.forms import Hidden, ListOf, Section, form_of, read_record, write_record
from linkhold.state.interfaces import INTERFACE, SECRET_KEYS, all_kinds
from linkhold.state.network import NetworkState
from tests.strategies import again, interfaces, records, states

quick = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def all_classes() -> list[type[Record]]:
    seen: dict[type[Record], None] = {}

    def visit(cls: type[Record]) -> None:
        if cls in seen:
            return
        seen[cls] = None
        for field in fields_of(cls).values():
            form = form_of(field)
            while isinstance(form, Hidden | ListOf):
                form = form.inner
            if isinstance(form, Section):
                visit(form.cls)

    for root in (NetworkState, *all_kinds().values()):
        visit(root)
    return list(seen)


@pytest.mark.parametrize("cls", [one for one in all_classes() if one is not NetworkState], ids=lambda cls: cls.__name__)
@quick
@given(data=st.data())
def test_every_class_survives_writing_and_reading(cls: type[Record], data: st.DataObject) -> None:
    record = data.draw(records(cls))
    assert again(record) == record


@quick
@given(states())
def test_a_whole_network_survives_json(state: NetworkState) -> None:
    found = Diagnostics()
    text = json.dumps(write_record(state, secrets=True))
    assert read_record(NetworkState, json.loads(text), (), found) == state
    assert found == []


@quick
@given(interfaces())
def test_writing_is_stable(interface: typing.Any) -> None:
    plain = INTERFACE.inner.write(interface, True)
    assert next(iter(plain)) == "name"
    assert list(plain).index("type") == (2 if "profile-name" in plain else 1)
    assert INTERFACE.inner.write(INTERFACE.inner.read(plain, (), Diagnostics()), True) == plain


@pytest.mark.parametrize("cls", all_classes(), ids=lambda cls: cls.__name__)
def test_secrets_are_hidden(cls: type[Record]) -> None:
    for name, field in fields_of(cls).items():
        if field.has(Secret):
            assert field.key in SECRET_KEYS
            form = form_of(field)
            assert form.write("s3cret", False) == HIDDEN
            assert form.read(HIDDEN, (), Diagnostics()) == HIDDEN
            found = Diagnostics()
            form.read({"s3cret": 1}, (name,), found)
            assert found
            assert "s3cret" not in str(found[0])


def test_fields_do_not_share_keys() -> None:
    for cls in all_classes():
        keys = [key for field in fields_of(cls).values() for key in (field.key, *field.aliases)]
        assert len(keys) == len(set(keys)), cls


def test_every_class_says_what_it_is() -> None:
    assert [cls.__name__ for cls in all_classes() if "__doc__" not in cls.__dict__ or not cls.__doc__] == []
