"""Planning for Open vSwitch: what lists of ports mean, what lives in a bridge, and a whole round on a host in memory."""

import pathlib
import typing

import pytest

from linkhold.foundation.driving import drive
from linkhold.planning import planner
from linkhold.planning.planner import Outcome
from linkhold.planning.verify import verify, verify_restored
from linkhold.providers.contract import Scope
from linkhold.providers.memory.provider import Memory
from linkhold.state.document import parse
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState

EXAMPLES = pathlib.Path(__file__).parents[3] / "examples"
OFF = "ipv4: {enabled: false}, ipv6: {enabled: false}"
CARDS = "".join(f"- {{name: eth{number}, type: ethernet, state: up, {OFF}}}\n" for number in (1, 2, 3))
BOND = "{name: up, link-aggregation: {mode: active-backup, port: [{name: eth1}, {name: eth2}]}}"
HOST = f"""
interfaces:
{CARDS}
- {{name: br0, type: ovs-bridge, bridge: {{port: [{{name: host0}}, {{name: p0}}, {{name: ovn0}}, {BOND}]}}}}
- {{name: host0, type: ovs-interface, controller: br0}}
- {{name: p0, type: ovs-interface, controller: br0, patch: {{peer: p9}}}}
- {{name: ovn0, type: ovs-interface, controller: br0, patch: {{peer: p8}}, ovs-db: {{external_ids: {{ovn-x: y}}}}}}
- {{name: br1, type: ovs-bridge, bridge: {{port: [{{name: eth3}}]}}}}
"""


def host() -> Memory:
    """br0 with something of everything, br1 with a card."""
    memory = Memory(parse(f"interfaces:\n{CARDS}"))
    _carry_out(memory, planner.plan(parse(HOST), drive(memory.observe(Scope()))))
    return memory


def _carry_out(memory: Memory, outcome: Outcome) -> NetworkState:
    assert not outcome.errors, outcome.errors
    for stage, changes in outcome.plan.steps():
        drive(memory.apply(stage, changes))
    return drive(memory.observe(Scope()))


def planned(text: str, memory: Memory | None = None) -> Outcome:
    """The outcome of planning a list of interfaces."""
    return planner.plan(parse(f"interfaces:\n{text}"), drive((memory or host()).observe(Scope())))


def changes(text: str) -> dict[str, str]:
    """The actions by name."""
    outcome = planned(text)
    assert not outcome.errors, outcome.errors
    return {change.name: change.action for change in outcome.plan.changes}


def expected(text: str, name: str, kind: str = "ovs-bridge") -> typing.Any:
    """What an interface will be."""
    return planned(text).expected.by_key[name, kind]


@pytest.mark.parametrize("name", sorted(one.stem for one in EXAMPLES.glob("ovs*.yml")))
def test_an_example_is_reached_and_left_again(name: str) -> None:
    memory = Memory(parse(f"interfaces:\n{CARDS}"))
    before = drive(memory.observe(Scope()))
    document = parse((EXAMPLES / f"{name}.yml").read_text())
    outcome = planner.plan(document, before)
    reached = _carry_out(memory, outcome)
    assert verify(outcome, reached) == ()
    assert planner.plan(document, reached).plan.empty
    for stage, some in planner.restore(outcome.plan, reached).plan.steps():
        drive(memory.apply(stage, some))
    left = drive(memory.observe(Scope()))
    assert verify_restored(outcome.plan, left) == ()
    assert left.interfaces == before.interfaces


def test_a_new_bridge_without_ports_gets_one_of_its_name() -> None:
    for said in ("", ", bridge: {port: []}", ", bridge: {options: {rstp: true}}"):
        assert changes(f"- {{name: br9, type: ovs-bridge{said}}}") == {"br9/ovs-bridge": "+", "br9": "+"}
    joined = "- {name: br9, type: ovs-bridge}\n- {name: i9, type: ovs-interface, controller: br9}"
    assert changes(joined) == {"br9/ovs-bridge": "+", "i9": "+"}


def test_an_empty_list_leaves_the_own_interface_also_where_that_is_spoken_of() -> None:
    text = "- {name: br9, type: ovs-bridge, bridge: {port: []}}\n- {name: br9, type: ovs-interface, mtu: 1400}"
    memory = host()
    _carry_out(memory, planned(text, memory))
    again = planned(text, memory)
    assert (again.errors, again.plan.changes) == ((), ())
    gone = planned(
        "- {name: br9, type: ovs-bridge, bridge: {port: []}}\n- {name: br9, type: ovs-interface, state: absent}", memory
    )
    assert {change.name: change.action for change in gone.plan.changes} == {"br9/ovs-bridge": "~", "br9": "-"}


def test_a_port_that_nobody_knows_is_made() -> None:
    found = changes("- {name: br1, type: ovs-bridge, bridge: {port: [{name: eth3}, {name: i1}]}}")
    assert found == {"br1/ovs-bridge": "~", "i1": "+"}


def test_what_is_taken_off_the_list_goes_where_it_can_not_be_elsewhere() -> None:
    found = changes("- {name: br0, type: ovs-bridge, bridge: {port: []}}")
    assert found == {"br0/ovs-bridge": "~", "host0": "-", "p0": "-", "eth1": "~", "eth2": "~"}


def test_patches_of_ovn_stay_and_others_where_that_is_said() -> None:
    kept = expected("- {name: br0, type: ovs-bridge, bridge: {port: []}}", "br0")
    assert kept.ports == ("ovn0",)
    allowed = "- {name: br0, type: ovs-bridge, bridge: {allow-extra-patch-ports: true, port: []}}"
    assert expected(allowed, "br0").ports == ("ovn0", "p0")
    gone = f"{allowed}\n- {{name: p0, type: ovs-interface, state: absent}}"
    assert expected(gone, "br0").ports == ("ovn0",)


