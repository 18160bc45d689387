"""Laying what was said over what is there: maps merge, lists replace, and what the markers say otherwise."""

from linkhold.planning.overlay import fresh, over, reset
from linkhold.state.fields import HIDDEN
from linkhold.state.interfaces.bond import Bond, BondOptions, LinkAggregation
from linkhold.state.interfaces.bridge_vlan import PortVlan, TrunkTag
from linkhold.state.interfaces.common import AltName
from linkhold.state.interfaces.dummy import Dummy
from linkhold.state.interfaces.ethernet import Ethernet, EthernetConfig, SrIov, VirtualFunction
from linkhold.state.interfaces.ethtool import Ethtool
from linkhold.state.interfaces.linux_bridge import LinuxBridge, LinuxBridgeConfig, LinuxBridgePort
from linkhold.state.interfaces.veth import Veth, VethConfig
from linkhold.state.interfaces.wireguard import Wireguard, WireguardConfig
from linkhold.state.ovs import OvsDatabase


def test_what_is_said_again_changes_nothing_at_all():
    now = Dummy(name="d0", mtu=1500, alt_names=(AltName(name="one"),))
    assert over(now, Dummy(name="d0", mtu=1500, alt_names=(AltName(name="one"),))) is now


def test_what_is_not_said_stays_and_keeps_its_identity():
    now = Bond(name="b", mtu=1500, bond=LinkAggregation(mode="802.3ad", port=("eth1",)))
    merged = over(now, Bond(name="b", mtu=9000))
    assert merged == now.replace(mtu=9000)
    assert merged.bond is now.bond


def test_what_only_hosts_show_is_ignored():
    now = Dummy(name="d0", min_mtu=68)
    assert over(now, Dummy(name="d0", min_mtu=1, max_mtu=2, driver="x")) is now
    assert fresh(Dummy(name="d0", min_mtu=1, copy_mac_from="eth1")) == Dummy(name="d0")


def test_lists_of_names_replace():
    now = Bond(name="b", bond=LinkAggregation(port=("eth1", "eth2")))
    merged = over(now, Bond(name="b", bond=LinkAggregation(port=("eth3",))))
    assert merged.bond.port == ("eth3",)


def test_elements_that_stay_keep_what_is_not_said_of_them():
    now = LinuxBridge(
        name="b",
        bridge=LinuxBridgeConfig(port=(LinuxBridgePort(name="eth1", stp_path_cost=7), LinuxBridgePort(name="eth2"))),
    )
    merged = over(
        now, LinuxBridge(name="b", bridge=LinuxBridgeConfig(port=(LinuxBridgePort(name="eth1", stp_priority=3),)))
    )
    assert merged.bridge.port == (LinuxBridgePort(name="eth1", stp_path_cost=7, stp_priority=3),)


def test_growing_lists_keep_what_is_not_mentioned_and_drop_what_is_absent():
    now = Dummy(name="d0", alt_names=(AltName(name="one"), AltName(name="two")))
    said = Dummy(name="d0", alt_names=(AltName(name="three"), AltName(name="one", state="absent")))
    assert over(now, said).alt_names == (AltName(name="two"), AltName(name="three"))


def test_an_empty_growing_list_takes_all_settings_back():
    functions = (VirtualFunction(id=0, trust=True, max_tx_rate=100), VirtualFunction(id=1, vlan_id=7))
    now = Ethernet(name="e", ethernet=EthernetConfig(sr_iov=SrIov(total_vfs=2, vfs=functions)))
    merged = over(now, Ethernet(name="e", ethernet=EthernetConfig(sr_iov=SrIov(vfs=()))))
    assert [one.id for one in merged.ethernet.sr_iov.vfs] == [0, 1]
    assert merged.ethernet.sr_iov.vfs[0].max_tx_rate == 0
    assert merged.ethernet.sr_iov.vfs[1].vlan_id == 0
    assert over(Dummy(name="d", alt_names=(AltName(name="one"),)), Dummy(name="d", alt_names=())).alt_names == ()


def test_an_empty_map_resets_where_the_section_says_so():
    now = Bond(name="b", bond=LinkAggregation(mode="802.3ad", options=BondOptions(miimon=100, lacp_rate="fast")))
    merged = over(now, Bond(name="b", bond=LinkAggregation(options=BondOptions())))
    assert merged.bond.options == BondOptions(miimon=0, lacp_rate="slow")
    assert over(now, Bond(name="b", bond=LinkAggregation())) is now


def test_the_vlans_of_a_port_are_replaced_as_a_whole():
    def bridge(vlan):
        return LinuxBridge(name="b", bridge=LinuxBridgeConfig(port=(LinuxBridgePort(name="eth1", vlan=vlan),)))

    trunk = PortVlan(mode="trunk", tag=5, enable_native=True, trunk_tags=(TrunkTag(id=6),))
    merged = over(bridge(trunk), bridge(PortVlan(mode="access", tag=7))).bridge.port[0].vlan
    assert merged == PortVlan(mode="access", tag=7, enable_native=False, trunk_tags=())
    assert over(bridge(trunk), bridge(PortVlan())).bridge.port[0].vlan == PortVlan()


def test_a_hidden_secret_keeps_the_stored_one():
    key = "A" * 43 + "="
    now = Wireguard(name="w", wireguard=WireguardConfig(private_key=key))
    assert over(now, Wireguard(name="w", wireguard=WireguardConfig(private_key=HIDDEN))) is now
    assert fresh(Wireguard(name="w", wireguard=WireguardConfig(private_key=HIDDEN))).wireguard == WireguardConfig()


def test_features_merge_by_key_but_the_maps_of_an_interface_in_ovsdb_are_replaced():
    now = Dummy(
        name="d",
        ethtool=Ethtool(feature={"rx-gro": True, "rx-lro": False}),
        ovs_db=OvsDatabase(external_ids={"a": "1"}),
    )
    merged = over(
        now,
        Dummy(
            name="d", ethtool=Ethtool(feature={"rx-lro": True}), ovs_db=OvsDatabase(external_ids={"b": "2", "c": None})
        ),
    )
    assert merged.ethtool.feature == {"rx-gro": True, "rx-lro": True}
    assert merged.ovs_db.external_ids == {"b": "2"}


def test_a_pair_called_ethernet_stays_a_pair():
    now = Veth(name="v", mtu=1500, veth=VethConfig(peer="w"))
    assert over(now, Ethernet(name="v", mtu=1400)) == now.replace(mtu=1400)


def test_reset_keeps_only_what_names_the_thing():
    assert reset(LinuxBridgePort(name="eth1", stp_path_cost=7, stp_priority=3)).get("name") == "eth1"
    assert reset(LinuxBridgePort(name="eth1", stp_priority=3)).stp_priority == 32
