"""VLANs of bridge ports on a kernel that filters them, against iproute2's `bridge`."""

import json
import subprocess

import pytest

from linkhold.providers.kernel.netlink import bridge_vlan, link
from linkhold.providers.kernel.netlink.bridge_vlan import VlanRange
from linkhold.providers.kernel.netlink.socket import Refusal
from tests.kernel.netlink.oracle import do

pytestmark = pytest.mark.needs("bridge-vlan-filtering", "veth")

DEFAULT = VlanRange(1, pvid=True, untagged=True)


@pytest.fixture
def port(netlink):
    do("link", "add", "br0", "type", "bridge", "vlan_filtering", "1")
    do("link", "add", "v0", "type", "veth", "peer", "name", "v1")
    do("link", "set", "v0", "master", "br0")
    return link.read(netlink, "v0").index


def told_by_bridge(name):
    done = subprocess.run(["bridge", "-j", "vlan", "show", "dev", name], check=True, capture_output=True, text=True)
    (found,) = json.loads(done.stdout)
    return [
        VlanRange(
            each["vlan"],
            each.get("vlanEnd"),
            pvid="PVID" in each.get("flags", []),
            untagged="Egress Untagged" in each.get("flags", []),
        )
        for each in found["vlans"]
    ]


def one_by_one(ranges):
    return {(vlan, each.pvid, each.untagged) for each in ranges for vlan in range(each.first, each.last + 1)}


def test_vlans_are_added_changed_and_removed(netlink, port):
    bridge = link.read(netlink, "br0").index
    assert bridge_vlan.dump(netlink) == {bridge: [DEFAULT], port: [DEFAULT]}
    wanted = [VlanRange(10, pvid=True, untagged=True), VlanRange(20, 29), VlanRange(30, untagged=True), VlanRange(4094)]
    requests = [bridge_vlan.add(port, wanted), bridge_vlan.add(bridge, [VlanRange(100, 102)], bridge=True)]
    assert netlink.batch(requests) == [None, None]
    found = bridge_vlan.dump(netlink)
    assert found[port] == [VlanRange(1, untagged=True), *wanted]
    assert found[bridge] == [DEFAULT, VlanRange(100, 102)]
    assert one_by_one(told_by_bridge("v0")) == one_by_one(found[port])
    assert one_by_one(told_by_bridge("br0")) == one_by_one(found[bridge])
    requests = [
        bridge_vlan.add(port, [VlanRange(20, untagged=True)]),
        bridge_vlan.remove(port, [VlanRange(1), VlanRange(22, 30)]),
        bridge_vlan.remove(bridge, [VlanRange(100, 102)], bridge=True),
    ]
    assert netlink.batch(requests) == [None, None, None]
    found = bridge_vlan.dump(netlink)
    assert found[bridge] == [DEFAULT]
    assert one_by_one(found[port]) == {(10, True, True), (20, False, True), (21, False, False), (4094, False, False)}


def test_four_thousand_vlans_of_a_port_are_one_entry(netlink, port):
    netlink.request(*bridge_vlan.add(port, [VlanRange(2, 4094)]))
    assert bridge_vlan.dump(netlink)[port] == [DEFAULT, VlanRange(2, 4094)]


def test_a_link_that_is_no_port_is_refused(netlink, port):
    with pytest.raises(Refusal):
        netlink.request(*bridge_vlan.add(link.read(netlink, "v1").index, [VlanRange(5)]))
