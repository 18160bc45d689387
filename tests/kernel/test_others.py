"""What a document does not name is not touched: not its settings, and not for a moment either.

Everything the kernel announces while a document is applied is listened to; nothing of it may be about other people's
things.
"""

import asyncio
import pathlib
import subprocess
import typing

import pytest

from linkhold.foundation.clock import SystemClock
from linkhold.foundation.driving import drive
from linkhold.foundation.failures import Temporary
from linkhold.planning import planner
from linkhold.planning.verify import verify
from linkhold.providers.contract import Scope
from linkhold.providers.kernel.netlink import message
from linkhold.providers.kernel.netlink import socket as netlink_socket
from linkhold.providers.kernel.netlink.address import AddressMessage
from linkhold.providers.kernel.netlink.events import EVERYTHING, RTNLGRP_NEIGH, Lost, Subscription
from linkhold.providers.kernel.netlink.link import LinkMessage
from linkhold.providers.kernel.netlink.route import RouteMessage
from linkhold.providers.kernel.netlink.rule import RuleMessage
from linkhold.providers.kernel.provider import Kernel
from linkhold.providers.kernel.watch import KernelWatch
from linkhold.state.document import parse
from linkhold.transaction.verifying import Patience, until_agreed
from tests.kernel.example_host import furnish
from tests.kernel.other_eyes import picture, unlike

OTHERS = (
    "link add obr0 type bridge",
    "link set obr0 up",
    "link add ovx0 type vxlan id 999 dstport 4789 remote 192.0.2.200 dev eth4",
    "link set ovx0 master obr0 up",
    "tuntap add dev otap0 mode tap",
    "link set otap0 master obr0 up",
    "address add 10.70.0.1/24 dev obr0",
    "address add 10.70.0.9/24 dev obr0 valid_lft 3000 preferred_lft 2000",
    "address add 2001:db8:70::1/64 dev obr0 nodad",
    "address add 10.40.0.1/24 dev eth4 valid_lft 3000 preferred_lft 2000",
    "-6 address add 2001:db8:40::1/64 dev eth4 valid_lft 3000 preferred_lft 2000 nodad",
    "route add 198.18.0.0/24 via 10.70.0.254 proto bgp",
    "route add 198.18.1.0/24 via 10.70.0.254 proto zebra",
    "route add 198.18.2.0/24 via 10.40.0.254 dev eth4 proto ospf metric 20",
    "route add 198.18.3.0/24 via 10.70.0.254 proto static mtu 1300 advmss 1200",
    "route add 198.18.4.0/24 via 10.70.0.254 proto bgp table 7000",
    "-6 route add 2001:db8:ffff::/48 via 2001:db8:70::fe proto bgp",
    "rule add from 10.70.0.0/24 table 7000 priority 3000",
    "-6 rule add from 2001:db8:70::/64 table 7000 priority 3001",
    "neigh add 10.70.0.254 lladdr 02:00:00:00:00:01 dev obr0 nud permanent",
)

WHOLE = """
interfaces:
- name: eth1
  mtu: 1400
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
  ipv6: {enabled: true, address: [{ip: "2001:db8:1::1", prefix-length: 64}]}
- name: br0
  type: linux-bridge
  bridge: {port: [{name: eth2}, {name: vx0}], options: {stp: {enabled: false}}}
- {name: vx0, type: vxlan, vxlan: {id: 7, remote: 192.0.2.77, destination-port: 4789}}
- {name: va0, type: veth, veth: {peer: vb0}}
- {name: mv0, type: mac-vlan, mac-vlan: {base-iface: eth3, mode: bridge}}
routes:
  config:
  - {destination: 203.0.113.0/24, next-hop-address: 192.0.2.254, next-hop-interface: eth1}
  - {destination: "2001:db8:f::/48", next-hop-address: "2001:db8:1::fe", next-hop-interface: eth1}
route-rules:
  config: [{ip-from: 192.0.2.0/24, route-table: 254, priority: 500}]
"""
NEXT = """
interfaces:
- {name: eth1, mtu: 1500, ipv4: {enabled: true, address: [{ip: 192.0.2.2, prefix-length: 24}]}}
- {name: br0, type: linux-bridge, bridge: {port: [{name: eth3}]}}
- {name: mv0, type: mac-vlan, state: absent}
- {name: vx0, type: vxlan, vxlan: {id: 8, remote: 192.0.2.77, destination-port: 4789}}
routes:
  config: [{state: absent, next-hop-interface: eth1}]
route-rules:
  config: [{state: absent, priority: 500}]
"""
GONE = """
interfaces: [{name: br0, type: linux-bridge, state: absent}, {name: vx0, type: vxlan, state: absent},
  {name: va0, type: veth, state: absent}, {name: eth1, mtu: 1300, ipv4: {enabled: false}, ipv6: {enabled: false}}]
"""

