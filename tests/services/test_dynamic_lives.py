"""Leases outlive commands, and those who die; a boot brings them back."""

import collections.abc
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

from linkhold.providers.dhcpcd import supervising
from linkhold.providers.dhcpcd.folder import Client, clients
from linkhold.providers.dhcpcd.presence import BASE
from tests.kernel.command_line import CommandLine
from tests.lab import namespaces
from tests.services.rigs.peer import Peer

pytestmark = pytest.mark.needs("alone", "dhcpcd", "dnsmasq", "radvd")

NIC = "eth1"
LEASED = "interfaces: [{name: eth1, type: ethernet, state: up, ipv4: {dhcp: true}}]"
WAITS = "interfaces: [{name: eth1, type: ethernet, state: up, ipv4: {dhcp: true}, wait-ip: ipv4}]"


@pytest.fixture
def linkhold(peer: Peer, tmp_path: pathlib.Path) -> collections.abc.Iterator[CommandLine]:
    peer.cable(NIC)
    made = CommandLine(tmp_path / "host")
    made.environment["LINKHOLD_ROOT"] = ""
    yield made
    for client, _ in list(clients()):
        supervising.stop(client)


def address(netns: namespaces.Namespace) -> str:
    (link,) = netns.ip_json("-4", "address", "show", NIC) or [{"addr_info": []}]
    return next((one["local"] for one in link.get("addr_info", ())), "")


def eventually(what: collections.abc.Callable[[], object], words: str, patience: float = 20.0) -> None:
    limit = time.monotonic() + patience
    while not what():
        assert time.monotonic() < limit, f"after {patience:.0f} s this is not so: {words}"
        time.sleep(0.05)


def test_the_lease_outlives_the_command(linkhold: CommandLine, peer: Peer, netns: namespaces.Namespace) -> None:
    peer.dhcp(NIC, "192.0.2.1/24")
    assert linkhold("apply", "-", text=LEASED).returncode == 0
    leased = address(netns)
    assert leased
    assert supervising.running(Client(NIC, "ipv4"))
    again = linkhold("apply", "-", text=LEASED)
    assert again.returncode == 0
    assert address(netns) == leased
    assert "dhcp: true" in linkhold("show", NIC).stdout


def test_a_boot_brings_it_back(linkhold: CommandLine, peer: Peer, netns: namespaces.Namespace) -> None:
    """After one nothing runs, nothing lies in /run, and interfaces are bare."""
    peer.dhcp(NIC, "192.0.2.1/24")
    assert linkhold("apply", "-", text=LEASED).returncode == 0
    leased = address(netns)
    supervising.stop(Client(NIC, "ipv4"))
    shutil.rmtree(BASE)
    netns.ip("address", "flush", "dev", NIC)
    netns.ip("link", "set", NIC, "down")
    done = linkhold("restore")
    assert done.returncode == 0, done.stderr
    assert address(netns) == leased
    quiet = linkhold("restore")
    assert quiet.returncode == 0
    assert supervising.running(Client(NIC, "ipv4"))


def test_a_killed_command_is_rolled_back_with_its_client(
    linkhold: CommandLine, peer: Peer, netns: namespaces.Namespace
) -> None:
    """It waits for a lease, since the document says so; then it is killed."""
    with subprocess.Popen(linkhold.command("apply", "-"), stdin=subprocess.PIPE, env=linkhold.environment) as process:
        assert process.stdin is not None
        process.stdin.write(WAITS.encode())
        process.stdin.close()
        eventually(lambda: supervising.running(Client(NIC, "ipv4")), "the client runs")
        os.kill(process.pid, signal.SIGKILL)
    eventually(lambda: not list(clients()), "the guard has stopped it")
    assert not supervising.running(Client(NIC, "ipv4"))
    peer.dhcp(NIC, "192.0.2.1/24")
    time.sleep(1)
    assert address(netns) == ""
    eventually(lambda: list((linkhold.state / "history").glob("*.rolled-back.jsonl")), "it is rolled back")


def test_a_change_that_nobody_confirms_gives_the_lease_back(
    linkhold: CommandLine, peer: Peer, netns: namespaces.Namespace
) -> None:
    peer.dhcp(NIC, "192.0.2.1/24")
    assert linkhold("apply", "-", text=LEASED).returncode == 0
    leased = address(netns)
    other = (
        "interfaces: [{name: eth1, type: ethernet, ipv4: {dhcp: false, address: [{ip: 192.0.2.9, prefix-length: 24}]}}]"
    )
    assert linkhold("apply", "--no-commit", "--timeout", "3", "-", text=other).returncode == 0
    assert address(netns) == "192.0.2.9"
    assert not list(clients())
    eventually(lambda: address(netns) == leased, "it is rolled back")
    eventually(lambda: supervising.running(Client(NIC, "ipv4")), "the client runs again")


def test_what_is_shown_can_be_applied(linkhold: CommandLine, peer: Peer, netns: namespaces.Namespace) -> None:
    """Leased addresses and learned routes in it are taken for what they are."""
    peer.dhcp(NIC, "192.0.2.1/24", options=("option:dns-server,192.0.2.53",))
    peer.router(NIC, "2001:db8:1::/64")
    both = "interfaces: [{name: eth1, type: ethernet, state: up, ipv4: {dhcp: true}, ipv6: {enabled: true, autoconf: true}}]"
    assert linkhold("apply", "-", text=both).returncode == 0
    eventually(lambda: "2001:db8:1:" in linkhold("show", NIC).stdout, "the router is heard")
    shown = linkhold("show").stdout
    nothing = linkhold("plan", "--exit-code", "-", text=shown)
    assert nothing.returncode == 0, nothing.stdout
    again = linkhold("apply", "-", text=shown)
    assert again.returncode == 0, again.stderr
    (link,) = netns.ip_json("-4", "address", "show", NIC)
    assert [one["dynamic"] for one in link["addr_info"]] == [True]
    with_lease = netns.ip_json("route", "show", "default")
    assert [one["protocol"] for one in with_lease] == ["dhcp"]
