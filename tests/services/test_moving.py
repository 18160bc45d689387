"""Interfaces move from one owner to another: a planned change that can be taken back, and in which no setting is lost."""

import pathlib
import typing

import pytest

import linkhold
from linkhold.state.document import to_plain
from tests.kernel import other_eyes
from tests.lab import namespaces
from tests.services.rigs.networkmanager import PROFILES, NetworkManager
from tests.services.rigs.peer import Peer
from tests.services.whole_host import WholeHost, assert_same, unlike

DOCUMENT = """
interfaces:
- name: eth1
  mtu: 1400
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
  ipv6: {enabled: true, address: [{ip: "2001:db8::1", prefix-length: 64}]}
- name: br0
  type: linux-bridge
  bridge: {options: {stp: {enabled: false}}, port: [{name: eth2}]}
  ipv4: {enabled: true, address: [{ip: 198.51.100.1, prefix-length: 24}]}
  ipv6: {enabled: false}
routes:
  config: [{destination: 203.0.113.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.9, metric: 50}]
"""

NAMED = ("eth1", "eth2", "br0")
WAYS = [("kernel", "networkmanager"), ("networkmanager", "kernel")]


@pytest.fixture
def host(networkmanager: NetworkManager, netns: namespaces.Namespace) -> WholeHost:
    """NetworkManager runs, and has a profile for no card."""
    found = WholeHost(netns, manager=networkmanager)
    for number in (1, 2):
        netns.ip("link", "add", f"eth{number}", "type", "veth", "peer", f"far{number}")
        netns.ip("link", "set", f"far{number}", "up")
        networkmanager.wait_for_state(f"eth{number}", "disconnected")
    return found


