"""Kinds that need the lab: what a leaf writes the kernel takes, and what it then tells is what was written.

Each interface is made by the leaf's bytes, seen, changed in place by the leaf's bytes, and seen again.
"""

import itertools

import pytest

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.driving import drive
from linkhold.foundation.record import UNSET
from linkhold.planning import planner
from linkhold.planning.diff import differences
from linkhold.providers.contract import Scope
from linkhold.providers.kernel import links as leaves
from linkhold.providers.kernel.links import linux_bridge
from linkhold.providers.kernel.netlink import bridge_vlan, link
from linkhold.providers.kernel.netlink.message import NLM_F_CREATE, NLM_F_EXCL, i32, nested, string
from linkhold.providers.kernel.provider import Kernel
from linkhold.state.forms import read_record, write_record
from linkhold.state.interfaces.bond import OPTION_MODES, Bond, BondOptions, BondPortConfig, LinkAggregation
from linkhold.state.interfaces.bridge_vlan import PortVlan, TagRange, TrunkTag
from linkhold.state.interfaces.dummy import Dummy
from linkhold.state.interfaces.hsr import Hsr, HsrConfig
from linkhold.state.interfaces.ip_tunnel import IpTunnel, IpTunnelConfig
from linkhold.state.interfaces.ipvlan import IpVlan, IpVlanConfig
from linkhold.state.interfaces.linux_bridge import (
    LinuxBridge,
    LinuxBridgeConfig,
    LinuxBridgeOptions,
    LinuxBridgePort,
    Stp,
)
from linkhold.state.interfaces.mac_vlan import MacVlan, MacVlanConfig
from linkhold.state.interfaces.macsec import MacSec, MacSecConfig
from linkhold.state.interfaces.vlan import Vlan, VlanConfig
from linkhold.state.interfaces.vrf import Vrf, VrfConfig
from linkhold.state.interfaces.vxlan import Vxlan, VxlanConfig
from linkhold.state.network import NetworkState
from linkhold.state.normalise import normalised


class Host:
    """Makes and changes interfaces by the bytes of the leaves."""

    def __init__(self, netns):
        self.ip = netns.ip
        self.kernel = Kernel()

    def indexes(self):
        return {one.name: one.index for one in link.dump(self.kernel.netlink)}

    def make(self, interface):
        leaf, indexes, parent = leaves.leaf(interface.kind), self.indexes(), leaves.parent(interface)
        said = string(link.IFLA_INFO_KIND, leaves.kernel_kind(interface))
        said += nested(link.IFLA_INFO_DATA, leaf.encode(None, interface, indexes))
        above = i32(link.IFLA_LINK, indexes[parent]) if isinstance(parent, str) and parent else b""
        payload = link.header() + string(link.IFLA_IFNAME, interface.name) + above + nested(link.IFLA_LINKINFO, said)
        self.kernel.netlink.request(link.RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, payload)

    def change(self, before, after, *, late=False):
        leaf, indexes = leaves.leaf(after.kind), self.indexes()
        data = (leaf.encode_late if late else leaf.encode)(before, after, indexes)
        if data:
            self.kernel.netlink.request(*link.change_data(indexes[after.name], leaves.kernel_kind(after), data))

    def change_port(self, before, after, name):
        leaf = leaves.leaf(after.kind)
        data = leaf.encode_port(before, after, name)
        self.kernel.netlink.request(*link.change_port(self.indexes()[name], leaf.KERNEL_KIND, data))

    def see(self, name):
        state = drive(self.kernel.observe(Scope()))
        return next(one for one in state.interfaces if one.name == name)

    def agrees(self, interface):
        assert differences(interface, self.see(interface.name)) == ()


@pytest.fixture
def host(netns):
    one = Host(netns)
    yield one
    one.kernel.close()


@pytest.fixture
def paired(host):
    for left, right in (("p0", "p1"), ("q0", "q1")):
        host.ip("link", "add", left, "type", "veth", "peer", "name", right)
    return host


