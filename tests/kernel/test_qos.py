"""Classes of what interfaces send, in the kernel: against `tc`, and read back as they were said."""

import re
import socket
import subprocess

import pytest

from linkhold import library
from linkhold.foundation.diagnostics import Invalid
from linkhold.foundation.driving import drive
from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET
from linkhold.planning import planner
from linkhold.planning.verify import verify_restored
from linkhold.providers.contract import Scope
from linkhold.providers.kernel.netlink import hfsc, link, qdisc
from linkhold.providers.kernel.netlink.socket import Netlink
from linkhold.providers.kernel.provider import Kernel
from linkhold.providers.kernel.traffic import DEFAULT, ROOT
from linkhold.state.document import read
from linkhold.state.forms import write_record

pytestmark = pytest.mark.needs("qos", "veth")

RED = {"vlan": 101, "link-share": {"m2": 50}, "upper-limit": {"m2": 100_000_000}, "real-time": {"m2": 5_000_000}}
BLUE = {"vlan": 4094, "link-share": {"m1": 10, "d": 30_000, "m2": 20}}
REST = {"link-share": {"m2": 40}}


def tc(*words):
    """Lines; its JSON is broken for HFSC."""
    done = subprocess.run(["tc", "-d", *words], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def document(*classes, name="v0", **more):
    return {"interfaces": [{"name": name, "qos": {"classes": list(classes)}, **more}]}


def root(name="v0"):
    (found,) = [line for line in tc("qdisc", "show", "dev", name) if " root" in line] or ["qdisc none 0:"]
    return found.split()[1:3]


def classes(name="v0"):
    """By class, the curves as tc says them."""
    found = {}
    for line in tc("class", "show", "dev", name):
        words = line.split()
        if words[:2] == ["class", "hfsc"] and words[2] != "1389:":
            found[words[2]] = " ".join(words[words.index("parent") + 2 :])
    return found


def filters(name="v0"):
    """(preference, kind, class) of each."""
    lines = tc("filter", "show", "dev", name)
    return sorted(
        (
            int(re.search(r"pref (\d+)", one)[1]),
            re.search(r"pref \d+ (\w+)", one)[1],
            re.search(r"flowid (\S+)", one)[1],
        )
        for one in lines
        if "flowid" in one
    )


class Rig:
    """The real kernel below a host of which nothing else is real."""

    scope = Scope(details=frozenset({"qos"}), running=False)

    def __init__(self, folder):
        (folder / "etc").mkdir()
        self.kernel = Kernel(str(folder))

    def observe(self):
        return drive(self.kernel.observe(self.scope))

    def qos(self, name="v0"):
        section = self.observe().by_key[(name, "")].get("qos")
        return None if section is UNSET else write_record(section)

    def plan(self, wanted):
        outcome = planner.plan(read(wanted), self.observe(), capabilities=[drive(self.kernel.capabilities())])
        assert not outcome.errors, "\n".join(str(one) for one in outcome.errors)
        return outcome

    def apply(self, plan, times=1):
        for stage, changes in plan.steps():
            for _ in range(times):
                drive(self.kernel.apply(stage, changes))

    def reach(self, wanted, times=1):
        plan = self.plan(wanted).plan
        self.apply(plan, times)
        assert self.plan(wanted).plan.changes == ()
        return plan

    def back(self, plan):
        self.apply(planner.restore(plan, self.observe()).plan)


@pytest.fixture
def rig(netns, tmp_path):
    netns.ip("link", "add", "v0", "type", "veth", "peer", "name", "v1")
    netns.ip("link", "set", "v0", "up")
    netns.ip("link", "set", "v1", "up")
    made = Rig(tmp_path)
    yield made
    made.kernel.close()


def test_classes_lie_in_the_kernel_as_tc_would_put_them(rig):
    rig.reach(document(RED, REST))
    assert root() == ["hfsc", "1389:"]
    assert classes() == {
        "1389:65": "leaf 65: rt m1 0bit d 0us m2 5Mbit ls m1 0bit d 0us m2 400bit ul m1 0bit d 0us m2 100Mbit",
        "1389:1388": "leaf 1388: ls m1 0bit d 0us m2 320bit",
    }
    assert filters() == [(101, "basic", "1389:65"), (5000, "u32", "1389:1388")]
    leaves = {line.split()[4]: line.split()[1:3] for line in tc("qdisc", "show", "dev", "v0") if " parent " in line}
    assert leaves == {"1389:65": ["fq_codel", "65:"], "1389:1388": ["fq_codel", "1388:"]}


def test_what_was_said_is_read_back(rig):
    rig.reach(document(BLUE, REST, RED))
    assert rig.qos() == {"classes": [REST, RED, BLUE]}


def test_numbers_survive_the_kernels_fixed_point_arithmetic(rig):
    for rate in (8, 12_345_672, 999_999_992, 10_000_000_000, (2**32 - 1) * 8):
        odd = {"vlan": 7, "link-share": {"m1": 1, "d": 1, "m2": 4_294_967_295}, "real-time": {"m1": rate, "d": 77_777}}
        rig.reach(document(REST, odd))
        assert rig.qos() == {"classes": [REST, odd]}


def test_rates_are_rounded_down_to_whole_bytes(rig):
    rig.reach(document(REST, {"vlan": 7, "real-time": {"m2": 1_000_007}}, {"vlan": 8, "real-time": {"m2": 3}}))
    assert rig.qos()["classes"][1:] == [
        {"vlan": 7, "real-time": {"m2": 1_000_000}},
        {"vlan": 8, "real-time": {"m2": 8}},
    ]


def test_without_a_default_class_one_is_made_so_that_no_frame_is_lost(rig):
    rig.reach(document(RED, BLUE))
    assert rig.qos()["classes"][0] == {"link-share": {"m2": 50}}
    assert "1389:1388" in classes()


def test_lists_replace_each_other_whole(rig):
    rig.reach(document(RED, BLUE, REST))
    rig.reach(document({"vlan": 101, "link-share": {"m2": 7}}, REST), times=2)
    assert classes().keys() == {"1389:65", "1389:1388"}
    assert classes()["1389:65"] == "leaf 65: ls m1 0bit d 0us m2 56bit"
    assert filters() == [(101, "basic", "1389:65"), (5000, "u32", "1389:1388")]
    rig.reach(document())
    assert root()[1] == "0:"
    assert rig.qos() is None


def test_a_document_without_the_section_keeps_what_there_is(rig):
    rig.reach(document(RED, REST))
    rig.reach({"interfaces": [{"name": "v0", "mtu": 1400}]})
    assert rig.qos() == {"classes": [REST, RED]}


def test_only_what_differs_is_touched(rig, monkeypatch):
    rig.reach(document(RED, BLUE, REST))
    sent = []
    whole = Netlink.batch

    def batch(self, requests):
        listed = list(requests)
        sent.extend(kind for kind, _, _ in listed if 36 <= kind < 48)
        return whole(self, listed)

    monkeypatch.setattr(Netlink, "batch", batch)
    rig.reach(document(RED, BLUE, {"link-share": {"m2": 41}}))
    assert sent == [qdisc.RTM_NEWTCLASS]
    assert "ls m1 0bit d 0us m2 328bit" in classes()["1389:1388"]


@pytest.mark.parametrize("first", [(), (REST, RED), (REST, BLUE, {"vlan": 7, "real-time": {"m2": 8000}})])
@pytest.mark.parametrize("second", [(), (REST, {"vlan": 101, "link-share": {"m2": 7}})])
def test_what_was_there_comes_back(rig, first, second):
    rig.reach(document(*first))
    before, outcome = rig.observe(), rig.plan(document(*second))
    rig.apply(outcome.plan)
    rig.back(outcome.plan)
    assert verify_restored(outcome.plan, rig.observe()) == ()
    assert rig.observe().by_key[("v0", "")].get("qos") == before.by_key[("v0", "")].get("qos")
    assert rig.observe().by_key[("v0", "")] == before.by_key[("v0", "")]


class Halted(Exception):
    """The process is no more."""


def halt_after(monkeypatch, count):
    """Let no more than so many requests of one batch reach the kernel."""
    whole = Netlink.batch

    def batch(self, requests):
        listed = list(requests)
        if not any(kind in (qdisc.RTM_NEWQDISC, qdisc.RTM_DELTCLASS, qdisc.RTM_NEWTCLASS) for kind, _, _ in listed):
            return whole(self, listed)
        whole(self, listed[:count])
        raise Halted

    monkeypatch.setattr(Netlink, "batch", batch)


@pytest.mark.parametrize("first", [(), (REST, {"vlan": 101, "link-share": {"m2": 7}, "real-time": {"m2": 8000}}, BLUE)])
def test_killed_after_any_request_both_ways_lead_out(rig, monkeypatch, first):
    wanted = document(REST, {"vlan": 101, "link-share": {"m2": 7}}, {"vlan": 102, "link-share": {"m2": 8}})
    for count in range(11):
        for onwards in (True, False):
            rig.reach(document())
            rig.reach(document(*first))
            before = rig.qos()
            outcome = rig.plan(wanted)
            with monkeypatch.context() as patched:
                halt_after(patched, count)
                with pytest.raises(Halted):
                    rig.apply(outcome.plan)
            if onwards:
                rig.reach(wanted)
                assert len(rig.qos()["classes"]) == 3
            else:
                rig.back(outcome.plan)
                assert rig.qos() == before
                assert (root()[0] == "hfsc") is bool(first)


def test_a_scheduler_of_somebody_elses_is_shown_and_stays(rig):
    subprocess.run("tc qdisc add dev v0 root handle 7: htb", shell=True, check=True)
    assert rig.qos() == {"foreign": "htb"}
    with pytest.raises(AssertionError, match=r"scheduler that somebody else has set up \(htb\)"):
        rig.plan(document(RED))
    rig.reach(document())
    rig.reach({"interfaces": [{"name": "v0", "mtu": 1400}]})
    assert root() == ["htb", "7:"]


@pytest.mark.parametrize("handle", ["7:", "1389:"])
def test_one_that_comes_between_planning_and_applying_stays_too(rig, handle):
    plan = rig.plan(document(RED)).plan
    subprocess.run(f"tc qdisc add dev v0 root handle {handle} htb", shell=True, check=True)
    with pytest.raises(Refused, match="somebody else"):
        rig.apply(plan)
    assert root() == ["htb", handle]


def test_even_where_it_comes_in_the_last_moment(rig):
    subprocess.run("tc qdisc add dev v0 root handle 7: htb", shell=True, check=True)
    with Netlink() as netlink, pytest.raises(Exception, match=r"(?i)exist|replace|override"):
        netlink.request(*hfsc.add_root(link.read(netlink, "v0").index, ROOT, DEFAULT))
    assert root() == ["htb", "7:"]


def test_classes_made_by_tc_in_this_shape_are_read(rig):
    for words in (
        "qdisc add dev v0 root handle 1389: hfsc default 1388",
        "class add dev v0 parent 1389: classid 1389:1388 hfsc ls m2 320bit",
        "qdisc add dev v0 parent 1389:1388 handle 1388: fq_codel",
        "class add dev v0 parent 1389: classid 1389:65 hfsc rt m2 5mbit ls m2 400bit ul m2 100mbit",
        "qdisc add dev v0 parent 1389:65 handle 65: fq_codel",
        "filter add dev v0 parent 1389: protocol all pref 101 basic match meta(vlan eq 101) flowid 1389:65",
    ):
        subprocess.run(["tc", *words.split()], check=True)
    assert rig.qos() == {"classes": [REST, RED]}


@pytest.mark.needs("vlan", "bond")
def test_frames_go_into_the_class_of_their_tag(rig, netns):
    rig.reach(document(REST, RED))
    netns.ip("link", "add", "link", "v0", "name", "v0.101", "type", "vlan", "id", "101", "egress-qos-map", "0:5")
    netns.ip("link", "add", "link", "v0", "name", "v0.102", "type", "vlan", "id", "102")
    for name, address in (("v0", "192.0.2.1/24"), ("v0.101", "198.51.100.1/24"), ("v0.102", "203.0.113.1/24")):
        netns.ip("link", "set", name, "up")
        netns.ip("address", "add", address, "dev", name)

    def sent(number):
        lines = "\n".join(tc("-s", "class", "show", "dev", "v0"))
        return int(re.search(rf"class hfsc {number} .*?Sent \d+ bytes (\d+) pkt", lines, re.DOTALL)[1])

    netns.ip("neigh", "add", "198.51.100.2", "lladdr", "02:00:00:00:00:02", "dev", "v0.101")
    netns.ip("neigh", "add", "203.0.113.2", "lladdr", "02:00:00:00:00:02", "dev", "v0.102")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for address, number in (("198.51.100.2", "1389:65"), ("203.0.113.2", "1389:1388")):
            before = sent(number)
            for _ in range(5):
                sender.sendto(b"hello", (address, 9))
            assert sent(number) >= before + 5


@pytest.mark.needs("dummy", "bond")
def test_new_interfaces_get_their_classes_and_hardware_loses_them(rig):
    bond = {
        "interfaces": [
            {"name": "d0", "type": "dummy"},
            {
                "name": "bond0",
                "type": "bond",
                "link-aggregation": {"mode": "active-backup", "port": ["d0"]},
                "qos": {"classes": [RED, REST]},
            },
        ]
    }
    plan = rig.reach(bond)
    assert rig.qos("bond0") == {"classes": [REST, RED]}
    rig.back(plan)
    assert ("bond0", "") not in rig.observe().by_key


@pytest.mark.needs("vxlan")
def test_an_interface_that_is_made_again_has_its_classes_again(rig, tmp_path):
    def tunnel(number, **more):
        section = {"id": number, "remote": "192.0.2.9", "destination-port": 4789}
        return {"interfaces": [{"name": "x0", "type": "vxlan", "vxlan": section, **more}]}

    state = str(tmp_path / "state")
    library.apply(tunnel(7, qos={"classes": [REST, RED]}), provider="kernel", state_dir=state)
    library.apply(tunnel(8), provider="kernel", state_dir=state)
    assert rig.qos("x0") == {"classes": [REST, RED]}
    library.apply(tunnel(9, qos={"classes": []}), commit=False, provider="kernel", state_dir=state)
    assert rig.qos("x0") is None
    library.rollback(state_dir=state)
    assert rig.qos("x0") == {"classes": [REST, RED]}


def test_what_can_not_be_deleted_loses_its_classes_and_gets_them_back(rig):
    rig.reach(document(RED, REST, name="lo", type="loopback"))
    outcome = rig.plan({"interfaces": [{"name": "lo", "type": "loopback", "state": "absent"}]})
    rig.apply(outcome.plan)
    assert rig.qos("lo") is None
    rig.back(outcome.plan)
    assert rig.qos("lo") == {"classes": [REST, RED]}


def test_the_whole_way_through_a_transaction(rig, tmp_path):
    state = str(tmp_path / "state")
    library.apply(document(RED, REST), provider="kernel", state_dir=state)
    subprocess.run("tc qdisc del dev v0 root", shell=True, check=True)
    library.restore(state_dir=state)
    assert rig.qos() == {"classes": [REST, RED]}
    library.apply(document(BLUE), commit=False, timeout=60, provider="kernel", state_dir=state, wait=10)
    assert classes().keys() == {"1389:ffe", "1389:1388"}
    library.rollback(state_dir=state)
    assert rig.qos() == {"classes": [REST, RED]}
    with pytest.raises(Invalid, match="two classes"):
        library.apply(document(RED, RED), provider="kernel", state_dir=state)
