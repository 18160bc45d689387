"""Addresses by DHCP and router advertisements where no NetworkManager runs: dhcpcd against real servers and routers."""

import collections.abc
import contextlib
import ipaddress
import os
import pathlib
import re
import signal
import subprocess
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
from linkhold.providers.dhcpcd.settings import Settings
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
        return [
            write_record(one) for one in routes.running if one not in routes.config and one.next_hop_interface == nic
        ]

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


def test_it_is_quick(host: Host, peer: Peer) -> None:
    """No probing of five seconds: the server does that."""
    peer.dhcp(NIC, SERVER)
    begin = time.monotonic()
    host.apply(document("dhcp: true"))
    assert host.addresses("ipv4")
    assert time.monotonic() - begin < 3


def test_without_a_server_it_goes_on_and_the_lease_comes_later(host: Host, peer: Peer) -> None:
    result = host.apply(document("dhcp: true"))
    assert result.outcome == "committed"
    assert host.section("ipv4")["dhcp"] is True
    assert host.addresses("ipv4") == []
    assert host.plan(document("dhcp: true")).plan.empty
    peer.dhcp(NIC, SERVER)
    until(lambda: host.addresses("ipv4"), "the lease comes", 40)


@pytest.mark.parametrize(
    ("said", "routes"),
    [
        ("auto-gateway: false", {"198.51.100.0/24"}),
        ("auto-routes: false", set()),
        ("auto-gateway: true", {"198.51.100.0/24", "0.0.0.0/0"}),
    ],
)
def test_routes_that_are_not_wanted(host: Host, peer: Peer, said: str, routes: set[str]) -> None:
    classless = "option:classless-static-route,198.51.100.0/24,192.0.2.9,0.0.0.0/0,192.0.2.1"
    peer.dhcp(NIC, SERVER, options=(classless, "option:T1,3"))
    host.reach(document(f"dhcp: true, {said}"))
    assert host.destinations() == routes
    assert peer.is_reached("192.0.2.1")
    renewed(host)
    assert host.destinations() == routes


def renewed(host: Host) -> None:
    """The lease was renewed once more: its end moved."""

    def end() -> float:
        (told,) = Client(NIC, "ipv4").facts.values()
        return float(told["until"])

    before = end()
    until(lambda: end() > before, "the lease is renewed", 20)


def test_settings_of_a_running_lease_change_in_place(host: Host, peer: Peer) -> None:
    """The client goes on: nothing is asked of the server again."""
    peer.dhcp(NIC, SERVER, options=("option:dns-server,192.0.2.53",))
    host.reach(document("dhcp: true"))
    process = client_process()
    host.reach(document("dhcp: true, auto-dns: false, auto-gateway: false"))
    assert host.destinations() == set()
    assert host.shown().dns.running.server == ("203.0.113.9",)
    host.reach(document("dhcp: true, auto-dns: true, auto-gateway: true, auto-route-metric: 77"))
    assert [(one["destination"], one["metric"]) for one in host.learned()] == [("0.0.0.0/0", 77)]
    assert host.shown().dns.running.server == ("203.0.113.9", "192.0.2.53")
    assert client_process() == process


def client_process(family: str = "4") -> int:
    return int(pathlib.Path(f"/run/dhcpcd/{NIC}-{family}.pid").read_text())


@pytest.mark.parametrize("table", [123, 2**32 - 1])
def test_another_table_has_all_of_it(host: Host, peer: Peer, netns: namespaces.Namespace, table: int) -> None:
    # without a rule the server can't be reached by a packet to it alone: the client then asks all, at T2
    peer.dhcp(NIC, SERVER, options=("option:T1,2", "option:T2,4"))
    host.reach(document(f"dhcp: true, auto-route-table-id: {table}, auto-route-metric: 50"))
    renewed(host)
    routes = {(one["dst"], one["metric"]) for one in netns.ip_json("route", "show", "table", str(table))}
    assert routes == {("default", 50), ("192.0.2.0/24", 50)}
    assert netns.ip_json("route", "show", "table", "main") == []
    host.reach(document("dhcp: true, auto-route-table-id: 0"))
    assert {one["dst"] for one in netns.ip_json("route", "show", "table", "main")} == {"default", "192.0.2.0/24"}
    assert netns.ip_json("route", "show", "table", "all", "dev", NIC, "proto", "dhcp")[0].get("table", "main") == "main"


