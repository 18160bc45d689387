"""Interfaces that are made: bridges, VLANs, bonds and others (sections 1.5, 1.7, 1.9, 1.10, 1.12)."""

import typing

import pytest

import libnmstate
from libnmstate.error import NmstateError, NmstateNotSupportedError, NmstateValueError
from tests.compat.checks import apply, assert_absent, assert_state_match, gone, names, one, static_addresses, up
from tests.compat.conftest import Host

IPV4 = {"enabled": True, "dhcp": False, "address": [{"ip": "192.0.2.251", "prefix-length": 24}]}


def bridge(*ports: typing.Any, **options: typing.Any) -> dict[str, typing.Any]:
    listed = [{"name": port} if isinstance(port, str) else port for port in ports]
    return {"options": options, "port": listed}


def bond(*ports: str, mode: typing.Any = "balance-rr", **options: typing.Any) -> dict[str, typing.Any]:
    return {"mode": mode, "port": list(ports), **({"options": options} if options else {})}


# Linux bridges


@pytest.mark.needs("bridge")
def test_a_bridge_comes_and_goes(host: Host) -> None:
    apply(up("br0", "linux-bridge", bridge=bridge("eth1"), ipv4=IPV4, mtu=1400))
    assert one("eth1")["controller"] == "br0"
    libnmstate.apply(gone("br0"))
    assert_absent("br0")
    assert "controller" not in one("eth1")


@pytest.mark.needs("bridge")
def test_ports_are_replaced_kept_and_detached(host: Host) -> None:
    apply(up("br0", "linux-bridge", bridge=bridge("eth1", "eth2")))
    apply(up("br0", "linux-bridge", bridge=bridge("eth2")))
    assert "controller" not in one("eth1")
    apply(up("br0", "linux-bridge", bridge={"options": {"mac-ageing-time": 200}}))
    assert [port["name"] for port in one("br0")["bridge"]["port"]] == ["eth2"]
    apply(up("br0", "linux-bridge", bridge={"port": []}))
    assert one("br0")["bridge"]["port"] == []


@pytest.mark.needs("bridge")
def test_ports_under_their_other_name(host: Host) -> None:
    apply(up("br0", "linux-bridge", bridge={"ports": [{"name": "eth1"}]}))
    assert "ports" not in one("br0")["bridge"]


@pytest.mark.needs("bridge")
def test_a_port_joins_and_leaves_by_its_own_words(host: Host) -> None:
    apply(up("br0", "linux-bridge", bridge=bridge()))
    apply(up("eth1", "ethernet", controller="br0"))
    assert [port["name"] for port in one("br0")["bridge"]["port"]] == ["eth1"]
    libnmstate.apply(up("eth1", "ethernet", controller=""))
    assert one("br0")["bridge"]["port"] == []


@pytest.mark.needs("bridge")
def test_options_of_a_bridge(host: Host) -> None:
    options = {
        "group-forward-mask": 8, "mac-ageing-time": 250, "multicast-snooping": True, "multicast-querier": True,
        "multicast-router": "disabled", "stp": {"enabled": True, "forward-delay": 10, "hello-time": 3, "max-age": 18},
    }  # fmt: skip
    apply(up("br0", "linux-bridge", bridge=bridge("eth1", **options)))
    shown = one("br0")["bridge"]["options"]
    assert shown["group-fwd-mask"] == shown["group-forward-mask"] == 8
    apply(up("br0", "linux-bridge", bridge=bridge("eth1", **{"group-fwd-mask": 16})))
    assert one("br0")["bridge"]["options"]["stp"]["forward-delay"] == 10
    libnmstate.apply(up("br0", "linux-bridge", bridge=bridge("eth1", **{"multicast-router": 1})))  # the kernel's number
    assert one("br0")["bridge"]["options"]["multicast-router"] == "auto"


@pytest.mark.needs("bridge", "lab")
def test_options_of_ports(host: Host) -> None:
    """In the lab, since NetworkManager sets these by /sys, which can be written to there only."""
    port = {"name": "eth1", "stp-hairpin-mode": True, "stp-path-cost": 77, "stp-priority": 40}
    apply(up("br0", "linux-bridge", bridge=bridge(port)))
    apply(up("br0", "linux-bridge", bridge=bridge("eth1", "eth2")))
    assert one("br0")["bridge"]["port"][0]["stp-path-cost"] == 77


