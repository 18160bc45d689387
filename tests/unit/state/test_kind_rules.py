"""The rules of each kind: what is refused, with the exact place, and what is not."""

import typing

import pytest

from linkhold.foundation.diagnostics import Diagnostics, spell
from linkhold.state.interfaces import INTERFACE

Raw = dict[str, typing.Any]


def mistakes(raw: Raw) -> list[tuple[str, str]]:
    found = Diagnostics()
    INTERFACE.read([raw], ("interfaces",), found)
    assert all(one.message for one in found)
    return [(one.code, spell(one.path).removeprefix(f"interfaces[{raw.get('name', 0)}]").lstrip(".")) for one in found]


def bond(mode: object = "active-backup", **options: typing.Any) -> Raw:
    return {"name": "i", "type": "bond", "link-aggregation": {"mode": mode, "options": options}}


def bridge(**port: typing.Any) -> Raw:
    return {"name": "i", "type": "linux-bridge", "bridge": {"port": [{"name": "eth1", **port}]}}


def kind(word: str, section: str = "", **keys: typing.Any) -> Raw:
    plain = {key.replace("_", "-"): value for key, value in keys.items()}
    return {"name": "i", "type": word, **({section: plain} if section else plain)}


_VLAN = "bridge.port[eth1].vlan"
_OPTIONS = "link-aggregation.options"

