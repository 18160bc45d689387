"""Profiles as values: round trips of every kind, and what stays of a profile that others made."""

import typing
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.record import UNSET
from linkhold.planning.change import Difference
from linkhold.planning.diff import differences
from linkhold.planning.merge_interface import new_interface
from linkhold.planning.paths import bare
from linkhold.providers.networkmanager.profiles import decode, decode_all, encode, keyfile, uuid_of
from linkhold.providers.networkmanager.profiles.versions import (
    KINDS,
    NEWEST,
    OLDEST,
    kind_limit,
    limits,
    modern,
    worded,
)
from linkhold.state.document import read
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ipv4
from linkhold.state.network import NetworkState
from linkhold.state.normalise import normalised
from tests.strategies import interfaces

NOT_OF_A_PROFILE = {"state", "controller", "dispatch", "bridge.port", "link-aggregation.port", "vrf.port"}
NOT_OF_A_PROFILE |= {"link-aggregation.ports-config", "ethtool.fec", "ipv6.addr-gen-mode", "identifier"}
"""Beside what no release can hold: what stands in the profiles of others, or can't be said of a bare interface."""
WHEN_DYNAMIC = {"auto-dns", "auto-gateway", "auto-routes", "auto-route-table-id", "auto-route-metric"}
OF_A_LINK = {"mtu", "mac-address", "accept-all-mac-addresses"}


def _expected(interface: Interface) -> Interface:
    """As planning would leave a new interface."""
    state = normalised(NetworkState(interfaces=(interface.replace(controller=UNSET, identifier=UNSET),)), Diagnostics())
    assert isinstance(state.interfaces, tuple)
    return new_interface(state.interfaces[0], whole=True)


def _cut_off(interface: Interface) -> bool:
    """A veth whose other end is in another network is Ethernet for NetworkManager."""
    config = interface.get("veth")
    return interface.kind == "veth" and (config is UNSET or config.get("peer") is UNSET)


def _held(one: Difference, interface: Interface) -> bool:
    """Whether a profile should have held it."""
    path = bare(one.path)
    never = {limit.path for limit in limits(NEWEST) if limit.kind in ("", interface.kind)} | NOT_OF_A_PROFILE
    if path in ("ethtool.pause.rx", "ethtool.pause.tx") and interface.get("ethtool").pause.autoneg is True:
        return False  # NetworkManager has them negotiated, or sets them
    if path in ("ethernet.auto-negotiation", "ethernet.speed", "ethernet.duplex"):
        config = interface.get("ethernet")  # NetworkManager fixes speed and duplex together, or neither
        return config.auto_negotiation is True or UNSET not in (config.speed, config.duplex)
    if path.startswith("link-aggregation.options.arp_"):
        return interface.get("bond").options.get("arp_interval") not in (
            UNSET,
            0,
        )  # NetworkManager refuses the others without it
    if any(path == other or path.startswith(f"{other}.") for other in never) or one.after in ("", [], None):
        return False
    family, _, field = path.partition(".")
    if family in ("ipv4", "ipv6") and interface.kind != "ovs-bridge":
        section = interface.get(family)
        dynamic = section.get("dhcp") is True or section.get("autoconf") is True
        if path == "ipv6.dhcp" and section.get("autoconf") is True:
            return False  # NetworkManager asks a DHCP server where a router says so
        if family == "ipv4" and not dynamic and not section.static:
            return False  # as good as disabled: the kernel has no switch for it
        return dynamic or field not in WHEN_DYNAMIC
    if path in OF_A_LINK:
        return not interface.userspace and one.after != 0 and (path != "mac-address" or interface.has_own_mac)
    return (
        not (interface.kind in ("mac-vlan", "mac-vtap") and one.after == "unknown") and interface.kind != "ovs-bridge"
    )