@pytest.mark.needs("bridge-vlan-filtering")
def test_vlans_of_ports(host: Host) -> None:
    trunk = {
        "mode": "trunk",
        "enable-native": True,
        "tag": 7,
        "trunk-tags": [{"id": 101}, {"id-range": {"min": 500, "max": 599}}],
    }
    access = {"mode": "access", "tag": 305}
    apply(up("br0", "linux-bridge", bridge=bridge({"name": "eth1", "vlan": trunk}, {"name": "eth2", "vlan": access})))
    apply(up("br0", "linux-bridge", bridge=bridge("eth1", "eth2")))
    shown = {port["name"]: port["vlan"] for port in one("br0")["bridge"]["port"]}
    assert shown["eth1"]["trunk-tags"] == trunk["trunk-tags"]
    assert shown["eth2"]["tag"] == 305
    libnmstate.apply(
        up("br0", "linux-bridge", bridge=bridge({"name": "eth1", "vlan": {}}, {"name": "eth2", "vlan": {}}))
    )
    assert [port.get("vlan", {}) for port in one("br0")["bridge"]["port"]] == [{}, {}]


@pytest.mark.needs("bridge")
@pytest.mark.parametrize(
    "section",
    [
        bridge("eth1", stp={"enabled": True, "forward-delay": 1}),
        bridge("eth1", stp={"enabled": True, "hello-time": 11}),
        bridge("eth1", **{"group-forward-mask": 1, "group-fwd-mask": 2}),
        bridge({"name": "eth1", "vlan": {"mode": "access", "tag": 1, "trunk-tags": [{"id": 2}]}}),
        bridge({"name": "eth1", "vlan": {"mode": "access", "tag": 1, "enable-native": True}}),
        bridge({"name": "eth1", "vlan": {"mode": "trunk"}}),
        bridge({"name": "eth1", "vlan": {"mode": "trunk", "tag": 1, "trunk-tags": [{"id": 2}]}}),
        bridge(
            {"name": "eth1", "vlan": {"mode": "trunk", "trunk-tags": [{"id": 2}, {"id-range": {"min": 1, "max": 4}}]}}
        ),
        bridge("nowhere0"),
        {"foo": 1},
    ],
    ids=str,
)
def test_mistakes_of_bridges(kernel_host: Host, section: dict[str, typing.Any]) -> None:
    with pytest.raises(NmstateValueError):
        libnmstate.apply(up("br0", "linux-bridge", bridge=section))
    assert_absent("br0")


@pytest.mark.needs("bridge")
def test_no_address_on_a_port(kernel_host: Host) -> None:
    document = up("br0", "linux-bridge", bridge=bridge("eth1"))
    document["interfaces"] += up("eth1", "ethernet", ipv4=IPV4)["interfaces"]
    with pytest.raises(NmstateValueError):
        libnmstate.apply(document)


@pytest.mark.needs("bridge")
def test_an_address_moves_from_a_nic_to_its_bridge(host: Host) -> None:
    apply(up("eth1", "ethernet", ipv4=IPV4))
    apply(up("br0", "linux-bridge", ipv4=IPV4, bridge=bridge("eth1"), copy_mac_from="eth1"))
    assert one("br0")["mac-address"] == one("eth1")["mac-address"]
    assert static_addresses("eth1", "ipv4") == []


@pytest.mark.needs("bridge")
def test_a_port_of_two_bridges(kernel_host: Host) -> None:
    both = [
        *up("br0", "linux-bridge", bridge=bridge("eth1"))["interfaces"],
        *up("br1", "linux-bridge", bridge=bridge("eth1"))["interfaces"],
    ]
    with pytest.raises(NmstateValueError):
        libnmstate.apply({"interfaces": both})


@pytest.mark.needs("bridge")
def test_a_bridge_that_is_down_is_not_there_or_down(host: Host) -> None:
    apply(up("br0", "linux-bridge"))
    libnmstate.apply({"interfaces": [{"name": "br0", "type": "linux-bridge", "state": "down"}]})
    assert "br0" not in names() or one("br0")["state"] == "down"


@pytest.mark.needs("bridge-vlan-filtering")
def test_a_default_vlan_goes_with_the_last_vlan(host: Host) -> None:
    trunk = {"mode": "trunk", "trunk-tags": [{"id": 101}], "tag": 100, "enable-native": True}
    port = {"name": "eth1", "vlan": trunk}
    apply(up("br0", "linux-bridge", bridge=bridge(port, **{"vlan-default-pvid": 2})))
    apply(up("br0", "linux-bridge", bridge=bridge({"name": "eth1", "vlan": {}})))
    assert one("br0")["bridge"]["options"]["vlan-default-pvid"] == 1
    apply(up("br0", "linux-bridge", bridge=bridge("eth1", "eth2")))


