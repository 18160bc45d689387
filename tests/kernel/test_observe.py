"""The host as we see it, compared with what iproute2 says of it; every object here is made by `ip`."""

import os

import pytest

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.driving import drive
from linkhold.foundation.record import UNSET
from linkhold.planning import planner
from linkhold.providers.contract import Scope
from linkhold.providers.kernel.provider import Kernel
from linkhold.state.forms import read_record, write_record
from linkhold.state.interfaces.bridge_vlan import PortVlan
from linkhold.state.interfaces.ip import IpAddress, Ipv4
from linkhold.state.interfaces.mac_vlan import MacVlanConfig
from linkhold.state.interfaces.tun import TunConfig
from linkhold.state.interfaces.veth import VethConfig
from linkhold.state.interfaces.vxlan import VxlanConfig
from linkhold.state.network import NetworkState
from linkhold.state.normalise import normalised
from linkhold.state.routes import Route
from linkhold.state.rules import RouteRule


@pytest.fixture
def kernel(netns):
    provider = Kernel()
    yield provider
    provider.close()


def seen(kernel, *names, **scope):
    """The state, and its interfaces by name."""
    state = drive(kernel.observe(Scope(names=frozenset(names), **scope)))
    return state, {one.name: one for one in state.interfaces}


def static(*texts):
    return tuple(IpAddress(ip=one.split("/")[0], prefix_length=int(one.split("/")[1])) for one in texts)


def pair(netns, left="v0", right="v1", *, up=True):
    netns.ip("link", "add", left, "type", "veth", "peer", "name", right)
    for name in (left, right) if up else ():
        netns.ip("link", "set", name, "up")


# What all interfaces have in common


@pytest.mark.needs("veth", "bridge", "vxlan", "macvlan", "ifb")
def test_common_properties_agree_with_iproute2(kernel, netns):
    pair(netns)
    netns.ip("link", "add", "br0", "type", "bridge")
    netns.ip("link", "set", "v0", "master", "br0", "mtu", "1400")
    netns.ip("link", "add", "x0", "type", "vxlan", "id", "7", "dstport", "4789")
    netns.ip("link", "add", "m0", "link", "v1", "type", "macvlan", "mode", "bridge")
    netns.ip("link", "add", "i0", "type", "ifb")
    netns.ip("link", "set", "v1", "promisc", "on", "alias", "to the lab")
    netns.ip("link", "property", "add", "dev", "v1", "altname", "the-other-end", "altname", "aaa")
    _, found = seen(kernel)
    theirs = {one["ifname"]: one for one in netns.ip_json("link")}
    assert set(found) == set(theirs)
    for name, one in theirs.items():
        ours = found[name]
        assert ours.mtu == one["mtu"]
        assert ours.min_mtu == (one.get("min_mtu") or UNSET)
        assert ours.max_mtu == (one.get("max_mtu") or UNSET)
        assert ours.mac_address == one["address"].upper()
        assert ours.state == ("up" if "UP" in one["flags"] else "down")
        assert ours.controller == one.get("master", UNSET)
        assert ours.accept_all_mac_addresses is ("PROMISC" in one["flags"])
        assert ours.description == one.get("ifalias", UNSET)
        names = tuple(alt.name for alt in ours.alt_names) if ours.alt_names is not UNSET else ()
        assert names == tuple(sorted(one.get("altnames", ())))
        assert ours.ipv6.addr_gen_mode == one["inet6_addr_gen_mode"]
    kinds = {name: one.kind for name, one in found.items()}
    assert kinds == {
        "br0": "linux-bridge",
        "i0": "unknown",
        "lo": "loopback",
        "m0": "mac-vlan",
        "v0": "veth",
        "v1": "veth",
        "x0": "vxlan",
    }
    assert found["i0"].driver == "ifb"


