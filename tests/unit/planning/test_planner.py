"""Planning as a whole: which interface is meant, what can't be done, why, and at what risk."""

import pytest

from linkhold.foundation.record import UNSET
from linkhold.planning import planner
from linkhold.planning.paths import bare, steps
from linkhold.planning.risks import Connection
from linkhold.planning.serial import from_plain, to_plain
from linkhold.providers.contract import Capabilities, Inability
from linkhold.state.document import read
from linkhold.state.fields import HIDDEN
from tests.cases.hosts import observed

HOST = {
    "interfaces": [
        {
            "name": "eth1",
            "type": "ethernet",
            "mac-address": "02:00:00:00:00:01",
            "permanent-mac-address": "02:00:00:00:00:11",
            "alt-names": [{"name": "wan"}],
        },
        {"name": "eth2", "type": "ethernet", "mac-address": "02:00:00:00:00:11", "mtu": 1500},
        {"name": "d0", "type": "dummy", "mtu": 1500},
    ]
}


def _plan(plain, **extra):
    return planner.plan(read(plain), observed(HOST), **extra)


def _codes(outcome):
    return {one.code for one in outcome.errors}


def test_an_entry_without_type_takes_it_from_the_host():
    (change,) = _plan({"interfaces": [{"name": "d0", "mtu": 1400}]}).plan.changes
    assert (change.action, change.name, change.after.kind) == ("~", "d0", "dummy")


def test_an_unknown_name_without_type_is_refused_with_a_guess():
    outcome = _plan({"interfaces": [{"name": "eth3", "mtu": 1400}]})
    assert _codes(outcome) == {"unknown-type"}
    assert "eth1" in outcome.errors[0].hint
    assert outcome.plan.empty


def test_a_key_of_another_kind_is_found_once_the_kind_is_known():
    assert _codes(_plan({"interfaces": [{"name": "d0", "vlan": {"id": 7}}]})) == {"unknown-key"}


def test_the_permanent_mac_address_finds_before_the_present_one():
    said = {
        "name": "x",
        "type": "ethernet",
        "identifier": "mac-address",
        "mac-address": "02:00:00:00:00:11",
        "mtu": 9000,
    }
    (change,) = _plan({"interfaces": [said]}).plan.changes
    assert (change.name, change.after.profile_name, change.after.mac_address) == ("eth1", "x", "02:00:00:00:00:01")


def test_other_entries_may_use_the_name_that_a_mac_address_stands_behind():
    said = {"name": "x", "type": "ethernet", "identifier": "mac-address", "mac-address": "02:00:00:00:00:11"}
    bridge = {"name": "br0", "type": "linux-bridge", "bridge": {"port": [{"name": "x"}]}}
    outcome = _plan({"interfaces": [said, bridge]})
    assert {one.name for one in outcome.plan.changes} == {"br0", "eth1"}


def test_an_unknown_mac_address_is_refused():
    said = {"name": "x", "type": "ethernet", "identifier": "mac-address", "mac-address": "02:00:00:00:00:99"}
    assert _codes(_plan({"interfaces": [said]})) == {"unknown-mac"}


def test_an_alternative_name_means_the_interface():
    (change,) = _plan({"interfaces": [{"name": "wan", "mtu": 1400}]}).plan.changes
    assert change.name == "eth1"


KERNEL = Capabilities(
    provider="kernel",
    kinds={"ethernet": "", "dummy": "", "bond": "the module bonding is missing"},
    subjects=frozenset({"route"}),
    inabilities=(
        Inability(path="ipv4.dhcp", reason="there is no DHCP client"),
        Inability(path="lldp", reason="nobody listens", severity="warning"),
    ),
)


def test_what_no_provider_can_do_is_refused_with_its_reason():
    outcome = _plan(
        {
            "interfaces": [{"name": "b", "type": "bond", "link-aggregation": {"mode": "active-backup"}}],
            "hostname": {"running": "h"},
        },
        capabilities=(KERNEL,),
    )
    assert _codes(outcome) == {"unsupported"}
    assert "the module bonding is missing" in str(outcome.errors)
    assert len(outcome.errors) == 2


