"""What every interface has, on NICs (sections 1.1 to 1.8): coercions, partial documents, addresses, states, mistakes."""

import pathlib
import typing

import pytest

import libnmstate
from libnmstate.error import NmstateError, NmstateNotSupportedError, NmstateValueError
from libnmstate.schema import Interface, InterfaceState
from tests.compat.checks import apply, assert_absent, gone, one, static_addresses, up
from tests.compat.conftest import Host

IPV4 = {"enabled": True, "dhcp": False, "address": [{"ip": "192.0.2.251", "prefix-length": 24}]}
IPV6 = {
    "enabled": True, "dhcp": False, "autoconf": False,
    "address": [{"ip": "2001:db8:1::1", "prefix-length": 64}],
}  # fmt: skip


def test_show_has_the_sections_that_programs_index(host: Host) -> None:
    shown = libnmstate.show()
    assert list(shown)[:5] == ["hostname", "dns-resolver", "route-rules", "routes", "interfaces"]
    assert shown["routes"] == {"running": [], "config": []}
    assert shown["route-rules"]["config"] == []
    assert {"running", "config"} <= shown["dns-resolver"].keys()
    assert [entry["name"] for entry in shown["interfaces"]] == ["eth1", "eth2", "lo"]
    running = libnmstate.show_running_config()
    assert "running" not in running["routes"]
    assert "running" not in running["dns-resolver"]


def test_show_has_the_keys_of_an_interface_and_no_others(host: Host) -> None:
    apply(up("eth1", "ethernet", ipv4=IPV4, ipv6=IPV6))
    eth1 = one("eth1")
    known = {
        "name", "profile-name", "type", "driver", "state", "identifier", "mac-address", "permanent-mac-address", "mtu",
        "min-mtu", "max-mtu", "wait-ip", "ipv4", "ipv6", "mptcp", "accept-all-mac-addresses", "lldp", "ethtool",
        "ethernet", "veth",
    }  # fmt: skip
    assert eth1.keys() <= known
    assert (eth1["type"], eth1["state"], eth1["mtu"], eth1["lldp"]) == ("veth", "up", 1500, {"enabled": False})
    assert eth1["mac-address"] == eth1["mac-address"].upper()
    assert eth1["ipv4"].keys() <= {*IPV4, "forwarding"}
    assert {key: eth1["ipv4"][key] for key in IPV4} == IPV4
    assert eth1["ipv6"]["autoconf"] is False
    assert list(eth1)[:2] == ["name", "profile-name" if host.manager else "type"]
    assert one("eth2")["ipv4"] == {"enabled": False}


def test_what_is_shown_can_be_applied(host: Host) -> None:
    apply(up("eth1", "ethernet", ipv4=IPV4, ipv6=IPV6))
    before = libnmstate.show()["interfaces"]
    libnmstate.apply({"interfaces": [entry for entry in before if entry["name"] != "lo"]})
    assert [entry["name"] for entry in libnmstate.show()["interfaces"]] == [entry["name"] for entry in before]
    assert static_addresses("eth1", "ipv6") == [("2001:db8:1::1", 64)]


def test_what_is_not_said_stays(host: Host) -> None:
    apply(up("eth1", "ethernet", ipv4=IPV4, ipv6=IPV6, mtu=1400))
    apply(up("eth1", "ethernet", mtu=1450))
    assert static_addresses("eth1", "ipv4") == [("192.0.2.251", 24)]
    assert static_addresses("eth1", "ipv6") == [("2001:db8:1::1", 64)]
    apply({"interfaces": [{"name": "eth2", "type": "ethernet", "state": "up"}]})
    assert one("eth1")["mtu"] == 1450


def test_the_type_may_be_left_out_where_the_interface_is_there(host: Host) -> None:
    apply({"interfaces": [{"name": "eth1", "state": "up", "mtu": 1400}]})
    with pytest.raises(NmstateValueError):
        libnmstate.apply({"interfaces": [{"name": "nowhere0", "state": "up", "mtu": 1400}]})