@pytest.mark.needs("veth", "bridge", "macvlan")
def test_the_kernels_own_promiscuity_is_not_taken_for_the_users(kernel, netns):
    pair(netns)
    netns.ip("link", "add", "br0", "type", "bridge")
    netns.ip("link", "set", "v0", "master", "br0")
    assert netns.ip_json("link", "show", "v0")[0]["promiscuity"] == 1
    assert seen(kernel)[1]["v0"].accept_all_mac_addresses is False


@pytest.mark.needs("veth", "bridge", "vxlan", "macvlan", "macvtap")
def test_what_is_seen_is_canonical_and_survives_its_own_printing(kernel, netns):
    pair(netns)
    netns.ip("link", "add", "br0", "type", "bridge")
    netns.ip("link", "set", "v0", "master", "br0")
    netns.ip("link", "add", "m0", "link", "v1", "type", "macvtap", "mode", "vepa")
    netns.ip("address", "add", "192.0.2.1/24", "dev", "v1")
    netns.ip("route", "add", "198.51.100.0/24", "via", "192.0.2.2")
    netns.ip("rule", "add", "from", "192.0.2.0/24", "table", "100", "fwmark", "0x10/0xff")
    state, _ = seen(kernel)
    mistakes = Diagnostics()
    again = read_record(NetworkState, write_record(state), (), mistakes)
    assert not mistakes.errors()
    assert again == state


# Kinds


@pytest.mark.needs("veth")
def test_a_pair_names_each_other(kernel, netns):
    pair(netns, "a0", "b0")
    _, found = seen(kernel)
    assert (found["a0"].veth, found["b0"].veth) == (VethConfig(peer="b0"), VethConfig(peer="a0"))


@pytest.mark.needs("veth", "macvlan")
def test_an_index_of_another_namespace_is_not_looked_up_here(kernel, netns):
    pair(netns, up=False)
    theirs = netns.ip_json("link", "show", "v1")[0]["ifindex"]
    netns.ip("link", "set", "v1", "netns", netns.another().path)
    netns.ip("link", "add", "decoy", "index", str(theirs), "type", "veth", "peer", "name", "decoy1")
    _, found = seen(kernel)
    assert found["v0"].veth == VethConfig()
    assert seen(kernel, "v0")[1]["v0"] == found["v0"]


@pytest.mark.needs("vxlan", "veth")
def test_vxlans(kernel, netns):
    pair(netns)
    ends = ["remote", "192.0.2.2", "local", "192.0.2.1"]
    netns.ip("link", "add", "x4", "type", "vxlan", "id", "7", "dstport", "4789", "dev", "v0", *ends)
    netns.ip("link", "add", "x6", "type", "vxlan", "id", "8", "dstport", "8472", "remote", "2001:db8::2", "nolearning")
    _, found = seen(kernel)
    assert found["x4"].vxlan == VxlanConfig(
        parent="v0", id=7, learning=True, local="192.0.2.1", remote="192.0.2.2", destination_port=4789
    )
    assert found["x6"].vxlan == VxlanConfig(id=8, learning=False, remote="2001:db8::2", destination_port=8472)


@pytest.mark.needs("macvlan", "macvtap", "veth")
@pytest.mark.parametrize("mode", ["private", "vepa", "bridge", "passthru", "source"])
def test_macvlans_and_macvtaps(kernel, netns, mode):
    pair(netns)
    netns.ip("link", "add", "m0", "link", "v0", "type", "macvlan", "mode", mode)
    netns.ip("link", "add", "t0", "link", "v1", "type", "macvtap", "mode", mode)
    _, found = seen(kernel)
    assert found["m0"].mac_vlan == MacVlanConfig(parent="v0", mode=mode, promiscuous=True)
    assert found["t0"].mac_vtap == MacVlanConfig(parent="v1", mode=mode, promiscuous=True)


@pytest.mark.needs("macvlan", "veth")
def test_passthru_without_promiscuity(kernel, netns):
    pair(netns)
    netns.ip("link", "add", "m0", "link", "v0", "type", "macvlan", "mode", "passthru", "nopromisc")
    assert seen(kernel)[1]["m0"].mac_vlan.promiscuous is False


