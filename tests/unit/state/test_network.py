"""The root of a state: its interfaces by what they are known by."""

import copy
import pickle

from linkhold.state.document import read

STATE = {"interfaces": [{"name": "br", "type": "ovs-bridge"}, {"name": "br", "type": "ovs-interface"}]}


def test_interfaces_by_key() -> None:
    state = read(STATE)
    assert {key: one.kind for key, one in state.by_key.items()} == {
        ("br", "ovs-bridge"): "ovs-bridge",
        ("br", ""): "ovs-interface",
    }
    assert read({}).by_key == {}


def test_what_is_remembered_is_no_part_of_the_value() -> None:
    state = read(STATE)
    assert state.by_key is state.by_key
    assert state == read(STATE)
    assert "_by_key" not in repr(state)
    for again in (copy.copy(state), copy.deepcopy(state), pickle.loads(pickle.dumps(state))):
        assert again == state
        assert again.by_key.keys() == state.by_key.keys()
    assert state.replace(interfaces=()).by_key == {}