def test_the_lease_survives_its_way_into_another_table(host: Host, peer: Peer, tmp_path: pathlib.Path) -> None:
    """The kernel takes the address off for that, and gets it again at once. A client that saw it go would give the lease up,
    and ask for another one."""
    peer.dhcp(NIC, SERVER, options=("option:T1,2", "option:T2,4"))
    host.reach(document("dhcp: true, auto-route-table-id: 123"))
    news = tmp_path / "news"
    with news.open("w") as file, subprocess.Popen(["ip", "-4", "monitor", "address"], stdout=file) as monitor:
        try:
            host.reach(document("dhcp: true, auto-route-table-id: 0"))
            renewed(host)
        finally:
            monitor.terminate()
    told = news.read_text().splitlines()
    assert len([one for one in told if one.startswith("Deleted") and NIC in one]) == 1, told


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("ll", "client-id: 01:{mac}"),
        ("iaid+duid", "client-id: ff:{iaid}:00:03:00:01:{mac}"),
        ("01:02:03:04", "client-id: 01:02:03:04"),
        ("me", "client-id: 00:6d:65"),
    ],
)
def test_client_identifiers(host: Host, peer: Peer, netns: namespaces.Namespace, said: str, sent: str) -> None:
    """As dnsmasq knows the client by it: the address is reserved for that identifier."""
    (link,) = netns.ip_json("link", "show", NIC)
    mac = link["address"]
    words = sent.format(mac=mac, iaid=mac[6:]).removeprefix("client-id: ")
    peer.dhcp(NIC, SERVER, more=(f"--dhcp-host=id:{words},192.0.2.77",))
    host.reach(document(f"dhcp: true, dhcp-client-id: '{said}'"))
    assert host.addresses("ipv4") == ["192.0.2.77"]
    assert host.section("ipv4")["dhcp-client-id"] == said


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("dhcp-custom-hostname: printer", "client provides name: printer"),
        ("dhcp-custom-hostname: a.example.org", "client provides name: a.example.org"),
        ("dhcp-send-hostname: true", "client provides name: {host}"),
        ("dhcp-send-hostname: false", ""),
    ],
)
def test_names_that_are_sent(host: Host, peer: Peer, said: str, sent: str) -> None:
    tool("hostname", "here-i-am")
    server = peer.dhcp(NIC, SERVER)
    host.reach(document(f"dhcp: true, {said}"))
    assert host.addresses("ipv4")
    if sent:
        assert sent.format(host="here-i-am") in server.log(200)
    else:
        assert "client provides name" not in server.log(200)


def test_static_addresses_beside_a_lease(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, SERVER)
    host.reach(document("dhcp: true, address: [{ip: 198.51.100.7, prefix-length: 24}]"))
    addresses = host.addresses("ipv4")
    assert "198.51.100.7" in addresses
    assert len(addresses) == 2
    host.reach(document("dhcp: true, address: []"))
    (leased,) = host.addresses("ipv4")
    assert leased.startswith("192.0.2.1")


def test_a_lease_that_ends_becomes_static(host: Host, peer: Peer, netns: namespaces.Namespace) -> None:
    """What nmstate does when nothing is said of addresses (1.6)."""
    peer.dhcp(NIC, SERVER)
    host.reach(document("dhcp: true"))
    (leased,) = host.addresses("ipv4")
    host.reach(document("dhcp: false"))
    section = host.section("ipv4")
    assert section["dhcp"] is False
    assert section["address"] == [{"ip": leased, "prefix-length": 24}]
    assert "auto-dns" not in section
    assert not list(clients())
    assert host.destinations() == set()
    assert peer.is_reached("192.0.2.1")
    netns.ip("link", "set", NIC, "down")
    netns.ip("link", "set", NIC, "up")
    assert {one["dst"] for one in netns.ip_json("route", "show")} == {"192.0.2.0/24"}