@pytest.mark.needs("tun")
def test_tuns_and_taps(kernel, netns):
    netns.ip("tuntap", "add", "dev", "t0", "mode", "tap", "user", "1000", "multi_queue")
    netns.ip("tuntap", "add", "dev", "t1", "mode", "tun", "group", "7", "vnet_hdr")
    _, found = seen(kernel)
    assert found["t0"].tun == TunConfig(mode="tap", owner=1000, multi_queue=True, vnet_hdr=False, persist=True)
    assert found["t1"].tun == TunConfig(mode="tun", group=7, multi_queue=False, vnet_hdr=True, persist=True)
    assert found["t1"].mac_address is UNSET


BRIDGE = {
    "forward_delay": ("1800", "stp.forward_delay", 18),
    "hello_time": ("300", "stp.hello_time", 3),
    "max_age": ("2500", "stp.max_age", 25),
    "priority": ("4096", "stp.priority", 4096),
    "stp_state": ("1", "stp.enabled", True),
    "ageing_time": ("20000", "mac_ageing_time", 200),
    "group_fwd_mask": ("16", "group_forward_mask", 16),
    "group_address": ("01:80:c2:00:00:04", "group_addr", "01:80:C2:00:00:04"),
    "mcast_hash_max": ("1024", "hash_max", 1024),
    "mcast_snooping": ("0", "multicast_snooping", False),
    "mcast_router": ("2", "multicast_router", "enabled"),
    "mcast_querier": ("1", "multicast_querier", True),
    "mcast_query_use_ifaddr": ("1", "multicast_query_use_ifaddr", True),
    "mcast_last_member_count": ("5", "multicast_last_member_count", 5),
    "mcast_startup_query_count": ("4", "multicast_startup_query_count", 4),
    "mcast_last_member_interval": ("400", "multicast_last_member_interval", 400),
    "mcast_membership_interval": ("30000", "multicast_membership_interval", 30000),
    "mcast_querier_interval": ("20000", "multicast_querier_interval", 20000),
    "mcast_query_interval": ("10000", "multicast_query_interval", 10000),
    "mcast_query_response_interval": ("2000", "multicast_query_response_interval", 2000),
    "mcast_startup_query_interval": ("4000", "multicast_startup_query_interval", 4000),
}


@pytest.mark.needs("bridge")
def test_options_of_a_bridge(kernel, netns):
    words = [word for option, (value, _, _) in BRIDGE.items() for word in (option, value)]
    netns.ip("link", "add", "br0", "type", "bridge", *words)
    options = seen(kernel)[1]["br0"].bridge.options
    for option, (_, path, expected) in BRIDGE.items():
        value = options
        for step in path.split("."):
            value = value.get(step)
        assert value == expected, option


@pytest.mark.needs("bridge", "veth")
def test_ports_of_a_bridge(kernel, netns):
    netns.ip("link", "add", "br0", "type", "bridge")
    for name in ("pb", "pa"):
        pair(netns, name, f"{name}-far")
        netns.ip("link", "set", name, "master", "br0")
    netns.ip("link", "set", "pa", "type", "bridge_slave", "hairpin", "on", "cost", "77", "priority", "12")
    _, found = seen(kernel)
    a, b = found["br0"].bridge.port
    assert (a.name, a.stp_hairpin_mode, a.stp_path_cost, a.stp_priority) == ("pa", True, 77, 12)
    assert (b.name, b.stp_hairpin_mode, b.stp_priority) == ("pb", False, 32)
    assert a.vlan == b.vlan == PortVlan()
    assert found["pa"].controller == found["pb"].controller == "br0"


# Addresses