OURS = frozenset({"eth1", "eth2", "eth3", "br0", "vx0", "va0", "vb0", "mv0", "switch1", "switch2", "switch3"})
"""What those documents name, and the far ends of the cables, which see the carrier come and go."""


class Rig:
    """A host where others have been at work; `heard` is what happened since it was last asked."""

    def __init__(self, netns: typing.Any, path: pathlib.Path) -> None:
        (path / "etc").mkdir()
        self.netns = netns
        self.kernel = Kernel(str(path))
        self.events = Subscription((*EVERYTHING, RTNLGRP_NEIGH))

    def plan(self, text: str) -> typing.Any:
        capabilities = drive(self.kernel.capabilities())
        self.heard()
        outcome = planner.plan(parse(text), drive(self.kernel.observe(Scope())), capabilities=[capabilities])
        assert not outcome.errors, outcome.errors
        return outcome

    def carry_out(self, plan: typing.Any) -> None:
        for stage, changes in plan.steps():
            drive(self.kernel.apply(stage, changes))

    def reach(self, text: str) -> typing.Any:
        outcome = self.plan(text)
        self.carry_out(outcome.plan)
        return outcome

    def heard(self) -> list[tuple[str, str]]:
        """What was announced: (what sort of thing, whose). Far ends of cables, which make addresses in their own time, are
        another host's."""
        found = self.events.read()
        assert not isinstance(found, Lost)
        names = {one["ifindex"]: one["ifname"] for one in self.netns.ip_json("link", "show")}
        told = []
        for event in found:
            subject = event.subject
            if isinstance(subject, LinkMessage):
                told.append(("link", subject.name))
            elif isinstance(subject, AddressMessage):
                told.append(("address", names.get(subject.index, "?")))
            elif isinstance(subject, RouteMessage):
                told.append(("route", names.get(subject.oif or 0, "?")))
            else:
                told.append(("rule" if isinstance(subject, RuleMessage) else "neighbour", ""))
        return [one for one in told if not one[1].startswith("switch")]


@pytest.fixture
def rig(netns, tmp_path):
    for setting in ("accept_dad", "dad_transmits"):  # addresses are usable at once, nothing is announced later
        pathlib.Path(f"/proc/sys/net/ipv6/conf/default/{setting}").write_text("0")
    furnish(netns)
    made = Rig(netns, tmp_path)
    yield made
    made.events.close()
    made.kernel.close()


def theirs(netns):
    """Their part of the picture, and what a picture leaves out: protocols, lifetimes, neighbours."""
    seen = picture(netns)
    part = {key: {name: one for name, one in seen[key].items() if name not in OURS} for key in ("links", "addresses")}
    part["routes"] = [one for one in seen["routes"] if '"obr0"' in one or '"eth4"' in one]
    part["rules"] = [one for one in seen["rules"] if "7000" in one]
    part["neighbours"] = [one for one in netns.ip_json("neigh", "show") if one["dev"] == "obr0"]
    lives = [one for link in netns.ip_json("address", "show") for one in link["addr_info"] if one.get("dynamic")]
    part["lifetimes"] = [(one["local"], one["valid_life_time"] > 2900) for one in lives]
    return part


@pytest.mark.needs("bridge", "vxlan", "macvlan", "tun", "policy-routing")
def test_other_peoples_things_are_neither_changed_nor_announced(rig):
    for words in OTHERS:
        rig.netns.ip(*words.split())
    before = theirs(rig.netns)
    for text in (WHOLE, NEXT, GONE):
        outcome = rig.plan(text)
        rig.carry_out(outcome.plan)
        strange = {one for one in rig.heard() if one[0] in ("link", "address", "route") and one[1] not in (*OURS, "?")}
        assert strange == set()
        assert unlike(before, theirs(rig.netns)) == []
        rig.carry_out(planner.restore(outcome.plan, drive(rig.kernel.observe(Scope()))).plan)
        strange = {one for one in rig.heard() if one[0] in ("link", "address", "route") and one[1] not in (*OURS, "?")}
        assert strange == set()
        assert unlike(before, theirs(rig.netns)) == []
        rig.reach(text)