@pytest.mark.parametrize("kind", ["ethernet", "veth"])
def test_a_veth_is_an_ethernet(host: Host, kind: str) -> None:
    apply(up("eth1", kind, mtu=1400))
    assert one("eth1")["type"] == "veth"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"mtu": "1400"}, {"mtu": 1400}),
        ({"mtu": "0x578"}, {"mtu": 1400}),
        ({"accept-all-mac-addresses": "yes"}, {"accept-all-mac-addresses": True}),
        ({"accept-all-mac-addresses": 1}, {"accept-all-mac-addresses": True}),
        ({"mac-address": "d4:ee:07:25:42:5a"}, {"mac-address": "D4:EE:07:25:42:5A"}),
        ({"mtu": None}, {"mtu": 1500}),
        ({"ipv4": {"enabled": "on", "dhcp": "n"}}, {}),
    ],
    ids=str,
)
def test_values_are_taken_in_other_spellings(
    host: Host, said: dict[str, typing.Any], shown: dict[str, typing.Any]
) -> None:
    libnmstate.apply({"interfaces": [{"name": "eth1", "type": "ethernet", "state": "up", **said}]})
    eth1 = one("eth1")
    assert {key: eth1[key] for key in shown} == shown


@pytest.mark.parametrize(
    "said",
    [
        {"mtu": "many"},
        {"mtu": -1},
        {"mtu": 70000},
        {"foo": 1},
        {"bridge": {}},
        {"ipv4": {"enabled": "perhaps"}},
        {"ipv4": {"address": [{"ip": "192.0.2.300", "prefix-length": 24}]}},
        {"ipv4": {"enabled": True, "address": [{"ip": "2001:db8::1", "prefix-length": 64}]}},
        {"ipv4": {"enabled": True, "address": [{"ip": "192.0.2.1", "prefix-length": 33}]}},
        {"ipv4": {"allow-extra-address": "yes"}},
        {"ipv6": {"enabled": True, "autoconf": False, "token": "::1"}},
        {"ipv6": {"enabled": True, "autoconf": True, "dhcp": True, "token": "2001:db8::1"}},
        {"ipv6": {"enabled": True}, "mtu": 1279},
        {"mac-address": "nonsense"},
        {"state": "sideways"},
        {"wait-ip": "ipv4", "ipv4": {"enabled": False}},
        {"mptcp": {"address-flags": ["signal", "fullmesh"]}},
        {"copy-mac-from": "eth2"},
        {"controller": "nowhere0"},
        {"identifier": "mac-address"},
    ],
    ids=str,
)
def test_mistakes_are_value_errors(kernel_host: Host, said: dict[str, typing.Any]) -> None:
    before = libnmstate.show()["interfaces"]
    with pytest.raises(NmstateValueError):
        libnmstate.apply({"interfaces": [{"name": "eth1", "type": "ethernet", "state": "up", **said}]})
    assert libnmstate.show()["interfaces"] == before


@pytest.mark.parametrize(
    "document",
    [
        {"interfaces": [{"name": "eth9", "type": "ethernet", "state": "up"}]},
        {"interfaces": [{"name": "veth9", "type": "veth", "state": "up"}]},
        {"interfaces": [{"type": "ethernet", "state": "up"}]},
        {"interfaces": [{"name": "eth1", "type": "no-such-type", "state": "up"}]},
        {"interfaces": {"name": "eth1"}},
        {"dns": {"config": {}}},
        {"routes": {"config": [{"destination": "nonsense", "next-hop-interface": "eth1"}]}},
    ],
    ids=str,
)
def test_documents_that_are_none(kernel_host: Host, document: dict[str, typing.Any]) -> None:
    with pytest.raises(NmstateValueError):
        libnmstate.apply(document)


def test_an_absent_entry_never_fails_on_what_else_it_says(kernel_host: Host) -> None:
    libnmstate.apply({"interfaces": [{"name": "br9", "type": "linux-bridge", "state": "absent", "foo": 1, "mtu": "x"}]})


def test_addresses_are_replaced_as_a_list(host: Host) -> None:
    apply(up("eth1", "ethernet", ipv4=IPV4))
    two = [{"ip": "192.0.2.252", "prefix-length": 24}, {"ip": "198.51.100.1", "prefix-length": 32}]
    apply(up("eth1", "ethernet", ipv4={"enabled": True, "address": two}))
    assert static_addresses("eth1", "ipv4") == [("192.0.2.252", 24), ("198.51.100.1", 32)]
    apply(up("eth1", "ethernet", ipv4={"enabled": True}))
    assert len(static_addresses("eth1", "ipv4")) == 2
    libnmstate.apply(up("eth1", "ethernet", ipv4={"enabled": True, "address": []}))
    assert static_addresses("eth1", "ipv4") == []