@pytest.mark.parametrize("said", ["dhcp: false, address: []", "enabled: false"])
def test_a_lease_is_given_up(host: Host, peer: Peer, said: str) -> None:
    peer.dhcp(NIC, SERVER, options=("option:dns-server,192.0.2.53",))
    host.reach(document("dhcp: true"))
    host.reach(document(said))
    assert host.section("ipv4")["enabled"] is False
    assert host.destinations() == set()
    assert not list(clients())
    assert host.shown().dns.running.server == ("203.0.113.9",)
    assert "linkhold" not in RESOLV_CONF.read_text()


def test_routes_through_the_leased_gateway_can_be_asked_for_at_once(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, SERVER)
    route = "{destination: 198.51.100.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.1}"
    host.reach(document("dhcp: true") + f"\nroutes: {{config: [{route}]}}")


def heard(host: Host) -> list[str]:
    """The IPv6 addresses, as soon as there are any and all that comes with them is laid."""
    until(lambda: host.addresses("ipv6"), "a router or a server is heard")
    with Client(NIC, "ipv6").locked():
        return host.addresses("ipv6")


RDNSS = "RDNSS 2001:db8:1::53 {}; DNSSL ra.example {}; route 2001:db8:99::/48 { AdvRouteLifetime 500; };"


def test_autoconf_alone(host: Host, peer: Peer, netns: namespaces.Namespace) -> None:
    peer.router(NIC, PREFIX, more=RDNSS)
    host.reach(document(ipv6="enabled: true, autoconf: true"))
    heard(host)
    section = host.section("ipv6")
    assert section["autoconf"] is True
    assert section["dhcp"] is False
    (link,) = netns.ip_json("address", "show", NIC)
    halves = {int(ipaddress.IPv6Address(one["local"])) % 2**64 for one in link["addr_info"] if one["family"] == "inet6"}
    assert len(halves) == 1  # made of the MAC as the link-local one is
    assert host.destinations() == {"::/0", "2001:db8:1::/64", "2001:db8:99::/48"}
    assert pathlib.Path(f"/proc/sys/net/ipv6/conf/{NIC}/accept_ra").read_text().strip() == "0"
    dns = host.shown().dns.running
    assert dns.server == ("203.0.113.9", "2001:db8:1::53")
    assert dns.search == ("ra.example",)
    (address,) = [one for one in section["address"] if not one["ip"].startswith("fe80")]
    assert address["valid-life-time"].endswith("sec")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("auto-gateway: false", {"2001:db8:1::/64", "2001:db8:99::/48"}),
        ("auto-routes: false", {"2001:db8:1::/64"}),
    ],
)
def test_advertised_routes_that_are_not_wanted(host: Host, peer: Peer, said: str, expected: set[str]) -> None:
    peer.router(NIC, PREFIX, more=RDNSS)
    host.reach(document(ipv6=f"enabled: true, autoconf: true, auto-dns: false, {said}"))
    heard(host)
    assert host.destinations() == expected
    assert host.shown().dns.running.server == ("203.0.113.9",)
    advertised_again()
    assert host.destinations() == expected


def advertised_again() -> None:
    """One more advertisement was heard."""
    path = pathlib.Path(Client(NIC, "ipv6").file("facts.json"))
    before = path.stat().st_mtime_ns
    until(lambda: path.stat().st_mtime_ns > before, "an advertisement", 10)
    time.sleep(0.1)
    with Client(NIC, "ipv6").locked():
        return


def test_what_routers_ask_of_the_link(host: Host, peer: Peer) -> None:
    """Of IPv6 alone: a line of less than 1500 bytes on the way."""
    settings = pathlib.Path(f"/proc/sys/net/ipv6/conf/{NIC}")
    peer.router(NIC, PREFIX, more="AdvLinkMTU 1492; AdvCurHopLimit 33;")
    host.reach(document(ipv6="enabled: true, autoconf: true"))
    heard(host)
    assert ((settings / "mtu").read_text(), (settings / "hop_limit").read_text()) == ("1492\n", "33\n")
    host.reach(document(ipv6="enabled: true, autoconf: false"))
    assert ((settings / "mtu").read_text(), (settings / "hop_limit").read_text()) == ("1500\n", "64\n")


