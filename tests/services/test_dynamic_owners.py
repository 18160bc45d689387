"""Leases of interfaces that others own, or come to own."""

import collections.abc
import pathlib
import time

import pytest

from linkhold.providers.dhcpcd import supervising
from linkhold.providers.dhcpcd.folder import Client, clients
from tests.kernel.command_line import CommandLine
from tests.lab import namespaces
from tests.services.rigs.daemons import tool
from tests.services.rigs.networkmanager import NetworkManager
from tests.services.rigs.openvswitch import OpenVSwitch
from tests.services.rigs.peer import Peer

pytestmark = pytest.mark.needs("alone", "dhcpcd", "dnsmasq")

SWITCH = """
interfaces:
- name: br0
  type: ovs-bridge
  bridge:
    options: {{datapath: {datapath}}}
    port: [{{name: eth1}}, {{name: ovs0}}]
- name: eth1
  type: ethernet
- name: ovs0
  type: ovs-interface
  ipv4: {{enabled: true, dhcp: true}}
"""


@pytest.fixture
def linkhold(tmp_path: pathlib.Path) -> collections.abc.Iterator[CommandLine]:
    made = CommandLine(tmp_path / "host")
    made.environment["LINKHOLD_ROOT"] = ""
    yield made
    for client, _ in list(clients()):
        supervising.stop(client)


def address(netns: namespaces.Namespace, nic: str) -> str:
    (link,) = netns.ip_json("-4", "address", "show", nic) or [{"addr_info": []}]
    return next((one["local"] for one in link.get("addr_info", ())), "")


def eventually(what: collections.abc.Callable[[], object], words: str, patience: float = 30.0) -> None:
    limit = time.monotonic() + patience
    while not what():
        assert time.monotonic() < limit, f"after {patience:.0f} s this is not so: {words}"
        time.sleep(0.05)


def test_an_internal_interface_of_open_vswitch(
    openvswitch: OpenVSwitch, peer: Peer, netns: namespaces.Namespace, linkhold: CommandLine
) -> None:
    peer.cable("eth1")
    peer.dhcp("eth1", "192.0.2.1/24")
    with peer.there.entered():  # the daemon's own switch hands packets on as they are, unfinished checksums and all
        tool("ethtool", "--offload", peer.far("eth1"), "tx", "off")
    text = SWITCH.format(datapath=openvswitch.datapath)
    done = linkhold("apply", "-", text=text)
    assert done.returncode == 0, done.stderr + done.stdout
    eventually(lambda: address(netns, "ovs0"), "there is a lease")
    again = linkhold("plan", "-", text=text)
    assert "ovs0" not in again.stdout, again.stdout
    done = linkhold(
        "apply", "-", text="interfaces: [{name: br0, type: ovs-bridge, state: absent}, {name: ovs0, state: absent}]"
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert not list(clients())


def test_an_interface_that_moves_to_networkmanager_and_back(
    networkmanager: NetworkManager, peer: Peer, netns: namespaces.Namespace, linkhold: CommandLine
) -> None:
    """There is one client at a time."""
    peer.cable("eth1")
    peer.dhcp("eth1", "192.0.2.1/24")
    text = "interfaces: [{name: eth1, type: ethernet, state: up, ipv4: {enabled: true, dhcp: true}}]"
    settings = pathlib.Path("/etc/linkhold/linkhold.toml")
    settings.parent.mkdir(exist_ok=True)
    for owner in ("kernel", "networkmanager", "kernel"):
        settings.write_text(f'[providers]\n"eth1" = "{owner}"\n')
        done = linkhold("apply", "-", text=text)
        assert done.returncode == 0, done.stderr + done.stdout
        eventually(lambda: address(netns, "eth1"), f"a lease by {owner}")
        assert supervising.running(Client("eth1", "ipv4")) is (owner == "kernel")
        again = linkhold("apply", "-", text=text)
        assert again.returncode == 0, again.stderr + again.stdout
