"""Every option of Linux bridges: set when made, changed in place, read back, and taken back."""

import pytest

from linkhold.planning import planner
from linkhold.state.document import parse
from tests.kernel.test_apply_plans import Rig, settled

pytestmark = pytest.mark.needs("bridge-vlan-filtering", "veth")

OTHERS = """
  group-addr: 01:80:C2:00:00:05
  group-fwd-mask: 16
  hash-max: 1024
  mac-ageing-time: 60
  multicast-igmp-version: 3
  multicast-last-member-count: 3
  multicast-last-member-interval: 200
  multicast-membership-interval: 30000
  multicast-mld-version: 2
  multicast-querier: true
  multicast-querier-interval: 30000
  multicast-query-interval: 13000
  multicast-query-response-interval: 1100
  multicast-query-use-ifaddr: true
  multicast-router: enabled
  multicast-snooping: false
  multicast-startup-query-count: 3
  multicast-startup-query-interval: 3200
  multicast-stats-enabled: true
  no-linklocal-learn: true
  vlan-default-pvid: 7
  vlan-filtering: true
  vlan-protocol: 802.1ad
  vlan-stats-enabled: true
  vlan-stats-per-port: true
  stp: {enabled: true, forward-delay: 10, hello-time: 1, max-age: 15, priority: 4096}
"""

IN_THE_KERNEL = {
    "ageing_time": 6000,
    "forward_delay": 1000,
    "group_addr": "01:80:c2:00:00:05",
    "group_fwd_mask": "0x10",
    "hello_time": 100,
    "max_age": 1500,
    "mcast_hash_max": 1024,
    "mcast_igmp_version": 3,
    "mcast_last_member_cnt": 3,
    "mcast_mld_version": 2,
    "mcast_querier": 1,
    "mcast_query_use_ifaddr": 1,
    "mcast_router": 2,
    "mcast_snooping": 0,
    "mcast_startup_query_cnt": 3,
    "mcast_stats_enabled": 1,
    "priority": 4096,
    "stp_state": 1,
    "vlan_default_pvid": 7,
    "vlan_filtering": 1,
    "vlan_protocol": "802.1ad",
    "vlan_stats_enabled": 1,
    "vlan_stats_per_port": 1,
}
"""Some of the same as `ip` tells them."""


@pytest.fixture
def rig(netns, tmp_path):
    (tmp_path / "etc").mkdir()
    netns.ip("link", "add", "eth1", "type", "veth", "peer", "name", "far1")
    made = Rig(tmp_path)
    yield made
    made.kernel.close()


def bridge(options="{}", more=""):
    return f"interfaces:\n- name: br0\n  type: linux-bridge\n  bridge: {{options: {options}{more}}}\n"


ALL = "interfaces:\n- name: br0\n  type: linux-bridge\n  bridge:\n    options:\n" + OTHERS.replace("\n  ", "\n      ")


def told(netns):
    return netns.ip_json("-d", "link", "show", "br0")[0]["linkinfo"]["info_data"]


def options(rig):
    return rig.observe().by_key[("br0", "")].bridge.options


def test_all_of_them_on_a_new_bridge(rig, netns):
    rig.reach(ALL)
    found = told(netns)
    assert {key: found[key] for key in IN_THE_KERNEL} == IN_THE_KERNEL
    assert options(rig).no_linklocal_learn is True


def test_all_of_them_on_a_bridge_that_is_there_and_back(rig, netns):
    rig.reach(bridge())
    before, usual = rig.observe(), told(netns)
    plan = rig.reach(ALL)
    assert plan.changes[0].action == "~"
    found = told(netns)
    assert {key: found[key] for key in IN_THE_KERNEL} == IN_THE_KERNEL
    assert not any(found[key] == usual[key] for key in IN_THE_KERNEL)
    rig.apply(planner.restore(plan, rig.observe()).plan)
    assert settled(rig.observe()) == settled(before)


def test_no_delay_without_a_spanning_tree(rig, netns):
    rig.reach(bridge("{stp: {enabled: false, forward-delay: 0}}"))
    assert told(netns)["forward_delay"] == 0
    rig.reach(bridge("{stp: {enabled: true}}"))  # the kernel makes the delay longer
    assert options(rig).stp.forward_delay == 2
    plan = rig.reach(bridge("{stp: {enabled: false, forward-delay: 0}}"))
    assert told(netns)["forward_delay"] == 0
    rig.apply(planner.restore(plan, rig.observe()).plan)
    assert (told(netns)["stp_state"], told(netns)["forward_delay"]) == (1, 200)


def test_a_delay_that_is_too_short_is_refused():
    with pytest.raises(Exception, match="too short for a spanning tree"):
        parse(bridge("{stp: {enabled: true, forward-delay: 1}}"))


def test_filtering_follows_the_vlans_of_ports_unless_it_was_wanted(rig, netns):
    ports = ", port: [{name: eth1, vlan: %s}]"
    rig.reach(bridge(more=ports % "{mode: access, tag: 5}"))
    assert told(netns)["vlan_filtering"] == 1
    rig.reach(bridge(more=ports % "{}"))
    assert told(netns)["vlan_filtering"] == 0
    rig.reach(bridge("{vlan-filtering: true}"))
    rig.reach(bridge("{hash-max: 512}", more=ports % "{}"))
    assert told(netns)["vlan_filtering"] == 1
    rig.reach(bridge("{vlan-filtering: false}"))
    assert told(netns)["vlan_filtering"] == 0


def test_filtering_ends_when_the_port_with_vlans_leaves(rig, netns):
    rig.reach(bridge(more=", port: [{name: eth1, vlan: {mode: access, tag: 5}}]"))
    rig.reach("interfaces: [{name: eth1, controller: ''}]")
    assert told(netns)["vlan_filtering"] == 0


def test_no_filtering_contradicts_vlans_of_ports():
    with pytest.raises(Exception, match="told apart only by filtering"):
        parse(bridge("{vlan-filtering: false}", more=", port: [{name: eth1, vlan: {mode: access, tag: 5}}]"))


def test_calls_of_netfilter(rig, netns):
    rig.reach(bridge("{nf-call-arptables: true, nf-call-ip6tables: true, nf-call-iptables: true}"))
    assert [told(netns)[f"nf_call_{one}"] for one in ("arptables", "ip6tables", "iptables")] == [1, 1, 1]
    rig.reach(bridge("{nf-call-iptables: false}"))
    assert [told(netns)[f"nf_call_{one}"] for one in ("arptables", "ip6tables", "iptables")] == [1, 1, 0]