def walk(host, *stages):
    """Make the first, change it into each of the others; after each step all agrees."""
    host.make(stages[0])
    host.agrees(stages[0])
    for before, after in itertools.pairwise(stages):
        host.change(before, after)
        host.agrees(after)


@pytest.mark.needs("vlan", "vlan-802.1ad", "veth")
def test_vlans(paired):
    def vlan(**more):
        return Vlan(name="v", vlan=VlanConfig(parent="p0", tag=101, protocol="802.1ad", **more))

    walk(
        paired,
        vlan(),
        vlan(reorder_headers=False, loose_binding=True),
        vlan(reorder_headers=True, loose_binding=True),
        vlan(reorder_headers=True, loose_binding=False),
    )


@pytest.mark.needs("vlan-registration")
@pytest.mark.parametrize("protocol", ["mvrp", "gvrp"])
def test_vlans_that_register_themselves(paired, protocol):
    def vlan(which):
        return Vlan(name="v", vlan=VlanConfig(parent="p0", tag=5, registration_protocol=which))

    walk(paired, vlan(protocol), vlan("none"), vlan(protocol))


@pytest.mark.needs("dummy")
def test_dummies(host):
    walk(host, Dummy(name="d0"))


@pytest.mark.needs("vrf", "dummy")
def test_vrfs_list_their_ports(host):
    host.make(Dummy(name="d0"))
    host.make(Vrf(name="red", vrf=VrfConfig(table=1001)))
    host.ip("link", "set", "d0", "master", "red")
    host.agrees(Vrf(name="red", vrf=VrfConfig(table=1001, port=("d0",))))
    assert host.see("d0").controller == "red"
    assert host.see("red").mac_address is UNSET


@pytest.mark.needs("vrf", "dummy")
def test_learned_routes_of_a_vrf(host):
    host.make(Vrf(name="red", vrf=VrfConfig(table=1001)))
    host.make(Dummy(name="d0"))
    host.ip("link", "set", "d0", "master", "red", "up")
    host.ip("route", "add", "198.51.100.0/24", "dev", "d0", "table", "1001", "proto", "dhcp")
    state = drive(host.kernel.observe(Scope()))
    assert [(one.destination, one.table_id) for one in state.routes.running] == [("198.51.100.0/24", 1001)]
    assert state.rules.config == ()


@pytest.mark.needs("ipvlan", "veth")
def test_ipvlans(paired):
    def ipvlan(**more):
        return IpVlan(name="i", ipvlan=IpVlanConfig(parent="p0", **more))

    walk(
        paired,
        ipvlan(mode="l2", private=False, vepa=True),
        ipvlan(mode="l3", private=True, vepa=False),
        ipvlan(mode="l3s", private=False, vepa=False),
    )


@pytest.mark.needs("macvlan", "veth")
def test_macvlans(paired):
    def macvlan(mode, promiscuous=True):
        return MacVlan(name="m", mac_vlan=MacVlanConfig(parent="p0", mode=mode, promiscuous=promiscuous))

    walk(paired, macvlan("bridge"), macvlan("vepa"), macvlan("private"))
    paired.ip("link", "delete", "dev", "m")
    walk(paired, macvlan("passthru", False), macvlan("passthru", True))


@pytest.mark.needs("vxlan", "veth")
def test_vxlans(paired):
    def vxlan(**more):
        return Vxlan(name="x", vxlan=VxlanConfig(id=7, destination_port=4789, learning=False, **more))

    walk(
        paired,
        vxlan(parent="p0", local="192.0.2.1", remote="192.0.2.2"),
        vxlan(parent="p0", local="192.0.2.1", remote="192.0.2.3"),
        vxlan(parent="q0", local="192.0.2.4", remote="192.0.2.3"),
        vxlan(parent="q0", local="", remote=""),
    )


