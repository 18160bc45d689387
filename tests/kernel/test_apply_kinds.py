"""Kinds that not every kernel has, made and changed by every stage; many of these run in the lab only."""

import pathlib

import pytest

from linkhold.foundation.failures import Refused
from linkhold.planning.change import STAGES, Change
from linkhold.providers.kernel.apply import Applier
from linkhold.providers.kernel.netlink.socket import Netlink
from linkhold.state.interfaces.bond import Bond, BondOptions, BondPortConfig, LinkAggregation
from linkhold.state.interfaces.bridge_vlan import PortVlan, TagRange, TrunkTag
from linkhold.state.interfaces.dummy import Dummy
from linkhold.state.interfaces.ethtool import Ethtool
from linkhold.state.interfaces.hsr import Hsr, HsrConfig
from linkhold.state.interfaces.ip import IpAddress, Ipv4, Ipv6
from linkhold.state.interfaces.ipvlan import IpVlan, IpVlanConfig
from linkhold.state.interfaces.linux_bridge import LinuxBridge, LinuxBridgeConfig, LinuxBridgePort
from linkhold.state.interfaces.mac_vlan import MacVlan, MacVlanConfig
from linkhold.state.interfaces.mac_vtap import MacVtap
from linkhold.state.interfaces.macsec import MacSec, MacSecConfig
from linkhold.state.interfaces.veth import Veth, VethConfig
from linkhold.state.interfaces.vlan import Vlan, VlanConfig
from linkhold.state.interfaces.vrf import Vrf, VrfConfig


@pytest.fixture
def applier(netns):
    with Netlink() as netlink:
        made = Applier(netlink)
        yield made
        made.close()


def run(applier, *changes, times=2):
    """Every stage with every change, interfaces before those that ride on them, each stage done twice."""
    for stage in STAGES:
        for change in [changes] if stage not in ("remove", "create") else [(one,) for one in changes]:
            for _ in range(times):
                applier.carry_out(stage, change)


def new(interface):
    return Change(action="+", subject="interface", name=interface.name, after=interface)


def changed(before, after, action="~"):
    return Change(action=action, subject="interface", name=after.name, before=before, after=after)


def gone(interface):
    return Change(action="-", subject="interface", name=interface.name, before=interface)


def link(netns, name):
    return netns.ip_json("link", "show", name)[0]


def data(netns, name):
    return link(netns, name)["linkinfo"]["info_data"]


def dummies(*names, **more):
    return [Dummy(name=one, **more) for one in names]


def bond(*ports, mode="active-backup", config=(), **options):
    section = LinkAggregation(mode=mode, port=ports, options=BondOptions(**options))
    if config:
        section = section.replace(ports_config=config)
    return Bond(name="bond0", bond=section)


@pytest.mark.needs("dummy")
def test_a_dummy_with_an_ipv6_policy(netns, applier):
    (one,) = dummies("d0", ipv6=Ipv6(enabled=True, autoconf=False))
    run(applier, new(one))
    assert link(netns, "d0")["inet6_addr_gen_mode"] == "eui64"
    assert pathlib.Path("/proc/sys/net/ipv6/conf/d0/accept_ra").read_text() == "0\n"
    assert "fe80::" in netns.ip("-6", "addr", "show", "dev", "d0")
    off = one.replace(ipv6=Ipv6(enabled=False))
    run(applier, changed(one, off))
    assert netns.ip("-6", "addr", "show", "dev", "d0") == ""
    run(applier, gone(off))
    assert "d0" not in netns.ip("link")


@pytest.mark.needs("bond", "dummy")
def test_a_bond_with_its_ports(netns, applier):
    one, two = dummies("d0", "d1", controller="bond0")
    config = (BondPortConfig(name="d0", queue_id=3), BondPortConfig(name="d1", queue_id=0))
    made = bond("d0", "d1", config=config, miimon=100, updelay=200, primary="d1").replace(mtu=1400)
    run(applier, new(one), new(two), new(made))
    found = data(netns, "bond0")
    assert (found["mode"], found["miimon"], found["updelay"], found["primary"]) == ("active-backup", 100, 200, "d1")
    assert link(netns, "d0")["linkinfo"]["info_slave_data"]["queue_id"] == 3
    assert [link(netns, name)["mtu"] for name in ("bond0", "d0", "d1")] == [1400] * 3
    assert all("UP" in link(netns, name)["flags"] for name in ("bond0", "d0", "d1"))