def test_one_member_leaves_a_bond() -> None:
    ports = expected("- {name: eth2, type: ethernet, controller: ''}", "br0").bridge.port
    assert [one.interfaces for one in ports if one.name == "up"] == [("eth1",)]
    gone = "- {name: eth1, type: ethernet, controller: ''}\n- {name: eth2, type: ethernet, controller: ''}"
    assert expected(gone, "br0").ports == ("host0", "ovn0", "p0")


def test_an_interface_that_moves_is_made_anew() -> None:
    found = changes("- {name: br1, type: ovs-bridge, bridge: {port: [{name: eth3}, {name: host0}]}}")
    assert found == {"br1/ovs-bridge": "~", "br0/ovs-bridge": "~", "host0": "±"}


def test_an_interface_that_leaves_is_gone_for_good() -> None:
    outcome = planned("- {name: host0, type: ovs-interface, controller: ''}")
    assert {change.name: change.action for change in outcome.plan.changes} == {"host0": "-", "br0/ovs-bridge": "~"}
    assert [str(one) for one in verify(outcome, outcome.expected)] == []


def test_a_bridge_in_another_datapath_takes_all_with_it() -> None:
    found = changes("- {name: br0, type: ovs-bridge, bridge: {options: {datapath: netdev}}}")
    assert found == {"br0/ovs-bridge": "±", "host0": "±", "p0": "±", "ovn0": "±", "eth1": "~", "eth2": "~"}
    assert changes("- {name: br0, type: ovs-bridge, bridge: {options: {datapath: system}}}") == {"br0/ovs-bridge": "~"}


def test_a_removed_bridge_takes_all_with_it() -> None:
    found = changes("- {name: br0, type: ovs-bridge, state: absent}")
    assert found == {"br0/ovs-bridge": "-", "host0": "-", "p0": "-", "ovn0": "-", "eth1": "~", "eth2": "~"}


def test_mtu_and_addresses_of_a_bridge_are_dropped() -> None:
    said = "- {name: br1, type: ovs-bridge, mtu: 1400, ipv4: {enabled: true}, ipv6: {enabled: false}}"
    assert changes(said) == {}


MISTAKES = {
    "an interface of Open vSwitch is a port of one of its bridges": "- {name: i9, type: ovs-interface}",
    "is a port of one of its bridges": """
- {name: lin0, type: linux-bridge}
- {name: i9, type: ovs-interface, controller: lin0}""",
    "eth3 is a port of br1 already": """
- {name: br1, type: ovs-bridge, bridge: {port: [{name: eth3}]}}
- {name: br2, type: ovs-bridge, bridge: {port: [{name: eth3}]}}""",
    "br0 has a port up already": f"- {{name: br2, type: ovs-bridge, bridge: {{port: [{BOND.replace('eth1', 'i1')}]}}}}",
    "lo, of kind loopback, can't be a port": """
- {name: lo, type: loopback}
- {name: br1, type: ovs-bridge, bridge: {port: [{name: lo}]}}""",
    "eth9 is in no bridge of Open vSwitch": """
- {name: eth9, type: dummy, ovs-db: {external_ids: {a: b}}}""",
    "'br1' contradicts br0": """
- {name: br0, type: ovs-bridge, bridge: {port: [{name: host0}]}}
- {name: host0, type: ovs-interface, controller: br1}""",
    "an OVS bridge has no MAC address": "- {name: br1, type: ovs-bridge, mac-address: 02:00:00:00:00:01}",
}


@pytest.mark.parametrize("words", MISTAKES)
def test_a_mistake_is_told(words: str) -> None:
    from linkhold.foundation.diagnostics import Invalid

    memory = host()
    lo = parse("interfaces: [{name: lo, type: loopback, state: up}]")
    there = drive(memory.observe(Scope()))
    listed: tuple[Interface, ...] = there.interfaces if isinstance(there.interfaces, tuple) else ()
    assert isinstance(lo.interfaces, tuple)
    there = there.replace(interfaces=(*listed, *lo.interfaces))
    try:
        found = planner.plan(parse(f"interfaces:\n{MISTAKES[words]}"), there).errors
    except Invalid as invalid:
        found = tuple(invalid.diagnostics)
    assert any(words in str(one) for one in found), found


def test_maps_of_a_port_need_no_more_than_its_bridge() -> None:
    assert changes("- {name: eth3, type: ethernet, ovs-db: {external_ids: {a: b}}}") == {"eth3": "~"}
    assert changes("- {name: eth3, type: ethernet, ovs-db: {external_ids: {}}}") == {}


@pytest.mark.parametrize("kind", ["linux-bridge", "ovs-bridge"])
def test_tags_one_by_one_are_the_range_that_hosts_show(kind: str) -> None:
    def bridge(tags: str) -> NetworkState:
        port = f"{{name: eth1, vlan: {{mode: trunk, trunk-tags: [{tags}]}}}}"
        return parse(f"interfaces:\n{CARDS}\n- {{name: br9, type: {kind}, bridge: {{port: [{port}]}}}}")

    told = bridge("{id: 12}, {id: 11}, {id: 7}, {id: 10}")
    memory = Memory(parse(f"interfaces:\n{CARDS}"))
    _carry_out(memory, planner.plan(bridge("{id: 7}, {id-range: {min: 10, max: 12}}"), drive(memory.observe(Scope()))))
    outcome = planner.plan(told, drive(memory.observe(Scope())))
    assert outcome.plan.empty
    assert verify(outcome, drive(memory.observe(Scope()))) == ()