@pytest.mark.needs("vxlan")
def test_vxlans_over_ipv6(host):
    def vxlan(remote):
        return Vxlan(name="x", vxlan=VxlanConfig(id=7, destination_port=4789, remote=remote))

    walk(host, vxlan("2001:db8::2"), vxlan("2001:db8::3"), vxlan(""))


@pytest.mark.needs("hsr", "veth")
@pytest.mark.parametrize("protocol", ["hsr", "prp"])
def test_hsr(paired, protocol):
    wanted = Hsr(name="h", hsr=HsrConfig(port1="p0", port2="q0", multicast_spec=40, protocol=protocol))
    walk(paired, wanted)
    assert paired.see("h").hsr.supervision_address == "01:15:4E:00:01:28"
    part = drive(paired.kernel.observe(Scope(names=frozenset({"h"}))))
    assert part.interfaces == (paired.see("h"),)


@pytest.mark.needs("macsec", "veth")
def test_macsec(paired):
    def macsec(**more):
        return MacSec(name="m", macsec=MacSecConfig(parent="p0", port=11, offload="off", **more))

    walk(
        paired,
        macsec(encrypt=True, validation="strict", send_sci=True),
        macsec(encrypt=False, validation="check", send_sci=False),
        macsec(encrypt=True, validation="disabled", send_sci=True),
    )


# Tunnels

V4 = {"local": "192.0.2.1", "remote": "192.0.2.2", "ttl": 64}
V6 = {"local": "2001:db8::1", "remote": "2001:db8::2", "ttl": 64}
KEYS = {"input_key": 7, "output_key": 8}
TUNNELS = {
    "ipip": V4 | {"tos": 4},
    "sit": V4,
    "gre": V4 | KEYS,
    "gretap": V4 | KEYS,
    "ip6ip6": V6 | {"encapsulation_limit": 4, "flow_label": 5},
    "ipip6": V6,
}


@pytest.mark.needs("ipip", "sit", "gre", "gretap", "ip6tnl", "veth")
@pytest.mark.parametrize("mode", list(TUNNELS))
def test_tunnels(paired, mode):
    def tunnel(**more):
        return IpTunnel(name="t", ip_tunnel=IpTunnelConfig(mode=mode, parent="p0", **(TUNNELS[mode] | more)))

    other = {"remote": "192.0.2.3"} if ":" not in TUNNELS[mode]["remote"] else {"remote": "2001:db8::3"}
    walk(paired, tunnel(), tunnel(ttl=32), tunnel(**other))


# Bridges


@pytest.mark.needs("bridge", "veth")
def test_bridges_with_every_option(paired):
    def bridge(**options):
        return LinuxBridge(name="br0", bridge=LinuxBridgeConfig(options=LinuxBridgeOptions(**options)))

    walk(
        paired,
        bridge(
            group_addr="01:80:C2:00:00:05",
            group_forward_mask=16,
            hash_max=1024,
            mac_ageing_time=200,
            multicast_last_member_count=5,
            multicast_last_member_interval=400,
            multicast_membership_interval=30000,
            multicast_querier=True,
            multicast_querier_interval=20000,
            multicast_query_interval=10000,
            multicast_query_response_interval=2000,
            multicast_query_use_ifaddr=True,
            multicast_router="enabled",
            multicast_snooping=False,
            multicast_startup_query_count=4,
            multicast_startup_query_interval=4000,
            stp=Stp(enabled=True, forward_delay=20, hello_time=5, max_age=30, priority=4096),
        ),
        bridge(mac_ageing_time=0, multicast_router="disabled", stp=Stp(enabled=False, forward_delay=4)),
    )


