"""Every stage against the real kernel: what the host is afterwards, twice over, and what a refusal carries."""

import os
import pathlib

import pytest

from linkhold.foundation.failures import Refused
from linkhold.planning.change import STAGES, Change
from linkhold.providers.kernel.apply import Applier
from linkhold.providers.kernel.netlink.socket import Netlink
from linkhold.state.interfaces.common import AltName
from linkhold.state.interfaces.ip import IpAddress, Ipv4, Ipv6
from linkhold.state.interfaces.linux_bridge import LinuxBridge, LinuxBridgeConfig, LinuxBridgeOptions, LinuxBridgePort
from linkhold.state.interfaces.mac_vlan import MacVlan, MacVlanConfig
from linkhold.state.interfaces.veth import Veth, VethConfig
from linkhold.state.interfaces.vxlan import Vxlan, VxlanConfig


@pytest.fixture
def applier(netns):
    with Netlink() as netlink:
        made = Applier(netlink)
        yield made
        made.close()


def run(applier, *changes, stages=STAGES, times=2):
    """Every stage with every change, each stage done twice: doing it again is no refusal."""
    for stage in stages:
        for _ in range(times):
            applier.carry_out(stage, changes)


def new(interface):
    return Change(action="+", subject="interface", name=interface.name, after=interface)


def changed(before, after, action="~"):
    return Change(action=action, subject="interface", name=after.name, before=before, after=after)


def gone(interface):
    return Change(action="-", subject="interface", name=interface.name, before=interface)


def ipv4(*texts, **more):
    addresses = tuple(IpAddress(ip=one.split("/")[0], prefix_length=int(one.split("/")[1])) for one in texts)
    return Ipv4(enabled=True, address=addresses, **more)


def ipv6(*texts, **more):
    addresses = tuple(IpAddress(ip=one.split("/")[0], prefix_length=int(one.split("/")[1])) for one in texts)
    return Ipv6(enabled=True, address=addresses, **more)


def pair(left="v1", right="v2", **more):
    return Veth(name=left, veth=VethConfig(peer=right), **more), Veth(name=right, veth=VethConfig(peer=left))


def bridge(name="br0", ports=(), **more):
    config = LinuxBridgeConfig(port=tuple(LinuxBridgePort(name=one) for one in ports), **more)
    return LinuxBridge(name=name, bridge=config)


def link(netns, name):
    return netns.ip_json("link", "show", name)[0]


def read(path):
    return pathlib.Path(path).read_text()


def names(netns):
    return {one["ifname"] for one in netns.ip_json("link")}


def addresses(netns, name, family="inet"):
    found = netns.ip_json("addr", "show", name)[0]["addr_info"]
    return [f"{one['local']}/{one['prefixlen']}" for one in found if one["family"] == family and one["scope"] != "link"]


def test_a_bridge_with_both_ends_of_a_pair(netns, applier):
    left, right = pair()
    left = left.replace(controller="br0", mtu=1400, mac_address="02:00:00:00:00:01", description="to the switch")
    run(applier, new(bridge(ports=("v1",)).replace(ipv4=ipv4("192.0.2.1/24"))), new(left), new(right))
    found = link(netns, "v1")
    assert found["master"] == "br0"
    assert (found["mtu"], found["address"], found["ifalias"]) == (1400, "02:00:00:00:00:01", "to the switch")
    assert found["inet6_addr_gen_mode"] == "none"
    assert "UP" in found["flags"]
    assert "UP" in link(netns, "v2")["flags"]
    assert link(netns, "v2")["link"] == "v1"
    assert addresses(netns, "br0") == ["192.0.2.1/24"]


def test_many_links_are_made_and_removed_in_bulk(netns, applier):
    many = [
        Vxlan(name=f"vx{number}", vxlan=VxlanConfig(id=number, remote="192.0.2.9", destination_port=4789))
        for number in range(1, 41)
    ]
    run(applier, *[new(one.replace(ipv4=ipv4(f"10.0.{one.vxlan.id}.1/24"))) for one in many])
    assert link(netns, "vx40")["linkinfo"]["info_data"]["id"] == 40
    assert addresses(netns, "vx7") == ["10.0.7.1/24"]
    netns.ip("link", "add", "foreign", "type", "vxlan", "id", "99", "dstport", "4789")
    run(applier, *[gone(one) for one in many])
    assert names(netns) == {"lo", "foreign"}


def test_a_pair_is_removed_with_its_bridge(netns, applier):
    left, right = pair()
    run(applier, new(bridge(ports=("v1",))), new(left.replace(controller="br0")), new(right))
    run(applier, gone(bridge()), gone(left), gone(right))
    assert names(netns) == {"lo"}


def test_what_became_of_another_kind_meanwhile_is_not_deleted(netns, applier):
    netns.ip("link", "add", "thing", "type", "bridge")
    run(applier, gone(Vxlan(name="thing", vxlan=VxlanConfig(id=1))), stages=("remove",))
    assert "thing" in names(netns)


