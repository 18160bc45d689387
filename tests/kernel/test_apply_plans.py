"""Whole plans on the real kernel: planned again they are empty, and taken back the host is as it was."""

import re

import pytest

from linkhold.foundation.driving import drive
from linkhold.planning import planner
from linkhold.planning.verify import verify
from linkhold.providers.contract import ALL_DETAILS, Scope
from linkhold.providers.kernel.provider import Kernel
from linkhold.state.document import parse, to_yaml

SCOPE = Scope(details=ALL_DETAILS - {"lldp", "ethtool"}, running=False)


class Rig:
    """A host of which only the network is real."""

    def __init__(self, root):
        self.kernel = Kernel(str(root))
        self.scope = SCOPE

    def observe(self):
        return drive(self.kernel.observe(self.scope))

    def apply(self, plan):
        for stage, changes in plan.steps():
            drive(self.kernel.apply(stage, changes))

    def plan(self, text):
        outcome = planner.plan(parse(text), self.observe(), capabilities=[drive(self.kernel.capabilities())])
        assert not outcome.errors, "\n".join(str(one) for one in outcome.errors)
        return outcome

    def reach(self, text):
        """Apply a document and see that nothing is left to do. The plan."""
        outcome = self.plan(text)
        self.apply(outcome.plan)
        assert self.plan(text).plan.changes == ()
        return outcome.plan


@pytest.fixture
def rig(netns, tmp_path):
    (tmp_path / "etc").mkdir()
    made = Rig(tmp_path)
    yield made
    made.kernel.close()


def settled(state):
    """As text, without what time alone changes: link-local addresses come when the carrier does."""
    text = re.sub(r" *- ip: fe80::.*\n *prefix-length: 64\n", "", to_yaml(state))
    return [line for line in text.splitlines() if "life-time" not in line and "address:" not in line]


def there_and_back(rig, *texts):
    for text in texts:
        before = rig.observe()
        plan = rig.reach(text)
        assert plan.changes
        rig.apply(planner.restore(plan, rig.observe()).plan)
        assert settled(rig.observe()) == settled(before)
        rig.reach(text)


BASE = """
interfaces:
- name: eth1
  type: veth
  veth: {peer: eth1p}
  mtu: 1400
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
  ipv6: {enabled: true, address: [{ip: "2001:db8:1::1", prefix-length: 64}]}
- name: eth1p
  type: veth
  veth: {peer: eth1}
"""


@pytest.mark.needs("veth", "bridge")
def test_an_address_moves_onto_a_bridge_with_its_route(rig):
    routes = """
routes:
  config:
  - {destination: 0.0.0.0/0, next-hop-address: 192.0.2.254, next-hop-interface: %s}
  - {destination: "2001:db8:f::/48", next-hop-address: "2001:db8:1::254", next-hop-interface: %s}
"""
    there_and_back(
        rig,
        BASE + routes % ("eth1", "eth1"),
        """
interfaces:
- name: eth1
  type: veth
  ipv4: {enabled: false}
  ipv6: {enabled: false}
- name: br0
  type: linux-bridge
  bridge: {options: {stp: {enabled: false}, mac-ageing-time: 200}, port: [{name: eth1, stp-path-cost: 50}]}
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
  ipv6: {enabled: true, address: [{ip: "2001:db8:1::1", prefix-length: 64}]}
routes:
  config:
  - {state: absent, next-hop-interface: eth1}
  - {destination: 0.0.0.0/0, next-hop-address: 192.0.2.254, next-hop-interface: br0}
  - {destination: "2001:db8:f::/48", next-hop-address: "2001:db8:1::254", next-hop-interface: br0}
""",
        "interfaces: [{name: br0, type: linux-bridge, state: absent}, {name: eth1, type: veth, state: absent}]",
    )


@pytest.mark.needs("veth")
def test_routes_and_rules(rig):
    there_and_back(
        rig,
        BASE
        + """
routes:
  config:
  - {destination: 203.0.113.0/24, next-hop-address: 192.0.2.9, next-hop-interface: eth1, table-id: 1000, metric: 7}
  - {destination: 198.51.100.0/24, route-type: blackhole}
  - {destination: 10.0.0.0/8, next-hop-address: 192.0.2.7, next-hop-interface: eth1, weight: 3}
  - {destination: 10.0.0.0/8, next-hop-address: 192.0.2.8, next-hop-interface: eth1, weight: 4}
  - {destination: 10.0.0.0/8, next-hop-address: 192.0.2.6, next-hop-interface: eth1, weight: 5}
route-rules:
  config:
  - {ip-from: 192.0.2.0/24, route-table: 1000, priority: 500}
  - {family: ipv6, ip-to: "2001:db8:5::/64", action: unreachable, priority: 501}
""",
        """
routes:
  config:
  - {state: absent, destination: 10.0.0.0/8, next-hop-address: 192.0.2.7}
  - {destination: 203.0.113.0/24, next-hop-address: 192.0.2.9, next-hop-interface: eth1, table-id: 1000, metric: 8}
route-rules:
  config:
  - {state: absent, priority: 500}
  - {ip-from: 192.0.2.0/24, route-table: 1001, priority: 500}
""",
    )


