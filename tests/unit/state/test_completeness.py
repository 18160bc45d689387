"""Every property that nmstate's schema knows has its place here, under the same key.

The lists are written down by hand from nmstate's own constants, so that a field forgotten here is noticed.
"""

import typing

import pytest

from linkhold.foundation.record import Record
from linkhold.state.dns import DnsConfig, DnsResolver
from linkhold.state.fields import Numbered, fields_of
from linkhold.state.forms import Choice, form_of
from linkhold.state.hostname import Hostname
from linkhold.state.interfaces import KINDS, all_kinds, kind_class
from linkhold.state.interfaces.bond import BondOptions, BondPortConfig, LinkAggregation
from linkhold.state.interfaces.bridge_vlan import PortVlan, TagRange, TrunkTag
from linkhold.state.interfaces.common import Dispatch, Interface, Mptcp
from linkhold.state.interfaces.ethernet import EthernetConfig, SrIov, VirtualFunction
from linkhold.state.interfaces.ethtool import FEATURE_ALIASES, Coalesce, Ethtool, Fec, Pause, Ring
from linkhold.state.interfaces.hsr import HsrConfig
from linkhold.state.interfaces.ieee8021x import Ieee8021X
from linkhold.state.interfaces.infiniband import InfinibandConfig
from linkhold.state.interfaces.ip import IpAddress, Ipv4, Ipv6
from linkhold.state.interfaces.ipsec import Libreswan
from linkhold.state.interfaces.ipvlan import IpVlanConfig
from linkhold.state.interfaces.linux_bridge import LinuxBridgeConfig, LinuxBridgeOptions, LinuxBridgePort, Stp
from linkhold.state.interfaces.lldp import Lldp
from linkhold.state.interfaces.mac_vlan import MacVlanConfig
from linkhold.state.interfaces.macsec import MacSecConfig
from linkhold.state.interfaces.ovs_bridge import OvsBond, OvsBridgeConfig, OvsBridgeOptions, OvsBridgePort
from linkhold.state.interfaces.ovs_interface import Dpdk, Patch
from linkhold.state.interfaces.veth import VethConfig
from linkhold.state.interfaces.vlan import VlanConfig
from linkhold.state.interfaces.vrf import VrfConfig
from linkhold.state.interfaces.vxlan import VxlanConfig
from linkhold.state.network import NetworkState
from linkhold.state.ovs import BridgeMapping, GlobalOvsDatabase, Ovn, OvsDatabase
from linkhold.state.routes import Route, Routes
from linkhold.state.rules import RouteRule, RouteRules