@pytest.mark.needs("veth")
def test_addresses_in_the_order_of_the_kernel(kernel, netns):
    pair(netns, up=False)
    netns.ip("link", "set", "v0", "addrgenmode", "none", "up")
    for address in ("192.0.2.9/24", "198.51.100.1/24", "192.0.2.1/24"):
        netns.ip("address", "add", address, "dev", "v0")
    for address in ("2001:db8::a/64", "2001:db8::1/64"):
        netns.ip("address", "add", address, "dev", "v0", "nodad")
    found = seen(kernel)[1]["v0"]
    theirs = [one for one in netns.ip_json("address", "show", "v0")[0]["addr_info"] if one["scope"] == "global"]
    for ours, family in ((found.ipv4, "inet"), (found.ipv6, "inet6")):
        assert ours.address == static(
            *(f"{one['local']}/{one['prefixlen']}" for one in theirs if one["family"] == family)
        )
    assert found.ipv4.address[0] == static("192.0.2.9/24")[0]


@pytest.mark.needs("veth")
def test_lifetimes_make_an_address_dynamic(kernel, netns):
    pair(netns)
    netns.ip("address", "add", "192.0.2.1/24", "dev", "v0", "valid_lft", "1000", "preferred_lft", "500")
    ipv4 = seen(kernel)[1]["v0"].ipv4
    (address,) = ipv4.address
    assert address.valid_life_time in ("1000sec", "999sec")
    assert address.preferred_life_time in ("500sec", "499sec")
    assert ipv4.dhcp is True
    assert ipv4.static == ()


@pytest.mark.needs("veth")
def test_ipv4_is_off_without_addresses_and_ipv6_by_its_switch(kernel, netns):
    pair(netns, up=False)
    assert seen(kernel)[1]["v0"].ipv4 == Ipv4(enabled=False)
    assert seen(kernel)[1]["v0"].ipv6.enabled is True
    _sysctl("v0", "disable_ipv6", "1")
    assert seen(kernel)[1]["v0"].ipv6.said() == {"enabled": False}


@pytest.mark.needs("veth")
def test_ipv6_settings(kernel, netns):
    pair(netns)
    netns.ip("link", "set", "v0", "addrgenmode", "none")
    netns.ip("token", "set", "::a:b", "dev", "v1")
    _, found = seen(kernel)
    assert found["v0"].ipv6.addr_gen_mode == "none"
    assert found["v0"].ipv6.token is UNSET
    assert found["v1"].ipv6.token == "::a:b"


@pytest.mark.needs("veth")
def test_forwarding_and_metric_of_the_prefix_route(kernel, netns):
    pair(netns)
    netns.ip("address", "add", "192.0.2.1/24", "dev", "v0", "metric", "77")
    _sysctl("v0", "forwarding", "1", family="ipv4")
    ipv4 = seen(kernel)[1]["v0"].ipv4
    assert (ipv4.forwarding, ipv4.prefix_route_metric) == (True, 77)
    assert seen(kernel)[1]["lo"].ipv4.prefix_route_metric is UNSET


def _sysctl(interface, name, value, family="ipv6"):
    with open(f"/proc/sys/net/{family}/conf/{interface}/{name}", "w", encoding="ascii") as file:
        file.write(value)


# Routes


@pytest.fixture
def routed(netns):
    pair(netns)
    netns.ip("address", "add", "192.0.2.1/24", "dev", "v0")
    netns.ip("address", "add", "2001:db8::1/64", "dev", "v0", "nodad")
    return netns


def route(destination, gateway="0.0.0.0", out="v0", **more):
    said = {"metric": 0, "table_id": 254, **more}
    return Route(destination=destination, next_hop_interface=out, next_hop_address=gateway, **said)