@pytest.mark.needs("bridge", "veth")
def test_ports_of_a_bridge(paired):
    def bridge(**more):
        port = LinuxBridgePort(name="p0", **more)
        return LinuxBridge(name="br0", bridge=LinuxBridgeConfig(options=LinuxBridgeOptions(), port=(port,)))

    before = bridge(stp_hairpin_mode=True, stp_path_cost=50, stp_priority=10)
    paired.make(before)
    paired.ip("link", "set", "p0", "master", "br0")
    paired.change_port(None, before, "p0")
    paired.agrees(before)
    after = bridge(stp_hairpin_mode=False, stp_path_cost=60, stp_priority=10)
    paired.change_port(before, after, "p0")
    paired.agrees(after)


TRUNK = PortVlan(
    mode="trunk", enable_native=False, trunk_tags=(TrunkTag(id=10), TrunkTag(id_range=TagRange(min=20, max=29)))
)


@pytest.mark.needs("bridge-vlan-filtering", "veth")
def test_vlans_of_bridge_ports(paired):
    def bridge(*vlans, **options):
        ports = tuple(LinuxBridgePort(name=name, vlan=one) for name, one in zip(("p0", "q0"), vlans, strict=True))
        return LinuxBridge(name="br0", bridge=LinuxBridgeConfig(options=LinuxBridgeOptions(**options), port=ports))

    stages = [
        bridge(PortVlan(), PortVlan()),
        bridge(PortVlan(mode="access", tag=5), TRUNK),
        bridge(TRUNK.replace(enable_native=True, tag=7), PortVlan()),
        bridge(PortVlan(), PortVlan()),
        bridge(PortVlan(mode="access", tag=5), PortVlan(), vlan_default_pvid=0),
        bridge(TRUNK, PortVlan(mode="access", tag=9), vlan_protocol="802.1ad", vlan_default_pvid=3),
    ]
    paired.make(stages[0])
    for name in ("p0", "q0"):
        paired.ip("link", "set", name, "master", "br0")
    paired.agrees(stages[0])
    for before, after in itertools.pairwise(stages):
        paired.change(before, after)
        current, indexes = bridge_vlan.dump(paired.kernel.netlink), paired.indexes()
        for port in after.bridge.port:
            wanted = linux_bridge.port_vlans(port, linux_bridge.default_pvid(after))
            removed, added = linux_bridge.vlan_changes(current.get(indexes[port.name], []), wanted)
            for request, ranges in ((bridge_vlan.remove, removed), (bridge_vlan.add, added)):
                if ranges:
                    paired.kernel.netlink.request(*request(indexes[port.name], ranges))
        paired.agrees(after)


# Bonds

OPTIONS = {
    "ad_actor_sys_prio": 100,
    "ad_actor_system": "02:00:00:00:00:01",
    "ad_select": "bandwidth",
    "ad_user_port_key": 7,
    "all_slaves_active": "delivered",
    "arp_all_targets": "all",
    "fail_over_mac": "active",
    "lacp_rate": "fast",
    "lp_interval": 5,
    "min_links": 2,
    "num_grat_arp": 3,
    "packets_per_slave": 9,
    "primary_reselect": "better",
    "resend_igmp": 4,
    "tlb_dynamic_lb": False,
    "use_carrier": True,
    "xmit_hash_policy": "layer3+4",
    "miimon": 50,
    "updelay": 100,
    "downdelay": 200,
}
MODES = ["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"]


def bond(mode, ports=(), config=UNSET, **options):
    section = LinkAggregation(mode=mode, options=BondOptions(**options), port=tuple(ports), ports_config=config)
    return Bond(name="bond0", bond=section)


def fitting(mode, **options):
    return {name: value for name, value in options.items() if mode in OPTION_MODES.get(name, {mode})}


@pytest.mark.needs("bond")
@pytest.mark.parametrize("mode", MODES)
def test_bonds_with_every_option_of_their_mode(host, mode):
    options = fitting(mode, **OPTIONS)
    other = {"miimon": 100, "updelay": 0, "min_links": 0, "resend_igmp": 1}
    walk(host, bond(mode, **options), bond(mode, **(options | other)))