@given(interfaces(sorted(KINDS)).filter(lambda one: one.state in (UNSET, "up", "down")))
def test_what_is_written_is_read_back(drawn: Interface) -> None:
    interface = _expected(drawn)
    settings = encode(interface, host=NetworkState(interfaces=(interface,)))
    back = decode_all(settings, interface.name)
    assert back.kind == ("ethernet" if _cut_off(interface) else interface.kind)
    assert [str(one) for one in differences(interface, back) if _held(one, interface)] == []


@given(interfaces(sorted(KINDS)).filter(lambda one: one.state in (UNSET, "up", "down")))
def test_files_say_the_same(drawn: Interface) -> None:
    interface = _expected(drawn)
    settings = encode(interface, host=NetworkState(interfaces=(interface,)))
    again = keyfile.read(keyfile.write(settings))
    one, other = decode_all(again, interface.name), decode_all(settings, interface.name)
    assert [*differences(one, other), *differences(other, one)] == []
    assert keyfile.write(again) == keyfile.write(settings)


@given(
    interfaces(sorted(KINDS)).filter(lambda one: one.state in (UNSET, "up", "down")),
    st.integers(OLDEST[1], 60).map(lambda minor: (1, minor)),
)
def test_the_words_of_any_release_mean_the_same(drawn: Interface, version: tuple[int, int]) -> None:
    interface = _expected(drawn)
    host = NetworkState(interfaces=(interface,))
    newest = encode(interface, host=host)
    assert encode(interface, host=host, version=version) == worded(newest, version)
    assert modern(worded(newest, NEWEST)) == newest


@given(interfaces(sorted(KINDS)).filter(lambda one: one.state in (UNSET, "up", "down")))
def test_nothing_changes_where_nothing_is_to_change(drawn: Interface) -> None:
    interface = _expected(drawn)
    host = NetworkState(interfaces=(interface,))
    settings = encode(interface, host=host)
    assert encode(interface, host=host, was=host, current=settings) == settings


def _host(*listed: dict[str, typing.Any], **sections: typing.Any) -> NetworkState:
    return normalised(read({"interfaces": list(listed), **sections}), Diagnostics())


def _card(**more: typing.Any) -> dict[str, typing.Any]:
    return {"name": "eth1", "type": "ethernet", "state": "up", "ipv6": {"enabled": False}, **more}


def _addresses(*texts: str) -> dict[str, typing.Any]:
    pairs = [text.split("/") for text in texts]
    return {"enabled": True, "address": [{"ip": ip, "prefix-length": int(length)} for ip, length in pairs]}