@pytest.mark.needs("veth")
def test_routes_of_all_tables_and_types(kernel, routed):
    routed.ip("route", "add", "default", "via", "192.0.2.254", "metric", "50", "src", "192.0.2.1")
    routed.ip("route", "add", "198.51.100.0/24", "dev", "v0", "table", "1000", "proto", "static")
    routed.ip(
        "route", "add", "203.0.113.0/24", "via", "192.0.2.2", "initcwnd", "10", "cwnd", "20", "mtu", "lock", "1300"
    )
    routed.ip("route", "add", "blackhole", "10.1.0.0/16")
    routed.ip("route", "add", "unreachable", "10.2.0.0/16", "metric", "5")
    routed.ip("route", "add", "prohibit", "2001:db8:1::/48")
    routed.ip("route", "add", "2001:db8:2::/48", "via", "2001:db8::2")
    state, _ = seen(kernel)
    assert set(state.routes.config) == {
        route("0.0.0.0/0", "192.0.2.254", metric=50, source="192.0.2.1"),
        route("198.51.100.0/24", table_id=1000),
        route("203.0.113.0/24", "192.0.2.2", cwnd=20, details="lock 4 mtu 1300 initcwnd 10"),
        Route(destination="10.1.0.0/16", metric=0, table_id=254, route_type="blackhole"),
        Route(destination="10.2.0.0/16", metric=5, table_id=254, route_type="unreachable"),
        Route(destination="2001:db8:1::/48", metric=1024, table_id=254, route_type="prohibit"),
        route("2001:db8:2::/48", "2001:db8::2", metric=1024),
    }
    assert len(state.routes.config) == 7
    assert ":" in state.routes.config[0].destination
    assert ":" not in state.routes.config[-1].destination


@pytest.mark.needs("veth")
def test_multipath_is_one_entry_for_each_hop(kernel, routed):
    hops = ["nexthop", "via", "192.0.2.2", "weight", "3", "nexthop", "via", "192.0.2.3"]
    routed.ip("route", "add", "198.51.100.0/24", *hops)
    state, _ = seen(kernel)
    assert state.routes.config == (
        route("198.51.100.0/24", "192.0.2.2", weight=3),
        route("198.51.100.0/24", "192.0.2.3", weight=1),
    )


@pytest.mark.needs("veth")
def test_whose_routes_are_shown(kernel, routed):
    boot, static_, ra, dhcp, mrouted, keepalived, babel = 3, 4, 9, 16, 17, 18, 42
    others = (11, 12, 186, 187, 188, 189, 192)  # zebra, bird, bgp, isis, ospf, rip, eigrp
    for protocol in (boot, static_, ra, dhcp, mrouted, keepalived, babel, *others):
        routed.ip("route", "add", f"10.{protocol}.0.0/16", "dev", "v0", "proto", str(protocol))
        routed.ip("route", "add", f"2001:db8:{protocol}::/48", "dev", "v0", "proto", str(protocol))
    state, _ = seen(kernel)
    assert len(state.routes.config) == 4
    for details, known in (
        ((), (boot, static_, dhcp)),
        (("daemons",), (boot, static_, dhcp, mrouted, keepalived, babel)),
    ):
        state, _ = seen(kernel, details=frozenset(details))
        running = {one.destination for one in state.routes.running}
        assert running == {f"10.{number}.0.0/16" for number in known} | {
            f"2001:db8:{number}::/48" for number in (*known, ra)
        }
    quick, _ = seen(kernel, running=False)
    assert quick.routes.config == state.routes.config
    assert quick.routes.running is UNSET


@pytest.mark.needs("veth", "policy-routing")
def test_learned_routes_of_tables_that_a_rule_looks_into(kernel, routed):
    routed.ip("route", "add", "10.0.0.0/8", "dev", "v0", "proto", "dhcp", "table", "500")
    assert seen(kernel)[0].routes.running == ()
    routed.ip("rule", "add", "from", "192.0.2.1", "table", "500")
    assert seen(kernel)[0].routes.running == (route("10.0.0.0/8", table_id=500),)


