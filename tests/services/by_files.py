"""A document that other managers are given as files, and what is missing then on the host."""

from linkhold.foundation.driving import drive
from linkhold.planning import planner
from linkhold.providers.contract import Scope
from linkhold.providers.kernel.provider import Kernel
from linkhold.state.network import NetworkState

PORT_OPTIONS = ", stp-path-cost: 77, stp-hairpin-mode: true"
"""NetworkManager writes these to /sys, which is read-only on the hosts of tests where udev does not run."""

DOCUMENT = """
interfaces:
- {name: eth1, type: ethernet, mtu: 1450, ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]},
   ipv6: {enabled: true, address: [{ip: "2001:db8::1", prefix-length: 64}]}}
- name: br0
  type: linux-bridge
  mac-address: 02:00:5E:00:00:01
  bridge:
    options: {stp: {enabled: false, priority: 16384}, mac-ageing-time: 100}
    port: [{name: left, stp-path-cost: 77, stp-hairpin-mode: true}, {name: eth2}]
- {name: left, type: veth, veth: {peer: right}}
- {name: right, type: veth, veth: {peer: left}, ipv4: {enabled: true, address: [{ip: 198.51.100.1, prefix-length: 24}]}}
- {name: vx7, type: vxlan, vxlan: {id: 7, base-iface: eth1, remote: 192.0.2.7, destination-port: 4789, learning: false}}
- {name: mv0, type: mac-vlan, mac-vlan: {base-iface: right, mode: bridge}}
routes:
  config:
  - {destination: 203.0.113.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.9, metric: 150}
  - {destination: 203.0.113.128/25, next-hop-interface: right, table-id: 77}
  - {destination: "2001:db8:5::/64", next-hop-interface: eth1, next-hop-address: "2001:db8::9"}
  - {destination: 10.66.0.0/16, route-type: blackhole}
route-rules:
  config:
  - {ip-from: 192.0.2.0/24, route-table: 77, priority: 30000}
  - {ip-to: 198.51.100.0/24, fwmark: 0x10, fwmask: 0xf0, route-table: 77, priority: 30001, iif: eth1}
"""


def missing(document: NetworkState) -> list[str]:
    """What there would still be to do."""
    kernel = Kernel()
    try:
        host = drive(kernel.observe(Scope()))
    finally:
        kernel.close()
    changes = planner.plan(document, host).plan.changes
    return [f"{one.action} {one.subject} {one.name}: {', '.join(map(str, one.differences))}" for one in changes]


KINDS = """
interfaces:
- name: bond0
  type: bond
  link-aggregation: {mode: 802.3ad, port: [eth1, eth2], options: {miimon: 100, lacp_rate: fast, xmit_hash_policy: layer2+3}}
- name: bond0.30
  type: vlan
  mtu: 1400
  vlan: {base-iface: bond0, id: 30}
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
  ipv6: {enabled: true, address: [{ip: "2001:db8::1", prefix-length: 64}]}
- {name: d0, type: dummy, ipv4: {enabled: true, address: [{ip: 203.0.113.1, prefix-length: 32}]}}
- {name: d1, type: dummy, ipv4: {enabled: true, address: [{ip: 198.51.100.1, prefix-length: 24}]}}
- {name: red, type: vrf, vrf: {port: [d1], route-table-id: 100}}
- {name: v9, type: vlan, vlan: {base-iface: d0, id: 9, protocol: 802.1ad, reorder-headers: true}}
- name: br0
  type: linux-bridge
  bridge:
    options: {stp: {enabled: false}}
    port:
    - {name: in1, vlan: {mode: trunk, enable-native: true, tag: 7, trunk-tags: [{id: 9}, {id-range: {min: 20, max: 30}}]}}
    - {name: in2, vlan: {mode: access, tag: 9}}
- {name: in1, type: veth, veth: {peer: out1}}
- {name: out1, type: veth, veth: {peer: in1}}
- {name: in2, type: veth, veth: {peer: out2}}
- {name: out2, type: veth, veth: {peer: in2}}
routes:
  config:
  - {destination: 0.0.0.0/0, next-hop-interface: bond0.30, next-hop-address: 192.0.2.254, metric: 50}
  - {destination: 10.5.0.0/16, next-hop-interface: d1, next-hop-address: 198.51.100.9, table-id: 100}
"""
"""What needs more of the kernel."""
NEEDED = ("bond", "vlan", "vlan-802.1ad", "dummy", "vrf", "bridge-vlan-filtering")
