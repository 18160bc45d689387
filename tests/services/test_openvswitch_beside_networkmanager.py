"""Open vSwitch on a host whose cards NetworkManager has."""

import pathlib
import typing

import pytest

import linkhold
from linkhold.state.document import to_plain
from tests.lab import namespaces
from tests.services.rigs.networkmanager import NetworkManager
from tests.services.rigs.openvswitch import OpenVSwitch

Document = dict[str, typing.Any]


@pytest.fixture
def both(
    openvswitch: OpenVSwitch,
    networkmanager: NetworkManager,
    netns: namespaces.Namespace,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[OpenVSwitch, NetworkManager]:
    """Both run; two cards, of which eth1 has an address by a profile."""
    monkeypatch.setenv("LINKHOLD_STATE_DIR", str(tmp_path / "state"))
    for number in (1, 2):
        netns.ip("link", "add", f"eth{number}", "type", "veth", "peer", f"far{number}")
        netns.ip("link", "set", f"far{number}", "up")
        networkmanager.wait_for_state(f"eth{number}", "disconnected")
    networkmanager.nmcli("connection add type ethernet con-name one ifname eth1 ip4 192.0.2.1/24 ipv6.method disabled")
    networkmanager.wait_for_state("eth1", "connected")
    return openvswitch, networkmanager


def test_the_hosts_address_moves_onto_a_bridge_and_back(
    both: tuple[OpenVSwitch, NetworkManager], netns: namespaces.Namespace
) -> None:
    ovs, nm = both
    ipv4 = {"enabled": True, "address": [{"ip": "192.0.2.1", "prefix-length": 24}]}
    bridge = {"options": {"datapath": ovs.datapath}, "port": [{"name": "eth1"}, {"name": "br0"}]}
    document: Document = {
        "interfaces": [
            {"name": "br0", "type": "ovs-bridge", "state": "up", "bridge": bridge},
            {"name": "br0", "type": "ovs-interface", "state": "up", "ipv4": ipv4},
            {"name": "eth1", "type": "ethernet", "state": "up", "ovs-db": {"external_ids": {"a": "b"}}},
        ]
    }
    result = linkhold.apply(document, commit=False)
    assert ovs.ports("br0") == ["eth1"]
    (br0,) = netns.ip_json("-4", "address", "show", "br0")
    assert [one["local"] for one in br0["addr_info"]] == ["192.0.2.1"]
    assert netns.ip_json("-4", "address", "show", "eth1") == []
    shown = {one["name"]: one for one in to_plain(linkhold.show(["eth1"]))["interfaces"]}
    assert shown["eth1"]["controller"] == "br0"
    linkhold.rollback()
    assert result.plan.changes
    assert ovs.bridges() == []
    nm.wait_for_state("eth1", "connected")
    (eth1,) = netns.ip_json("-4", "address", "show", "eth1")
    assert [one["local"] for one in eth1["addr_info"]] == ["192.0.2.1"]
    assert nm.profiles()["one"] == "eth1"
    assert linkhold.apply(document).outcome == "committed"
    assert linkhold.apply(document).outcome == "unchanged"