# Other kinds


@pytest.mark.needs("veth")
def test_a_pair_of_veths(host: Host) -> None:
    apply(up("veth1", "veth", veth={"peer": "veth1p"}))
    assert {"veth1", "veth1p"} <= names()
    apply(up("veth1", "veth", veth={"peer": "other1p"}))
    assert_absent("veth1p")
    libnmstate.apply(gone("veth1"))
    assert_absent("veth1", "other1p")


@pytest.mark.needs("vlan")
def test_a_vlan_comes_and_goes_with_its_parent(host: Host) -> None:
    apply(up("eth1.101", "vlan", vlan={"base-iface": "eth1", "id": 101}, ipv4=IPV4))
    assert one("eth1.101")["vlan"]["protocol"] == "802.1q"
    assert one("eth1.101")["vlan"]["reorder-headers"] is True
    apply(up("eth1.101", "vlan", vlan={"base-iface": "eth1", "id": 102}))
    assert static_addresses("eth1.101", "ipv4") == [("192.0.2.251", 24)]
    libnmstate.apply(gone("eth1.101"))
    assert_absent("eth1.101")


@pytest.mark.needs("vlan", "bond")
def test_children_go_with_their_parent(host: Host) -> None:
    document = up("bond0", "bond", link_aggregation=bond("eth1"))
    document["interfaces"] += up("bond0.7", "vlan", vlan={"base-iface": "bond0", "id": 7})["interfaces"]
    apply(document)
    libnmstate.apply(gone("bond0"))
    assert_absent("bond0", "bond0.7")


@pytest.mark.needs("vlan")
@pytest.mark.parametrize(
    "section",
    [{"id": 7}, {"base-iface": "eth1"}, {"base-iface": "eth1", "id": 4096}, {"base-iface": "nowhere0", "id": 7},
     {"base-iface": "eth1", "id": 7, "reorder-headers": "yes"}, {"base-iface": "eth1", "id": 7, "protocol": "802.1x"}],
    ids=str,
)  # fmt: skip
def test_mistakes_of_vlans(kernel_host: Host, section: dict[str, typing.Any]) -> None:
    with pytest.raises(NmstateValueError):
        libnmstate.apply(up("eth1.7", "vlan", vlan=section))


@pytest.mark.needs("vlan-802.1ad")
def test_a_vlan_of_a_provider(host: Host) -> None:
    section = {"base-iface": "eth1", "id": 7, "protocol": "802.1ad", "loose-binding": True, "reorder-headers": False}
    apply(up("eth1.7", "vlan", vlan=section))


@pytest.mark.needs("vxlan")
def test_a_vxlan(host: Host) -> None:
    apply(up("vx0", "vxlan", vxlan={"id": 7, "remote": "192.0.2.2", "destination-port": 4789, "base-iface": "eth1"}))
    assert one("vx0")["vxlan"]["learning"] is True
    with pytest.raises(NmstateValueError):
        libnmstate.apply(up("vx1", "vxlan", vxlan={"remote": "192.0.2.2"}))


@pytest.mark.needs("macvlan", "macvtap")
@pytest.mark.parametrize("kind", ["mac-vlan", "mac-vtap"])
def test_mac_vlans(host: Host, kind: str) -> None:
    apply(up("mv0", kind, **{kind: {"base-iface": "eth1", "mode": "bridge", "promiscuous": True}}))
    with pytest.raises(NmstateValueError):
        libnmstate.apply(up("mv1", kind, **{kind: {"base-iface": "eth1", "mode": "vepa", "promiscuous": False}}))
    libnmstate.apply(gone("mv0"))
    assert_absent("mv0")


@pytest.mark.needs("dummy")
def test_a_dummy(host: Host) -> None:
    apply(up("dummy0", "dummy", ipv4=IPV4, mtu=1300, mac_address="02:00:00:00:00:01"))
    libnmstate.apply(gone("dummy0"))
    assert_absent("dummy0")


@pytest.mark.needs("vrf")
def test_a_vrf_with_an_address_on_its_port(host: Host) -> None:
    document = up("vrf0", "vrf", vrf={"port": ["eth1"], "route-table-id": 100})
    document["interfaces"] += up("eth1", "ethernet", ipv4=IPV4)["interfaces"]
    apply(document)
    libnmstate.apply(up("vrf0", "vrf", vrf={"port": ["eth1", "eth2"], "route-table-id": 0}))
    assert one("vrf0")["vrf"] == {"port": ["eth1", "eth2"], "route-table-id": 100}
    with pytest.raises(NmstateValueError):
        libnmstate.apply(up("vrf1", "vrf", vrf={"port": []}))


