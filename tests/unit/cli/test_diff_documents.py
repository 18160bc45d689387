"""Two documents are compared as what they tell a host, in whatever way each says it; no host is needed."""

import pathlib

import pytest

from linkhold.cli import diff_command
from linkhold.foundation.diagnostics import Invalid
from linkhold.state.document import parse

EXAMPLES = pathlib.Path(__file__).parents[3] / "examples"


def differences(old, new):
    plan = diff_command.between_documents(parse(old), parse(new))
    return [(change.action, change.name, sorted(one.path for one in change.differences)) for change in plan.changes]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yml")), ids=lambda path: path.stem)
def test_no_document_differs_from_itself(path):
    assert differences(path.read_text(), path.read_text()) == []


def test_hardware_that_only_one_of_them_names_is_no_mistake():
    old = "interfaces: [{name: bond0, type: bond, link-aggregation: {mode: active-backup, port: [eth1]}}]"
    new = old.replace("active-backup", "802.3ad").replace("[{", "[{name: eth1, type: ethernet, mtu: 9000}, {")
    changes = differences(old, new)
    assert ("~", "bond0", ["interfaces[bond0].link-aggregation.mode"]) in changes
    assert "eth1" in [name for _, name, _ in changes]


def test_ports_listed_and_ports_that_name_their_controller_are_the_same():
    bridge = "{name: br0, type: linux-bridge, bridge: {port: [%s]}}"
    listed = f"interfaces: [{{name: eth1, type: ethernet}}, {bridge % '{name: eth1}'}]"
    named = f"interfaces: [{{name: eth1, type: ethernet, controller: br0}}, {bridge % ''}]"
    assert differences(listed, named.replace("bridge: {port: []}", "bridge: {options: {}}")) == []


def test_an_entry_without_a_type_has_that_of_the_other_document():
    old = "interfaces: [{name: br0, type: linux-bridge, mtu: 1500}]"
    new = "interfaces: [{name: br0, mtu: 1400, bridge: {port: []}}]"
    assert differences(old, new) == [("~", "br0", ["interfaces[br0].mtu"])]


def test_keys_that_the_kind_does_not_have_are_told():
    with pytest.raises(Invalid, match="unknown key 'bridge'"):
        differences(
            "interfaces: [{name: v, type: vlan, vlan: {base-iface: e, id: 7}}]", "interfaces: [{name: v, bridge: {}}]"
        )


def test_what_only_the_old_one_says_stays():
    both = "interfaces: [{name: br0, type: linux-bridge}, {name: br1, type: linux-bridge}]"
    assert differences(both, "interfaces: [{name: br0, type: linux-bridge}]") == []


def test_what_is_absent_goes():
    absent = "interfaces: [{name: br0, type: linux-bridge, state: absent}]"
    assert differences("interfaces: []", absent) == []
    assert differences("interfaces: [{name: br0, type: linux-bridge}]", absent) == [("-", "br0", [])]