@pytest.mark.needs("veth")
def test_routes_that_no_document_can_say_are_not_shown(kernel, routed):
    routed.ip("route", "add", "10.0.0.0/8", "dev", "v0", "tos", "0x10")
    routed.ip("route", "add", "throw", "10.9.0.0/16")
    routed.ip("route", "add", "local", "10.8.0.1", "dev", "v0")
    assert seen(kernel)[0].routes.config == ()


# Rules


@pytest.mark.needs("policy-routing")
def test_rules(kernel, netns):
    netns.ip("rule", "add", "from", "192.0.2.0/24", "to", "198.51.100.1", "priority", "100", "table", "1000")
    netns.ip("rule", "add", "fwmark", "0x10/0xff", "priority", "101", "table", "main", "suppress_prefixlength", "0")
    netns.ip("rule", "add", "fwmark", "0x20", "priority", "102", "table", "100", "iif", "lo")
    netns.ip("rule", "add", "from", "192.0.2.7", "priority", "103", "prohibit")
    netns.ip("-6", "rule", "add", "to", "2001:db8::/32", "priority", "104", "table", "100")
    state, _ = seen(kernel)
    assert state.rules.config == (
        RouteRule(family="ipv4", ip_from="192.0.2.0/24", ip_to="198.51.100.1/32", priority=100, route_table=1000),
        RouteRule(family="ipv4", fwmark=0x10, fwmask=0xFF, priority=101, route_table=254, suppress_prefix_length=0),
        RouteRule(family="ipv4", fwmark=0x20, priority=102, route_table=100, iif="lo"),
        RouteRule(family="ipv4", ip_from="192.0.2.7/32", priority=103, action="prohibit"),
        RouteRule(family="ipv6", ip_to="2001:db8::/32", priority=104, route_table=100),
    )


@pytest.mark.needs("policy-routing")
@pytest.mark.parametrize(
    "words",
    [
        ("oif", "lo", "table", "100"),
        ("ipproto", "tcp", "dport", "80", "table", "100"),
        ("uidrange", "0-10", "table", "100"),
        ("not", "from", "192.0.2.1", "table", "100"),
        ("from", "192.0.2.1", "table", "100", "protocol", "bird"),
        ("from", "192.0.2.1", "table", "100", "tos", "0x10"),
    ],
)
def test_rules_that_are_not_ours_to_say_are_left_out(kernel, netns, words):
    netns.ip("rule", "add", *words)
    assert seen(kernel)[0].rules.config == ()


# Some of the host


@pytest.mark.needs("veth", "bridge", "macvlan")
def test_some_interfaces_are_seen_just_as_in_the_whole(kernel, routed):
    routed.ip("link", "add", "br0", "type", "bridge")
    routed.ip("link", "set", "v1", "master", "br0")
    routed.ip("link", "add", "m0", "link", "v0", "type", "macvlan", "mode", "bridge")
    routed.ip("link", "property", "add", "dev", "m0", "altname", "another-name-of-the-macvlan")
    routed.ip("route", "add", "198.51.100.0/24", "via", "192.0.2.2")
    routed.ip("route", "add", "blackhole", "10.0.0.0/8")
    whole, every = seen(kernel)
    for name in every:
        state, found = seen(kernel, name)
        assert found == {name: every[name]}
        assert state.routes.config == tuple(one for one in whole.routes.config if one.next_hop_interface == name)
    assert list(seen(kernel, "another-name-of-the-macvlan")[1]) == ["m0"]
    assert seen(kernel, "nothing")[1] == {}


# The host itself


def test_names_of_the_host_and_its_resolver(netns, tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "hostname").write_text("# a comment\nhost1.example.org\n")
    (tmp_path / "etc" / "resolv.conf").write_text("nameserver 192.0.2.53\nsearch example.org\noptions rotate\n")
    kernel = Kernel(root=str(tmp_path))
    state = drive(kernel.observe(Scope()))
    kernel.close()
    assert state.hostname.said() == {"running": os.uname().nodename, "config": "host1.example.org"}
    assert write_record(state.dns) == {
        "running": {"server": ["192.0.2.53"], "search": ["example.org"], "options": ["rotate"]},
        "config": {"server": ["192.0.2.53"], "search": ["example.org"], "options": ["rotate"]},
    }