@pytest.mark.needs("bridge", "tun")
def test_ports_that_others_attached_stay_unless_a_list_leaves_them_out(rig):
    rig.reach("interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth1}]}}]")
    rig.netns.ip("tuntap", "add", "dev", "tap7", "mode", "tap")
    rig.netns.ip("link", "set", "tap7", "master", "br0", "up")
    rig.reach("interfaces: [{name: br0, type: linux-bridge, mtu: 1400, bridge: {options: {mac-ageing-time: 100}}}]")
    rig.reach("interfaces: [{name: eth2, controller: br0}]")
    rig.reach("interfaces: [{name: eth1, description: still in there}]")
    assert _ports(rig, "br0") == {"eth1", "eth2", "tap7"}
    rig.reach("interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth1}]}}]")
    assert _ports(rig, "br0") == {"eth1"}


@pytest.mark.needs("bridge", "tun")
def test_ports_that_others_attached_are_back_after_a_rollback(rig):
    rig.reach("interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth1}]}}]")
    rig.netns.ip("tuntap", "add", "dev", "tap7", "mode", "tap")
    rig.netns.ip("link", "set", "tap7", "master", "br0", "up")
    before = picture(rig.netns)
    plan = rig.reach("interfaces: [{name: br0, type: linux-bridge, bridge: {port: []}}]").plan
    assert _ports(rig, "br0") == set()
    rig.carry_out(planner.restore(plan, drive(rig.kernel.observe(Scope()))).plan)
    assert unlike(before, picture(rig.netns)) == []


@pytest.mark.needs("veth")
def test_leased_addresses_stay_when_static_ones_change(rig):
    rig.reach("interfaces: [{name: eth1, ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}}]")
    lease = "address add 10.40.0.1/24 dev eth1 valid_lft 3000 preferred_lft 2000"
    rig.netns.ip(*lease.split())
    rig.heard()
    rig.reach("interfaces: [{name: eth1, mtu: 1400, description: more}]")
    assert ("address", "eth1") not in rig.heard()
    assert [one["local"] for one in _ipv4(rig, "eth1")] == ["192.0.2.1", "10.40.0.1"]


def _ports(rig, name):
    return {one["ifname"] for one in rig.netns.ip_json("link", "show", "master", name)}


def _ipv4(rig, name):
    (link,) = rig.netns.ip_json("-4", "address", "show", "dev", name)
    return link["addr_info"]


# As little as possible


STEADY = """
interfaces:
- name: br0
  type: linux-bridge
  bridge: {port: [{name: eth1}, {name: eth2}]}
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}, {ip: 192.0.2.2, prefix-length: 24}]}
  ipv6: {enabled: true, address: [{ip: "2001:db8:1::1", prefix-length: 64}]}
- {name: eth3, ipv4: {enabled: true, address: [{ip: 198.51.100.1, prefix-length: 24}]}}
- {name: vx0, type: vxlan, vxlan: {id: 7, base-iface: eth3, remote: 192.0.2.77, destination-port: 4789}}
routes:
  config: [{destination: 203.0.113.0/24, next-hop-address: 192.0.2.254, next-hop-interface: br0}]
route-rules:
  config: [{ip-from: 192.0.2.0/24, route-table: 254, priority: 500}]
"""


@pytest.fixture
def steady(rig):
    rig.reach(STEADY)
    _quiet(rig)
    return rig


def _quiet(rig):
    """Wait until carriers and duplicate address detection have come to rest."""
    while rig.events.wait(0.7):
        rig.heard()


@pytest.mark.needs("bridge", "vxlan")
def test_what_is_so_already_causes_not_a_single_event(steady):
    outcome = steady.reach(STEADY)
    assert outcome.plan.changes == ()
    assert steady.heard() == []


