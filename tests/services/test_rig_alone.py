"""Hosts of their own for tests, and the daemons on them."""

import os
import pathlib

import pytest

from tests.lab import namespaces
from tests.services.rigs.daemons import tool
from tests.services.rigs.networkmanager import NetworkManager
from tests.services.rigs.openvswitch import OpenVSwitch
from tests.services.rigs.peer import Peer


@pytest.mark.parametrize("turn", [1, 2])
def test_what_is_left_behind_is_gone(alone: None, turn: int) -> None:
    """Two tests that leave the same traces: neither sees the other's."""
    marks = [pathlib.Path("/etc/left-behind"), pathlib.Path("/var/lib/left-behind"), pathlib.Path("/run/left-behind")]
    assert os.getpid() < 10
    assert [one for one in marks if one.exists()] == []
    assert set(os.listdir("/sys/class/net")) - {"bonding_masters"} == {"lo"}
    for one in marks:
        one.write_text("x")
    tool("sh", "-c", "sleep 1000 >/dev/null 2>&1 &")
    tool("ip", "link", "add", "left0", "type", "veth", "peer", "left1")


def test_its_network_is_that_of_its_process_1(alone: None, netns: namespaces.Namespace) -> None:
    assert os.readlink("/proc/1/ns/net") == os.readlink("/proc/self/ns/net")
    assert not namespaces.on_the_machines_network()


def test_networkmanager_manages_its_network(networkmanager: NetworkManager, netns: namespaces.Namespace) -> None:
    netns.ip("link", "add", "eth1", "type", "veth", "peer", "far1")
    netns.ip("link", "set", "far1", "up")
    networkmanager.wait_for_state("eth1", "disconnected")
    networkmanager.nmcli("connection add type ethernet con-name one ifname eth1 ip4 192.0.2.1/24")
    networkmanager.wait_for_state("eth1", "connected")
    (eth1,) = netns.ip_json("address", "show", "eth1")
    assert "192.0.2.1" in [one["local"] for one in eth1["addr_info"]]
    assert networkmanager.profiles()["one"] == "eth1"


def test_networkmanager_killed_comes_back(networkmanager: NetworkManager, netns: namespaces.Namespace) -> None:
    networkmanager.nmcli("connection add type bridge con-name br0 ifname br0 ip4 192.0.2.1/24 ipv6.method disabled")
    networkmanager.wait_for_state("br0", "connect")
    first = networkmanager.pid
    networkmanager.kill()
    assert not networkmanager.alive
    networkmanager.start()
    assert networkmanager.pid != first
    networkmanager.wait_for_state("br0", "connect")


@pytest.mark.needs("bond", "vlan")
def test_networkmanager_sets_what_only_sysfs_sets(networkmanager: NetworkManager, netns: namespaces.Namespace) -> None:
    words = "connection add type bond con-name bond0 ifname bond0 bond.options mode=802.3ad,miimon=140 ip4 192.0.2.1/24"
    networkmanager.nmcli(words)
    networkmanager.nmcli("connection add type vlan con-name v7 ifname bond0.7 dev bond0 id 7 ip4 198.51.100.1/24")
    networkmanager.wait_for_state("bond0", "connect")
    (bond,) = netns.ip_json("link", "show", "bond0")
    assert bond["linkinfo"]["info_data"]["mode"] == "802.3ad"
    assert bond["linkinfo"]["info_data"]["miimon"] == 140
    assert netns.ip_json("link", "show", "bond0.7")


def test_open_vswitch_switches(openvswitch: OpenVSwitch, netns: namespaces.Namespace) -> None:
    openvswitch.vsctl("add-br", "br0", "--", "set", "bridge", "br0", f"datapath_type={openvswitch.datapath}")
    assert openvswitch.bridges() == ["br0"]
    assert netns.ip_json("link", "show", "br0")
    assert openvswitch.rows("Bridge", "name", "datapath_type") == [
        {"name": "br0", "datapath_type": openvswitch.datapath}
    ]
    openvswitch.server.kill()
    openvswitch.server.start()
    assert openvswitch.bridges() == ["br0"]


@pytest.mark.needs("openvswitch-datapath")
def test_a_guest_has_the_kernels_datapath(openvswitch: OpenVSwitch, netns: namespaces.Namespace) -> None:
    assert openvswitch.datapath == "system"
    openvswitch.vsctl("add-br", "br0")
    (br0,) = netns.ip_json("link", "show", "br0")
    assert br0["linkinfo"]["info_kind"] == "openvswitch"


def test_a_peer_gives_addresses(networkmanager: NetworkManager, peer: Peer, netns: namespaces.Namespace) -> None:
    peer.cable("eth1")
    peer.dhcp("eth1", "192.0.2.1/24")
    peer.router("eth1", "2001:db8:1::/64")
    networkmanager.nmcli("connection add type ethernet con-name one ifname eth1 ipv4.method auto")
    networkmanager.wait_for_state("eth1", "connected")

    def addresses() -> set[str]:
        (eth1,) = netns.ip_json("address", "show", "eth1")
        return {one["local"].rpartition(".")[0] or one["local"][:11] for one in eth1["addr_info"]}

    networkmanager.wait_until(lambda: {"192.0.2", "2001:db8:1:"} <= addresses(), "both daemons were heard")
    assert peer.is_reached("192.0.2.1")
