"""Where two values disagree."""

from linkhold.foundation.record import UNSET
from linkhold.planning.change import Difference
from linkhold.planning.diff import differences, found, same
from linkhold.state.fields import HIDDEN
from linkhold.state.interfaces.bond import Bond, BondOptions, LinkAggregation
from linkhold.state.interfaces.common import AltName
from linkhold.state.interfaces.dummy import Dummy
from linkhold.state.interfaces.ip import IpAddress, Ipv4
from linkhold.state.interfaces.linux_bridge import LinuxBridge, LinuxBridgeConfig, LinuxBridgePort
from linkhold.state.interfaces.vlan import Vlan, VlanConfig
from linkhold.state.interfaces.wireguard import Wireguard, WireguardConfig

KEY, OTHER = "A" * 43 + "=", "B" * 43 + "="


def _v4(*addresses):
    return Ipv4(enabled=True, address=tuple(IpAddress(ip=one, prefix_length=24) for one in addresses))


def test_only_what_the_first_says_counts():
    assert differences(Dummy(name="d"), Dummy(name="d", mtu=9000, description="x")) == ()


def test_absent_is_the_default():
    assert same(Dummy(name="d", description="", controller=""), Dummy(name="d"))
    assert differences(Dummy(name="d", description="x"), Dummy(name="d")) == (
        Difference(path="description", before="", after="x", secret=False),
    )


def test_what_hosts_show_and_what_only_guides_applying_never_differs():
    assert same(Dummy(name="d", min_mtu=1, copy_mac_from="e"), Dummy(name="d", min_mtu=2))


def test_paths_are_those_of_the_document():
    new = LinuxBridge(name="b", bridge=LinuxBridgeConfig(port=(LinuxBridgePort(name="eth1", stp_path_cost=9),)))
    old = LinuxBridge(name="b", bridge=LinuxBridgeConfig(port=(LinuxBridgePort(name="eth1", stp_path_cost=7),)))
    (one,) = differences(new, old, "interfaces[b]")
    assert (one.path, one.before, one.after) == ("interfaces[b].bridge.port[eth1].stp-path-cost", 7, 9)


def test_elements_that_come_and_go_are_whole():
    went, came = sorted(
        differences(Dummy(name="d", ipv4=_v4("192.0.2.2")), Dummy(name="d", ipv4=_v4("192.0.2.1"))), key=str
    )
    assert {went.path, came.path} == {"ipv4.address[192.0.2.1/24]", "ipv4.address[192.0.2.2/24]"}
    assert {went.after is UNSET, came.after is UNSET} == {True, False}


def test_the_order_of_addresses_counts_and_that_of_ports_does_not():
    (one,) = differences(
        Dummy(name="d", ipv4=_v4("192.0.2.2", "192.0.2.1")), Dummy(name="d", ipv4=_v4("192.0.2.1", "192.0.2.2"))
    )
    assert one.path == "ipv4.address"
    ports = [
        LinuxBridge(name="b", bridge=LinuxBridgeConfig(port=tuple(LinuxBridgePort(name=n) for n in names)))
        for names in ("xy", "yx")
    ]
    assert same(*ports)
    assert same(*(Bond(name="b", bond=LinkAggregation(port=tuple(names))) for names in ("xy", "yx")))


def test_secrets_are_marked_and_a_hidden_one_agrees_with_any():
    new, old = (Wireguard(name="w", wireguard=WireguardConfig(private_key=key)) for key in (KEY, OTHER))
    (one,) = differences(new, old)
    assert one.secret
    assert same(Wireguard(name="w", wireguard=WireguardConfig(private_key=HIDDEN)), old)


def test_an_expected_list_is_whole_even_where_documents_only_add():
    old = Dummy(name="d", alt_names=(AltName(name="one"),))
    (one,) = differences(Dummy(name="d", alt_names=()), old)
    assert one.path == "alt-names[one]"


def test_what_a_difference_means_is_told_with_it():
    (fixed,) = found(Vlan(name="v", vlan=VlanConfig(tag=8)), Vlan(name="v", vlan=VlanConfig(tag=7)))
    assert fixed.fixed
    (mode,) = found(
        Bond(name="b", bond=LinkAggregation(mode="802.3ad")), Bond(name="b", bond=LinkAggregation(mode="balance-rr"))
    )
    assert mode.flaps
    (option,) = found(
        Bond(name="b", bond=LinkAggregation(options=BondOptions(miimon=100))),
        Bond(name="b", bond=LinkAggregation(options=BondOptions())),
    )
    assert option.advisory