def test_a_token_and_a_stable_address(host: Host, peer: Peer) -> None:
    peer.router(NIC, PREFIX)
    host.reach(document(ipv6="enabled: true, autoconf: true, token: '::5:6'"))
    assert heard(host) == ["2001:db8:1::5:6"]
    host.reach(document(ipv6="enabled: true, autoconf: true, token: '', addr-gen-mode: stable-privacy"))
    (stable,) = heard(host)
    assert stable.startswith("2001:db8:1:")
    assert "ff:fe" not in stable
    assert host.section("ipv6")["addr-gen-mode"] == "stable-privacy"


def test_another_table_for_advertised_routes(host: Host, peer: Peer, netns: namespaces.Namespace) -> None:
    peer.router(NIC, PREFIX)
    host.reach(document(ipv6="enabled: true, autoconf: true, auto-route-table-id: 77"))
    heard(host)
    advertised_again()
    assert {one["dst"] for one in netns.ip_json("-6", "route", "show", "table", "77")} == {"default", "2001:db8:1::/64"}
    main = netns.ip_json("-6", "route", "show", "table", "main", "dev", NIC)
    assert {one["dst"] for one in main} == {"fe80::/64"}


def test_dhcpv6_alone(host: Host, peer: Peer) -> None:
    """No router is listened to then."""
    peer.dhcp(NIC, "2001:db8:6::1/64", options=("option6:dns-server,[2001:db8:6::53]",))
    peer.router(NIC, PREFIX)
    host.reach(document(ipv6="enabled: true, dhcp: true, autoconf: false"))
    (leased,) = heard(host)
    assert leased.startswith("2001:db8:6::1")
    section = host.section("ipv6")
    assert [one["prefix-length"] for one in section["address"] if one["ip"] == leased] == [128]
    assert section["dhcp-duid"] == "ll"
    assert host.destinations() == set()
    assert "2001:db8:6::53" in host.shown().dns.running.server


@pytest.mark.parametrize("said", ["ll", "llt", "en", "uuid", "00:01:02:03:04:05:06:07"])
def test_unique_identifiers(host: Host, peer: Peer, netns: namespaces.Namespace, said: str) -> None:
    server = peer.dhcp(NIC, "2001:db8:6::1/64")
    host.reach(document(ipv6=f"enabled: true, dhcp: true, autoconf: false, dhcp-duid: '{said}'"))
    heard(host)
    (link,) = netns.ip_json("link", "show", NIC)
    begin = {
        "ll": f"00:03:00:01:{link['address']}",
        "llt": "00:01:00:01:",
        "en": "00:02:00:00:ab:11:",
        "uuid": "00:04:",
    }
    line = next(one for one in server.log(200).splitlines() if "DHCPREQUEST" in one or "DHCPREPLY" in one)
    assert f" {begin.get(said, said)}" in line


def test_both_for_ipv6_as_the_router_says(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, "2001:db8:6::1/64")
    peer.router(NIC, PREFIX, managed=True)
    host.reach(document(ipv6="enabled: true, dhcp: true, autoconf: true"))
    until(lambda: len(host.addresses("ipv6")) == 2, "server and router are heard")
    assert host.section("ipv6")["dhcp"] is host.section("ipv6")["autoconf"] is True
    assert "::/0" in host.destinations()


def test_a_killed_client_is_started_again(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, SERVER)
    host.reach(document("dhcp: true"))
    (leased,) = host.addresses("ipv4")
    first = client_process()
    os.kill(first, signal.SIGKILL)
    until(lambda: client_process() != first and supervising.running(Client(NIC, "ipv4")), "it runs again")
    assert host.addresses("ipv4") == [leased]
    assert host.plan(document("dhcp: true")).plan.empty
    until(lambda: len(proxies()) == 1, "nothing is left of the first")


