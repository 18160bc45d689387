"""Kinds of interfaces under NetworkManager that not every kernel has, and what hangs on them."""

import json
import typing

import pytest

import linkhold
from linkhold.state.document import to_plain
from tests.lab import namespaces
from tests.services.managed import Document, addresses, files, interface, settings, static
from tests.services.rigs.daemons import tool
from tests.services.rigs.networkmanager import NetworkManager


def bond(*ports: str, **more: typing.Any) -> Document:
    """A bond without addresses."""
    aggregation = {"mode": "active-backup", "options": {"miimon": 140}, "port": list(ports)}
    return {**static("bond0"), "type": "bond", "link-aggregation": aggregation, **more}


def vlan(tag: int, *given: str, parent: str = "bond0") -> Document:
    """A VLAN on it."""
    return {**static(f"{parent}.{tag}", *given), "type": "vlan", "vlan": {"base-iface": parent, "id": tag}}


def names(netns: namespaces.Namespace) -> set[str]:
    """Of all interfaces."""
    return {one["ifname"] for one in netns.ip_json("link")}


@pytest.mark.needs("bond", "vlan")
def test_vlans_over_a_bond_come_together_and_go(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    document = {
        "interfaces": [bond("eth1", "eth2"), vlan(7, "192.0.2.1/24"), vlan(8, "198.51.100.1/24")],
        "routes": {
            "config": [
                {"destination": "203.0.113.0/24", "next-hop-interface": "bond0.7", "next-hop-address": "192.0.2.9"}
            ]
        },
    }
    linkhold.apply(document)
    (link,) = netns.ip_json("link", "show", "bond0")
    assert link["linkinfo"]["info_data"]["miimon"] == 140
    assert {one["ifname"] for one in netns.ip_json("link", "show", "master", "bond0")} == {"eth1", "eth2"}
    assert addresses(netns, "bond0.7") == ["192.0.2.1/24"]
    assert addresses(netns, "bond0.8") == ["198.51.100.1/24"]
    assert netns.ip_json("route", "show", "203.0.113.0/24")[0]["dev"] == "bond0.7"
    assert {interface(name)["provider"] for name in ("bond0", "eth1", "eth2", "bond0.7")} == {"networkmanager"}
    assert linkhold.apply(document).outcome == "unchanged"
    linkhold.apply({"interfaces": [{"name": "bond0", "type": "bond", "state": "absent"}]})
    assert names(netns).isdisjoint({"bond0", "bond0.7", "bond0.8"})
    assert nm.profiles().keys().isdisjoint({"bond0", "bond0.7", "bond0.8"})


@pytest.mark.needs("bond", "vlan")
def test_a_bond_with_an_address_moves_under_a_bridge(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    """The bond was made by nmcli; what that said of it stays."""
    nm.nmcli(
        "connection add type bond con-name uplink ifname bond0 bond.options mode=active-backup,miimon=120 ip4 192.0.2.1/24 "
        "gw4 192.0.2.9 ipv6.method disabled connection.zone dmz"
    )
    for number in (1, 2):
        nm.nmcli(f"connection add type ethernet con-name port{number} ifname eth{number} master bond0")
    for name in ("port1", "port2", "uplink"):
        nm.nmcli(f"connection up {name}")
    nm.wait_for_state("bond0", "connected")
    before = files()
    bridge = {
        **static("br0", "192.0.2.1/24"),
        "type": "linux-bridge",
        "bridge": {"port": [{"name": "bond0"}], "options": {"stp": {"enabled": False}}},
    }
    uplink = {"name": "bond0", "type": "bond", "state": "up", "ipv4": {"enabled": False}}
    routes = [
        {"state": "absent", "next-hop-interface": "bond0"},
        {"destination": "0.0.0.0/0", "next-hop-interface": "br0", "next-hop-address": "192.0.2.9"},
    ]
    linkhold.apply({"interfaces": [bridge, uplink], "routes": {"config": routes}}, commit=False)
    assert addresses(netns, "br0") == ["192.0.2.1/24"]
    assert addresses(netns, "bond0") == []
    assert [one["ifname"] for one in netns.ip_json("link", "show", "master", "br0")] == ["bond0"]
    assert {one["ifname"] for one in netns.ip_json("link", "show", "master", "bond0")} == {"eth1", "eth2"}
    assert netns.ip_json("route", "show", "default")[0]["dev"] == "br0"
    kept = settings(nm, "uplink")
    assert kept["connection.zone"] == "dmz"
    assert "miimon=120" in kept["bond.options"]
    linkhold.rollback()
    assert addresses(netns, "bond0") == ["192.0.2.1/24"]
    assert netns.ip_json("route", "show", "default")[0]["dev"] == "bond0"
    assert {one["ifname"] for one in netns.ip_json("link", "show", "master", "bond0")} == {"eth1", "eth2"}
    assert "br0" not in names(netns)
    assert files() == before


@pytest.mark.needs("bond")
def test_another_mode_of_a_bond(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    linkhold.apply({"interfaces": [bond("eth1", "eth2")]})
    changed = bond("eth1", "eth2")
    changed["link-aggregation"] = {"mode": "balance-rr", "port": ["eth1"], "options": {"miimon": 100}}
    linkhold.apply({"interfaces": [changed]})
    (link,) = netns.ip_json("link", "show", "bond0")
    assert link["linkinfo"]["info_data"]["mode"] == "balance-rr"
    assert {one["ifname"] for one in netns.ip_json("link", "show", "master", "bond0")} == {"eth1"}


@pytest.mark.needs("bond", "vlan")
@pytest.mark.parametrize(
    ("mode", "option", "old", "new"),
    [
        ("802.3ad", "lacp_rate", "slow", "fast"),
        ("802.3ad", "ad_select", "stable", "bandwidth"),
        ("802.3ad", "ad_user_port_key", 0, 7),
        ("balance-tlb", "tlb_dynamic_lb", True, False),
        ("active-backup", "fail_over_mac", "none", "active"),
        ("802.3ad", "ad_actor_sys_prio", 65535, 1000),
        ("802.3ad", "min_links", 0, 1),
        ("balance-xor", "xmit_hash_policy", "layer2", "layer2+3"),
    ],
)
def test_an_option_of_a_bond_in_use(
    nm: NetworkManager, netns: namespaces.Namespace, mode: str, option: str, old: typing.Any, new: typing.Any
) -> None:
    """Some the kernel sets only while the bond is down, or has no ports."""

    def wanted(value: typing.Any) -> Document:
        aggregation = {"mode": mode, "options": {"miimon": 100, option: value}, "port": ["eth1", "eth2"]}
        return {**static("bond0", "192.0.2.1/24"), "type": "bond", "link-aggregation": aggregation}

    linkhold.apply({"interfaces": [wanted(old), vlan(7, "198.51.100.1/24")]})
    uuid = settings(nm, "bond0")["connection.uuid"]
    linkhold.apply({"interfaces": [wanted(new)]}, commit=False)
    assert interface("bond0")["link-aggregation"]["options"][option] == new
    assert {one["ifname"] for one in netns.ip_json("link", "show", "master", "bond0")} == {"eth1", "eth2"}
    assert (addresses(netns, "bond0"), addresses(netns, "bond0.7")) == (["192.0.2.1/24"], ["198.51.100.1/24"])
    assert settings(nm, "bond0")["connection.uuid"] == uuid
    linkhold.rollback()
    assert interface("bond0")["link-aggregation"]["options"][option] == old
    assert (addresses(netns, "bond0"), addresses(netns, "bond0.7")) == (["192.0.2.1/24"], ["198.51.100.1/24"])


@pytest.mark.needs("bond")
@pytest.mark.parametrize(
    ("mode", "options"),
    [
        (
            "active-backup",
            {
                "miimon": 100,
                "updelay": 200,
                "primary": "eth1",
                "primary_reselect": "failure",
                "resend_igmp": 3,
                "num_grat_arp": 4,
                "all_slaves_active": "delivered",
            },
        ),
        (
            "active-backup",
            {"arp_interval": 100, "arp_ip_target": "192.0.2.7", "arp_validate": "all", "primary": "eth2"},
        ),
        ("balance-rr", {"arp_interval": 100, "arp_ip_target": "192.0.2.7", "packets_per_slave": 3}),
        ("balance-tlb", {"lp_interval": 4, "primary": "eth2"}),
        ("802.3ad", {"miimon": 140, "ad_actor_sys_prio": 1000, "lacp_rate": "fast"}),
    ],
)
def test_all_options_of_a_bond_are_put_back(nm: NetworkManager, mode: str, options: Document) -> None:
    """In the kernel and in the profile: NetworkManager would look at carriers where nothing is said of that."""

    def wanted(said: Document) -> Document:
        aggregation = {"mode": mode, "options": said, "port": ["eth1", "eth2"]}
        return {**static("bond0", "192.0.2.1/24"), "type": "bond", "link-aggregation": aggregation}

    linkhold.apply({"interfaces": [wanted(options)]})
    shown = interface("bond0")["link-aggregation"]["options"]
    assert {name: shown[name] for name in options} == options
    linkhold.apply({"interfaces": [wanted({})]})
    assert linkhold.plan({"interfaces": [wanted({})]}).plan.empty
    assert "primary" not in interface("bond0")["link-aggregation"]["options"]
    usual = interface("bond0")["link-aggregation"]
    nm.nmcli("connection down bond0")
    nm.nmcli("connection up bond0")
    nm.wait_for_state("eth2", "connected")
    assert interface("bond0")["link-aggregation"]["options"] == usual["options"]


@pytest.mark.needs("bond")
def test_a_bond_prefers_no_port_any_more(nm: NetworkManager) -> None:
    def wanted(primary: str) -> Document:
        aggregation = {
            "mode": "active-backup",
            "options": {"miimon": 100, "primary": primary},
            "port": ["eth1", "eth2"],
        }
        return {**static("bond0"), "type": "bond", "link-aggregation": aggregation}

    linkhold.apply({"interfaces": [wanted("eth1")]})
    linkhold.apply({"interfaces": [wanted("")]}, commit=False)
    assert "primary" not in interface("bond0")["link-aggregation"]["options"]
    assert "primary" not in settings(nm, "bond0")["bond.options"]
    linkhold.rollback()
    assert interface("bond0")["link-aggregation"]["options"]["primary"] == "eth1"


@pytest.mark.needs("vlan")
def test_another_tag_replaces_a_vlan(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    linkhold.apply({"interfaces": [static("eth1"), vlan(7, "192.0.2.1/24", parent="eth1")]})
    uuid = settings(nm, "eth1.7")["connection.uuid"]
    changed = vlan(7, "192.0.2.1/24", parent="eth1")
    changed["vlan"]["id"] = 9
    linkhold.apply({"interfaces": [changed]})
    (link,) = netns.ip_json("link", "show", "eth1.7")
    assert link["linkinfo"]["info_data"]["id"] == 9
    assert addresses(netns, "eth1.7") == ["192.0.2.1/24"]
    assert settings(nm, "eth1.7")["connection.uuid"] == uuid


@pytest.mark.needs("bridge-vlan-filtering")
def test_vlans_of_a_bridge(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    tags = {"mode": "trunk", "trunk-tags": [{"id": 101}, {"id-range": {"min": 200, "max": 205}}]}
    bridge = {**static("br0"), "type": "linux-bridge", "bridge": {"port": [{"name": "eth1", "vlan": tags}]}}
    linkhold.apply({"interfaces": [bridge]})
    assert interface("br0")["bridge"]["port"][0]["vlan"]["trunk-tags"] == [
        {"id": 101},
        {"id-range": {"min": 200, "max": 205}},
    ]


@pytest.mark.needs("bridge-vlan-filtering")
@pytest.mark.parametrize("filtering", [0, 1])
@pytest.mark.parametrize("ports", [0, 1])
@pytest.mark.parametrize("provider", ["kernel", None])
def test_a_bridge_that_somebody_gave_another_default_vlan_can_be_applied_as_it_is_shown(
    nm: NetworkManager, netns: namespaces.Namespace, filtering: int, ports: int, provider: str | None
) -> None:
    netns.ip("link", "add", "br0", "type", "bridge", "vlan_default_pvid", "7", "vlan_filtering", str(filtering))
    if ports:
        netns.ip("link", "set", "eth1", "master", "br0")
    netns.ip("link", "set", "br0", "up")
    linkhold.apply(to_plain(linkhold.show(["br0"])), provider=provider)
    assert linkhold.plan(to_plain(linkhold.show(["br0"])), provider=provider).plan.empty
    (link,) = netns.ip_json("link", "show", "br0")
    data = link["linkinfo"]["info_data"]
    assert data["vlan_filtering"] == filtering
    if filtering or provider == "kernel":  # NetworkManager forgets it where it means nothing
        assert data["vlan_default_pvid"] == 7
    if ports and filtering:
        with netns.entered():
            vlans = json.loads(tool("bridge", "-json", "vlan", "show", "dev", "eth1"))
        assert [one["vlan"] for one in vlans[0]["vlans"]] == [7]


@pytest.mark.needs("vrf")
def test_a_vrf_with_a_port_that_has_an_address(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    vrf = {"name": "vrf0", "type": "vrf", "state": "up", "vrf": {"route-table-id": 100, "port": ["eth1"]}}
    linkhold.apply({"interfaces": [vrf, static("eth1", "192.0.2.1/24")]})
    assert addresses(netns, "eth1") == ["192.0.2.1/24"]
    assert netns.ip_json("link", "show", "eth1")[0]["master"] == "vrf0"
    changed = {**vrf, "vrf": {"route-table-id": 101, "port": ["eth1"]}}
    linkhold.apply({"interfaces": [changed]})
    (link,) = netns.ip_json("link", "show", "vrf0")
    assert link["linkinfo"]["info_data"]["table"] == 101
    assert addresses(netns, "eth1") == ["192.0.2.1/24"]


@pytest.mark.needs("vrf")
@pytest.mark.parametrize("moves", [False, True])
def test_a_route_in_a_table_of_its_own_when_the_vrf_gets_another(
    nm: NetworkManager, netns: namespaces.Namespace, moves: bool
) -> None:
    """It stays where it was said to be, unless the document moves it."""
    vrf = {"name": "vrf0", "type": "vrf", "state": "up", "vrf": {"route-table-id": 100, "port": ["eth1"]}}
    route = {
        "destination": "203.0.113.0/24",
        "next-hop-interface": "eth1",
        "next-hop-address": "192.0.2.9",
        "table-id": 100,
    }
    linkhold.apply({"interfaces": [vrf, static("eth1", "192.0.2.1/24")], "routes": {"config": [route]}})
    changed: Document = {"interfaces": [{**vrf, "vrf": {"route-table-id": 101, "port": ["eth1"]}}]}
    table = 101 if moves else 100
    if moves:
        gone = {"state": "absent", "next-hop-interface": "eth1"}
        changed["routes"] = {"config": [gone, {**route, "table-id": table}]}
    linkhold.apply(changed)
    found = netns.ip_json("route", "show", "table", "all", "dev", "eth1")
    assert [one["table"] for one in found if one["dst"] == "203.0.113.0/24"] == [str(table)]
    assert {one["table"] for one in found if one["dst"] == "192.0.2.0/24"} == {"101"}
    assert settings(nm, "eth1")["ipv4.routes"] == f"203.0.113.0/24 192.0.2.9 0 table={table}"


@pytest.mark.needs("dummy")
def test_a_dummy_comes_down_and_goes(nm: NetworkManager, netns: namespaces.Namespace) -> None:
    linkhold.apply({"interfaces": [{**static("dummy1", "192.0.2.1/24"), "type": "dummy"}]})
    assert addresses(netns, "dummy1") == ["192.0.2.1/24"]
    linkhold.apply({"interfaces": [{"name": "dummy1", "type": "dummy", "state": "down"}]})
    assert "dummy1" not in names(netns)
    assert nm.profiles()["dummy1"] == ""
    linkhold.apply({"interfaces": [{**static("dummy1", "192.0.2.2/24"), "type": "dummy"}]})
    assert addresses(netns, "dummy1") == ["192.0.2.2/24"]
    linkhold.apply({"interfaces": [{"name": "dummy1", "type": "dummy", "state": "absent"}]})
    assert "dummy1" not in nm.profiles()


@pytest.mark.needs("sysfs", "bond")
def test_what_a_controller_says_of_its_ports_stands_in_their_profiles(
    nm: NetworkManager, netns: namespaces.Namespace
) -> None:
    bridge = {**static("br0"), "type": "linux-bridge", "bridge": {"port": [{"name": "eth1"}, {"name": "eth2"}]}}
    linkhold.apply({"interfaces": [bridge]})
    active = nm.nmcli("-g", "GENERAL.DBUS-PATH", "connection", "show", "eth2")
    bridge["bridge"]["port"][0] |= {"stp-priority": 12, "stp-path-cost": 77}
    linkhold.apply({"interfaces": [bridge]})
    assert settings(nm, "eth1")["bridge-port.priority"] == "12"
    (link,) = netns.ip_json("link", "show", "eth1")
    assert link["linkinfo"]["info_slave_data"]["priority"] == 12
    assert link["linkinfo"]["info_slave_data"]["cost"] == 77
    assert nm.nmcli("-g", "GENERAL.DBUS-PATH", "connection", "show", "eth2") == active