def test_the_first_address_stays_first(host: Host) -> None:
    listed = [{"ip": f"192.0.2.{last}", "prefix-length": 24} for last in (9, 3, 7)]
    libnmstate.apply(up("eth1", "ethernet", ipv4={"enabled": True, "address": listed}))
    assert [address for address, _ in static_addresses("eth1", "ipv4")] == ["192.0.2.9", "192.0.2.3", "192.0.2.7"]


def test_addresses_with_an_end_and_link_local_ones_are_ignored(host: Host) -> None:
    libnmstate.apply(
        up(
            "eth1",
            "ethernet",
            ipv4={
                "enabled": True,
                "address": [
                    {"ip": "192.0.2.1", "prefix-length": 24},
                    {
                        "ip": "192.0.2.2",
                        "prefix-length": 24,
                        "valid-life-time": "30sec",
                        "preferred-life-time": "30sec",
                    },
                ],
            },
            ipv6={"enabled": True, "address": [{"ip": "fe80::9", "prefix-length": 64}]},
        )
    )
    assert static_addresses("eth1", "ipv4") == [("192.0.2.1", 24)]
    assert "fe80::9" not in [address["ip"] for address in one("eth1")["ipv6"]["address"]]


def test_families_are_disabled_with_all_they_have(host: Host) -> None:
    apply(up("eth1", "ethernet", ipv4=IPV4, ipv6=IPV6))
    apply(up("eth1", "ethernet", ipv4={"enabled": False}, ipv6={"enabled": False}))
    assert one("eth1")["ipv4"] == {"enabled": False}
    assert one("eth1")["ipv6"] == {"enabled": False}
    apply(up("eth1", "ethernet", ipv6=IPV6))
    assert static_addresses("eth1", "ipv6") == [("2001:db8:1::1", 64)]


def test_extra_addresses_are_tolerated_unless_forbidden(kernel_host: Host) -> None:
    apply(up("eth1", "ethernet", ipv4=IPV4))
    kernel_host.netns.ip("address", "add", "192.0.2.9/24", "dev", "eth1")
    libnmstate.apply(up("eth1", "ethernet", ipv4={**IPV4, "allow-extra-address": False}))
    assert static_addresses("eth1", "ipv4") == [("192.0.2.251", 24)]


def test_ipv6_alone_gives_a_link_local_address(host: Host) -> None:
    apply(up("eth1", "ethernet", ipv6={"enabled": True, "autoconf": False, "dhcp": False}))
    assert static_addresses("eth1", "ipv6") == []
    assert one("eth1")["ipv6"]["enabled"] is True


def test_a_nic_goes_down_and_up(host: Host) -> None:
    apply(up("eth1", "ethernet", ipv4=IPV4))
    libnmstate.apply({"interfaces": [{"name": "eth1", "type": "ethernet", "state": "down"}]})
    assert one("eth1")["state"] == InterfaceState.DOWN
    apply(up("eth1", "ethernet", ipv4=IPV4))


def test_a_nic_that_is_absent_loses_its_settings(host: Host) -> None:
    """One end of a pair that is called an ethernet is a NIC: it stays, also where it was a port."""
    absent = {Interface.KEY: [{Interface.NAME: "eth1", "type": "ethernet", "state": "absent"}]}
    for _ in range(2):
        apply(up("eth1", "ethernet", ipv4=IPV4))
        libnmstate.apply(absent)
        assert one("eth1")["state"] == InterfaceState.DOWN
        assert one("eth1")["ipv4"] == {"enabled": False}
    apply(up("br0", "linux-bridge", bridge={"port": [{"name": "eth1"}, {"name": "eth2"}]}))
    libnmstate.apply(absent)
    assert [port["name"] for port in one("br0")["bridge"]["port"]] == ["eth2"]
    assert one("eth1")["state"] == InterfaceState.DOWN