def proxies() -> list[str]:
    """The privileged parts of clients."""
    titles = [path.read_bytes() for path in pathlib.Path("/proc").glob("[0-9]*/cmdline")]
    return [title.decode() for title in titles if title.startswith(b"dhcpcd: [privileged proxy]")]


def test_one_that_is_kept_by_nobody_is_known_and_taken_over(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, SERVER)
    host.reach(document("dhcp: true"))
    os.kill(int(pathlib.Path(Client(NIC, "ipv4").file("keeper.pid")).read_text()), signal.SIGKILL)
    assert host.section("ipv4")["dhcp"] is True
    os.kill(client_process(), signal.SIGKILL)
    until(lambda: not supervising.running(Client(NIC, "ipv4")), "it is gone")
    assert host.section("ipv4")["dhcp"] is False
    host.reach(document("dhcp: true"))
    assert supervising.running(Client(NIC, "ipv4"))


def test_a_server_that_is_gone_takes_the_address_with_it(host: Host, peer: Peer) -> None:
    server = peer.dhcp(NIC, SERVER, lease="2m", options=("option:T1,2", "option:T2,4"))
    host.reach(document("dhcp: true"))
    server.stop()
    time.sleep(6)
    assert host.addresses("ipv4")
    assert int(host.section("ipv4")["address"][0]["valid-life-time"].removesuffix("sec")) <= 120


def test_a_cable_that_is_pulled_and_plugged_in(host: Host, peer: Peer, netns: namespaces.Namespace) -> None:
    peer.dhcp(NIC, SERVER)
    peer.router(NIC, PREFIX)
    host.reach(document("dhcp: true", "enabled: true, autoconf: true"))
    heard(host)
    netns.ip("link", "set", NIC, "down")
    netns.ip("link", "set", NIC, "up")
    until(lambda: host.destinations() == {"0.0.0.0/0", "::/0", "2001:db8:1::/64"}, "all is back")
    assert host.addresses("ipv4")
    assert host.addresses("ipv6")


def test_a_change_that_fails_starts_nothing_for_good(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, SERVER, options=("option:dns-server,192.0.2.53",))
    unreachable = "{destination: 198.51.100.0/24, next-hop-interface: eth1, next-hop-address: 203.0.113.1}"
    result = host.apply(document("dhcp: true") + f"\nroutes: {{config: [{unreachable}]}}")
    assert result.outcome == "rolled-back", result
    assert not list(clients())
    assert host.section("ipv4") == {"enabled": False}
    assert host.shown().dns.running.server == ("203.0.113.9",)


def test_a_change_that_fails_gives_the_lease_back(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, SERVER)
    host.reach(document("dhcp: true, auto-route-metric: 55, dhcp-client-id: '01:02:03'"))
    before, (leased,) = host.learned(), host.addresses("ipv4")
    unreachable = "{destination: 198.51.100.0/24, next-hop-interface: eth1, next-hop-address: 203.0.113.1}"
    text = document("dhcp: false, address: [{ip: 192.0.2.9, prefix-length: 24}]")
    result = host.apply(text + f"\nroutes: {{config: [{unreachable}]}}")
    assert result.outcome == "rolled-back", result
    assert host.addresses("ipv4") == [leased]
    assert host.learned() == before
    assert host.section("ipv4")["dhcp-client-id"] == "01:02:03"
    assert supervising.running(Client(NIC, "ipv4"))