def give_to(owner: str) -> None:
    """Let the table say who owns everything from now on."""
    path = pathlib.Path("/etc/linkhold/linkhold.toml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'[providers]\n"*" = "{owner}"\n')


def owners() -> dict[str, str]:
    """Who owns what, as linkhold shows it."""
    shown = to_plain(linkhold.show())["interfaces"]
    return {one["name"]: one.get("provider", "kernel") for one in shown if one["name"] in NAMED}


def network(host: WholeHost) -> dict[str, typing.Any]:
    """What the kernel has, with the marks of who put it there left out."""
    seen = host.picture()
    addresses = {name: [one.partition(" metric")[0] for one in some] for name, some in seen["addresses"].items()}
    links = {name: {key: link[key] for key in ("mtu", "address", "flags")} for name, link in seen["links"].items()}
    routes = [{**one, "protocol": "", "metric": ""} for one in seen["routes"] if one.get("protocol") != "kernel"]
    return {"addresses": addresses, "links": {name: links[name] for name in NAMED}, "routes": routes}


@pytest.mark.parametrize(("first", "second"), WAYS)
def test_there_and_back(host: WholeHost, first: str, second: str) -> None:
    give_to(first)
    linkhold.apply(DOCUMENT)
    assert owners() == dict.fromkeys(NAMED, first)
    before, picture = network(host), host.picture()

    give_to(second)
    outcome = linkhold.plan(DOCUMENT)
    moved = {one.name for one in outcome.plan.changes if any(".provider" in each.path for each in one.differences)}
    assert moved == set(NAMED)

    linkhold.apply(DOCUMENT)
    assert owners() == dict.fromkeys(NAMED, second)
    assert_same(before, network(host))
    assert linkhold.apply(DOCUMENT).outcome == "unchanged"

    give_to(first)
    linkhold.apply(DOCUMENT)
    assert owners() == dict.fromkeys(NAMED, first)
    assert_same(before, network(host))
    assert set(picture["profiles"]["active"]) == set(host.picture()["profiles"]["active"])


@pytest.mark.parametrize(("first", "second"), WAYS)
def test_a_move_is_taken_back(host: WholeHost, first: str, second: str) -> None:
    give_to(first)
    linkhold.apply(DOCUMENT)
    before = host.picture()
    give_to(second)
    linkhold.apply(DOCUMENT, commit=False)
    assert unlike(before, host.picture())
    linkhold.rollback()
    assert_same(before, host.picture())
    assert owners() == dict.fromkeys(NAMED, first)


def test_the_file_says_who_owns_what(host: WholeHost) -> None:
    give_to("auto")
    path = pathlib.Path("/etc/linkhold/linkhold.toml")
    path.write_text('[providers]\n"eth1" = "kernel"\n"*" = "auto"\n')
    linkhold.apply(DOCUMENT)
    assert owners() == {"eth1": "kernel", "eth2": "networkmanager", "br0": "networkmanager"}
    assert set(host.picture()["profiles"]["active"].values()) == {"eth2", "br0"}
    path.unlink()
    linkhold.apply(DOCUMENT)
    assert owners() == dict.fromkeys(NAMED, "networkmanager")


def test_what_the_kernel_owns_is_left_alone_by_networkmanager_when_it_starts_anew(host: WholeHost) -> None:
    assert host.manager is not None
    give_to("kernel")
    linkhold.apply(DOCUMENT)
    before = network(host)
    host.manager.restart()
    assert_same(before, network(host))
    assert linkhold.apply(DOCUMENT).outcome == "unchanged"


def test_a_profile_keeps_everything_that_the_document_does_not_name(
    networkmanager: NetworkManager, netns: namespaces.Namespace, peer: Peer
) -> None:
    """Made by nmcli as an administrator does, then taken over: only what is asked for is another."""
    peer.cable("eth1")
    networkmanager.wait_for_state("eth1", "disconnected")
    said = {
        "connection.zone": "work",
        "connection.autoconnect-priority": "11",
        "connection.autoconnect-retries": "3",
        "connection.metered": "yes",
        "connection.permissions": "",
        "connection.stable-id": "${CONNECTION}/own",
        "ipv4.method": "manual",
        "ipv4.addresses": "192.0.2.7/24",
        "ipv4.gateway": "192.0.2.1",
        "ipv4.dns": "192.0.2.53",
        "ipv4.dns-search": "example.org",
        "ipv4.dns-priority": "42",
        "ipv4.may-fail": "no",
        "ipv4.route-metric": "77",
        "ipv4.dad-timeout": "0",
        "ipv6.method": "disabled",
        "802-3-ethernet.wake-on-lan": "magic",
        "802-3-ethernet.mtu": "1490",
    }
    words = [word for pair in said.items() for word in pair if pair[1]]
    networkmanager.nmcli("connection", "add", "type", "ethernet", "con-name", "Office LAN", "ifname", "eth1", *words)
    networkmanager.wait_for_state("eth1", "connected")
    before = _everything(networkmanager, "Office LAN")

    linkhold.apply("interfaces: [{name: eth1, type: ethernet, mtu: 1400}]")
    after = _everything(networkmanager, "Office LAN")
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    assert changed == {"802-3-ethernet.mtu"}
    assert after["802-3-ethernet.mtu"] == "1400"
    assert len(list(PROFILES.iterdir())) == 1
    (eth1,) = netns.ip_json("link", "show", "eth1")
    assert eth1["mtu"] == 1400
    assert peer.reaches("192.0.2.7") is False  # nobody has an address over there
    peer.there.ip("address", "add", "192.0.2.1/24", "dev", peer.far("eth1"))
    assert peer.reaches("192.0.2.7")


def _everything(manager: NetworkManager, name: str) -> dict[str, str]:
    """A profile's settings, all that nmcli knows of."""
    lines = manager.nmcli("-t", "connection", "show", name).splitlines()
    settings = dict(line.partition(":")[::2] for line in lines)
    return {key: value for key, value in settings.items() if not key[0].isupper() and not key.endswith(".timestamp")}


@pytest.mark.needs("bond", "networkmanager")
@pytest.mark.parametrize("owner", ["networkmanager", "kernel"])
def test_a_bond_goes_under_a_bridge_and_no_configuration_is_lost(
    networkmanager: NetworkManager, netns: namespaces.Namespace, owner: str
) -> None:
    """The address moves to the bridge, with its routes; the bond keeps its options, its ports and its MAC."""
    for number in (1, 2):
        netns.ip("link", "add", f"eth{number}", "type", "veth", "peer", f"far{number}")
        netns.ip("link", "set", f"far{number}", "up")
    networkmanager.wait_for_state("eth2", "disconnected")
    bond = """
    interfaces:
    - name: bond0
      type: bond
      link-aggregation: {mode: active-backup, options: {miimon: 140, primary: eth2}, port: [eth1, eth2]}
      ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
      ipv6: {enabled: false}
    routes:
      config: [{destination: 203.0.113.0/24, next-hop-interface: bond0, next-hop-address: 192.0.2.9, metric: 50}]
    """
    give_to(owner)
    linkhold.apply(bond)
    host = WholeHost(netns, manager=networkmanager)
    before = host.picture()
    bridge = """
    interfaces:
    - {name: bond0, type: bond, ipv4: {enabled: false}}
    - name: br0
      type: linux-bridge
      bridge: {options: {stp: {enabled: false}}, port: [{name: bond0}]}
      ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
      ipv6: {enabled: false}
    routes:
      config:
      - {state: absent, next-hop-interface: bond0}
      - {destination: 203.0.113.0/24, next-hop-interface: br0, next-hop-address: 192.0.2.9, metric: 50}
    """
    linkhold.apply(bridge, commit=False)
    links = other_eyes.links(netns)
    assert links["bond0"]["master"] == "br0"
    assert links["bond0"]["info"]["info_data"] == before["links"]["bond0"]["info"]["info_data"]
    assert {one: links[one]["master"] for one in ("eth1", "eth2")} == {"eth1": "bond0", "eth2": "bond0"}
    addresses = other_eyes.addresses(netns)
    assert [one.partition(" ")[0] for one in addresses["br0"]] == [
        one.partition(" ")[0] for one in before["addresses"]["bond0"]
    ]
    assert addresses["bond0"] == []
    linkhold.rollback()
    assert_same(before, host.picture())
    linkhold.apply(bridge)
    assert linkhold.apply(bridge).outcome == "unchanged"