FOREIGN: dict[str, dict[str, typing.Any]] = {
    "connection": {
        "id": "office",
        "uuid": "b1f6ff2e-7a4e-4d0b-ae2c-d9f7a3c1c001",
        "type": "802-3-ethernet",
        "interface-name": "eth1",
        "zone": "work",
        "autoconnect-priority": 7,
        "permissions": ["user:joe:"],
    },
    "802-3-ethernet": {"wake-on-lan": 64, "mtu": 1500},
    "ipv4": {
        "method": "manual",
        "address-data": [{"address": "192.0.2.1", "prefix": 24, "label": "eth1:a"}],
        "gateway": "192.0.2.254",
        "dns-data": ["192.0.2.53"],
        "dns-search": ["example.com"],
        "dad-timeout": 200,
        "route-data": [{"dest": "198.51.100.0", "prefix": 24, "next-hop": "192.0.2.9", "onlink": True}],
        "routing-rules": [{"family": 2, "priority": 5, "dport-start": 80, "dport-end": 80, "table": 7}],
    },
    "ipv6": {"method": "disabled"},
    "user": {"data": {"cockpit.colour": "blue"}},
}
"""As nmcli, Cockpit and an installer leave a profile behind."""
ROUTES = {
    "config": [
        {"destination": "0.0.0.0/0", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.254", "metric": 100},
        {
            "destination": "198.51.100.0/24",
            "next-hop-interface": "eth1",
            "next-hop-address": "192.0.2.9",
            "metric": 100,
        },
    ]
}


def _encoded(before: NetworkState, after: NetworkState, name: str = "eth1") -> dict[str, dict[str, typing.Any]]:
    return encode(after.by_key[name, ""], host=after, was=before, current=FOREIGN, version=(1, 42), uuid="unused")


def test_a_profile_of_somebody_else_keeps_all_that_is_not_spoken_of() -> None:
    before = _host(_card(mtu=1500, ipv4=_addresses("192.0.2.1/24")), routes=ROUTES)
    after = _host(_card(mtu=1400, ipv4=_addresses("192.0.2.1/24")), routes=ROUTES)
    encoded = _encoded(before, after)
    expected = {**FOREIGN, "802-3-ethernet": {"wake-on-lan": 64, "mtu": 1400}}
    expected["connection"] = {**FOREIGN["connection"], "autoconnect": True}
    assert encoded == expected


def test_an_address_that_comes_is_added_and_a_foreign_one_stays_out() -> None:
    """192.0.2.77 is on the interface and in no profile: a virtual address that another daemon moves about."""
    before = _host(_card(ipv4=_addresses("192.0.2.1/24", "192.0.2.77/24")), routes=ROUTES)
    after = _host(_card(ipv4=_addresses("192.0.2.1/24", "192.0.2.77/24", "203.0.113.1/24")), routes=ROUTES)
    encoded = _encoded(before, after)["ipv4"]
    first = {"address": "192.0.2.1", "prefix": 24, "label": "eth1:a"}
    assert encoded["address-data"] == [first, {"address": "203.0.113.1", "prefix": 24}]
    assert encoded["dad-timeout"] == 200
    assert {"dest": "0.0.0.0", "prefix": 0, "next-hop": "192.0.2.254"} in encoded["route-data"]
    assert "gateway" not in encoded


def test_a_route_that_changes_is_written_anew_and_the_others_stay_as_they_are() -> None:
    other = {"destination": "203.0.113.0/24", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.8"}
    before = _host(_card(ipv4=_addresses("192.0.2.1/24")), routes=ROUTES)
    after = _host(_card(ipv4=_addresses("192.0.2.1/24")), routes={"config": [*ROUTES["config"], other]})
    encoded = _encoded(before, after)["ipv4"]
    assert encoded["route-data"] == [
        {"dest": "0.0.0.0", "prefix": 0, "next-hop": "192.0.2.254"},
        {"dest": "198.51.100.0", "prefix": 24, "next-hop": "192.0.2.9", "onlink": True},
        {"dest": "203.0.113.0", "prefix": 24, "next-hop": "192.0.2.8", "table": 254, "metric": 0},
    ]
    gone = _encoded(after, _host(_card(ipv4=_addresses("192.0.2.1/24")), routes={"config": ROUTES["config"][:1]}))
    assert [one["dest"] for one in gone["ipv4"]["route-data"]] == ["0.0.0.0"]


def test_rules_that_a_document_has_no_words_for_stay() -> None:
    rule = {"ip-from": "192.0.2.0/24", "priority": 100, "route-table": 9}
    before = _host(_card(ipv4=_addresses("192.0.2.1/24")), routes=ROUTES)
    after = _host(_card(ipv4=_addresses("192.0.2.1/24")), routes=ROUTES, **{"route-rules": {"config": [rule]}})
    kept, added = _encoded(before, after)["ipv4"]["routing-rules"]
    assert kept["dport-start"] == 80
    assert added == {"family": 2, "priority": 100, "table": 9, "from": "192.0.2.0", "from-len": 24}


@pytest.mark.parametrize("method", ["shared", "link-local"])
def test_a_method_without_a_word_stays_while_nothing_is_said_of_the_family(method: str) -> None:
    shared = {**FOREIGN, "ipv4": {"method": method}}
    before = _host(_card(mtu=1500, ipv4=_addresses("10.42.0.1/24")))
    after = _host(_card(mtu=1400, ipv4=_addresses("10.42.0.1/24")))
    encoded = encode(after.by_key["eth1", ""], host=after, was=before, current=shared)
    assert encoded["ipv4"] == {"method": method}
    assert encoded["802-3-ethernet"]["mtu"] == 1400


def test_a_family_that_is_switched_off_says_nothing_that_contradicts() -> None:
    before = _host(_card(ipv4=_addresses("192.0.2.1/24")), routes=ROUTES)
    after = _host(_card(ipv4={"enabled": False}))
    encoded = _encoded(before, after)["ipv4"]
    assert encoded["method"] == "disabled"
    assert not encoded.keys() & {"address-data", "gateway", "route-data", "dns-data", "dns-search"}
    assert encoded["dad-timeout"] == 200


def test_a_port_of_a_bridge_has_no_ip_settings_and_gets_them_back() -> None:
    alone = _host(_card(ipv4=_addresses("192.0.2.1/24")))
    bridge = {
        "name": "br0",
        "type": "linux-bridge",
        "state": "up",
        "bridge": {"port": [{"name": "eth1", "stp-path-cost": 5}]},
    }
    attached = _host(_card(controller="br0"), bridge)
    port = _encoded(alone, attached)
    assert not port.keys() & {"ipv4", "ipv6"}
    assert port["bridge-port"] == {"path-cost": 5}
    assert (port["connection"]["master"], port["connection"]["slave-type"]) == ("br0", "bridge")
    again = encode(alone.by_key["eth1", ""], host=alone, was=attached, current=port)
    assert "bridge-port" not in again
    assert not again["connection"].keys() & {"controller", "port-type", "master", "slave-type"}
    assert again["ipv4"]["address-data"] == [{"address": "192.0.2.1", "prefix": 24}]
    assert again["connection"]["zone"] == "work"


def test_another_mode_of_a_bond_takes_the_options_of_the_old_one_away() -> None:
    def bond(mode: str, **options: typing.Any) -> NetworkState:
        section = {"mode": mode, "options": options, "port": []}
        return _host({"name": "bond0", "type": "bond", "state": "up", "link-aggregation": section})

    before, after = bond("802.3ad", lacp_rate="fast", miimon=100), bond("active-backup", miimon=100)
    first = encode(before.by_key["bond0", ""], host=before)
    assert first["bond"]["options"] == {"mode": "802.3ad", "lacp_rate": "fast", "miimon": "100"}
    second = encode(after.by_key["bond0", ""], host=after, was=before, current=first)
    assert second["bond"]["options"] == {"mode": "active-backup", "miimon": "100"}


def test_only_what_the_kernel_does_not_show_is_private() -> None:
    settings = {**FOREIGN, "ipv4": {"method": "auto", "may-fail": False, "dhcp-client-id": "mac"}}
    said = decode(settings)
    assert said.mtu is UNSET
    assert (said.profile_name, said.wait_ip) == ("office", "ipv4")
    assert isinstance(said.ipv4, Ipv4)
    assert (said.ipv4.dhcp, said.ipv4.dhcp_client_id, said.ipv4.auto_dns) == (True, "ll", True)


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ((1, 40), {"master", "slave-type"}),
        ((1, 44), {"master", "slave-type"}),
        ((1, 46), {"controller", "port-type"}),
    ],
)
def test_releases_have_words_of_their_own(version: tuple[int, int], words: set[str]) -> None:
    bridge = {"name": "br0", "type": "linux-bridge", "bridge": {"port": [{"name": "eth1"}]}}
    host = _host(_card(controller="br0"), bridge)
    connection = encode(host.by_key["eth1", ""], host=host, version=version)["connection"]
    assert words <= connection.keys()
    assert not connection.keys() & ({"master", "slave-type", "controller", "port-type"} - words)


