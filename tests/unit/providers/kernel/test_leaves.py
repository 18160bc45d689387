"""Every leaf on paper: what is written is read again, and a change says all that differs and nothing else."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkhold.foundation.record import UNSET, Record
from linkhold.planning.diff import differences
from linkhold.providers.kernel import links as leaves
from linkhold.providers.kernel.links import bond, hsr, ip_tunnel, linux_bridge, macsec, vlan, vxlan
from linkhold.providers.kernel.netlink.bridge_vlan import VlanRange
from linkhold.state.fields import CreateOnly, Names, ReadOnly, fields_of
from linkhold.state.interfaces import KINDS, kind_class
from linkhold.state.interfaces.bond import OPTION_MODES, Bond, BondOptions, BondPortConfig, LinkAggregation
from linkhold.state.interfaces.bridge_vlan import PortVlan, TagRange, TrunkTag
from linkhold.state.interfaces.ip_tunnel import IpTunnel, IpTunnelConfig
from linkhold.state.interfaces.ipvlan import IpVlan, IpVlanConfig
from linkhold.state.interfaces.linux_bridge import (
    LinuxBridge,
    LinuxBridgeConfig,
    LinuxBridgeOptions,
    LinuxBridgePort,
    Stp,
)
from linkhold.state.interfaces.mac_vlan import MacVlan, MacVlanConfig
from linkhold.state.interfaces.veth import Veth, VethConfig
from linkhold.state.interfaces.vlan import Vlan, VlanConfig
from linkhold.state.interfaces.vxlan import Vxlan, VxlanConfig
from tests.strategies import records
from tests.unit.providers.kernel.leaf_rig import changed, neighbours, shown, written

SHOWN_ONLY = {"tun", "wireguard", "xfrm"}
TUNNEL_FIELDS = {
    "ipip": {"local", "remote", "ttl", "tos", "path_mtu_discovery"},
    "gre": {"local", "remote", "ttl", "tos", "path_mtu_discovery", "input_key", "output_key"},
    "ip6gre": {"local", "remote", "ttl", "encapsulation_limit", "flow_label", "input_key", "output_key"},
    "ip6ip6": {"local", "remote", "ttl", "encapsulation_limit", "flow_label"},
    "vti": {"local", "remote", "input_key", "output_key"},
}
TUNNEL_FIELDS |= {"sit": TUNNEL_FIELDS["ipip"], "gretap": TUNNEL_FIELDS["gre"], "ip6gretap": TUNNEL_FIELDS["ip6gre"]}
TUNNEL_FIELDS |= {"ipip6": TUNNEL_FIELDS["ip6ip6"], "vti6": TUNNEL_FIELDS["vti"]}


def with_section() -> list[str]:
    return [kind for kind in KINDS if kind in leaves.LEAVES and leaves.leaf(kind).SECTION and kind not in SHOWN_ONLY]


def mentioned(value: object) -> list[str]:
    """The names of other interfaces in a value."""
    found: list[str] = []
    for name, field in fields_of(type(value)).items() if isinstance(value, Record) else ():
        inner = value.get(name)
        if isinstance(inner, Record):
            found += mentioned(inner)
        elif isinstance(inner, tuple):
            found += [
                one for element in inner for one in ([element] if isinstance(element, str) else mentioned(element))
            ]
        elif isinstance(inner, str) and inner and field.has(Names):
            found.append(inner)
    return found


def writable(section: Record) -> Record:
    """A drawn section without what netlink does not carry for it (shown only, or meaningless beside the rest)."""
    kept = {name: value for name, value in section.said().items() if not fields_of(type(section))[name].has(ReadOnly)}
    if isinstance(section, LinkAggregation):
        kept |= _writable_bond(section)
    elif isinstance(section, LinuxBridgeConfig):
        kept["port"] = UNSET if section.port is UNSET else tuple(one.replace(vlan=UNSET) for one in section.port)
        options = section.options
        kept["options"] = UNSET if options is UNSET else options.replace(gc_timer=UNSET, hello_timer=UNSET)
    elif isinstance(section, MacVlanConfig) and section.mode == "unknown":
        kept["mode"] = "bridge"
    elif isinstance(section, IpTunnelConfig):
        mode = section.mode if section.mode not in (UNSET, "unknown") else "gre"
        fitting = TUNNEL_FIELDS[mode] | {"mode", "parent"}
        kept = {name: value for name, value in kept.items() if name in fitting} | {"mode": mode}
    nowhere = ("0.0.0.0", "::")  # the kernel's way to say: no address
    kept |= {end: "" for end in ("local", "remote") if kept.get(end) in nowhere}
    if kept.get("table") == 0:  # keep the table there is
        kept["table"] = UNSET
    kept.pop("mka_cak", None)
    kept.pop("mka_ckn", None)
    return type(section)(**kept)


def _writable_bond(section: LinkAggregation) -> dict[str, object]:
    mode = "active-backup" if section.mode is UNSET else section.mode
    options = section.options if isinstance(section.options, BondOptions) else BondOptions()
    options = options.replace(balance_slb=UNSET).fitting(mode)
    if options.miimon in (UNSET, 0):
        options = options.replace(updelay=UNSET, downdelay=UNSET)
    if options.ad_actor_system == "00:00:00:00:00:00":
        options = options.replace(ad_actor_system=UNSET)
    configured = section.ports_config or UNSET if isinstance(section.ports_config, tuple) else UNSET
    if configured is not UNSET and mode not in OPTION_MODES["primary"]:
        configured = tuple(one.replace(priority=UNSET) for one in configured)
    ports = section.port if configured is UNSET else tuple(sorted(one.name for one in configured))
    return {"mode": mode, "options": options, "port": ports, "ports_config": configured}


def interfaces(kind: str) -> st.SearchStrategy:
    cls = kind_class(kind)
    name = leaves.leaf(kind).SECTION
    sections = records(fields_of(cls)[name].base, most=12).map(writable)
    return sections.map(lambda section: cls(name="under-test", **{name: section}))


@pytest.mark.parametrize("kind", with_section())
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_again(kind, data):
    interface = data.draw(interfaces(kind))
    indexes = neighbours(*mentioned(interface.get(leaves.leaf(kind).SECTION)))
    if kind == "veth":
        return  # the peer is read from IFLA_LINK: tests/kernel has it
    again = shown(interface, indexes, written(interface, indexes))
    assert differences(interface, again) == ()


IN_PLACE = ["bond", "linux-bridge", "vlan", "vxlan", "mac-vlan", "mac-vtap", "ipvlan", "macsec", "ip-tunnel"]


@pytest.mark.parametrize("kind", IN_PLACE)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_change_says_all_that_differs(kind, data):
    before = data.draw(interfaces(kind))
    drawn = data.draw(interfaces(kind))
    name = leaves.leaf(kind).SECTION
    after = drawn.replace(**{name: _same_where_fixed(before.get(name), drawn.get(name))})
    indexes = neighbours(*mentioned(before.get(name)), *mentioned(after.get(name)))
    data_before = written(before, indexes)
    data_after = _overlaid(kind, data_before, changed(before, after, indexes))
    assert differences(after, shown(after, indexes, data_after)) == ()


@pytest.mark.parametrize("kind", IN_PLACE)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_nothing_is_said_when_nothing_differs(kind, data):
    interface = data.draw(interfaces(kind))
    indexes = neighbours(*mentioned(interface.get(leaves.leaf(kind).SECTION)))
    assert changed(interface, interface, indexes) == {}


def _same_where_fixed(before: Record, after: Record) -> Record:
    fixed = {name: before.get(name) for name, field in fields_of(type(after)).items() if field.has(CreateOnly)}
    changed = after.replace(**fixed)
    if isinstance(changed, IpTunnelConfig):
        fitting = TUNNEL_FIELDS[changed.mode] | {"mode", "parent"}
        return changed.replace(**{name: UNSET for name in changed.said() if name not in fitting})
    if isinstance(changed, VxlanConfig) and changed.parent in (UNSET, ""):
        return changed.replace(parent=before.get("parent"))  # can't be taken away in place
    return changed


def _overlaid(kind: str, old: dict[int, bytes], new: dict[int, bytes]) -> dict[int, bytes]:
    """What the kernel has after a change: as before, but for what the change says."""
    both = old | new
    if kind == "vlan" and vlan.IFLA_VLAN_FLAGS in old and vlan.IFLA_VLAN_FLAGS in new:
        (was, _), (values, mask) = (struct.unpack("=II", one[vlan.IFLA_VLAN_FLAGS]) for one in (old, new))
        both[vlan.IFLA_VLAN_FLAGS] = struct.pack("=II", was & ~mask | values & mask, 0xFFFFFFFF)
    if kind == "bond" and not any(both.get(bond.IFLA_BOND_MIIMON, b"")):  # delays count intervals of 0
        both = {
            number: both[number] for number in both if number not in (bond.IFLA_BOND_UPDELAY, bond.IFLA_BOND_DOWNDELAY)
        }
    if kind == "vxlan":  # one address for both families
        for four, six in (
            (vxlan.IFLA_VXLAN_LOCAL, vxlan.IFLA_VXLAN_LOCAL6),
            (vxlan.IFLA_VXLAN_GROUP, vxlan.IFLA_VXLAN_GROUP6),
        ):
            if four in new:
                both.pop(six, None)
            elif six in new:
                both.pop(four, None)
    return new if kind == "ip-tunnel" and new else both


# What the kernel's headers say, byte by byte


def test_a_vlan_in_bytes():
    interface = Vlan(
        name="v", vlan=VlanConfig(parent="eth0", tag=101, protocol="802.1ad", registration_protocol="gvrp")
    )
    assert written(interface, {"eth0": 7}) == {1: b"\x65\0", 5: b"\x88\xa8", 2: struct.pack("=II", 2, 2 | 8)}
    assert leaves.parent(interface) == "eth0"


def test_a_vxlan_in_bytes():
    interface = Vxlan(name="x", vxlan=VxlanConfig(parent="eth0", id=42, remote="2001:db8::2", destination_port=4789))
    found = written(interface, {"eth0": 7})
    remote = bytes.fromhex("20010db8" + "00" * 11 + "02")
    remote = bytes.fromhex("20010db8" + "00" * 11 + "02")
    assert found == {1: struct.pack("=I", 42), 15: b"\x12\xb5", 16: remote, 3: struct.pack("=I", 7)}


def test_a_vxlan_gets_rid_of_its_remote():
    before = Vxlan(name="x", vxlan=VxlanConfig(id=42, remote="192.0.2.1"))
    after = Vxlan(name="x", vxlan=VxlanConfig(id=42, remote=""))
    assert changed(before, after, {}) == {vxlan.IFLA_VXLAN_GROUP: bytes(4)}


def test_passthru_without_promiscuity_in_bytes():
    interface = MacVlan(name="m", mac_vlan=MacVlanConfig(parent="eth0", mode="passthru", promiscuous=False))
    assert written(interface, {"eth0": 7}) == {1: struct.pack("=I", 8), 2: struct.pack("=H", 1)}


def test_flags_of_an_ipvlan_are_written_together():
    before = IpVlan(name="i", ipvlan=IpVlanConfig(parent="eth0", mode="l2", private=True, vepa=False))
    after = IpVlan(name="i", ipvlan=IpVlanConfig(parent="eth0", mode="l2", private=False, vepa=True))
    assert changed(before, after, {"eth0": 7}) == {2: struct.pack("=H", 2)}


def test_the_far_end_of_a_pair_is_named_when_it_is_made():
    made = written(Veth(name="a", veth=VethConfig(peer="b")), {})
    assert made == {1: bytes(16) + b"\x06\0\x03\0b\0\0\0"}
    assert changed(Veth(name="a", veth=VethConfig(peer="b")), Veth(name="a", veth=VethConfig(peer="b")), {}) == {}


# Bonds


def bonded(mode="active-backup", ports=(), config=UNSET, **options):
    section = LinkAggregation(mode=mode, options=BondOptions(**options), port=tuple(ports), ports_config=config)
    return Bond(name="bond0", bond=section)


def test_a_bond_is_not_told_what_its_mode_refuses():
    assert written(bonded("balance-rr", lacp_rate="fast", packets_per_slave=3), {}) == {
        bond.IFLA_BOND_MODE: b"\0",
        bond.IFLA_BOND_PACKETS_PER_SLAVE: struct.pack("=I", 3),
    }


def test_delays_need_a_monitor():
    assert bond.IFLA_BOND_UPDELAY not in written(bonded(updelay=0, downdelay=0, arp_interval=100), {})
    assert written(bonded(miimon=100, updelay=200), {})[bond.IFLA_BOND_UPDELAY] == struct.pack("=I", 200)


def test_a_delay_can_be_set_when_the_monitor_stays_as_it_is():
    before, after = bonded(miimon=100, updelay=0), bonded(miimon=100, updelay=300)
    assert changed(before, after, {}) == {bond.IFLA_BOND_UPDELAY: struct.pack("=I", 300)}


def test_delays_are_said_again_when_the_interval_they_count_in_changes():
    before, after = (bonded(miimon=interval, updelay=200, downdelay=0) for interval in (50, 100))
    assert changed(before, after, {}) == {
        bond.IFLA_BOND_MIIMON: struct.pack("=I", 100),
        bond.IFLA_BOND_UPDELAY: struct.pack("=I", 200),
        bond.IFLA_BOND_DOWNDELAY: bytes(4),
    }


def test_arp_targets_in_bytes_and_none():
    targets = written(bonded(arp_interval=100, arp_ip_target="192.0.2.1,192.0.2.2"), {})[bond.IFLA_BOND_ARP_IP_TARGET]
    assert targets == b"\x08\0\0\0\xc0\0\x02\x01" + b"\x08\0\x01\0\xc0\0\x02\x02"
    cleared = changed(bonded(arp_ip_target="192.0.2.1"), bonded(arp_ip_target=""), {})
    assert cleared == {bond.IFLA_BOND_ARP_IP_TARGET: b""}


def test_the_primary_waits_for_its_port():
    before, after = bonded(ports=["eth1"]), bonded(ports=["eth1"], primary="eth1")
    assert bond.encode(before, after, {"eth1": 3}) == b""
    assert bond.encode_late(before, after, {"eth1": 3}) == b"\x08\0\x0b\0\x03\0\0\0"
    assert bond.encode_late(after, bonded(ports=["eth1"], primary=""), {}) == b"\x08\0\x0b\0\0\0\0\0"
    with pytest.raises(KeyError, match="eth1"):
        bond.encode_late(before, after, {})


def test_options_no_longer_said_go_back_to_the_default():
    before, after = bonded(miimon=250, min_links=2), bonded()
    assert changed(before, after, {}) == {bond.IFLA_BOND_MIIMON: bytes(4), bond.IFLA_BOND_MIN_LINKS: bytes(4)}


def test_a_port_is_told_only_what_differs():
    before = bonded(ports=["eth1"], config=(BondPortConfig(name="eth1", priority=5, queue_id=1),))
    after = bonded(ports=["eth1"], config=(BondPortConfig(name="eth1", priority=-7, queue_id=1),))
    assert bond.encode_port(before, after, "eth1") == b"\x08\0\x09\0" + struct.pack("=i", -7)
    assert bond.encode_port(before, after, "eth2") == b""


# Bridges


def bridged(*ports, **options):
    return LinuxBridge(name="br0", bridge=LinuxBridgeConfig(options=LinuxBridgeOptions(**options), port=tuple(ports)))


def test_times_of_a_bridge_are_hundredths_of_a_second():
    found = written(bridged(mac_ageing_time=300, stp=Stp(enabled=True, forward_delay=16)), {})
    assert found[linux_bridge.IFLA_BR_AGEING_TIME] == struct.pack("=I", 30000)
    assert found[linux_bridge.IFLA_BR_FORWARD_DELAY] == struct.pack("=I", 1600)
    assert found[linux_bridge.IFLA_BR_STP_STATE] == struct.pack("=I", 1)


def test_a_bridge_filters_as_soon_as_a_port_has_vlans():
    plain = bridged(LinuxBridgePort(name="a"), LinuxBridgePort(name="b", vlan=PortVlan()))
    tagged = bridged(LinuxBridgePort(name="a", vlan=PortVlan(mode="access", tag=5)), LinuxBridgePort(name="b"))
    assert linux_bridge.IFLA_BR_VLAN_FILTERING not in written(plain, {})
    assert written(tagged, {})[linux_bridge.IFLA_BR_VLAN_FILTERING] == b"\1"
    assert changed(plain, tagged, {}) == {linux_bridge.IFLA_BR_VLAN_FILTERING: b"\1"}
    assert changed(tagged, plain, {}) == {linux_bridge.IFLA_BR_VLAN_FILTERING: b"\0"}


TRUNK = PortVlan(
    mode="trunk", enable_native=False, trunk_tags=(TrunkTag(id=10), TrunkTag(id_range=TagRange(min=20, max=29)))
)
NATIVE = TRUNK.replace(enable_native=True, tag=7)


@pytest.mark.parametrize(
    ("vlan_", "ranges"),
    [
        (PortVlan(), [VlanRange(1, pvid=True, untagged=True)]),
        (PortVlan(mode="access", tag=5), [VlanRange(5, pvid=True, untagged=True)]),
        (TRUNK, [VlanRange(10), VlanRange(20, 29)]),
        (NATIVE, [VlanRange(7, pvid=True, untagged=True), VlanRange(10), VlanRange(20, 29)]),
    ],
)
def test_vlans_of_a_port_both_ways(vlan_, ranges):
    assert linux_bridge.port_vlans(LinuxBridgePort(name="a", vlan=vlan_)) == ranges
    assert linux_bridge.decode_vlans(ranges, 1) == vlan_


def test_a_port_without_vlans_of_its_own_is_in_none_where_there_is_no_default():
    assert linux_bridge.port_vlans(LinuxBridgePort(name="a"), 0) == []
    assert linux_bridge.decode_vlans([], 0) == PortVlan()


def test_changes_of_vlans_take_away_and_add_ranges():
    current = [VlanRange(1, pvid=True, untagged=True), VlanRange(10, 12), VlanRange(20)]
    wanted = [VlanRange(5, pvid=True, untagged=True), VlanRange(11), VlanRange(20)]
    removed, added = linux_bridge.vlan_changes(current, wanted)
    assert removed == [VlanRange(1), VlanRange(10), VlanRange(12)]
    assert added == [VlanRange(5, pvid=True, untagged=True), VlanRange(11)]


# What the kernel tells otherwise than it is told


def test_the_multicast_number_of_hsr_is_read_from_the_address():
    from linkhold.state.interfaces.hsr import Hsr, HsrConfig

    interface = Hsr(name="h", hsr=HsrConfig(port1="a", port2="b"))
    indexes = {"a": 1, "b": 2}
    kernel = {**written(interface, indexes), hsr.IFLA_HSR_SUPERVISION_ADDR: bytes.fromhex("01154e000142"), 7: b"\1"}
    section = shown(interface, indexes, kernel).hsr
    assert section == HsrConfig(
        port1="a", port2="b", supervision_address="01:15:4E:00:01:42", multicast_spec=0x42, protocol="prp"
    )


def test_the_port_of_macsec_is_read_from_the_sci():
    from linkhold.state.interfaces.macsec import MacSec, MacSecConfig

    interface = MacSec(name="m", macsec=MacSecConfig(parent="a"))
    section = shown(interface, {"a": 1}, {macsec.IFLA_MACSEC_SCI: bytes.fromhex("5254001234560102")}).macsec
    assert section == MacSecConfig(parent="a", port=0x0102)


def test_the_kernel_kind_of_a_tunnel_follows_its_mode():
    kinds = {
        mode: ip_tunnel.kernel_kind(IpTunnel(name="t", ip_tunnel=IpTunnelConfig(mode=mode))) for mode in TUNNEL_FIELDS
    }
    assert kinds["ip6ip6"] == kinds["ipip6"] == "ip6tnl"
    assert {mode for mode, kind in kinds.items() if mode == kind} == set(TUNNEL_FIELDS) - {"ip6ip6", "ipip6"}
    assert ip_tunnel.kernel_kind(IpTunnel(name="t")) == ""


def test_every_kind_of_the_kernel_has_a_leaf_or_is_told_apart():
    userspace = {kind for kind in KINDS if kind_class(kind).userspace} | {"ovs-interface"}
    assert set(leaves.LEAVES) == set(KINDS) - userspace
    for kind in leaves.LEAVES:
        leaf = leaves.leaf(kind)
        section = leaf.SECTION
        assert section == "" or section in fields_of(kind_class(kind))