@pytest.mark.needs("ipvlan")
def test_an_ipvlan(kernel_host: Host) -> None:
    apply(up("iv0", "ipvlan", ipvlan={"base-iface": "eth1", "mode": "l2", "private": True}))
    with pytest.raises(NmstateValueError):
        libnmstate.apply(
            up("iv1", "ipvlan", ipvlan={"base-iface": "eth1", "mode": "l3", "private": True, "vepa": True})
        )


@pytest.mark.needs("hsr")
def test_an_hsr(kernel_host: Host) -> None:
    apply(up("hsr0", "hsr", hsr={"port1": "eth1", "port2": "eth2", "multicast-spec": 40, "protocol": "prp"}))
    assert one("hsr0")["hsr"]["supervision-address"]


@pytest.mark.needs("macsec")
def test_secrets_are_hidden_unless_asked_for(kernel_host: Host) -> None:
    """A MACsec key pair is kept by whoever negotiates it; here only its form is looked at."""
    section = {
        "base-iface": "eth1",
        "encrypt": True,
        "mka-cak": "50b71a8ef0bd5751ea76de6d6c98c03",
        "mka-ckn": "f2b4297d",
    }
    with pytest.raises(NmstateValueError) as caught:
        libnmstate.apply(up("ms0", "macsec", macsec=section))
    assert section["mka-cak"] not in str(caught.value)


@pytest.mark.needs("macsec")
def test_macsec_without_keys_is_nothing_for_networkmanager(host: Host) -> None:
    section = {"base-iface": "eth1", "encrypt": True}
    if host.manager is None:
        apply(up("ms0", "macsec", macsec=section))
        return
    with pytest.raises(NmstateNotSupportedError, match="mka-cak"):
        libnmstate.apply(up("ms0", "macsec", macsec=section))
    assert_absent("ms0")
    libnmstate.apply(up("ms0", "macsec", macsec=section), kernel_only=True)
    assert one("ms0")["macsec"]["encrypt"] is True


# Bonds


@pytest.mark.needs("bond")
def test_a_bond_comes_and_goes(host: Host) -> None:
    section = bond("eth1", "eth2", mode="active-backup", miimon=140, primary="eth2")
    apply(up("bond0", "bond", link_aggregation=section, ipv4=IPV4))
    assert list(one("bond0")["link-aggregation"])[:3] == ["mode", "options", "port"]
    libnmstate.apply(gone("bond0"))
    assert_absent("bond0")
    assert "controller" not in one("eth1")


@pytest.mark.needs("bond")
@pytest.mark.parametrize(
    ("said", "shown"), [(0, "balance-rr"), ("1", "active-backup"), (4, "802.3ad"), ("balance-alb", "balance-alb")]
)
def test_modes_by_name_and_number(host: Host, said: typing.Any, shown: str) -> None:
    libnmstate.apply(up("bond0", "bond", link_aggregation=bond("eth1", mode=said)))
    assert one("bond0")["link-aggregation"]["mode"] == shown


@pytest.mark.needs("bond")
def test_options_by_name_and_number(host: Host) -> None:
    section = bond(
        "eth1",
        mode="802.3ad",
        miimon="100",
        lacp_rate=1,
        xmit_hash_policy="2",
        ad_select="bandwidth",
        all_slaves_active=0,
    )
    libnmstate.apply(up("bond0", "bond", link_aggregation=section))
    options = one("bond0")["link-aggregation"]["options"]
    wanted = {
        "miimon": 100,
        "lacp_rate": "fast",
        "xmit_hash_policy": "layer2+3",
        "ad_select": "bandwidth",
        "all_slaves_active": "dropped",
    }
    assert {key: options[key] for key in wanted} == wanted
    libnmstate.apply(up("bond0", "bond", link_aggregation={"options": {}}))
    if host.manager is None:  # the kernel takes this one only of a bond that is down, which NetworkManager does not do
        assert one("bond0")["link-aggregation"]["options"]["lacp_rate"] == "slow"