@pytest.mark.needs("bond", "dummy")
def test_a_bond_takes_ports_that_are_up_and_keeps_those_of_others(netns, applier):
    one, two = dummies("d0", "d1")
    run(applier, new(one), new(two), new(bond()))
    for name in ("d0", "d1"):
        netns.ip("link", "set", name, "up")
    netns.ip("link", "add", "other", "type", "dummy")
    netns.ip("link", "set", "other", "master", "bond0")
    run(applier, changed(one, one.replace(controller="bond0")), changed(bond(), bond("d0")))
    assert link(netns, "d0")["master"] == "bond0"
    assert link(netns, "other")["master"] == "bond0"
    run(applier, changed(one.replace(controller="bond0"), one), changed(bond("d0"), bond()))
    assert "master" not in link(netns, "d0")
    assert link(netns, "other")["master"] == "bond0"


@pytest.mark.needs("bond", "dummy")
def test_a_bond_changes_its_mode_with_ports_and_comes_up_again(netns, applier):
    one, two = dummies("d0", "d1", controller="bond0")
    first = bond("d0", "d1", miimon=100)
    run(applier, new(one), new(two), new(first))
    index = link(netns, "bond0")["ifindex"]
    second = bond("d0", "d1", mode="balance-rr", miimon=100, packets_per_slave=4)
    run(applier, changed(first, second))
    assert link(netns, "bond0")["ifindex"] == index
    assert (data(netns, "bond0")["mode"], data(netns, "bond0")["packets_per_slave"]) == ("balance-rr", 4)
    assert [link(netns, name)["master"] for name in ("d0", "d1")] == ["bond0", "bond0"]
    assert all("UP" in link(netns, name)["flags"] for name in ("bond0", "d0", "d1"))


@pytest.mark.needs("bond", "dummy")
def test_a_refused_bond_option_leaves_its_ports_attached(netns, applier):
    (one,) = dummies("d0", controller="bond0")
    first = bond("d0")
    run(applier, new(one), new(first))
    wrong = changed(first, bond("d0", mode="802.3ad", arp_interval=100, arp_ip_target="192.0.2.1"))
    wrong = wrong.replace(after=wrong.after.replace(mac_address="01:00:00:00:00:01"))
    with pytest.raises(Refused, match="bond0") as caught:
        applier.carry_out("configure", [wrong])
    assert caught.value.change is wrong
    assert link(netns, "d0")["master"] == "bond0"
    assert "UP" in link(netns, "bond0")["flags"]


@pytest.mark.needs("vlan", "dummy")
def test_a_vlan_above_its_parents_mtu(netns, applier):
    parent, child = Dummy(name="d0"), Vlan(name="d0.7", vlan=VlanConfig(parent="d0", tag=7), mtu=9000)
    run(applier, new(parent))
    run(applier, changed(parent, parent.replace(mtu=9000)), new(child))
    assert (link(netns, "d0.7")["mtu"], data(netns, "d0.7")["id"], link(netns, "d0.7")["link"]) == (9000, 7, "d0")
    other = child.replace(vlan=child.vlan.replace(reorder_headers=False), ipv4=Ipv4(enabled=True, forwarding=True))
    run(applier, changed(child, other))
    assert "REORDER_HDR" not in data(netns, "d0.7").get("flags", [])
    assert pathlib.Path("/proc/sys/net/ipv4/conf/d0.7/forwarding").read_text() == "1\n"


@pytest.mark.needs("vrf", "dummy")
def test_a_vrf_and_its_port_with_an_address(netns, applier):
    address = Ipv4(enabled=True, address=(IpAddress(ip="192.0.2.1", prefix_length=24),))
    port = Dummy(name="d0", controller="blue", ipv4=address)
    run(applier, new(Vrf(name="blue", vrf=VrfConfig(port=("d0",), table=100))), new(port))
    assert (link(netns, "d0")["master"], data(netns, "blue")["table"]) == ("blue", 100)
    assert "192.0.2.0/24 dev d0" in netns.ip("route", "show", "table", "100")


@pytest.mark.needs("bridge-vlan-filtering", "dummy")
def test_vlans_of_bridge_ports(netns, applier):
    access = PortVlan(mode="access", tag=10)
    tags = (TrunkTag(id=20), TrunkTag(id_range=TagRange(min=30, max=32)))
    trunk = PortVlan(mode="trunk", enable_native=True, tag=5, trunk_tags=tags)

    def made(**vlans):
        ports = tuple(LinuxBridgePort(name=name, **({"vlan": vlan} if vlan else {})) for name, vlan in vlans.items())
        return LinuxBridge(name="br0", bridge=LinuxBridgeConfig(port=ports))

    first = made(d0=access, d1=trunk, d2=None)
    run(applier, new(first), *[new(one) for one in dummies("d0", "d1", "d2", controller="br0")])
    assert data(netns, "br0")["vlan_filtering"] == 1
    assert vlans(netns) == {"d0": "10pu", "d1": "5pu 20 30 31 32", "d2": "1pu", "br0": "1pu"}
    second = made(d0=PortVlan(mode="access", tag=11), d1=PortVlan(mode="trunk", trunk_tags=tags[:1]), d2=access)
    run(applier, changed(first, second))
    assert vlans(netns) == {"d0": "11pu", "d1": "20", "d2": "10pu", "br0": "1pu"}
    run(applier, changed(second, made(d0=PortVlan(), d1=PortVlan(), d2=PortVlan())))
    assert data(netns, "br0")["vlan_filtering"] == 0
    assert vlans(netns) == {"d0": "1pu", "d1": "1pu", "d2": "1pu", "br0": "1pu"}