@pytest.mark.needs("bond")
@pytest.mark.parametrize("mode", MODES)
def test_options_of_a_bond_go_back_to_their_defaults(host, mode):
    before = bond(mode, **fitting(mode, **{name: OPTIONS[name] for name in OPTIONS if name != "ad_actor_system"}))
    after = bond(mode)
    host.make(before)
    host.change(before, after)
    fresh = bond(mode).replace(name="bond1")
    host.make(fresh)
    now, expected = (host.see(name).bond.options.replace(miimon=UNSET) for name in ("bond0", "bond1"))
    assert differences(expected, now) == ()


@pytest.mark.needs("bond")
def test_bonds_that_watch_by_arp(host):
    watched = {"arp_interval": 200, "arp_validate": "active", "miimon": 0}
    walk(
        host,
        bond("active-backup", arp_ip_target="192.0.2.1,192.0.2.2", **watched),
        bond("active-backup", arp_ip_target="192.0.2.3", **watched),
        bond("active-backup", arp_ip_target="", arp_interval=0, arp_validate="none", miimon=100),
    )


@pytest.mark.needs("bond")
def test_a_bond_changes_its_mode(host):
    walk(host, bond("balance-rr", packets_per_slave=4), bond("active-backup"), bond("802.3ad", lacp_rate="fast"))


@pytest.mark.needs("bond", "dummy")
def test_ports_of_a_bond(host):
    def stage(primary, *config, **options):
        return bond("active-backup", ("d0", "d1"), config, primary=primary, miimon=100, **options)

    first = stage("d1", BondPortConfig(name="d0", priority=3, queue_id=1), BondPortConfig(name="d1", queue_id=2))
    host.make(first)
    for name in ("d0", "d1"):
        host.make(Dummy(name=name))
        host.ip("link", "set", name, "master", "bond0")
        host.change_port(None, first, name)
    host.change(None, first, late=True)
    assert host.see("bond0").bond.options.primary == "d1"
    now = {one.name: one for one in host.see("bond0").bond.ports_config}
    assert (now["d0"].queue_id, now["d1"].queue_id) == (1, 2)
    assert now["d0"].priority in (UNSET, 3)  # since Linux 6.0
    second = stage("", BondPortConfig(name="d0", priority=3, queue_id=0), BondPortConfig(name="d1", queue_id=2))
    host.change_port(first, second, "d0")
    host.change(first, second, late=True)
    host.agrees(second)
    assert host.see("d0").controller == "bond0"


@pytest.mark.needs("bond", "vlan", "vrf", "dummy", "bridge-vlan-filtering", "ipvlan", "macsec", "hsr", "veth")
def test_applying_what_is_shown_asks_for_nothing(paired):
    for words in (
        "add bond0 type bond mode 802.3ad miimon 100",
        "add d0 type dummy",
        "set d0 master bond0",
        "set bond0 up",
        "add v7 link bond0 type vlan id 7",
        "add br0 type bridge vlan_filtering 1",
        "set v7 master br0 up",
        "set br0 up",
        "add red type vrf table 1001",
        "add d1 type dummy",
        "set d1 master red up",
        "set p0 up",
        "add i0 link p0 type ipvlan mode l2",
        "add m0 link q0 type macsec encrypt on",
        "add w0 type veth peer name w1",
        "add h0 type hsr slave1 w0 slave2 w1",
    ):
        paired.ip("link", *words.split())
    bridge_vlan_added = bridge_vlan.add(paired.indexes()["v7"], [bridge_vlan.VlanRange(30, 40)])
    paired.kernel.netlink.request(*bridge_vlan_added)
    state = drive(paired.kernel.observe(Scope()))
    mistakes = Diagnostics()
    desired = normalised(read_record(NetworkState, write_record(state), (), mistakes), Diagnostics())
    outcome = planner.plan(desired, state, capabilities=[drive(paired.kernel.capabilities())])
    assert [str(one) for one in (*mistakes, *outcome.diagnostics) if one.severity == "error"] == []
    assert outcome.plan.changes == ()