def test_where_the_kernel_listened_to_routers_it_does_so_again(
    host: Host, peer: Peer, netns: namespaces.Namespace
) -> None:
    peer.router(NIC, PREFIX)
    until(lambda: host.addresses("ipv6"), "the kernel heard the router")
    assert host.section("ipv6")["autoconf"] is True
    assert host.plan(document(ipv6="enabled: true, autoconf: true")).plan.empty  # nothing to take over
    unreachable = "{destination: 2001:db8:98::/64, next-hop-interface: eth1, next-hop-address: 2001:db8:97::1}"
    text = (
        document(ipv6="enabled: true, autoconf: true, auto-gateway: false") + f"\nroutes: {{config: [{unreachable}]}}"
    )
    assert host.apply(text).outcome == "rolled-back"
    assert not list(clients())
    assert pathlib.Path(f"/proc/sys/net/ipv6/conf/{NIC}/accept_ra").read_text().strip() in ("1", "2")
    until(lambda: {"::/0"} <= host.destinations(), "the kernel hears the router again")
    host.reach(document(ipv6="enabled: true, autoconf: true, auto-gateway: false"))
    until(lambda: host.addresses("ipv6") and "::/0" not in host.destinations(), "the client has taken over")


def test_wait_ip_is_kept_and_waited_for(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, SERVER)
    text = document("dhcp: true", more=", wait-ip: ipv4")
    host.reach(text)
    (shown,) = [one for one in host.shown().interfaces if one.name == NIC]
    assert shown.wait_ip == "ipv4"
    host.reach(document("dhcp: true", more=", wait-ip: any"))
    (shown,) = [one for one in host.shown().interfaces if one.name == NIC]
    assert shown.wait_ip in (None, "any") or "wait_ip" not in shown.said()


def test_two_interfaces_share_no_metric(host: Host, peer: Peer) -> None:
    peer.cable("eth2")
    peer.dhcp(NIC, SERVER, options=("option:dns-server,192.0.2.53",))
    peer.dhcp("eth2", "198.51.100.1/24", options=("option:dns-server,198.51.100.53",))
    text = "interfaces: [{name: eth1, type: ethernet, ipv4: {dhcp: true}}, {name: eth2, type: ethernet, ipv4: {dhcp: true}}]"
    host.reach(text)
    metrics = {one["metric"] for nic in (NIC, "eth2") for one in host.learned(nic) if one["destination"] == "0.0.0.0/0"}
    assert len(metrics) == 2
    assert host.shown().dns.running.server == ("203.0.113.9", "192.0.2.53", "198.51.100.53")


def test_configured_names_come_first_and_stay(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, SERVER, options=("option:dns-server,192.0.2.53", "option:domain-search,lan.example"))
    dns = "\ndns-resolver: {config: {server: [192.0.2.1], search: [corp.example]}}"
    host.reach(document("dhcp: true") + dns)
    found = host.shown().dns
    assert found.config.server == ("192.0.2.1",)
    assert found.config.search == ("corp.example",)
    assert found.running.server == ("192.0.2.1", "192.0.2.53")
    assert found.running.search == ("corp.example", "lan.example")
    host.reach("dns-resolver: {config: {}}")
    assert host.shown().dns.running.server == ("192.0.2.53",)
    assert host.shown().dns.running.search == ("lan.example",)


def test_a_bridge_of_ours_gets_its_address(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, SERVER)
    host.reach(document("dhcp: true"))
    bridge = "{name: br0, type: linux-bridge, bridge: {port: [{name: eth1}]}, ipv4: {dhcp: true}}"
    host.reach(f"interfaces: [{bridge}, {{name: eth1, type: ethernet, ipv4: {{enabled: false}}}}]")
    assert until(lambda: host.addresses("ipv4", "br0"), "the bridge has a lease", 40)
    assert host.addresses("ipv4") == []
    host.reach("interfaces: [{name: br0, type: linux-bridge, state: absent}]")
    assert not list(clients())
    with contextlib.suppress(FileNotFoundError):
        assert os.listdir("/run/linkhold/leases") == []


def test_an_interface_that_goes_down_gives_its_lease_up(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, SERVER)
    host.reach(document("dhcp: true"))
    host.reach("interfaces: [{name: eth1, type: ethernet, state: down}]")
    assert not list(clients())
    assert host.addresses("ipv4") == []