def vlans(netns):
    import json
    import subprocess

    with netns.entered():
        text = subprocess.run(["bridge", "-j", "vlan"], capture_output=True, text=True, check=True).stdout
    return {one["ifname"]: " ".join(_vlan(each) for each in one["vlans"]) for one in json.loads(text)}


def _vlan(one):
    flags = one.get("flags", [])
    return f"{one['vlan']}{'p' * ('PVID' in flags)}{'u' * ('Egress Untagged' in flags)}"


@pytest.mark.needs("ipvlan", "dummy")
def test_an_ipvlan(netns, applier):
    made = IpVlan(name="i0", ipvlan=IpVlanConfig(parent="d0", mode="l3"), mac_address="02:00:00:00:00:01")
    run(applier, *[new(one) for one in dummies("d0")], new(made))
    assert data(netns, "i0")["mode"] == "l3"
    run(applier, changed(made, made.replace(ipvlan=IpVlanConfig(parent="d0", mode="l2"))))
    assert data(netns, "i0")["mode"] == "l2"


@pytest.mark.needs("hsr", "dummy")
def test_hsr(netns, applier):
    made = Hsr(name="h0", hsr=HsrConfig(port1="d0", port2="d1", protocol="hsr", multicast_spec=7))
    run(applier, *[new(one) for one in dummies("d0", "d1")], new(made))
    assert (data(netns, "h0")["slave1"], data(netns, "h0")["slave2"]) == ("d0", "d1")
    run(applier, gone(made))
    assert "h0" not in netns.ip("link")


@pytest.mark.needs("macsec", "dummy")
def test_macsec(netns, applier):
    made = MacSec(name="m0", macsec=MacSecConfig(parent="d0", encrypt=True, port=5, validation="check"))
    run(applier, *[new(one) for one in dummies("d0")], new(made))
    assert (data(netns, "m0")["encrypt"], data(netns, "m0")["validation"]) == (True, "check")
    run(applier, changed(made, made.replace(macsec=made.macsec.replace(encrypt=False))))
    assert data(netns, "m0")["encrypt"] is False


@pytest.mark.needs("macvlan", "macvtap", "veth")
def test_macvlan_and_macvtap(netns, applier):
    left = Veth(name="v1", veth=VethConfig(peer="v2"))
    one = MacVlan(name="m0", mac_vlan=MacVlanConfig(parent="v1", mode="bridge"), mac_address="02:00:00:00:00:05")
    two = MacVtap(name="t0", mac_vtap=MacVlanConfig(parent="v1", mode="vepa"))
    run(applier, new(left), new(one), new(two))
    assert (data(netns, "m0")["mode"], data(netns, "t0")["mode"]) == ("bridge", "vepa")
    assert link(netns, "m0")["address"] == "02:00:00:00:00:05"
    run(applier, changed(one, one.replace(mac_vlan=MacVlanConfig(parent="v1", mode="private"))))
    assert data(netns, "m0")["mode"] == "private"


@pytest.mark.needs("veth")
def test_offload_features(netns, applier):
    left = Veth(name="v1", veth=VethConfig(peer="v2"))
    run(applier, new(left))
    assert features("v1")["tx-generic-segmentation"]
    after = left.replace(ethtool=Ethtool(feature={"tx-generic-segmentation": False, "rx-gro": True}))
    run(applier, changed(left, after))
    assert not features("v1")["tx-generic-segmentation"]
    assert features("v1")["rx-gro"]


def features(name):
    from linkhold.providers.kernel.netlink import link as links
    from linkhold.providers.kernel.netlink.ethtool import Ethtool as Tool
    from linkhold.providers.kernel.netlink.generic import Generic

    with Netlink() as netlink, Generic() as generic:
        found = Tool(generic).features(links.read(netlink, name).index)
    return {one: one in found.active for one in found.known}


@pytest.mark.needs("veth")
def test_a_feature_that_does_not_exist_is_refused_with_its_change(netns, applier):
    left = Veth(name="v1", veth=VethConfig(peer="v2"))
    run(applier, new(left))
    made = changed(left, left.replace(ethtool=Ethtool(feature={"tx-teleport": True})))
    with pytest.raises(Refused, match="features of v1") as caught:
        applier.carry_out("configure", [made])
    assert caught.value.change is made