@pytest.mark.needs("veth")
def test_ipv6_multipath_says_weights_only_where_they_differ(kernel, routed):
    even = ["nexthop", "via", "2001:db8::2", "nexthop", "via", "2001:db8::3"]
    uneven = ["nexthop", "via", "2001:db8::2", "weight", "3", "nexthop", "via", "2001:db8::3"]
    routed.ip("route", "add", "2001:db8:1::/48", *even)
    routed.ip("route", "add", "2001:db8:2::/48", *uneven)
    found = {(one.destination, one.next_hop_address): one.weight for one in seen(kernel)[0].routes.config}
    assert found == {
        ("2001:db8:1::/48", "2001:db8::2"): UNSET,
        ("2001:db8:1::/48", "2001:db8::3"): UNSET,
        ("2001:db8:2::/48", "2001:db8::2"): 3,
        ("2001:db8:2::/48", "2001:db8::3"): UNSET,
    }


@pytest.mark.needs("veth")
def test_a_lease_of_others_may_be_given_up_for_an_address(kernel, netns):
    pair(netns)
    netns.ip("address", "add", "192.0.2.9/24", "dev", "v0", "valid_lft", "1000", "preferred_lft", "500")
    wanted = {"enabled": True, "dhcp": False, "address": [{"ip": "192.0.2.1", "prefix-length": 24}]}
    mistakes = Diagnostics()
    desired = read_record(NetworkState, {"interfaces": [{"name": "v0", "type": "veth", "ipv4": wanted}]}, (), mistakes)
    outcome = planner.plan(desired, seen(kernel)[0], capabilities=[drive(kernel.capabilities())])
    assert not mistakes
    assert [one for one in outcome.diagnostics if one.severity == "error"] == []
    assert [change.name for change in outcome.plan.changes] == ["v0"]


@pytest.mark.needs("veth", "bridge", "vxlan", "macvlan", "policy-routing")
def test_applying_what_is_shown_asks_for_nothing(kernel, routed):
    routed.ip("link", "add", "br0", "type", "bridge")
    routed.ip("link", "set", "br0", "up")
    routed.ip("link", "add", "a0", "type", "veth", "peer", "name", "a1")
    routed.ip("link", "set", "a0", "up", "master", "br0")
    routed.ip("link", "add", "x0", "type", "vxlan", "id", "7", "dstport", "4789", "dev", "v0", "remote", "192.0.2.2")
    routed.ip("link", "add", "m0", "link", "v0", "type", "macvlan", "mode", "bridge")
    routed.ip("address", "add", "192.0.2.9/24", "dev", "v0", "valid_lft", "1000", "preferred_lft", "500")
    routed.ip("route", "add", "198.51.100.0/24", "dev", "v0")
    routed.ip("route", "add", "default", "via", "192.0.2.254", "metric", "7")
    routed.ip("route", "add", "10.0.0.0/8", "nexthop", "via", "192.0.2.2", "weight", "3", "nexthop", "via", "192.0.2.3")
    routed.ip("route", "add", "2001:db8:1::/48", "nexthop", "via", "2001:db8::2", "nexthop", "via", "2001:db8::3")
    routed.ip("rule", "add", "fwmark", "0x10/0xff", "priority", "101", "table", "100")
    state, _ = seen(kernel)
    mistakes = Diagnostics()
    desired = normalised(read_record(NetworkState, write_record(state), (), mistakes), Diagnostics())
    outcome = planner.plan(desired, state, capabilities=[drive(kernel.capabilities())])
    assert [str(one) for one in (*mistakes, *outcome.diagnostics) if one.severity == "error"] == []
    assert outcome.plan.changes == ()
