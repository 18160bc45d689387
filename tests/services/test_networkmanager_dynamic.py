"""Addresses, routes and name servers that come by DHCP and router advertisements, under NetworkManager."""

import pathlib
import socket
import struct
import typing

import pytest

import linkhold
from linkhold.state.document import to_plain
from tests.lab import namespaces
from tests.services.managed import Document, addresses, interface, settings, static
from tests.services.rigs.networkmanager import NetworkManager
from tests.services.rigs.peer import Peer


@pytest.fixture
def lan(
    networkmanager: NetworkManager,
    peer: Peer,
    netns: namespaces.Namespace,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> NetworkManager:
    """NetworkManager with a card, eth1, on a cable to a DHCP server that also tells a gateway and a name server."""
    monkeypatch.setenv("LINKHOLD_STATE_DIR", str(tmp_path / "state"))
    peer.cable("eth1")
    peer.dhcp("eth1", "192.0.2.1/24", options=("option:router,192.0.2.1", "option:dns-server,192.0.2.53"))
    networkmanager.wait_for_state("eth1", "disconnected")
    return networkmanager


def dynamic(**more: typing.Any) -> Document:
    """eth1 with DHCP."""
    return {**static("eth1"), "ipv4": {"enabled": True, "dhcp": True, **more}, "wait-ip": "ipv4"}


def test_a_lease_is_shown_as_what_it_is(lan: NetworkManager, netns: namespaces.Namespace) -> None:
    linkhold.apply({"interfaces": [dynamic()]})
    shown = interface("eth1")
    assert shown["ipv4"]["dhcp"] is True
    assert (shown["ipv4"]["auto-dns"], shown["ipv4"]["auto-routes"], shown["ipv4"]["auto-gateway"]) == (
        True,
        True,
        True,
    )
    assert shown["ipv4"]["dhcp-client-id"] == "ll"
    assert shown["wait-ip"] == "ipv4"
    (leased,) = shown["ipv4"]["address"]
    assert leased["ip"].startswith("192.0.2.1")
    assert leased["valid-life-time"].endswith("sec")
    state = to_plain(linkhold.show())
    assert state["routes"]["config"] == []
    (default,) = [one for one in state["routes"]["running"] if one["destination"] == "0.0.0.0/0"]
    assert default["next-hop-address"] == "192.0.2.1"
    assert "192.0.2.53" in state["dns-resolver"]["running"]["server"]
    assert linkhold.apply({"interfaces": [dynamic()]}).outcome == "unchanged"


def test_what_the_server_tells_can_be_left_out(lan: NetworkManager, netns: namespaces.Namespace) -> None:
    wanted = {"auto-dns": False, "auto-gateway": False, "auto-route-metric": 77}
    linkhold.apply({"interfaces": [dynamic(**wanted)]})
    assert settings(lan, "eth1")["ipv4.ignore-auto-dns"] == "yes"
    assert netns.ip_json("route", "show", "default") == []
    assert {key: interface("eth1")["ipv4"][key] for key in wanted} == wanted
    linkhold.apply({"interfaces": [dynamic(**{"auto-gateway": True})]})
    assert netns.ip_json("route", "show", "default")[0]["metric"] == 77


def test_what_the_server_tells_can_go_into_any_table(lan: NetworkManager, netns: namespaces.Namespace) -> None:
    table = 2**32 - 1
    rule = {"ip-from": "192.0.2.0/24", "route-table": table, "priority": 3200}
    linkhold.apply({"interfaces": [dynamic(**{"auto-route-table-id": table})], "route-rules": {"config": [rule]}})
    assert {one["dst"] for one in netns.ip_json("route", "show", "table", str(table))} == {"default", "192.0.2.0/24"}
    assert netns.ip_json("route", "show", "default") == []
    assert interface("eth1")["ipv4"]["auto-route-table-id"] == table
    assert next(one for one in netns.ip_json("rule") if one["priority"] == 3200)["table"] == str(table)


def test_a_lease_becomes_static_and_static_becomes_a_lease(lan: NetworkManager, netns: namespaces.Namespace) -> None:
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.7/24")]})
    linkhold.apply({"interfaces": [dynamic(address=[])]})
    (leased,) = addresses(netns, "eth1")
    assert leased != "192.0.2.7/24"
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.8/24")]})  # beside it: nothing says that it ends
    assert sorted(addresses(netns, "eth1")) == sorted(["192.0.2.8/24", leased])
    ended = static("eth1", "192.0.2.7/24")
    ended["ipv4"]["dhcp"] = False
    linkhold.apply({"interfaces": [ended]})
    assert addresses(netns, "eth1") == ["192.0.2.7/24"]
    assert interface("eth1")["ipv4"]["dhcp"] is False


def test_nobody_waits_for_a_server_that_is_not_there(lan: NetworkManager, peer: Peer) -> None:
    peer.daemons["dnsmasq-far-eth1"].kill()
    result = linkhold.apply({"interfaces": [{**dynamic(), "wait-ip": "any"}]})
    assert sum(result.timings.values()) < 10
    assert interface("eth1")["ipv4"]["dhcp"] is True
    assert lan.states()["eth1"].startswith("connecting")


def test_addresses_of_a_router(lan: NetworkManager, peer: Peer, netns: namespaces.Namespace) -> None:
    peer.router("eth1", "2001:db8:1::/64")
    ipv6 = {"enabled": True, "dhcp": True, "autoconf": True}
    linkhold.apply({"interfaces": [{**static("eth1"), "ipv6": ipv6, "wait-ip": "ipv6"}]})
    shown = interface("eth1")["ipv6"]
    assert (shown["autoconf"], shown["dhcp"]) == (True, True)
    assert any(one["ip"].startswith("2001:db8:1:") for one in shown["address"])
    assert peer.reaches(next(one["ip"] for one in shown["address"] if one["ip"].startswith("2001:db8:1:")))


def test_a_neighbour_is_seen(lan: NetworkManager, peer: Peer) -> None:
    """One LLDP frame with the name of a system, sent by hand."""
    linkhold.apply({"interfaces": [{**static("eth1", "192.0.2.7/24"), "lldp": {"enabled": True}}]})
    with peer.there.entered(), socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((peer.far("eth1"), 0))
        own = raw.getsockname()[4]
        raw.send(b"\x01\x80\xc2\x00\x00\x0e" + own + b"\x88\xcc" + _announcement(own))
    lan.wait_until(lambda: bool(interface("eth1")["lldp"].get("neighbors")), "the frame was heard")
    (neighbour,) = interface("eth1")["lldp"]["neighbors"]
    assert {"type": 5, "system-name": "switch7"} in neighbour
    assert {"type": 2, "_description": "Interface name", "port-id": "1/1", "port-id-type": 5} in neighbour
    linkhold.apply({"interfaces": [{"name": "eth1", "lldp": {"enabled": False}}]})
    assert interface("eth1")["lldp"] == {"enabled": False}


def _announcement(mac: bytes) -> bytes:
    """IEEE 802.1AB: chassis, port, time to live, system name, end."""
    parts = [(1, b"\x04" + mac), (2, b"\x051/1"), (3, struct.pack("!H", 120)), (5, b"switch7"), (0, b"")]
    return b"".join(struct.pack("!H", kind << 9 | len(value)) + value for kind, value in parts)