ONE_EACH = {
    "description": ("{name: eth3, description: hello}", {("link", "eth3")}),
    "mtu": ("{name: eth3, mtu: 1480}", {("link", "eth3")}),
    "alternative name": ("{name: eth3, alt-names: [{name: uplink}]}", {("link", "eth3")}),
    "bridge option": (
        "{name: br0, type: linux-bridge, bridge: {options: {mac-ageing-time: 100, stp: {priority: 4096}}}}",
        {("link", "br0")},
    ),
    "tunnel end": ("{name: vx0, type: vxlan, vxlan: {remote: 192.0.2.78}}", {("link", "vx0")}),
    "address": (
        "{name: eth3, ipv4: {address: [{ip: 198.51.100.1, prefix-length: 24}, {ip: 198.51.100.2, prefix-length: 24}]}}",
        {("address", "eth3"), ("route", "eth3")},
    ),
    "addresses of a bridge": (
        "{name: br0, type: linux-bridge, ipv4: {address: [{ip: 192.0.2.1, prefix-length: 24}]}}",
        {("address", "br0"), ("route", "br0")},
    ),
    "port option": (
        "{name: br0, type: linux-bridge, bridge: {port: [{name: eth1, stp-path-cost: 77}, {name: eth2}]}}",
        {("link", "eth1"), ("link", "br0")},
    ),
}


@pytest.mark.needs("bridge", "vxlan")
@pytest.mark.parametrize("what", ONE_EACH)
def test_one_property_concerns_one_interface(steady, what):
    text, allowed = ONE_EACH[what]
    outcome = steady.reach(f"interfaces: [{text}]")
    assert [one.action for one in outcome.plan.changes] == ["~"]
    assert set(steady.heard()) - {("neighbour", "")} <= allowed


@pytest.mark.needs("bridge", "vxlan")
def test_the_mtu_of_a_port_moves_no_other_port(steady):
    steady.reach("interfaces: [{name: eth1, mtu: 1400}]")
    heard = {one for one in steady.heard() if one[0] != "neighbour"}
    assert heard <= {("link", "eth1"), ("link", "br0")}  # the bridge follows its smallest port


@pytest.mark.needs("bridge", "vxlan")
def test_an_address_more_leaves_the_others_where_they_are(steady):
    """None is removed and given again, which would cost its connections and routes."""
    steady.plan(STEADY)
    (one,) = steady.netns.ip_json("address", "show", "dev", "br0")
    before = {address["local"] for address in one["addr_info"]}
    steady.heard()
    more = STEADY.replace(
        "{ip: 192.0.2.2, prefix-length: 24}", "{ip: 192.0.2.2, prefix-length: 24}, {ip: 192.0.2.3, prefix-length: 24}"
    )
    outcome = steady.plan(more)
    steady.carry_out(outcome.plan)
    events = steady.events.read()
    assert not isinstance(events, Lost)
    told = [(event.is_removal, event.subject.address) for event in events if isinstance(event.subject, AddressMessage)]
    assert told == [(False, "192.0.2.3")]
    (one,) = steady.netns.ip_json("address", "show", "dev", "br0")
    assert {address["local"] for address in one["addr_info"]} == before | {"192.0.2.3"}


# Storms


@pytest.mark.needs("veth")
def test_a_storm_of_notifications_leads_to_another_reading(rig):
    """With room for next to nothing, notifications get lost; what counts is read again, and is the truth."""
    outcome = rig.plan("interfaces: [{name: eth1, mtu: 1400}]")
    watch = KernelWatch(Subscription(receive_buffer=1))
    lines = "".join(f"link set eth3 mtu {1000 + number}\n" for number in range(300))
    readings = []

    class Counting(Kernel):
        async def observe(self, scope):
            readings.append(scope)
            if len(readings) == 1:
                subprocess.run(["ip", "-batch", "-"], input=lines, text=True, check=True)
                rig.carry_out(outcome.plan)
            return await rig.kernel.observe(scope)

    class Stale(Counting):
        """Sees the host as it was before the storm, once."""

        async def observe(self, scope):
            before = await rig.kernel.observe(scope)
            now = await super().observe(scope)
            return before if len(readings) == 1 else now

    provider = Stale()
    left, _ = asyncio.run(
        until_agreed(provider, watch, Scope(), lambda state: verify(outcome, state), Patience(5, 2), SystemClock())
    )
    watch.close()
    assert left == ()
    assert len(readings) == 2


def test_tables_that_never_hold_still_are_a_temporary_failure(rig, monkeypatch):
    """A dump during which the table changed is asked for again, not believed (NLM_F_DUMP_INTR)."""
    real = message.messages

    def interrupted(data):
        for kind, flags, sequence, body in real(data):
            yield kind, flags | message.NLM_F_DUMP_INTR, sequence, body

    with monkeypatch.context() as patched:
        patched.setattr(netlink_socket, "messages", interrupted)
        with pytest.raises(Temporary):
            drive(rig.kernel.observe(Scope()))
    assert {one.name for one in drive(rig.kernel.observe(Scope())).interfaces} >= {"eth1", "lo"}