def test_one_end_of_a_pair_that_is_absent_goes(host: Host) -> None:
    libnmstate.apply({Interface.KEY: [{Interface.NAME: "eth1", "type": "veth", "state": "absent"}]})
    assert_absent("eth1")
    libnmstate.apply(gone("eth2"))
    assert_absent("eth2")


def test_what_is_ignored_is_left_alone(kernel_host: Host) -> None:
    before = one("eth2")
    libnmstate.apply({"interfaces": [{"name": "eth2", "type": "ethernet", "state": "ignore", "mtu": 1300}]})
    assert one("eth2") == before


def test_an_interface_by_its_mac(host: Host) -> None:
    mac = one("eth1")["mac-address"]
    libnmstate.apply(
        {
            "interfaces": [
                {
                    "name": "wan0", "type": "ethernet", "state": "up", "identifier": "mac-address",
                    "mac-address": mac.lower(), "ipv4": IPV4,
                }
            ]
        }
    )  # fmt: skip
    assert static_addresses("eth1", "ipv4") == [("192.0.2.251", 24)]
    assert one("eth1")["mac-address"] == mac
    assert_absent("wan0")


def test_what_profiles_know(host: Host) -> None:
    """Without profiles there is nothing to know of them, and saying something of them is no mistake."""
    libnmstate.apply(
        up("eth1", "ethernet", profile_name="uplink", wait_ip="ipv4", ipv4=IPV4, description="to the switch")
    )
    eth1 = one("eth1")
    assert (eth1["wait-ip"], eth1["description"]) == ("ipv4", "to the switch")
    libnmstate.apply(up("eth1", "ethernet", profile_name="cable"))
    if host.manager is not None:
        assert (one("eth1")["profile-name"], one("eth1")["identifier"]) == ("cable", "name")
        assert host.manager.profiles()["cable"] == "eth1"


@pytest.mark.needs("mptcp")
def test_multipath_tcp(host: Host) -> None:
    apply(up("eth1", "ethernet", ipv4=IPV4, mptcp={"address-flags": ["signal", "subflow"]}))
    assert sorted(one("eth1")["ipv4"]["address"][0]["mptcp-flags"]) == ["signal", "subflow"]
    apply(up("eth1", "ethernet", mptcp={"address-flags": []}))


@pytest.mark.needs("mptcp")
def test_multipath_tcp_where_it_is_switched_off(host: Host) -> None:
    switch = pathlib.Path("/proc/sys/net/mptcp/enabled")
    switch.write_text("0")
    before = one("eth1")
    with pytest.raises(NmstateNotSupportedError, match="mptcp"):
        libnmstate.apply(up("eth1", "ethernet", ipv4=IPV4, mptcp={"address-flags": ["signal"]}))
    assert one("eth1") == before


def test_how_ipv6_addresses_are_made(host: Host) -> None:
    automatic = {"enabled": True, "dhcp": True, "autoconf": True}
    for mode in ("eui64", "stable-privacy"):
        apply(up("eth1", "ethernet", ipv6={**automatic, "addr-gen-mode": mode}))
    apply(up("eth1", "ethernet", ipv6={**automatic, "addr-gen-mode": "eui64", "token": "::9"}))


def test_an_offload_by_its_short_name(kernel_host: Host) -> None:
    before = one("eth1")["ethtool"]["feature"]["tx-generic-segmentation"]
    libnmstate.apply(up("eth1", "ethernet", ethtool={"feature": {"gso": not before}}))
    assert one("eth1")["ethtool"]["feature"]["tx-generic-segmentation"] is not before


def test_loopback_keeps_its_own_addresses(kernel_host: Host) -> None:
    libnmstate.apply(
        up("lo", "loopback", ipv4={"enabled": True, "address": [{"ip": "192.0.2.7", "prefix-length": 32}]})
    )
    assert set(static_addresses("lo", "ipv4")) == {("127.0.0.1", 8), ("192.0.2.7", 32)}
    libnmstate.apply({"interfaces": [{"name": "lo", "type": "loopback", "state": "absent"}]})
    assert static_addresses("lo", "ipv4") == [("127.0.0.1", 8)]
    with pytest.raises(NmstateError):
        libnmstate.apply(up("lo", "loopback", ipv4={"enabled": False}))
