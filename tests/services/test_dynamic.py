"""Addresses by DHCP and router advertisements where no NetworkManager runs: dhcpcd against real servers and routers."""

import collections.abc
import contextlib
import os
import pathlib
import signal
import time
import typing

import pytest

from linkhold.executor import host as composition
from linkhold.executor import store, verbs
from linkhold.executor.together import Together
from linkhold.foundation.driving import drive, run
from linkhold.planning.planner import Outcome
from linkhold.providers.contract import Scope
from linkhold.providers.dhcpcd import supervising
from linkhold.providers.dhcpcd.folder import Client, clients
from linkhold.providers.dhcpcd.provider import Dhcpcd
from linkhold.providers.kernel.leases import Leases
from linkhold.providers.kernel.provider import Kernel
from linkhold.state.document import parse
from linkhold.state.forms import write_record
from linkhold.state.network import NetworkState
from linkhold.transaction.options import Options
from linkhold.transaction.result import Result
from tests.lab import namespaces
from tests.services.rigs.daemons import tool
from tests.services.rigs.peer import Peer

pytestmark = pytest.mark.needs("alone", "dhcpcd", "dnsmasq", "radvd")

NIC = "eth1"
SERVER = "192.0.2.1/24"
PREFIX = "2001:db8:1::/64"
RESOLV_CONF = pathlib.Path("/etc/resolv.conf")


class Host:
    """This host, with the kernel and dhcpcd as its providers and nothing else."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.provider = Together(Kernel(), [Dhcpcd(ways=Leases)])
        self.ground = composition.ground(store.folder(str(folder)), provider=self.provider)

    def plan(self, text: str) -> Outcome:
        return run(verbs.plan(parse(text), ground=self.ground))

    def apply(self, text: str, **options: typing.Any) -> Result:
        return run(verbs.apply(parse(text), Options(**options), ground=self.ground))

    def reach(self, text: str) -> Result:
        """Apply a document; it is committed, and asks for nothing any more."""
        result = self.apply(text)
        assert result.outcome == "committed", (result.reason, result.mismatches, result.missing)
        again = self.plan(text)
        assert not again.errors
        assert [(one.name, one.differences) for one in again.plan.changes] == []
        return result

    def shown(self) -> NetworkState:
        return drive(self.provider.observe(Scope()))

    def section(self, family: str, nic: str = NIC) -> dict[str, typing.Any]:
        """What is shown of an interface in one family, as a document says it."""
        (found,) = [one for one in self.shown().interfaces if one.name == nic]
        return typing.cast("dict[str, typing.Any]", write_record(found.get(family)))

    def addresses(self, family: str, nic: str = NIC) -> list[str]:
        """The global ones."""
        section = self.section(family, nic)
        return [one["ip"] for one in section.get("address", ()) if not one["ip"].startswith("fe80")]

    def learned(self, nic: str = NIC) -> list[dict[str, typing.Any]]:
        """Routes that are shown as running, and not as configured."""
        routes = self.shown().routes
        return [write_record(one) for one in routes.running if one not in routes.config and one.next_hop_interface == nic]

    def destinations(self, nic: str = NIC) -> set[str]:
        return {one["destination"] for one in self.learned(nic)}


def until(what: collections.abc.Callable[[], typing.Any], words: str, patience: float = 15.0) -> typing.Any:
    """What it says, as soon as that is true."""
    limit = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < limit, f"after {patience:.0f} s this is not so: {words}\n{logs()}"
        time.sleep(0.05)
    return found


def logs() -> str:
    """What the clients said."""
    return "\n".join(path.read_text() for path in pathlib.Path("/run/linkhold/leases").glob("*/*/log"))


def document(ipv4: str = "", ipv6: str = "", nic: str = NIC, more: str = "") -> str:
    said = ", ".join(f"{family}: {{{text}}}" for family, text in (("ipv4", ipv4), ("ipv6", ipv6)) if text)
    return f"interfaces: [{{name: {nic}, type: ethernet, state: up, {said}{more}}}]"


@pytest.fixture
def host(peer: Peer, tmp_path: pathlib.Path) -> collections.abc.Iterator[Host]:
    RESOLV_CONF.unlink(missing_ok=True)
    RESOLV_CONF.write_text("nameserver 203.0.113.9\n")
    peer.cable(NIC)
    made = Host(tmp_path / "state")
    yield made
    for client, _ in list(clients()):
        supervising.stop(client)
    made.provider.close()


def test_ipv4_by_dhcp(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, SERVER, options=("option:dns-server,192.0.2.53", "option:domain-search,lan.example"))
    host.reach(document("dhcp: true"))
    section = host.section("ipv4")
    (address,) = section["address"]
    assert address["ip"].startswith("192.0.2.1")
    assert address["prefix-length"] == 24
    assert 3500 < int(address["valid-life-time"].removesuffix("sec")) <= 3600
    assert section["dhcp"] is True
    assert section["auto-gateway"] is section["auto-dns"] is section["auto-routes"] is True
    assert section["auto-route-table-id"] == 0
    assert section["dhcp-client-id"] == "ll"
    (default,) = [one for one in host.learned() if one["destination"] == "0.0.0.0/0"]
    assert default["next-hop-address"] == "192.0.2.1"
    assert peer.is_reached("192.0.2.1")
    dns = host.shown().dns
    assert dns.config.server == ("203.0.113.9",)
    assert dns.running.server == ("203.0.113.9", "192.0.2.53")
    assert dns.running.search == ("lan.example",)