@pytest.mark.parametrize("version", [(1, 30), (1, 42)])
def test_name_servers_are_numbers_for_old_releases(version: tuple[int, int]) -> None:
    resolver = {"dns-resolver": {"config": {"server": ["192.0.2.53", "2001:db8::53"], "search": ["example.com"]}}}
    host = _host(_card(ipv4=_addresses("192.0.2.1/24"), ipv6=_addresses("2001:db8::1/64")), **resolver)
    settings = encode(host.by_key["eth1", ""], host=host, version=version, dns=True)
    if version < (1, 42):
        assert settings["ipv4"]["dns"] == [int.from_bytes(bytes([192, 0, 2, 53]), "little")]
        assert settings["ipv6"]["dns"][0][:4] == bytes.fromhex("20010db8")
    else:
        assert (settings["ipv4"]["dns-data"], settings["ipv6"]["dns-data"]) == (["192.0.2.53"], ["2001:db8::53"])
    assert (settings["ipv4"]["dns-priority"], settings["ipv6"]["dns-priority"]) == (40, 50)
    assert (settings["ipv4"]["dns-search"], "dns-search" in settings["ipv6"]) == (["example.com"], False)
    assert modern(settings)["ipv4"]["dns-data"] == ["192.0.2.53"]


def test_kinds_come_with_releases() -> None:
    assert kind_limit("vlan", (1, 30)) == ""
    assert "1.46" in kind_limit("hsr", (1, 42))
    assert kind_limit("hsr", (1, 46)) == ""
    assert "no profiles" in kind_limit("xfrm", NEWEST)
    assert {one.path for one in limits((1, 38))} - {one.path for one in limits((1, 40))} == {"mptcp"}