def test_a_name_that_is_taken_is_refused_with_the_change_and_the_answer(netns, applier):
    netns.ip("link", "add", "thing", "type", "bridge")
    change = new(Vxlan(name="thing", vxlan=VxlanConfig(id=1, destination_port=4789)))
    with pytest.raises(Refused, match="thing can't be made: the name is taken, of kind bridge") as caught:
        applier.carry_out("create", [change])
    assert caught.value.change is change
    assert caught.value.answer.startswith("EEXIST: File exists")


def test_all_refusals_of_a_batch_are_told(netns, applier):
    one = new(MacVlan(name="m1", mac_vlan=MacVlanConfig(parent="lo", mode="bridge")))
    two = new(MacVlan(name="m2", mac_vlan=MacVlanConfig(parent="lo", mode="bridge")))
    with pytest.raises(Refused, match=r"refused to make m1 \(EINVAL: .*refused to make m2") as caught:
        applier.carry_out("create", [one, two])
    assert caught.value.change is one


def test_a_missing_parent_is_named(netns, applier):
    change = new(MacVlan(name="m1", mac_vlan=MacVlanConfig(parent="nowhere", mode="bridge")))
    with pytest.raises(Refused, match="there is no interface nowhere") as caught:
        applier.carry_out("create", [change])
    assert caught.value.change is change


def test_a_port_moves_to_another_bridge(netns, applier):
    left, right = pair()
    run(applier, new(bridge(ports=("v1",))), new(left.replace(controller="br0")), new(right))
    netns.ip("link", "add", "foreign", "type", "veth", "peer", "name", "foreign2")
    netns.ip("link", "set", "foreign", "master", "br0")
    moved = changed(left.replace(controller="br0"), left.replace(controller="br1"))
    run(applier, new(bridge("br1", ports=("v1",))), changed(bridge(ports=("v1",)), bridge()), moved)
    assert link(netns, "v1")["master"] == "br1"
    assert link(netns, "foreign")["master"] == "br0"


def test_settings_of_a_link_change_in_place(netns, applier):
    left, right = pair()
    run(applier, new(left), new(right))
    index = link(netns, "v1")["ifindex"]
    after = left.replace(
        mtu=1300,
        mac_address="02:00:00:00:00:07",
        description="new",
        accept_all_mac_addresses=True,
        alt_names=(AltName(name="a-rather-long-alternative"), AltName(name="other")),
        ipv4=Ipv4(enabled=True, forwarding=True),
        ipv6=Ipv6(enabled=False),
    )
    run(applier, changed(left, after))
    found = link(netns, "v1")
    assert (found["ifindex"], found["mtu"], found["address"], found["ifalias"]) == (
        index,
        1300,
        "02:00:00:00:00:07",
        "new",
    )
    assert found["promiscuity"] >= 1
    assert sorted(found["altnames"]) == ["a-rather-long-alternative", "other"]
    assert read("/proc/sys/net/ipv4/conf/v1/forwarding") == "1\n"
    assert read("/proc/sys/net/ipv6/conf/v1/disable_ipv6") == "1\n"
    back = after.replace(
        description="", accept_all_mac_addresses=False, alt_names=(AltName(name="other", state="absent"),)
    )
    run(applier, changed(after, back))
    found = link(netns, "v1")
    assert "ifalias" not in found
    assert "altnames" not in found
    assert "PROMISC" not in found["flags"]


def test_an_alternative_name_moves(netns, applier):
    left, right = pair()
    run(applier, new(left), new(right.replace(alt_names=(AltName(name="uplink"),))))
    taken = changed(right.replace(alt_names=(AltName(name="uplink"),)), right.replace(alt_names=()))
    run(applier, changed(left, left.replace(alt_names=(AltName(name="uplink"),))), taken)
    assert link(netns, "uplink")["ifname"] == "v1"


def test_hardware_in_the_place_of_what_was_made_is_left_alone(netns, applier):
    run(applier, gone(Vxlan(name="lo", vxlan=VxlanConfig(id=1))), stages=("remove", "discard"))
    assert addresses(netns, "lo") == ["127.0.0.1/8"]
    assert "UP" in link(netns, "lo")["flags"]


def test_bridge_options_are_set_when_made_and_changed_later(netns, applier):
    options = LinuxBridgeOptions(mac_ageing_time=100, group_forward_mask=8)
    first = bridge(options=options)
    run(applier, new(first))
    data = link(netns, "br0")["linkinfo"]["info_data"]
    assert (data["ageing_time"], data["group_fwd_mask"]) == (10000, "0x8")
    second = bridge(options=options.replace(mac_ageing_time=200))
    run(applier, changed(first, second))
    assert link(netns, "br0")["linkinfo"]["info_data"]["ageing_time"] == 20000


