"""Plans, results and the host as people read them."""

import json

from linkhold.cli import plan_view, result_view, show_view
from linkhold.cli.terminal import Ink
from linkhold.foundation.record import UNSET
from linkhold.planning.change import Change, Difference, Level, Plan, Risk
from linkhold.state.document import parse
from linkhold.transaction.confirm import Deadline
from linkhold.transaction.probes import Probe, Tried
from linkhold.transaction.result import SENTENCES, Result
from linkhold.transaction.why import Explained

PLAIN = Ink(colour=False)


def change(**more):
    return Change(**{"action": "~", "subject": "interface", "name": "br0", **more})


def test_an_empty_plan():
    assert list(plan_view.lines(Plan(), PLAIN)) == ["Nothing to do: the host already is as the document says."]


def test_a_plan_tells_what_why_and_at_what_risk():
    differences = (
        Difference(path="interfaces[br0].mtu", before=1500, after=1400),
        Difference(path="interfaces[br0].controller", before="bond0", after=UNSET),
        Difference(path="interfaces[br0].ipv4.address", after=[{"ip": "192.0.2.1", "prefix-length": 24}]),
        Difference(path="interfaces[br0].802.1x.password", before="old", after="new", secret=True),
    )
    one = change(
        differences=differences,
        risks=(Risk(kind="peer", message="your connection runs over br0"),),
        reasons=("interfaces[br0].mtu", "b", "c"),
    )
    lines = list(plan_view.lines(Plan(changes=(one,)), PLAIN))
    assert lines == [
        "~ interface br0",
        "    mtu: 1500 → 1400",
        "    controller: bond0 goes",
        "    ipv4.address: 192.0.2.1/24",
        "    802.1x.password: a secret changes",
        "    ! your connection runs over br0",
        "    because of interfaces[br0].mtu, b and 1 more",
        "",
        "Plan: 1 to change; 1 with a risk.",
    ]


def test_interfaces_of_user_space_have_short_paths_too():
    one = change(name="ovs0/ovs-bridge", differences=(Difference(path="interfaces[ovs0].state", after="up"),))
    assert "    state: up" in list(plan_view.change_lines(one, PLAIN))


def test_a_long_plan_is_cut_but_counted():
    plan = Plan(changes=tuple(change(action="+", name=f"br{number}") for number in range(50)))
    lines = list(plan_view.lines(plan, PLAIN, most=40))
    assert "… and 10 more changes" in lines
    assert lines[-1] == "Plan: 50 to create."


def test_the_order():
    plan = Plan(changes=(change(),), levels=(Level(stage="configure", changes=(0,)),))
    assert list(plan_view.order(plan, PLAIN))[-1] == "  configure br0"


def result(outcome, **more):
    return Result(outcome=outcome, sentence=SENTENCES[outcome], plan=Plan(), **more)


def test_exit_codes_of_results():
    outcomes = ("unchanged", "committed", "unconfirmed", "rolled-back", "stranded")
    assert [result_view.exit_code(result(one)) for one in outcomes] == [0, 0, 0, 1, 3]


def test_a_stranded_host_is_told_what_is_missing():
    told = result(
        "stranded",
        reason="the kernel refused",
        failed="+ route 203.0.113.0/24",
        answer="ENETUNREACH",
        missing=(Explained(path="interfaces[eth1].mtu", desired=1500, current=1400, why="the driver refused"),),
        notes=("the disk is full",),
    )
    assert list(result_view.lines(told, PLAIN)) == [
        "Not applied: the kernel refused",
        "    the change in hand: + route 203.0.113.0/24",
        "    the answer: ENETUNREACH",
        "  missing interfaces[eth1].mtu: desired 1500, is 1400: the driver refused",
        "  note: the disk is full",
        SENTENCES["stranded"],
    ]


def test_what_waits_says_until_when_and_how_to_decide():
    told = result("unconfirmed", deadline=Deadline(boot=1.0, boot_id="b", wall=0.0))
    text = "\n".join(result_view.lines(told, PLAIN))
    assert "unless you run 'linkhold confirm'" in text
    assert "'linkhold rollback' takes it back now" in text


def test_a_result_for_programs_holds_no_secret_and_no_surprise():
    secret = Explained(path="interfaces[eth1].802.1x.password", desired="hush", current="old", secret=True)
    gone = Explained(path="routes.config[0]", desired="x", advisory=True)
    tried = Tried(probe=Probe(kind="gateway"), passed=False, message="no answer", seconds=1.5)
    told = result_view.as_json(result("rolled-back", mismatches=(secret, gone), probes=(tried,)))
    text = json.dumps(told)
    assert "hush" not in text
    assert told["mismatches"][1] == {
        "path": "routes.config[0]", "desired": "x", "current": None, "advisory": True, "why": "",
    }  # fmt: skip
    assert told["probes"] == [
        {"probe": "gateway", "passed": False, "counted": True, "message": "no answer", "seconds": 1.5}
    ]
    assert told["deadline"] is None


HOST = """\
interfaces:
- {name: eth1, type: ethernet, state: up, mtu: 1500, controller: br0}
- name: br0
  type: linux-bridge
  state: up
  mtu: 1500
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
  ipv6: {enabled: true, address: [{ip: "2001:db8::1", prefix-length: 64}]}
- {name: tap0, type: dummy, state: down}
routes:
  config:
  - {destination: 0.0.0.0/0, next-hop-interface: br0, next-hop-address: 192.0.2.254, metric: 5}
route-rules:
  config:
  - {priority: 100, ip-from: 192.0.2.0/24, route-table: 200}
"""


def test_the_host_at_a_glance():
    text = show_view.overview(parse(HOST), PLAIN)
    lines = [line.split() for line in text.splitlines()]
    assert ["br0", "linux-bridge", "up", "1500", "192.0.2.1/24", "2001:db8::1/64"] in lines
    assert ["eth1", "ethernet", "up", "1500", "br0"] in lines
    assert ["tap0", "dummy", "down"] in lines
    assert ["0.0.0.0/0", "192.0.2.254", "br0", "5"] in lines
    assert ["100", "192.0.2.0/24", "200"] in lines


def test_a_missing_carrier_and_link_local_addresses():
    state = parse("interfaces: [{name: eth1, type: ethernet, state: up}]")
    (eth1,) = state.interfaces
    without = state.replace(interfaces=(eth1.replace(carrier=False),))
    assert "no carrier" in show_view.overview(without, PLAIN)
    assert "no carrier" not in show_view.overview(state, PLAIN)
    local = parse(
        "interfaces: [{name: br0, type: linux-bridge, ipv6: {enabled: true, address: [{ip: 'fec0::1', prefix-length: 64}]}}]"
    )
    assert "fec0::1/64" in show_view.overview(local, PLAIN)