@pytest.mark.parametrize(
    "said",
    [
        "enabled: true, dhcp: false, auto-dns: false, auto-gateway: false, address: [{ip: 192.0.2.9, prefix-length: 24}]",
        "enabled: false, dhcp: false, auto-routes: false",
    ],
)
def test_automatic_settings_of_static_addresses_say_nothing(host: Host, peer: Peer, said: str) -> None:
    """nmstate hides them (1.6): programs write them all the same."""
    host.reach(document(said))
    assert not list(clients())


def test_a_static_address_after_another_table(host: Host, peer: Peer, netns: namespaces.Namespace) -> None:
    """Its network is in the main table again, and stays there when the link was down."""
    peer.dhcp(NIC, SERVER)
    host.reach(document("dhcp: true, auto-route-table-id: 123"))
    host.reach(document("dhcp: false"))
    assert netns.ip_json("route", "show", "table", "123") == []
    netns.ip("link", "set", NIC, "down")
    netns.ip("link", "set", NIC, "up")
    assert [one["dst"] for one in netns.ip_json("route", "show")] == ["192.0.2.0/24"]


def test_a_removed_interface_is_forgotten(host: Host, peer: Peer, netns: namespaces.Namespace) -> None:
    """By somebody else, with its client running; then it comes back, and so does the lease."""
    peer.dhcp(NIC, SERVER)
    host.reach(document("dhcp: true"))
    netns.ip("link", "delete", NIC)
    assert NIC not in [one.name for one in host.shown().interfaces]
    peer.cable(NIC)
    peer.dhcp(NIC, SERVER)
    until(lambda: host.addresses("ipv4"), "the client found it again", 30)
    assert host.plan(document("dhcp: true")).plan.empty


def test_a_lease_of_other_words_replaces_the_old_one(host: Host, peer: Peer) -> None:
    """Another network behind the same cable: the address of before goes when the new one comes."""
    peer.dhcp(NIC, SERVER, options=("option:T1,2", "option:T2,3"))
    host.reach(document("dhcp: true"))
    peer.there.ip("address", "delete", SERVER, "dev", peer.far(NIC))
    peer.dhcp(NIC, "198.51.100.1/24")
    until(lambda: [one[:11] for one in host.addresses("ipv4")] == ["198.51.100."], "a new lease, and nothing else", 40)
    until(lambda: [one["next-hop-address"] for one in host.learned()] == ["198.51.100.1"], "its gateway")


def test_a_document_with_everything_plans_nothing_the_second_time(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, SERVER, "2001:db8:6::1/64")
    peer.router(NIC, PREFIX, managed=True, more=RDNSS)
    ipv4 = (
        "enabled: true, dhcp: true, dhcp-client-id: iaid+duid, dhcp-send-hostname: true, dhcp-custom-hostname: me,"
        " auto-dns: false, auto-gateway: true, auto-routes: true, auto-route-table-id: 99, auto-route-metric: 12"
    )
    ipv6 = ipv4.replace("dhcp-client-id: iaid+duid", "autoconf: true, dhcp-duid: uuid, token: '::9'")
    host.reach(document(ipv4, ipv6, more=", wait-ip: ipv4+ipv6"))
    assert host.addresses("ipv4")
    assert host.addresses("ipv6")


def test_what_the_kernel_does_with_advertisements_comes_back(host: Host, peer: Peer) -> None:
    """Also where there was no router to hear."""
    setting = pathlib.Path(f"/proc/sys/net/ipv6/conf/{NIC}/accept_ra")
    setting.write_text("2")
    unreachable = "{destination: 2001:db8:98::/64, next-hop-interface: eth1, next-hop-address: 2001:db8:97::1}"
    text = document(ipv6="enabled: true, autoconf: true") + f"\nroutes: {{config: [{unreachable}]}}"
    assert host.apply(text).outcome == "rolled-back"
    assert not list(clients())
    assert setting.read_text().strip() == "2"


