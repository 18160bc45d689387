"""Interfaces of Open vSwitch with all that the kernel and a DHCP client do for them, and with other kinds above and below."""

import asyncio
import copy
import pathlib
import signal
import subprocess
import sys
import time
import typing

import pytest

import linkhold
from linkhold.providers.ovsdb.provider import OpenVSwitch as Provider
from linkhold.state.document import to_plain
from tests.lab import namespaces
from tests.services.rigs.openvswitch import OpenVSwitch
from tests.services.rigs.peer import Peer

Document = dict[str, typing.Any]


@pytest.fixture
def ovs(
    openvswitch: OpenVSwitch, netns: namespaces.Namespace, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> OpenVSwitch:
    """Open vSwitch, and a card."""
    monkeypatch.setenv("LINKHOLD_STATE_DIR", str(tmp_path / "state"))
    netns.ip("link", "add", "eth1", "type", "veth", "peer", "far1")
    netns.ip("link", "set", "far1", "up")
    netns.ip("link", "set", "eth1", "up")
    return openvswitch


def bridge(ovs: OpenVSwitch, *ports: str, name: str = "br0") -> Document:
    """A bridge of the datapath that is to be had here."""
    section = {"options": {"datapath": ovs.datapath}, "port": [{"name": one} for one in ports]}
    return {"name": name, "type": "ovs-bridge", "state": "up", "bridge": section}


def apply(document: Document) -> None:
    """It must end well, and be as was asked for when looked at again."""
    result = linkhold.apply(copy.deepcopy(document))
    assert result.outcome == "committed"
    again = linkhold.apply(document)
    assert again.outcome == "unchanged", [(one.name, one.differences) for one in again.plan.changes]


def static(address: str, length: int) -> Document:
    """A section of one address."""
    return {"enabled": True, "address": [{"ip": address, "prefix-length": length}]}


def test_everything_of_the_kernels(ovs: OpenVSwitch, netns: namespaces.Namespace) -> None:
    host0 = {
        "name": "host0",
        "type": "ovs-interface",
        "state": "up",
        "description": "for the host",
        "alt-names": [{"name": "storage"}],
        "ipv4": {**static("192.0.2.1", 24), "forwarding": True},
        "ipv6": {**static("2001:db8::1", 64), "addr-gen-mode": "stable-privacy"},
    }
    routes = [
        {"destination": "198.51.100.0/24", "next-hop-interface": "host0", "next-hop-address": "192.0.2.254"},
        {"destination": "2001:db8:1::/64", "next-hop-interface": "host0", "next-hop-address": "2001:db8::2"},
    ]
    rules = [{"ip-to": "198.51.100.0/24", "route-table": 100, "priority": 999}]
    apply(
        {
            "interfaces": [bridge(ovs, "eth1", "host0"), host0],
            "routes": {"config": routes},
            "route-rules": {"config": rules},
        }
    )
    (link,) = netns.ip_json("address", "show", "host0")
    assert link["ifalias"] == "for the host"
    assert link["altnames"] == ["storage"]
    assert {"192.0.2.1", "2001:db8::1"} <= {one["local"] for one in link["addr_info"]}
    assert netns.ip_json("route", "show", "198.51.100.0/24")
    assert netns.ip_json("-6", "route", "show", "2001:db8:1::/64")
    assert pathlib.Path("/proc/sys/net/ipv4/conf/host0/forwarding").read_text().strip() == "1"
    apply({"interfaces": [{"name": "host0", "type": "ovs-interface", "state": "down"}]})
    (link,) = netns.ip_json("link", "show", "host0")
    assert "UP" not in link["flags"]
    assert "host0" in ovs.ports("br0")


def test_interfaces_above_and_below(ovs: OpenVSwitch, netns: namespaces.Namespace) -> None:
    """A tunnel and a bridge of the kernel's as ports, a MACVLAN on an interface for the host: all of one document."""
    apply(
        {
            "interfaces": [
                bridge(ovs, "vx0", "lin0", "host0"),
                {"name": "host0", "type": "ovs-interface", "state": "up", "ipv4": static("192.0.2.1", 24)},
                {"name": "vx0", "type": "vxlan", "vxlan": {"id": 7, "remote": "203.0.113.1", "destination-port": 4789}},
                {"name": "lin0", "type": "linux-bridge", "bridge": {"port": [{"name": "eth1"}]}},
                {"name": "mv0", "type": "mac-vlan", "mac-vlan": {"base-iface": "host0", "mode": "bridge"}},
            ]
        }
    )
    assert ovs.ports("br0") == ["host0", "lin0", "vx0"]
    (mv0,) = netns.ip_json("link", "show", "mv0")
    assert mv0["link"] == "host0"
    apply({"interfaces": [{"name": "br0", "type": "ovs-bridge", "state": "absent"}]})
    assert {one["ifname"] for one in netns.ip_json("link")} >= {"lin0", "vx0", "eth1"}
    assert not {"mv0", "host0"} & {one["ifname"] for one in netns.ip_json("link")}


@pytest.mark.needs("bond", "vlan")
def test_a_bond_of_the_kernels_and_a_vlan(ovs: OpenVSwitch, netns: namespaces.Namespace) -> None:
    bond = {"mode": "active-backup", "port": ["eth1"]}
    apply(
        {
            "interfaces": [
                {"name": "bond0", "type": "bond", "link-aggregation": bond},
                bridge(ovs, "bond0", "br0"),
                {"name": "br0", "type": "ovs-interface", "state": "up"},
                {
                    "name": "br0.7",
                    "type": "vlan",
                    "vlan": {"base-iface": "br0", "id": 7},
                    "ipv4": static("192.0.2.1", 24),
                },
            ]
        }
    )
    assert ovs.ports("br0") == ["bond0"]
    (vlan,) = netns.ip_json("-4", "address", "show", "br0.7")
    assert vlan["addr_info"][0]["local"] == "192.0.2.1"


@pytest.mark.needs("dnsmasq", "dhcpcd")
def test_a_bridges_own_interface_leases_an_address(ovs: OpenVSwitch, peer: Peer, netns: namespaces.Namespace) -> None:
    far = peer.cable("eth9")
    with peer.there.entered():  # frames that go through user space need their checksums
        subprocess.run(["ethtool", "-K", far, "tx", "off"], check=True, capture_output=True)
    peer.dhcp("eth9", "192.0.2.1/24")
    own = {"name": "br0", "type": "ovs-interface", "state": "up", "ipv4": {"enabled": True, "dhcp": True}}
    result = linkhold.apply({"interfaces": [bridge(ovs, "eth9", "br0"), own]})
    assert result.outcome == "committed"
    until = time.monotonic() + 20
    leased: list[str] = []
    while not leased and time.monotonic() < until:
        found = netns.ip_json("-4", "address", "show", "br0")
        leased = [one["local"] for link in found for one in link["addr_info"]]
        time.sleep(0.1)
    assert leased
    assert leased[0].startswith("192.0.2.1")
    shown = next(one for one in to_plain(linkhold.show(["br0"]))["interfaces"] if one["type"] == "ovs-interface")
    assert shown["ipv4"]["dhcp"] is True
    assert shown["ipv4"]["address"][0]["ip"] == leased[0]
    linkhold.apply({"interfaces": [{"name": "br0", "type": "ovs-bridge", "state": "absent"}]})
    assert ovs.bridges() == []


KILLED = """
import os, signal, sys
import linkhold
def report(progress):
    if progress.phase == "apply" and progress.message.startswith({stage!r}):
        os.kill(os.getpid(), signal.SIGKILL)
linkhold.apply({document!r}, progress=report)
"""


@pytest.mark.parametrize("stage", ["create", "attach", "configure", "address"])
def test_our_own_death_in_the_middle_is_taken_back_by_the_guard(
    ovs: OpenVSwitch, netns: namespaces.Namespace, stage: str
) -> None:
    ovs.vsctl("set", "Open_vSwitch", ".", "external_ids:mine=1")
    document = {
        "interfaces": [
            bridge(ovs, "eth1", "host0"),
            {"name": "host0", "type": "ovs-interface", "state": "up", "ipv4": static("192.0.2.1", 24)},
        ],
        "ovs-db": {"external_ids": {"ours": "1"}},
    }
    script = KILLED.format(stage=stage, document=document)
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    until = time.monotonic() + 30
    while (ovs.bridges() or _pending()) and time.monotonic() < until:
        time.sleep(0.1)
    assert ovs.bridges() == []
    assert ovs.vsctl("get", "Open_vSwitch", ".", "external_ids").strip() == '{mine="1"}'
    assert {one["ifname"] for one in netns.ip_json("link")} - {"ovs-netdev", "ovs-system"} == {"lo", "eth1", "far1"}
    assert linkhold.apply(document).outcome == "committed"


def _pending() -> bool:
    import os

    return any((pathlib.Path(os.environ["LINKHOLD_STATE_DIR"]) / "pending").glob("*.jsonl"))


def test_news_of_the_database_and_of_its_server_are_heard(ovs: OpenVSwitch) -> None:
    async def watching() -> list[bool]:
        watch = Provider().watch()
        try:
            heard = [await watch.changed(0.3)]
            ovs.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", f"datapath_type={ovs.datapath}")
            heard.append(await watch.changed(5))
            while await watch.changed(0.5):
                pass
            ovs.server.kill()
            heard.append(await watch.changed(5))
            heard.append(await watch.changed(0.3))
            ovs.server.start()
            heard.append(await watch.changed(5))
            while await watch.changed(1):
                pass
            ovs.vsctl("--no-wait", "set", "Bridge", "br0", "external_ids:a=b")
            heard.append(await watch.changed(5))
            return heard
        finally:
            watch.close()

    assert asyncio.run(watching()) == [False, True, True, False, True, True]
