"""Addresses that others give: DHCP servers and routers (section 1.6)."""

import pytest

import libnmstate
from libnmstate.error import NmstateNotImplementedError
from tests.compat.checks import one, static_addresses, up
from tests.compat.conftest import Host
from tests.compat.test_transactions import wait_until
from tests.services.rigs.peer import Peer

pytestmark = pytest.mark.needs("dnsmasq", "radvd", "dhcpcd")

LEASED = {"enabled": True, "dhcp": True, "auto-dns": True, "auto-gateway": True, "auto-routes": True}


@pytest.fixture
def served(host: Host, peer: Peer) -> Host:
    """A third NIC, at whose other end there are a DHCP server and a router."""
    peer.cable("eth3")
    if host.manager is not None:
        host.manager.wait_for_state("eth3", "disconnected")
    peer.dhcp("eth3", "203.0.113.1/24")
    peer.router("eth3", "2001:db8:3::/64")
    return host


def has(name: str, family: str, beginning: str) -> bool:
    return any(address.startswith(beginning) for address, _ in static_addresses(name, family))


def test_a_lease(served: Host) -> None:
    libnmstate.apply(up("eth3", "ethernet", ipv4=LEASED, ipv6={"enabled": False}))
    wait_until(lambda: has("eth3", "ipv4", "203.0.113."))
    section = one("eth3")["ipv4"]
    assert {key: section[key] for key in LEASED} == LEASED
    (address,) = section["address"]
    assert address["valid-life-time"].endswith("sec")
    wait_until(lambda: any(route["next-hop-interface"] == "eth3" for route in libnmstate.show()["routes"]["running"]))
    assert "eth3" not in [route["next-hop-interface"] for route in libnmstate.show()["routes"]["config"]]
    running = {entry["name"]: entry for entry in libnmstate.show_running_config()["interfaces"]}
    assert running["eth3"]["ipv4"]["dhcp"] is True
    assert running["eth3"]["ipv4"].get("address", []) == []


def test_a_lease_becomes_static_when_dhcp_ends(served: Host) -> None:
    libnmstate.apply(up("eth3", "ethernet", ipv4=LEASED, ipv6={"enabled": False}))
    wait_until(lambda: has("eth3", "ipv4", "203.0.113."))
    leased = static_addresses("eth3", "ipv4")
    libnmstate.apply(up("eth3", "ethernet", ipv4={"enabled": True, "dhcp": False}))
    assert static_addresses("eth3", "ipv4") == leased
    assert one("eth3")["ipv4"]["dhcp"] is False


def test_a_lease_beside_a_static_address(served: Host) -> None:
    both = {**LEASED, "address": [{"ip": "192.0.2.77", "prefix-length": 24}]}
    libnmstate.apply(up("eth3", "ethernet", ipv4=both, ipv6={"enabled": False}))
    wait_until(lambda: has("eth3", "ipv4", "203.0.113."))
    assert has("eth3", "ipv4", "192.0.2.77")


def test_a_default_route_that_is_not_wanted(served: Host) -> None:
    libnmstate.apply(up("eth3", "ethernet", ipv4={**LEASED, "auto-gateway": False}, ipv6={"enabled": False}))
    wait_until(lambda: has("eth3", "ipv4", "203.0.113."))
    assert one("eth3")["ipv4"]["auto-gateway"] is False
    defaults = [route for route in libnmstate.show()["routes"]["running"] if route["destination"] == "0.0.0.0/0"]
    assert defaults == []


def test_autoconfiguration(served: Host) -> None:
    section = {"enabled": True, "dhcp": True, "autoconf": True}
    libnmstate.apply(up("eth3", "ethernet", ipv4={"enabled": False}, ipv6=section))
    wait_until(lambda: has("eth3", "ipv6", "2001:db8:3:"))
    shown = one("eth3")["ipv6"]
    assert (shown["dhcp"], shown["autoconf"]) == (True, True)
    libnmstate.apply(up("eth3", "ethernet", ipv6={"enabled": False}))
    assert one("eth3")["ipv6"] == {"enabled": False}


def test_autoconfiguration_alone(served: Host) -> None:
    """NetworkManager can't do without DHCPv6; what nmstate raises then is raised before anything is touched."""
    section = {"enabled": True, "dhcp": False, "autoconf": True}
    document = up("eth3", "ethernet", ipv4={"enabled": False}, ipv6=section)
    if served.manager is not None:
        with pytest.raises(NmstateNotImplementedError):
            libnmstate.apply(document)
        return
    libnmstate.apply(document)
    wait_until(lambda: has("eth3", "ipv6", "2001:db8:3:"))
    assert one("eth3")["ipv6"]["dhcp"] is False