_IP = (
    "enabled dhcp address auto-dns auto-gateway auto-routes auto-route-table-id auto-route-metric allow-extra-address "
    "dhcp-send-hostname dhcp-custom-hostname prefix-route-metric"
)
EXPECTED: dict[type[Record], str] = {
    NetworkState: "description hostname dns-resolver route-rules routes interfaces ovs-db ovn",
    Hostname: "running config",
    DnsResolver: "running config",
    DnsConfig: "server search options",
    RouteRules: "config",
    RouteRule: "family state ip-from ip-to priority route-table fwmark fwmask action iif suppress-prefix-length "
    "suppress_prefixlength",
    Routes: "running config",
    Route: "state destination next-hop-interface next-hop-address metric table-id weight route-type cwnd source kernel-details",
    GlobalOvsDatabase: "external_ids other_config",
    OvsDatabase: "external_ids other_config",
    Ovn: "bridge-mappings",
    BridgeMapping: "localnet bridge state",
    Interface: "name profile-name driver state identifier description mac-address permanent-mac-address copy-mac-from mtu "
    "min-mtu max-mtu wait-ip ipv4 ipv6 mptcp controller accept-all-mac-addresses alt-names lldp 802.1x ethtool ovs-db "
    "dispatch",
    Mptcp: "address-flags",
    Dispatch: "post-activation post-deactivation",
    Lldp: "enabled neighbors",
    Ieee8021X: "identity eap-methods private-key private-key-password client-cert ca-cert phase2-auth password",
    Ipv4: f"{_IP} dhcp-client-id forwarding",
    Ipv6: f"{_IP} autoconf dhcp-duid addr-gen-mode token",
    IpAddress: "ip prefix-length mptcp-flags valid-life-time valid-left valid-lft preferred-life-time preferred-left",
    Ethtool: "pause feature coalesce ring fec",
    Pause: "rx tx autoneg",
    Fec: "auto mode",
    Ring: "rx rx-max rx-jumbo rx-jumbo-max rx-mini rx-mini-max tx tx-max",
    Coalesce: "adaptive-rx adaptive-tx pkt-rate-high pkt-rate-low rx-frames rx-frames-high rx-frames-irq rx-frames-low "
    "rx-usecs rx-usecs-high rx-usecs-irq rx-usecs-low sample-interval stats-block-usecs tx-frames tx-frames-high "
    "tx-frames-irq tx-frames-low tx-usecs tx-usecs-high tx-usecs-irq tx-usecs-low",
    EthernetConfig: "auto-negotiation speed duplex sr-iov",
    SrIov: "drivers-autoprobe total-vfs vfs",
    VirtualFunction: "id iface-name mac-address spoof-check trust min-tx-rate max-tx-rate vlan-id qos vlan-proto",
    VethConfig: "peer",
    LinkAggregation: "mode options port ports ports-config",
    BondPortConfig: "name priority queue-id",
    BondOptions: "ad_actor_sys_prio ad_actor_system ad_select ad_user_port_key all_slaves_active arp_all_targets "
    "arp_interval arp_ip_target arp_validate downdelay updelay fail_over_mac lacp_rate lp_interval miimon min_links "
    "num_grat_arp num_unsol_na packets_per_slave primary primary_reselect resend_igmp tlb_dynamic_lb use_carrier "
    "xmit_hash_policy balance_slb balance-slb arp_missed_max",
    LinuxBridgeConfig: "options port ports",
    LinuxBridgeOptions: "gc-timer hello-timer group-addr group-forward-mask group-fwd-mask hash-elasticity hash-max "
    "mac-ageing-time multicast-last-member-count multicast-last-member-interval multicast-membership-interval "
    "multicast-querier multicast-querier-interval multicast-query-interval multicast-query-response-interval "
    "multicast-query-use-ifaddr multicast-router multicast-snooping multicast-startup-query-count "
    "multicast-startup-query-interval stp vlan-protocol vlan-default-pvid",
    Stp: "enabled forward-delay hello-time max-age priority",
    LinuxBridgePort: "name stp-hairpin-mode stp-path-cost stp-priority vlan",
    PortVlan: "mode tag enable-native trunk-tags",
    TrunkTag: "id id-range",
    TagRange: "min max",
    OvsBridgeConfig: "allow-extra-patch-ports options port ports",
    OvsBridgeOptions: "stp rstp mcast-snooping-enable fail-mode datapath",
    OvsBridgePort: "name vlan link-aggregation ovs-db",
    OvsBond: "mode port ports bond-downdelay bond-updelay ovs-db",
    Patch: "peer",
    Dpdk: "devargs rx-queue n_rxq_desc n_txq_desc",
    VlanConfig: "base-iface id protocol registration-protocol reorder-headers loose-binding",
    VxlanConfig: "id base-iface local remote destination-port learning",
    MacVlanConfig: "base-iface mode promiscuous accept-all-mac",
    IpVlanConfig: "base-iface mode private vepa",
    VrfConfig: "port ports route-table-id",
    MacSecConfig: "encrypt base-iface mka-cak mka-ckn port validation send-sci offload",
    HsrConfig: "port1 port2 supervision-address multicast-spec protocol",
    InfinibandConfig: "mode base-iface pkey",
    Libreswan: "right rightid rightrsasigkey rightcert left leftid leftrsasigkey leftcert ikev2 psk ikelifetime salifetime "
    "ike esp dpddelay dpdtimeout dpdaction ipsec-interface authby rightsubnet leftsubnet leftmodecfgclient type "
    "hostaddrfamily clientaddrfamily require-id-on-certificate",
}

SECTIONS = {
    "bond": "link-aggregation",
    "dummy": "",
    "ethernet": "ethernet",
    "hsr": "hsr",
    "infiniband": "infiniband",
    "ipsec": "libreswan",
    "ipvlan": "ipvlan",
    "linux-bridge": "bridge",
    "loopback": "",
    "mac-vlan": "mac-vlan",
    "mac-vtap": "mac-vtap",
    "macsec": "macsec",
    "other": "",
    "ovs-bridge": "bridge",
    "ovs-interface": "patch dpdk",
    "tun": "tun",
    "unknown": "",
    "veth": "ethernet veth",
    "vlan": "vlan",
    "vrf": "vrf",
    "vxlan": "vxlan",
    "xfrm": "xfrm",
}