def test_new_profiles_have_the_same_uuid_everywhere() -> None:
    assert uuid_of("bond", "bond0") == str(uuid.uuid5(uuid.NAMESPACE_URL, "bond://bond0"))


def test_ports_are_in_no_vlan_but_those_that_are_said() -> None:
    """NetworkManager leaves a port in the default VLAN beside those it gives: so there is none by default."""

    def bridge(*vlans: dict[str, typing.Any], **options: typing.Any) -> NetworkState:
        ports = [{"name": f"eth{number}", "vlan": vlan} for number, vlan in enumerate(vlans, 1)]
        cards = [{"name": port["name"], "type": "ethernet", "controller": "br0"} for port in ports]
        section = {"port": ports, "options": options}
        return _host(*cards, {"name": "br0", "type": "linux-bridge", "state": "up", "bridge": section})

    def settings(host: NetworkState, name: str) -> dict[str, dict[str, typing.Any]]:
        return encode(host.by_key[name, ""], host=host)

    trunk = {"mode": "trunk", "trunk-tags": [{"id": 7}]}
    mixed = bridge(trunk, {})
    assert settings(mixed, "br0")["bridge"] == {"vlan-filtering": True, "vlan-default-pvid": 0, "stp": False}
    assert settings(mixed, "eth1")["bridge-port"]["vlans"] == [{"vid-start": 7, "vid-end": 7}]
    usual = {"vid-start": 1, "vid-end": 1, "pvid": True, "untagged": True}
    assert settings(mixed, "eth2")["bridge-port"]["vlans"] == [usual]
    assert settings(bridge(trunk, **{"vlan-default-pvid": 5}), "br0")["bridge"]["vlan-default-pvid"] == 5
    assert settings(bridge({}, {}), "br0")["bridge"] == {"vlan-filtering": False, "stp": False}
    plain = bridge({}, {})
    before = settings(mixed, "br0")
    after = encode(plain.by_key["br0", ""], host=plain, was=mixed, current=before)
    assert after["bridge"] == {"vlan-filtering": False, "stp": False}
    port = encode(plain.by_key["eth2", ""], host=plain, was=mixed, current=settings(mixed, "eth2"))
    assert port["bridge-port"] == {}