@pytest.mark.needs("bond")
def test_a_change_of_mode_drops_what_the_old_one_had(host: Host) -> None:
    apply(up("bond0", "bond", link_aggregation=bond("eth1", mode="active-backup", miimon=100, primary="eth1")))
    apply(up("bond0", "bond", link_aggregation={"mode": "balance-xor"}))
    assert "primary" not in one("bond0")["link-aggregation"]["options"]


@pytest.mark.needs("bond")
def test_a_knob_of_two_names(host: Host) -> None:
    apply(up("bond0", "bond", link_aggregation=bond("eth1", mode="active-backup", num_grat_arp=5)))
    options = one("bond0")["link-aggregation"]["options"]
    assert options["num_grat_arp"] == options["num_unsol_na"] == 5


@pytest.mark.needs("bond")
def test_ports_of_bonds(host: Host) -> None:
    apply(up("bond0", "bond", link_aggregation=bond("eth1", "eth2")))
    apply(up("bond0", "bond", link_aggregation={"mode": "balance-rr", "ports": ["eth2"]}))
    assert one("bond0")["link-aggregation"]["port"] == ["eth2"]
    apply(up("bond0", "bond", link_aggregation={"mode": "balance-rr"}, mtu=1400))
    assert one("bond0")["link-aggregation"]["port"] == ["eth2"]
    apply(up("bond0", "bond", link_aggregation=bond()))
    assert one("bond0")["link-aggregation"]["port"] == []


@pytest.mark.needs("bond")
def test_settings_of_ports_of_bonds(host: Host) -> None:
    section = {
        **bond("eth1", "eth2", mode="active-backup"),
        "ports-config": [{"name": "eth1", "queue-id": 1}, {"name": "eth2", "queue-id": 2}],
    }
    libnmstate.apply(up("bond0", "bond", link_aggregation=section))
    shown = {port["name"]: port["queue-id"] for port in one("bond0")["link-aggregation"]["ports-config"]}
    assert shown == {"eth1": 1, "eth2": 2}


@pytest.mark.needs("bond")
@pytest.mark.parametrize(
    "section",
    [
        {"port": ["eth1"]},
        bond("eth1", mode="sideways"),
        bond("eth1", mode="802.3ad", miimon=100, arp_interval=100, arp_ip_target="192.0.2.1"),
        bond("eth1", mode="802.3ad", ad_actor_system="01:00:5E:00:00:01"),
        bond("eth1", mode="active-backup", miimon=100, updelay=150),
        bond("eth1", mode="active-backup", no_such_option=1),
        {**bond("eth1", "eth2", mode=1), "ports-config": [{"name": "eth1", "queue-id": 1}, {"name": "eth2", "queue-id": 1}]},
        {**bond("eth1"), "ports-config": [{"name": "eth2"}]},
    ],
    ids=str,
)  # fmt: skip
def test_mistakes_of_bonds(kernel_host: Host, section: dict[str, typing.Any]) -> None:
    with pytest.raises(NmstateValueError):
        libnmstate.apply(up("bond0", "bond", link_aggregation=section))
    assert_absent("bond0")


@pytest.mark.needs("bond")
def test_a_fixed_mac_and_active_failover_contradict(kernel_host: Host) -> None:
    section = bond("eth1", mode="active-backup", fail_over_mac="active")
    with pytest.raises(NmstateValueError):
        libnmstate.apply(up("bond0", "bond", link_aggregation=section, mac_address="02:00:00:00:00:01"))


@pytest.mark.needs("bond", "bridge", "vlan")
def test_a_bond_with_an_address_moves_under_a_bridge(host: Host) -> None:
    apply(up("bond0", "bond", link_aggregation=bond("eth1", "eth2", mode="active-backup", miimon=100), ipv4=IPV4))
    document = up("br0", "linux-bridge", bridge=bridge("bond0"), ipv4=IPV4)
    document["interfaces"] += up("bond0", "bond", ipv4={"enabled": False})["interfaces"]
    apply(document)
    assert one("bond0")["link-aggregation"]["options"]["miimon"] == 100
    assert sorted(one("bond0")["link-aggregation"]["port"]) == ["eth1", "eth2"]
    assert_state_match(document)


@pytest.mark.needs("bridge")
def test_more_than_four_levels(kernel_host: Host) -> None:
    levels = [
        up(f"br{number}", "linux-bridge", bridge=bridge(f"br{number + 1}"))["interfaces"][0] for number in range(5)
    ]
    with pytest.raises(NmstateError):
        libnmstate.apply({"interfaces": [*levels, *up("br5", "linux-bridge", bridge=bridge("eth1"))["interfaces"]]})
