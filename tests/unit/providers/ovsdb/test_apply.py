"""What is written for a plan: how many transactions, and that nothing is done twice."""

from linkhold.foundation.record import UNSET
from linkhold.planning import planner
from linkhold.planning.change import Plan
from linkhold.providers.ovsdb.apply import Stages
from linkhold.providers.ovsdb.notation import Row
from linkhold.providers.ovsdb.observe import amended
from linkhold.providers.ovsdb.snapshot import Snapshot
from linkhold.state.document import parse
from linkhold.state.interfaces.loopback import Loopback
from linkhold.state.network import NetworkState
from tests.unit.providers.ovsdb import rows

LINKS = NetworkState(interfaces=(Loopback(name="lo", state="up"),))


def _operations(document: str, snapshot: Snapshot, stage: str) -> list[Row]:
    """The operations of one stage."""
    outcome = planner.plan(parse(document), amended(LINKS, snapshot, frozenset()))
    assert not outcome.errors, outcome.errors
    return _of_plan(outcome.plan, outcome.expected, snapshot, stage)


def _of_plan(plan: Plan, after: NetworkState, snapshot: Snapshot, only: str = "") -> list[Row]:
    """Of some stages, as if each came first."""
    found: list[Row] = []
    for stage, changes in plan.steps():
        if stage == only or not only:
            found += Stages(snapshot, after.by_key).carry_out(stage, changes).operations
    return found


NEW = """
interfaces:
- name: br0
  type: ovs-bridge
  bridge: {port: [{name: host0, vlan: {mode: access, tag: 7}}, {name: br0}]}
- {name: host0, type: ovs-interface, mtu: 1400}
"""


def test_a_new_bridge_is_one_transaction_with_all_that_is_in_it() -> None:
    operations = _operations(NEW, rows.snapshot(), "create")
    made = [(one["op"], one["table"], one.get("row", {}).get("name")) for one in operations]
    assert made == [
        ("insert", "Interface", "br0"),
        ("insert", "Port", "br0"),
        ("insert", "Interface", "host0"),
        ("insert", "Port", "host0"),
        ("insert", "Bridge", "br0"),
        ("mutate", "Open_vSwitch", None),
    ]
    host0 = operations[2]["row"]
    assert (host0["type"], host0["mtu_request"]) == ("internal", 1400)
    assert operations[3]["row"]["tag"] == 7


def test_what_is_there_is_not_done_again() -> None:
    host0 = rows.port("host0", rows.interface("host0", "internal", mtu_request=1400), tag=7, vlan_mode="access")
    done = rows.bridge("br0", host0, rows.port("br0", rows.interface("br0", "internal")))
    outcome = planner.plan(parse(NEW), LINKS)
    assert _of_plan(outcome.plan, outcome.expected, rows.snapshot(done)) == []
    assert _of_plan(outcome.plan, outcome.expected, rows.snapshot(), "create") != []


def test_a_vlan_in_another_spelling_is_left_as_it_is() -> None:
    eth = rows.port("p0", rows.interface("p0", "patch"), tag=7)
    there = rows.snapshot(rows.bridge("br0", eth))
    document = "interfaces: [{name: br0, type: ovs-bridge, bridge: {options: {rstp: true}}}]"
    operations = _operations(document, there, "configure")
    assert [(one["op"], one["table"], one["row"]) for one in operations] == [
        ("update", "Bridge", {"rstp_enable": True})
    ]


def test_a_member_that_leaves_a_bond_leaves_the_others_in_it() -> None:
    members = rows.interface("p0", "patch"), rows.interface("p1", "patch")
    there = rows.snapshot(rows.bridge("br0", rows.port("up", *members, bond_mode="active-backup")))
    one = _operations("interfaces: [{name: p0, type: ovs-interface, state: absent}]", there, "remove")
    assert [(each["op"], each["table"], each["mutations"]) for each in one] == [
        ("mutate", "Port", [["interfaces", "delete", ["set", [members[0]["_uuid"]]]]])
    ]
    both = (
        "interfaces: [{name: p0, type: ovs-interface, state: absent}, {name: p1, type: ovs-interface, state: absent}]"
    )
    assert [each["table"] for each in _operations(both, there, "remove")] == ["Bridge"]


def test_a_bridge_in_another_datapath_is_made_anew_with_what_lives_in_it() -> None:
    there = rows.snapshot(rows.bridge("br0", rows.port("host0", rows.interface("host0", "internal"))))
    document = parse("interfaces: [{name: br0, type: ovs-bridge, bridge: {options: {datapath: netdev}}}]")
    plan = planner.plan(document, amended(LINKS, there, frozenset())).plan
    assert {change.name: change.action for change in plan.changes} == {"br0/ovs-bridge": "±", "host0": "±"}
    same = parse("interfaces: [{name: br0, type: ovs-bridge, bridge: {options: {datapath: system}}}]")
    plan = planner.plan(same, amended(LINKS, there, frozenset())).plan
    assert [(change.name, change.action) for change in plan.changes] == [("br0/ovs-bridge", "~")]
    assert plan.changes[0].before is not UNSET