REFUSED: list[tuple[str, Raw, str, str]] = [
    ("no map", {"name": "i", "type": "vlan", "vlan": "x"}, "value", "vlan"),
    ("unknown kind", kind("vlna"), "kind", "type"),
    ("kind not a text", {"name": "i", "type": 5}, "kind", "type"),
    ("section of another kind", kind("vlan", "bridge"), "unknown-key", "bridge"),
    ("typing error in a section", kind("vlan", "vlan", idd=3), "unknown-key", "vlan.idd"),
    ("small mtu", kind("dummy", mtu=1279, ipv6={"enabled": True}), "mtu", "mtu"),
    ("slash", {"name": "a/b", "type": "dummy"}, "name", "name"),
    ("space", {"name": "a b", "type": "dummy"}, "name", "name"),
    ("dots", {"name": "..", "type": "dummy"}, "name", "name"),
    ("mac identifier without a mac", kind("ethernet", identifier="mac-address"), "missing-key", ""),
    ("copied mac on a vlan", kind("vlan", copy_mac_from="eth1"), "copy-mac-from", "copy-mac-from"),
    ("waits for what is off", kind("dummy", wait_ip="ipv4", ipv4={"enabled": False}), "wait-ip", "wait-ip"),
    ("waits for both", kind("dummy", wait_ip="ipv4+ipv6", ipv6={"enabled": False}), "wait-ip", "wait-ip"),
    ("scripts in user space", kind("ovs-bridge", dispatch={"post-activation": "x"}), "dispatch", "dispatch"),
    ("flags that exclude", kind("dummy", "mptcp", address_flags=["signal", "fullmesh"]), "mptcp-flags", "mptcp.address-flags"),
    ("relative certificate", kind("ethernet", "802.1x", ca_cert="ca.pem"), "path", "802.1x.ca-cert"),
    ("ipv6 under ipv4", kind("dummy", "ipv4", address=[{"ip": "::1", "prefix-length": 64}]), "family", "ipv4.address[0].ip"),
    ("long prefix", kind("dummy", "ipv4", address=[{"ip": "10.0.0.1", "prefix-length": 33}]), "prefix",
     "ipv4.address[0].prefix-length"),
    ("no prefix", kind("dummy", "ipv4", address=[{"ip": "10.0.0.1"}]), "missing-key", "ipv4.address[0]"),
    ("address twice", kind("dummy", "ipv6", address=[{"ip": "::1:1", "prefix-length": 64}] * 2), "duplicate",
     "ipv6.address[1]"),
    ("token with upper bits", kind("dummy", "ipv6", token="2001:db8::1"), "value", "ipv6.token"),
    ("token of ipv4", kind("dummy", "ipv6", token="192.0.2.1"), "value", "ipv6.token"),
    ("token without autoconf", kind("dummy", "ipv6", token="::1", autoconf=False), "token", "ipv6.token"),
    ("features that contradict", kind("ethernet", "ethtool", feature={"gro": True, "rx-gro": False}), "contradiction",
     "ethtool.feature.rx-gro"),
    ("both monitors", bond(miimon=100, arp_interval=100), "bond-monitor", f"{_OPTIONS}.arp_interval"),
    ("delay", bond(miimon=100, updelay=150), "bond-delay", f"{_OPTIONS}.updelay"),
    ("delay without miimon", bond(miimon=0, downdelay=100), "bond-delay", f"{_OPTIONS}.downdelay"),
    ("multicast system", bond(4, ad_actor_system="01:00:5e:00:00:01"), "bond-mac", f"{_OPTIONS}.ad_actor_system"),
    ("two names, two values", bond(num_grat_arp=2, num_unsol_na=3), "contradiction", f"{_OPTIONS}.num_unsol_na"),
    ("arp target", bond(arp_ip_target="192.0.2.1,::1"), "value", f"{_OPTIONS}.arp_ip_target"),
    ("option of another mode", bond(lacp_rate="fast"), "bond-option", f"{_OPTIONS}.lacp_rate"),
    ("primary in a balanced bond", bond(0, primary="eth1"), "bond-option", f"{_OPTIONS}.primary"),
    ("slb alone", bond(2, balance_slb=True), "bond-option", f"{_OPTIONS}.balance_slb"),
    ("mac of its own", {**bond(fail_over_mac="active"), "mac-address": "02:00:00:00:00:01"}, "bond-mac", "mac-address"),
    ("number too large", bond(resend_igmp=256), "value", f"{_OPTIONS}.resend_igmp"),
    ("unknown mode", bond("lacp"), "value", "link-aggregation.mode"),
    ("other ports", kind("bond", "link-aggregation", mode=1, port=["a"], ports_config=[{"name": "b"}]), "contradiction",
     "link-aggregation.ports-config"),
    ("queue twice", kind("bond", "link-aggregation", ports_config=[{"name": "a", "queue-id": 1}, {"name": "b", "queue-id": 1}]),
     "bond-queue", "link-aggregation.ports-config[b].queue-id"),
    ("port twice", kind("bond", "link-aggregation", port=["a", "a"]), "duplicate", "link-aggregation.port[1]"),
    ("both masks", kind("linux-bridge", "bridge", options={"group-forward-mask": 1, "group-fwd-mask": 2}), "contradiction",
     "bridge.options.group-fwd-mask"),
    ("forward delay", kind("linux-bridge", "bridge", options={"stp": {"forward-delay": 31}}), "value",
     "bridge.options.stp.forward-delay"),
    ("hello time", kind("linux-bridge", "bridge", options={"stp": {"hello-time": 0}}), "value",
     "bridge.options.stp.hello-time"),
    ("max age", kind("linux-bridge", "bridge", options={"stp": {"max-age": 5}}), "value", "bridge.options.stp.max-age"),
    ("pvid is strict", kind("linux-bridge", "bridge", options={"vlan-default-pvid": "5"}), "value",
     "bridge.options.vlan-default-pvid"),
    ("bridge port twice", kind("linux-bridge", "bridge", port=[{"name": "a"}, {"name": "a"}]), "duplicate", "bridge.port[1]"),
    ("port without a name", kind("linux-bridge", "bridge", port=[{}]), "missing-key", "bridge.port[0]"),
    ("access with trunk tags", bridge(vlan={"mode": "access", "trunk-tags": [{"id": 1}]}), "vlan-mode", f"{_VLAN}.trunk-tags"),
    ("access with native", bridge(vlan={"mode": "access", "enable-native": True}), "vlan-mode", f"{_VLAN}.enable-native"),
    ("trunk without tags", bridge(vlan={"mode": "trunk"}), "vlan-mode", _VLAN),
    ("trunk tag without native", bridge(vlan={"mode": "trunk", "tag": 5, "trunk-tags": [{"id": 1}]}), "vlan-mode",
     f"{_VLAN}.tag"),
    ("no mode", bridge(vlan={"tag": 5}), "missing-key", _VLAN),
    ("tag twice", bridge(vlan={"mode": "trunk", "trunk-tags": [{"id-range": {"min": 1, "max": 5}}, {"id": 5}]}),
     "vlan-overlap", f"{_VLAN}.trunk-tags[1]"),
    ("empty range", bridge(vlan={"mode": "trunk", "trunk-tags": [{"id-range": {"min": 6, "max": 5}}]}), "vlan-range",
     f"{_VLAN}.trunk-tags[0].id-range.min"),
    ("id and range", bridge(vlan={"mode": "trunk", "trunk-tags": [{"id": 9, "id-range": {"min": 1, "max": 5}}]}), "trunk-tag",
     f"{_VLAN}.trunk-tags[0]"),
    ("neither", bridge(vlan={"mode": "trunk", "trunk-tags": [{}]}), "trunk-tag", f"{_VLAN}.trunk-tags[0]"),
    ("mac on an ovs bridge", kind("ovs-bridge", mac_address="02:00:00:00:00:01"), "ovs-bridge-mac", "mac-address"),
    ("descriptors", kind("ovs-interface", dpdk={"n_rxq_desc": 1000}), "dpdk-descriptors", "dpdk.n_rxq_desc"),
    ("descriptors as text", kind("ovs-interface", dpdk={"n_txq_desc": "1024"}), "value", "dpdk.n_txq_desc"),
    ("patch with mtu", kind("ovs-interface", patch={"peer": "b"}, mtu=1500), "ovs-patch", "mtu"),
    ("patch with addresses", kind("ovs-interface", patch={"peer": "b"}, ipv6={"enabled": True}), "ovs-patch", "ipv6"),
    ("lo without ipv6", kind("loopback", "ipv6", enabled=False), "loopback", "ipv6.enabled"),
    ("lo with dhcp", kind("loopback", "ipv4", dhcp=True), "loopback", "ipv4.dhcp"),
    ("lo with autoconf", kind("loopback", "ipv6", autoconf=True), "loopback", "ipv6.autoconf"),
    ("vlan 4096", kind("vlan", "vlan", id=4096), "value", "vlan.id"),
    ("strict flag", kind("vlan", "vlan", reorder_headers="yes"), "value", "vlan.reorder-headers"),
    ("vxlan id", kind("vxlan", "vxlan", id=2**24), "value", "vxlan.id"),
    ("vxlan families", kind("vxlan", "vxlan", local="192.0.2.1", remote="::1"), "family", "vxlan.remote"),
    ("vxlan learning is strict", kind("vxlan", "vxlan", learning=1), "value", "vxlan.learning"),
    ("promiscuous bridge", kind("mac-vlan", "mac-vlan", mode="bridge", promiscuous=False), "macvlan-promiscuous",
     "mac-vlan.promiscuous"),
    ("promiscuous tap", kind("mac-vtap", "mac-vtap", mode="vepa", accept_all_mac=False), "macvlan-promiscuous",
     "mac-vtap.promiscuous"),
    ("private and vepa", kind("ipvlan", "ipvlan", private=True, vepa=True), "ipvlan-flags", "ipvlan.vepa"),
    ("ports and port", kind("vrf", "vrf", port=["a"], ports=["b"]), "contradiction", "vrf.ports"),
    ("one way twice", kind("hsr", "hsr", port1="a", port2="a"), "hsr-ports", "hsr.port2"),
    ("key without a name", kind("macsec", "macsec", mka_cak="0" * 32), "macsec-key", "macsec"),
    ("short key", kind("macsec", "macsec", mka_cak="0" * 31, mka_ckn="00"), "value", "macsec.mka-cak"),
    ("odd key name", kind("macsec", "macsec", mka_cak="0" * 32, mka_ckn="000"), "value", "macsec.mka-ckn"),
    ("partition without a parent", kind("infiniband", "infiniband", pkey="0x8001"), "infiniband-pkey", "infiniband.pkey"),
    ("parent without a partition", kind("infiniband", "infiniband", base_iface="ib0"), "infiniband-pkey", "infiniband"),
    ("no other side", kind("ipsec", "libreswan", left="192.0.2.1"), "missing-key", "libreswan"),
    ("its own peer", kind("veth", "veth", peer="i"), "veth-peer", "veth.peer"),
    ("802.1ad without a tag", kind("ethernet", "ethernet", sr_iov={"vfs": [{"id": 0, "vlan-proto": "802.1ad"}]}), "vf-vlan",
     "ethernet.sr-iov.vfs[0].vlan-proto"),
    ("rates", kind("ethernet", "ethernet", sr_iov={"vfs": [{"id": 0, "min-tx-rate": 5, "max-tx-rate": 4}]}), "vf-rate",
     "ethernet.sr-iov.vfs[0].min-tx-rate"),
    ("function that is not there", kind("ethernet", "ethernet", sr_iov={"total-vfs": 1, "vfs": [{"id": 1}]}), "vf-id",
     "ethernet.sr-iov.vfs[0].id"),
    ("function twice", kind("ethernet", "ethernet", sr_iov={"vfs": [{"id": 1}, {"id": 1}]}), "duplicate",
     "ethernet.sr-iov.vfs[1]"),
    ("wireguard key", kind("wireguard", "wireguard", private_key="abc="), "value", "wireguard.private-key"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "code", "path"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_refused(raw: Raw, code: str, path: str) -> None:
    assert mistakes(raw) == [(code, path)]


FINE: list[tuple[str, Raw]] = [
    ("absent with nonsense", {"name": "i", "type": "bond", "state": "absent", "foo": 1, "link-aggregation": 5}),
    ("default of another mode", bond(0, lacp_rate="slow", primary="", packets_per_slave=2)),
    ("delays", bond(miimon=100, updelay=200, downdelay=0)),
    ("hyphenated name", bond(2, **{"balance-slb": True, "xmit_hash_policy": 5})),
    ("both masks agree", kind("linux-bridge", "bridge", options={"group-forward-mask": 8, "group-fwd-mask": "0x8"})),
    ("pvid with vlans", kind("linux-bridge", "bridge", options={"vlan-default-pvid": 5},
                             port=[{"name": "a", "vlan": {"mode": "access", "tag": 3}}])),
    ("pvid that a bridge may have already", kind("linux-bridge", "bridge", options={"vlan-default-pvid": 5}, port=[])),
    ("pvid where ports keep theirs", kind("linux-bridge", "bridge", options={"vlan-default-pvid": 5}, port=[{"name": "a"}])),
    ("empty vlan", bridge(vlan={})),
    ("native trunk", bridge(vlan={"mode": "trunk", "tag": 5, "enable-native": True, "trunk-tags": [{"id": 1}]})),
    ("stp as a flag", kind("ovs-bridge", "bridge", options={"stp": True})),
    ("stp as a map", kind("ovs-bridge", "bridge", options={"stp": {"enabled": "yes"}})),
    ("no descriptors", kind("ovs-interface", dpdk={"devargs": "0000:01:00.0", "n_rxq_desc": 0, "n_txq_desc": 4096})),
    ("passthru", kind("mac-vlan", "mac-vlan", mode="passthru", promiscuous=False)),
    ("card itself", kind("infiniband", "infiniband", pkey="0xffff", mode="datagram")),
    ("partition", kind("infiniband", "infiniband", pkey=0x8001, base_iface="ib0")),
    ("reset token", kind("dummy", "ipv6", token="", autoconf=False)),
    ("offload off", kind("macsec", "macsec", offload=False)),
    ("lifetimes as numbers", kind("ipsec", "libreswan", right="192.0.2.1", ikelifetime=3600, ipsec_interface=9)),
    ("ethernet that is a veth", {"name": "i", "type": "ethernet", "veth": {"peer": "b"}}),
    ("small mtu without ipv6", kind("dummy", mtu=1279, ipv6={"enabled": False})),
    ("scripts", kind("dummy", dispatch={"post-activation": "true\n", "post-deactivation": ""})),
]  # fmt: skip


@pytest.mark.parametrize("raw", [one[1] for one in FINE], ids=[one[0] for one in FINE])
def test_fine(raw: Raw) -> None:
    assert mistakes(raw) == []