@pytest.mark.needs("vxlan", "macvlan", "veth")
def test_interfaces_on_interfaces(rig):
    there_and_back(
        rig,
        BASE
        + """
- name: mv0
  type: mac-vlan
  mac-vlan: {base-iface: eth1, mode: bridge}
  ipv4: {enabled: true, address: [{ip: 10.9.0.1, prefix-length: 24}, {ip: 10.9.0.2, prefix-length: 24}]}
- name: vx0
  type: vxlan
  description: overlay
  vxlan: {id: 42, base-iface: eth1, remote: 192.0.2.77, destination-port: 4789}
  mtu: 1300
""",
        """
interfaces:
- name: vx0
  type: vxlan
  vxlan: {id: 43, base-iface: eth1, remote: 192.0.2.78, destination-port: 4789}
- name: mv0
  type: mac-vlan
  mac-vlan: {base-iface: eth1, mode: private}
  mac-address: 02:00:00:00:00:99
  ipv4: {enabled: true, address: [{ip: 10.9.0.2, prefix-length: 24}]}
""",
        "interfaces: [{name: eth1, type: veth, state: absent}]",
    )


@pytest.mark.needs("veth")
def test_settings_of_the_driver(rig):
    rig.reach(BASE)
    rig.scope = Scope(details=frozenset({"ethtool"}), running=False)
    there_and_back(
        rig,
        """
interfaces:
- name: eth1
  type: veth
  ethtool: {feature: {gso: false, tx-checksum-ip-generic: false}}
""",
        "interfaces: [{name: eth1, type: veth, state: absent}]",
    )


@pytest.mark.needs("veth", "mptcp")
def test_flags_of_multipath_tcp_alone(rig):
    rig.reach(BASE)
    there_and_back(
        rig,
        "interfaces: [{name: eth1, type: veth, mptcp: {address-flags: [subflow, signal]}}]",
        """
interfaces:
- name: eth1
  type: veth
  ipv4: {enabled: true, address: [{ip: 192.0.2.2, prefix-length: 24}]}
""",
        "interfaces: [{name: eth1, type: veth, mptcp: {address-flags: []}}]",
    )


def test_names(rig):
    there_and_back(
        rig,
        "dns-resolver: {config: {server: [192.0.2.53], search: [example.org]}}",
        "dns-resolver: {config: {server: ['2001:db8::53', 192.0.2.54], options: ['ndots:2']}}\nhostname: {config: one.example}",
    )


@pytest.mark.needs("bond", "vlan", "dummy", "bridge-vlan-filtering", "vrf")
def test_a_host_of_every_kind(rig):
    there_and_back(
        rig,
        """
interfaces:
- {name: d0, type: dummy}
- {name: d1, type: dummy}
- {name: d2, type: dummy}
- name: bond0
  type: bond
  mtu: 1450
  link-aggregation:
    mode: active-backup
    port: [d0, d1]
    ports-config: [{name: d0, queue-id: 2}, {name: d1, queue-id: 0}]
    options: {miimon: 100, primary: d1}
- name: bond0.7
  type: vlan
  vlan: {base-iface: bond0, id: 7}
  ipv4: {enabled: true, address: [{ip: 10.7.0.1, prefix-length: 24}]}
  ipv6: {enabled: true, address: [{ip: "2001:db8:7::1", prefix-length: 64}]}
- name: br0
  type: linux-bridge
  bridge:
    port:
    - {name: bond0, vlan: {mode: trunk, trunk-tags: [{id: 10}, {id-range: {min: 20, max: 30}}]}}
    - {name: d2, vlan: {mode: access, tag: 10}}
routes:
  config:
  - {destination: 10.8.0.0/16, next-hop-address: 10.7.0.2, next-hop-interface: bond0.7}
  - {destination: "2001:db8:8::/64", next-hop-address: "2001:db8:7::2", next-hop-interface: bond0.7}
""",
        """
interfaces:
- name: bond0
  type: bond
  link-aggregation: {mode: balance-rr, port: [d0, d1], options: {miimon: 200}}
- name: br0
  type: linux-bridge
  bridge:
    port:
    - {name: bond0, vlan: {mode: trunk, trunk-tags: [{id: 11}]}}
""",
        """
interfaces:
- {name: red, type: vrf, vrf: {route-table-id: 77, port: [bond0.7]}}
- {name: d2, type: dummy, state: absent}
""",
    )


def test_the_kernel_agrees_with_what_was_expected(rig):
    outcome = rig.plan(BASE)
    rig.apply(outcome.plan)
    assert list(verify(outcome, rig.observe())) == []