def keys(cls: type[Record]) -> set[str]:
    return {key for field in fields_of(cls).values() for key in (field.key, *field.aliases)}


@pytest.mark.parametrize("cls", EXPECTED, ids=lambda cls: cls.__name__)
def test_every_property_is_known(cls: type[Record]) -> None:
    assert set(EXPECTED[cls].split()) - keys(cls) == set()


@pytest.mark.parametrize("kind", SECTIONS)
def test_every_kind_has_its_sections_and_nothing_more(kind: str) -> None:
    assert keys(kind_class(kind)) - keys(Interface) == set(SECTIONS[kind].split())


def test_kinds_are_known_by_their_own_word() -> None:
    assert {kind: cls.kind for kind, cls in all_kinds().items()} == {kind: kind for kind in KINDS}
    assert set(KINDS) == {*SECTIONS, "ip-tunnel", "wireguard"}
    with pytest.raises(KeyError):
        kind_class("team")


def test_what_kinds_are() -> None:
    kinds = all_kinds()
    assert {kind for kind, cls in kinds.items() if cls.userspace} == {"ovs-bridge", "ipsec", "other"}
    assert {kind for kind, cls in kinds.items() if cls.is_controller} == {"bond", "linux-bridge", "ovs-bridge", "vrf"}
    found_not_made = {"ethernet", "infiniband", "loopback", "tun", "unknown", "xfrm"}
    assert {kind for kind, cls in kinds.items() if not cls.virtual} == found_not_made
    assert {kind for kind, cls in kinds.items() if cls.can_copy_mac} == {"bond", "linux-bridge", "ovs-interface"}


def test_seventeen_short_names_of_features() -> None:
    assert len(FEATURE_ALIASES) == 17


NUMBERS: list[tuple[type[Record], str, dict[int, str]]] = [
    (LinkAggregation, "mode", dict(enumerate(
        ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")))),
    (BondOptions, "ad_select", {0: "stable", 1: "bandwidth", 2: "count"}),
    (BondOptions, "all_slaves_active", {0: "dropped", 1: "delivered"}),
    (BondOptions, "arp_all_targets", {0: "any", 1: "all"}),
    (BondOptions, "arp_validate", dict(enumerate(
        ("none", "active", "backup", "all", "filter", "filter_active", "filter_backup")))),
    (BondOptions, "fail_over_mac", {0: "none", 1: "active", 2: "follow"}),
    (BondOptions, "lacp_rate", {0: "slow", 1: "fast"}),
    (BondOptions, "primary_reselect", {0: "always", 1: "better", 2: "failure"}),
    (BondOptions, "xmit_hash_policy", dict(enumerate(
        ("layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac")))),
    (LinuxBridgeOptions, "multicast_router", {0: "disabled", 1: "auto", 2: "enabled"}),
]  # fmt: skip


@pytest.mark.parametrize(("cls", "name", "numbers"), NUMBERS, ids=lambda one: one if isinstance(one, str) else "")
def test_the_kernels_numbers(cls: type[Record], name: str, numbers: dict[int, str]) -> None:
    form = form_of(fields_of(cls)[name])
    assert isinstance(form, Choice)
    assert form.by_number == numbers


def test_no_other_choice_has_numbers() -> None:
    numbered = {(cls, name) for cls in EXPECTED for name, field in fields_of(cls).items() if field.has(Numbered)}
    assert numbered == {(cls, name) for cls, name, _ in NUMBERS}


def test_maps_print_their_keys_in_the_usual_order() -> None:
    def order(cls: type[Record], wanted: str) -> list[str]:
        return [field.key for field in fields_of(cls).values() if field.key in wanted.split()]

    wanted: dict[typing.Any, str] = {
        Ipv6: "enabled dhcp autoconf addr-gen-mode address auto-dns auto-gateway auto-routes auto-route-table-id",
        Ipv4: "enabled dhcp address auto-dns auto-gateway auto-routes auto-route-table-id",
        LinkAggregation: "mode options port ports-config",
        LinuxBridgeConfig: "options port",
        kind_class("bond"): "name profile-name driver state identifier mac-address permanent-mac-address mtu min-mtu "
        "max-mtu wait-ip ipv4 ipv6 mptcp controller accept-all-mac-addresses lldp ethtool link-aggregation",
        NetworkState: "hostname dns-resolver route-rules routes interfaces ovs-db ovn",
    }
    for cls, text in wanted.items():
        assert order(cls, text) == text.split(), cls