def test_an_unreachable_gateway_does_not_take_the_rest_of_a_lease_along(host: Host, peer: Peer) -> None:
    routes = "option:classless-static-route,198.51.100.0/24,192.0.2.9,203.0.113.0/24,192.0.2.255"
    peer.dhcp(NIC, SERVER, options=(routes, "option:dns-server,192.0.2.53"))
    host.apply(document("dhcp: true"))
    assert host.addresses("ipv4")
    until(lambda: host.destinations() == {"198.51.100.0/24", "0.0.0.0/0"}, "the good routes are there")
    assert "192.0.2.53" in host.shown().dns.running.server
    assert "203.0.113.0/24" in pathlib.Path(Client(NIC, "ipv4").file("refused")).read_text()
    host.reach(document("dhcp: true, auto-route-metric: 9"))  # and no later change fails of it
    host.reach(f"interfaces: [{{name: {NIC}, type: ethernet, mtu: 1400}}]")


def test_another_mac_is_another_client(host: Host, peer: Peer) -> None:
    server = peer.dhcp(NIC, SERVER)
    host.reach(document("dhcp: true"))
    host.reach(f"interfaces: [{{name: {NIC}, type: ethernet, mac-address: '02:00:5E:10:00:77'}}]")
    (given,) = until(lambda: re.findall(r"DHCPACK\S* (\S+) 02:00:5e:10:00:77", server.log(400))[-1:], "a new lease")
    until(lambda: host.addresses("ipv4") == [given], "it is laid, and nothing else")
    assert "clientid 01:02:00:5e:10:00:77" in pathlib.Path(Client(NIC, "ipv4").file("client.conf")).read_text()


def test_a_changed_mtu_keeps_all_leases(host: Host, peer: Peer) -> None:
    peer.dhcp(NIC, SERVER)
    peer.router(NIC, PREFIX)
    host.reach(document("dhcp: true", "enabled: true, autoconf: true"))
    heard(host)
    before, processes = host.addresses("ipv4") + host.addresses("ipv6"), (client_process(), client_process("6"))
    host.reach(f"interfaces: [{{name: {NIC}, type: ethernet, mtu: 1400}}]")
    assert host.addresses("ipv4") + host.addresses("ipv6") == before
    assert (client_process(), client_process("6")) == processes


def test_a_client_that_was_not_started_to_its_end_leaves_nothing(host: Host, peer: Peer) -> None:
    """Its settings were written when the process that started it died."""
    text = document("dhcp: true")
    plan = host.plan(text).plan
    dhcpcd = host.provider.services[0]
    saved = run(dhcpcd.save(plan, 10))
    client = Client(NIC, "ipv4")
    client.settle(Settings(family="ipv4", dhcp=True))
    run(dhcpcd.put_back(saved))
    run(dhcpcd.put_back(saved))
    assert not os.path.exists(client.path)


def test_the_client_of_another_namespace_is_left_alone(
    host: Host, peer: Peer, netns: namespaces.Namespace, tmp_path: pathlib.Path
) -> None:
    """/run is shared, as with `ip netns exec`."""
    peer.dhcp(NIC, SERVER)
    host.reach(document("dhcp: true"))
    process = client_process()
    other = netns.another()
    other.ip("link", "add", NIC, "type", "veth", "peer", "far")
    other.ip("link", "set", "far", "up")
    with other.entered():
        there = Host(tmp_path / "there")
        assert there.section("ipv4") == {"enabled": False}
        result = there.apply(document("dhcp: true"))
        there.provider.close()
    assert result.outcome == "rolled-back"
    assert "another network namespace" in result.reason
    assert client_process() == process
    assert host.section("ipv4")["dhcp"] is True
    assert host.addresses("ipv4")


def test_nobody_keeps_a_client_that_is_not_asked_for(host: Host, peer: Peer) -> None:
    """Where everything we knew was deleted, its keeper ends with the client."""
    peer.dhcp(NIC, SERVER)
    host.reach(document("dhcp: true"))
    client = Client(NIC, "ipv4")
    keeper = int(pathlib.Path(client.file("keeper.pid")).read_text())
    client.remove()
    os.kill(client_process(), signal.SIGKILL)
    until(lambda: not pathlib.Path(f"/proc/{keeper}/cmdline").read_bytes(), "the keeper has ended")