def test_port_options(netns, applier):
    left, right = pair()
    port = LinuxBridgePort(name="v1", stp_hairpin_mode=True, stp_path_cost=77, stp_priority=5)
    whole = LinuxBridge(name="br0", bridge=LinuxBridgeConfig(port=(port,)))
    run(applier, new(whole), new(left.replace(controller="br0")), new(right))
    data = link(netns, "v1")["linkinfo"]["info_slave_data"]
    assert (data["hairpin"], data["cost"], data["priority"]) == (True, 77, 5)


def test_a_replaced_link_is_another_link(netns, applier):
    first = Vxlan(name="vx1", vxlan=VxlanConfig(id=1, destination_port=4789), ipv4=ipv4("192.0.2.1/24"))
    run(applier, new(first))
    index = link(netns, "vx1")["ifindex"]
    second = first.replace(vxlan=VxlanConfig(id=2, destination_port=4789))
    run(applier, changed(first, second, action="±"), times=1)
    assert link(netns, "vx1")["ifindex"] != index
    assert link(netns, "vx1")["linkinfo"]["info_data"]["id"] == 2
    assert addresses(netns, "vx1") == ["192.0.2.1/24"]


def test_down_is_down(netns, applier):
    left, right = pair()
    run(applier, new(left), new(right))
    run(applier, changed(left, left.replace(state="down")))
    assert "UP" not in link(netns, "v1")["flags"]
    run(applier, changed(left.replace(state="down"), left.replace(ipv6=ipv6("2001:db8::1/64"))))
    assert "UP" in link(netns, "v1")["flags"]
    assert addresses(netns, "v1", "inet6") == ["2001:db8::1/64"]


def test_the_loopback_gets_its_defaults_back(netns, applier):
    from linkhold.state.interfaces.loopback import Loopback

    before = Loopback(name="lo", mtu=65536, ipv4=ipv4("127.0.0.1/8"), ipv6=ipv6("::1/128"))
    after = before.replace(mtu=5000, ipv4=ipv4("127.0.0.1/8", "192.0.2.1/32"))
    run(applier, changed(before, after))
    assert addresses(netns, "lo") == ["127.0.0.1/8", "192.0.2.1/32"]
    run(applier, gone(after))
    assert addresses(netns, "lo") == ["127.0.0.1/8"]
    assert addresses(netns, "lo", "inet6") == ["::1/128"]
    assert link(netns, "lo")["mtu"] == 65536
    assert "UP" in link(netns, "lo")["flags"]


def test_links_that_changed_since_they_were_read_are_read_again(netns, applier):
    left, right = pair()
    run(applier, new(left), new(right), times=1, stages=("create", "attach", "configure"))
    netns.ip("link", "del", "v1")
    netns.ip("link", "add", "v1", "type", "veth", "peer", "name", "v2")
    run(applier, new(left.replace(ipv4=ipv4("192.0.2.1/24"))), stages=("address",), times=1)
    assert addresses(netns, "v1") == ["192.0.2.1/24"]


def test_stable_privacy_gets_a_secret_and_the_same_one_each_time(netns, applier):
    left, right = pair()
    left = left.replace(ipv6=Ipv6(enabled=True, addr_gen_mode="stable-privacy"))
    run(applier, new(left), new(right))
    assert link(netns, "v1")["inet6_addr_gen_mode"] == "stable_secret"
    secret = read("/proc/sys/net/ipv6/conf/v1/stable_secret")
    run(applier, gone(left))
    run(applier, new(left), new(right))
    assert read("/proc/sys/net/ipv6/conf/v1/stable_secret") == secret


def test_ipv6_is_switched_on_and_off_while_the_link_is_up(netns, applier):
    left, right = pair()
    run(applier, new(left.replace(ipv6=Ipv6(enabled=False))), new(right))
    assert "fe80" not in netns.ip("-6", "addr", "show", "dev", "v1")
    on = left.replace(ipv6=ipv6("2001:db8::1/64"))
    run(applier, changed(left.replace(ipv6=Ipv6(enabled=False)), on))
    assert "fe80" in netns.ip("-6", "addr", "show", "dev", "v1")
    assert addresses(netns, "v1", "inet6") == ["2001:db8::1/64"]
    run(applier, changed(on, left.replace(ipv6=Ipv6(enabled=False))))
    assert netns.ip("-6", "addr", "show", "dev", "v1") == ""


def test_a_link_too_small_for_ipv6_is_made_all_the_same(netns, applier):
    left, right = pair()
    run(applier, new(left.replace(mtu=1000, description="narrow")), new(right))
    assert (link(netns, "v1")["mtu"], link(netns, "v1")["ifalias"]) == (1000, "narrow")


def test_without_the_right_to_nothing_is_done_and_that_is_said(netns, applier):
    import ctypes

    from linkhold.foundation.failures import NotPermitted

    child = os.fork()
    if child == 0:  # a process without any capability
        status = 1
        try:
            os.setresuid(65534, 65534, 65534)
            with Netlink() as netlink, pytest.raises(NotPermitted, match="refused to make br0"):
                Applier(netlink).carry_out("create", [new(bridge())])
            status = 0
        finally:
            ctypes.CDLL(None)._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert names(netns) == {"lo"}