def test_what_is_not_changed_is_no_problem():
    assert not _plan(
        {"interfaces": [{"name": "d0", "ipv4": {"enabled": False, "dhcp": False}}]}, capabilities=(KERNEL,)
    ).diagnostics
    assert _codes(
        _plan({"interfaces": [{"name": "d0", "ipv4": {"enabled": True, "dhcp": True}}]}, capabilities=(KERNEL,))
    ) == {"unsupported"}


def test_what_can_only_be_warned_of_is_left_out_and_the_plan_says_who_does_what():
    outcome = _plan({"interfaces": [{"name": "d0", "lldp": {"enabled": True}, "mtu": 1400}]}, capabilities=(KERNEL,))
    assert [one.severity for one in outcome.diagnostics] == ["warning"]
    (change,) = outcome.plan.changes
    assert [one.path for one in change.differences] == ["interfaces[d0].mtu"]
    assert change.provider == "kernel"
    assert outcome.waived == ("interfaces[d0].lldp.enabled",)
    alone = _plan({"interfaces": [{"name": "d0", "lldp": {"enabled": True}}]}, capabilities=(KERNEL,))
    assert alone.plan.empty


@pytest.mark.parametrize(
    ("connection", "peers"),
    [
        (None, 0),
        (Connection(local_address="192.0.2.1", peer_address="192.0.2.9"), 2),
        (Connection(local_address="198.51.100.1", peer_address="192.0.2.9", interface="eth1"), 1),
        (Connection(local_address="198.51.100.1", peer_address="192.0.2.9", interface="eth9"), 0),
    ],
)
def test_the_operators_own_connection_is_a_risk(connection, peers):
    host = {
        "interfaces": [
            {
                "name": "eth1",
                "type": "ethernet",
                "ipv4": {"enabled": True, "address": [{"ip": "192.0.2.1", "prefix-length": 24}]},
            }
        ]
    }
    desired = {
        "interfaces": [
            {"name": "eth1", "ipv4": {"enabled": True, "address": [{"ip": "192.0.2.2", "prefix-length": 24}]}}
        ]
    }
    (change,) = planner.plan(read(desired), observed(host), connection=connection).plan.changes
    assert change.risks_of("address")
    assert sum(one.kind == "peer" for one in change.risks) == peers


def test_secrets_go_into_the_journal_but_not_onto_paper():
    key = "A" * 43 + "="
    plan = _plan({"interfaces": [{"name": "w", "type": "wireguard", "wireguard": {"private-key": key}}]}).plan
    assert from_plain(to_plain(plan)) == plan
    assert key not in str(to_plain(plan, secrets=False))
    assert HIDDEN in str(to_plain(plan, secrets=False))


def test_undoing_says_what_it_takes_back():
    (change,) = planner.undo(_plan({"interfaces": [{"name": "d0", "mtu": 1400}]}).plan).changes
    assert change.reasons == ("takes back: interface d0",)
    assert (change.differences[0].before, change.differences[0].after) == (1400, 1500)


def test_what_was_not_said_before_goes_back_to_its_default():
    (change,) = planner.undo(
        _plan({"interfaces": [{"name": "d0", "description": "x", "alt-names": [{"name": "y"}]}]}).plan
    ).changes
    assert {(one.path, one.before is UNSET, one.after is UNSET) for one in change.differences} == {
        ("interfaces[d0].description", False, False),
        ("interfaces[d0].alt-names[y]", False, True),
    }


def test_paths_read_and_bare():
    assert steps("interfaces[eth1.7].vlan.id") == ("interfaces", "eth1.7", "vlan", "id")
    assert steps("routes.config[3].metric") == ("routes", "config", 3, "metric")
    assert bare("interfaces[br0].bridge.port[eth1.7].vlan.tag") == "bridge.port.vlan.tag"
