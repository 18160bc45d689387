"""Addresses, routes, rules and neighbours of a real kernel, as we and as iproute2 and pyroute2 tell them."""

import errno
import subprocess

import pytest

from linkhold.providers.kernel.netlink import address, link, neighbour, qdisc, route, rule
from linkhold.providers.kernel.netlink.route import NextHop
from linkhold.providers.kernel.netlink.socket import Refusal
from tests.kernel.netlink.oracle import do, ip

pytestmark = pytest.mark.needs("veth", "bridge", "policy-routing")


@pytest.fixture
def wire(netlink):
    """lo, and a veth pair that is up, without addresses of the kernel's making."""
    netlink.batch([link.create("v0", "veth"), link.set_up(1)])
    for each in link.dump(netlink, kind="veth"):
        netlink.request(*link.rename(each.index, "wire0" if each.name == "v0" else "wire1"))
    for name in ("wire0", "wire1"):  # in two steps: of one request the kernel would do the second part first
        do("link", "set", name, "addrgenmode", "none")
        do("link", "set", name, "up")
    return link.read(netlink, "wire0").index


def test_addresses_agree_with_iproute2(netlink, wire):
    for words in (
        ("192.0.2.1/24", "brd", "+", "dev", "wire0", "label", "wire0:a"),
        ("192.0.2.2/24", "dev", "wire0", "valid_lft", "1000", "preferred_lft", "500"),
        ("198.51.100.1", "peer", "198.51.100.2/32", "dev", "wire0", "metric", "77"),
        ("2001:db8::1/64", "dev", "wire0", "nodad", "noprefixroute"),
        ("fe80::1/64", "dev", "wire0"),
    ):
        do("address", "add", *words)
    ours = address.dump(netlink, index=wire)
    theirs = ip("address", "show", "dev", "wire0")[0]["addr_info"]
    assert len(ours) == len(theirs) == 5
    scopes = {"global": address.RT_SCOPE_UNIVERSE, "link": address.RT_SCOPE_LINK}
    for each, told in zip(ours, theirs, strict=True):
        assert (each.address, each.prefix_length) == (told["local"], told["prefixlen"])
        assert each.peer == told.get("address")
        assert each.broadcast == told.get("broadcast")
        assert (each.label or told.get("label")) == told.get("label")
        assert each.scope == scopes[told["scope"]]
        assert abs(each.valid_lifetime - told["valid_life_time"]) <= 1
        assert abs(each.preferred_lifetime - told["preferred_life_time"]) <= 1
        assert bool(each.flags & address.IFA_F_SECONDARY) == told.get("secondary", False)
        assert bool(each.flags & address.IFA_F_NOPREFIXROUTE) == told.get("noprefixroute", False)
        assert each.is_permanent == (told["valid_life_time"] == address.FOREVER)
        assert each.metric == told.get("metric")


def test_addresses_are_added_changed_and_removed(netlink, wire):
    add = address.add(wire, "192.0.2.9", 24, broadcast="192.0.2.255", preferred_lifetime=100, valid_lifetime=200)
    assert netlink.batch([add, address.add(wire, "2001:db8::9", 64, flags=address.IFA_F_NODAD, protocol=9)]) == [
        None,
        None,
    ]
    again = netlink.batch([add, address.add(wire, "192.0.2.9", 24, replace=True)])
    assert isinstance(again[0], Refusal)
    assert again[0].errno == errno.EEXIST
    assert again[1] is None
    told = {each["local"]: each for each in ip("address", "show", "dev", "wire0")[0]["addr_info"]}
    assert told["192.0.2.9"]["valid_life_time"] == address.FOREVER
    assert "tentative" not in told["2001:db8::9"]
    assert {each.protocol for each in address.dump(netlink, family=address.AF_INET6, index=wire)} == {9}
    assert netlink.batch([address.remove(wire, "192.0.2.9", 24), address.remove(wire, "2001:db8::9", 64)]) == [None] * 2
    assert address.dump(netlink, index=wire) == []


def test_addresses_are_filtered_by_family_and_link(netlink, wire):
    do("address", "add", "192.0.2.1/24", "dev", "wire0")
    assert [each.address for each in address.dump(netlink, family=address.AF_INET, index=wire)] == ["192.0.2.1"]
    assert [each.address for each in address.dump(netlink, family=address.AF_INET6)] == ["::1"]


ROUTES = (
    ("add", "203.0.113.0/24", "via", "192.0.2.254", "dev", "wire0", "proto", "static", "metric", "100"),
    ("add", "default", "via", "192.0.2.254", "mtu", "1300", "advmss", "1200", "initcwnd", "20", "quickack", "1"),
    ("add", "198.51.100.0/24", "dev", "wire0", "src", "192.0.2.1", "table", "1000", "proto", "bgp", "tos", "0x10"),
    ("add", "blackhole", "10.0.0.0/8"),
    ("add", "unreachable", "10.1.0.0/16", "table", "7"),
    ("add", "10.9.0.0/16", "nexthop", "via", "192.0.2.7", "weight", "5", "nexthop", "via", "192.0.2.8", "onlink",
     "dev", "wire0"),
    ("add", "10.8.0.0/16", "via", "inet6", "2001:db8::fe", "dev", "wire0"),
    ("add", "2001:db8:1::/48", "via", "2001:db8::fe", "dev", "wire0", "metric", "512", "pref", "high", "proto", "ra"),
    ("add", "2001:db8:2::/48", "dev", "wire0", "expires", "600", "hoplimit", "9"),
    ("add", "2001:db8:3::/48", "nexthop", "via", "2001:db8::7", "nexthop", "via", "2001:db8::8", "weight", "3"),
    ("add", "prohibit", "2001:db8:4::/48", "metric", "9"),
    ("add", "2001:db8:5::/48", "from", "2001:db8:6::/48", "via", "2001:db8::7", "dev", "wire0"),
)  # fmt: skip


@pytest.fixture
def routed(netlink, wire):
    do("address", "add", "192.0.2.1/24", "dev", "wire0")
    do("address", "add", "2001:db8::1/64", "dev", "wire0", "nodad")
    for words in ROUTES:
        do(*(["-6"] if any(":" in word for word in words) and "inet6" not in words else []), "route", *words)
    return wire


METRICS = {
    "mtu": route.RTAX_MTU,
    "advmss": route.RTAX_ADVMSS,
    "initcwnd": route.RTAX_INITCWND,
    "quickack": route.RTAX_QUICKACK,
    "hoplimit": route.RTAX_HOPLIMIT,
}


def spoken(netlink, each):
    """One of our routes in iproute2's words, those of them that both say."""
    names = {one.index: one.name for one in link.dump(netlink)}
    types = {1: "unicast", 2: "local", 3: "broadcast", 4: "anycast", 5: "multicast", 6: "blackhole", 7: "unreachable",
             8: "prohibit"}  # fmt: skip
    full = 32 if each.family == 2 else 128
    network = each.destination + ("" if each.destination_length == full else f"/{each.destination_length}")
    said = {
        "type": types[each.type],
        "dst": network if each.destination_length else "default",
        "metric": each.metric or None,
        "prefsrc": each.preferred_source,
        "dev": names.get(each.oif),
        "gateway": each.gateway,
        "nexthops": [(hop.gateway, names[hop.oif], hop.weight) for hop in each.next_hops],
        "metrics": {name: each.metrics[kind] for name, kind in METRICS.items() if kind in each.metrics},
    }
    return {key: value for key, value in said.items() if value}


def heard(told):
    said = {key: told[key] for key in ("type", "dst", "metric", "prefsrc", "dev", "gateway") if told.get(key)}
    if "via" in told:
        said["gateway"] = told["via"]["host"]
    if "nexthops" in told:
        said["nexthops"] = [(hop["gateway"], hop["dev"], hop["weight"]) for hop in told["nexthops"]]
    if "metrics" in told:
        said["metrics"] = {name: value for each in told["metrics"] for name, value in each.items() if name in METRICS}
    return said


@pytest.mark.parametrize(("option", "family"), [("-4", route.AF_INET), ("-6", route.AF_INET6)])
@pytest.mark.parametrize("table", [route.RT_TABLE_MAIN, route.RT_TABLE_LOCAL, 7, 1000])
def test_routes_agree_with_iproute2(netlink, routed, option, family, table):
    ours = [spoken(netlink, each) for each in route.dump(netlink, family=family, table=table)]
    try:
        theirs = [heard(each) for each in ip(option, "route", "show", "table", str(table))]
    except subprocess.CalledProcessError:  # iproute2 fails where a table does not exist
        theirs = []
    ours.sort(key=str)
    theirs.sort(key=str)
    assert ours == theirs
    assert ours or (family, table) in [(route.AF_INET6, 7), (route.AF_INET6, 1000)]


def test_routes_agree_with_pyroute2(netlink, routed):
    pyroute2 = pytest.importorskip("pyroute2")
    theirs = []
    with pyroute2.IPRoute() as other:
        for family in (route.AF_INET, route.AF_INET6):
            for each in other.get_routes(family=family):
                attrs = dict(each["attrs"])
                told = (attrs.get("RTA_DST"), each["dst_len"], attrs.get("RTA_GATEWAY"), attrs.get("RTA_OIF"))
                kind = (each["proto"], each["scope"], each["type"])
                theirs.append((family, attrs["RTA_TABLE"], attrs.get("RTA_PRIORITY", 0), told, kind))
    ours = []
    for each in route.dump(netlink):
        destination = each.destination if each.destination_length else None
        told = (destination, each.destination_length, each.ip(route.RTA_GATEWAY), each.oif)
        ours.append((each.family, each.table, each.metric, told, (each.protocol, each.scope, each.type)))
    assert sorted(ours, key=str) == sorted(theirs, key=str)


def test_what_only_some_routes_have(netlink, routed):
    found = {each.destination: each for each in route.dump(netlink)}
    assert found["2001:db8:1::"].preference == 1
    assert found["2001:db8:2::"].expires in range(590, 601)
    assert (found["2001:db8:5::"].source, found["2001:db8:5::"].source_length) == ("2001:db8:6::", 48)
    assert found["198.51.100.0"].tos == 0x10
    assert found["10.8.0.0"].gateway == "2001:db8::fe"
    assert found["10.9.0.0"].next_hops[1].flags & route.RTNH_F_ONLINK


def test_dumps_are_filtered_by_the_kernel(netlink, routed):
    assert {each.destination for each in route.dump(netlink, protocol=route.RTPROT_BGP)} == {"198.51.100.0"}
    assert {each.table for each in route.dump(netlink, table=1000)} == {1000}
    assert route.dump(netlink, table=4711) == []
    assert {each.type for each in route.dump(netlink, route_type=route.RTN_BLACKHOLE)} == {route.RTN_BLACKHOLE}
    assert {each.oif for each in route.dump(netlink, family=route.AF_INET, oif=1)} == {1}


def test_every_route_is_removed_and_put_back_as_it_was(netlink, routed):
    def dump():
        return [(each.family, each.table, spoken(netlink, each)) for each in mine()]

    def mine():
        return [each for each in route.dump(netlink) if each.protocol != route.RTPROT_KERNEL]

    before, kept = dump(), [route.same(each) for each in mine()]
    assert len(kept) == len(ROUTES)
    assert netlink.batch(route.remove(each) for each in kept) == [None] * len(kept)
    assert mine() == []
    assert netlink.batch(route.add(each) for each in kept) == [None] * len(kept)
    assert sorted(dump(), key=str) == sorted(before, key=str)


def test_built_routes_are_what_iproute2_sees(netlink, routed):
    built = [
        route.build("10.20.0.0", 16, gateway="192.0.2.3", metric=5, metrics={route.RTAX_MTU: 1280}, table=300),
        route.build("10.21.0.0", 16, oif=routed, preferred_source="192.0.2.1", table=300),
        route.build("10.22.0.0", 16, route_type=route.RTN_PROHIBIT, table=300),
        route.build(
            "10.23.0.0", 16, next_hops=[NextHop(routed, "192.0.2.3"), NextHop(routed, "192.0.2.4", 9)], table=300
        ),
        route.build("10.24.0.0", 16, gateway="2001:db8::5", oif=routed, table=300),
    ]
    assert netlink.batch(route.add(each) for each in built) == [None] * 5
    told = {each["dst"]: each for each in ip("-4", "route", "show", "table", "300")}
    assert told["10.20.0.0/16"]["metrics"] == [{"mtu": 1280}]
    assert (told["10.21.0.0/16"]["prefsrc"], told["10.21.0.0/16"]["scope"]) == ("192.0.2.1", "link")
    assert told["10.22.0.0/16"]["type"] == "prohibit"
    assert [hop["weight"] for hop in told["10.23.0.0/16"]["nexthops"]] == [1, 9]
    assert told["10.24.0.0/16"]["via"] == {"family": "inet6", "host": "2001:db8::5"}
    again = netlink.batch([route.add(built[2]), route.add(built[2], replace=True)])
    assert isinstance(again[0], Refusal)
    assert again[1] is None


def test_a_lookup_is_the_kernels_choice(netlink, routed):
    found = route.lookup(netlink, "203.0.113.9")
    assert (found.gateway, found.oif, found.preferred_source) == ("192.0.2.254", routed, "192.0.2.1")
    with pytest.raises(Refusal):
        route.lookup(netlink, "10.0.0.1")


def test_rules_agree_with_iproute2(netlink, wire):
    for words in (
        ("from", "192.0.2.0/24", "table", "1000", "priority", "50"),
        ("to", "198.51.100.0/24", "iif", "wire0", "lookup", "7", "priority", "60", "suppress_prefixlength", "0"),
        ("not", "fwmark", "0x10/0xff", "lookup", "9", "priority", "70"),
        ("ipproto", "tcp", "dport", "80-90", "uidrange", "5-9", "blackhole", "priority", "80"),
        ("goto", "32766", "priority", "90"),
    ):
        do("rule", "add", *words)
    do("-6", "rule", "add", "from", "2001:db8::/32", "oif", "wire1", "lookup", "1000", "priority", "55")
    ours = rule.dump(netlink)
    theirs = ip("-4", "rule") + ip("-6", "rule")
    assert [each.priority for each in ours] == [told["priority"] for told in theirs]
    tables = {"local": 255, "main": 254, "default": 253}
    for each, told in zip(ours, theirs, strict=True):
        assert (each.source or "all") == told["src"]
        assert each.source_length == told.get("srclen", 0)
        assert each.destination == told.get("dst")
        assert (each.iif, each.oif) == (told.get("iif"), told.get("oif"))
        assert each.table == (tables.get(told["table"]) or int(told["table"]) if "table" in told else 0)
        assert each.is_inverted == ("not" in told)
        assert each.mark == (int(told["fwmark"], 16) if "fwmark" in told else None)
        assert each.suppress_prefix_length == told.get("suppress_prefixlen")
        assert each.goto == told.get("goto")
    packed = next(each for each in ours if each.priority == 80)
    assert packed.action == rule.FR_ACT_BLACKHOLE
    assert (packed.ip_protocol, packed.span(rule.FRA_DPORT_RANGE), packed.span(rule.FRA_UID_RANGE)) == (
        6,
        (80, 90),
        (5, 9),
    )


def test_rules_are_removed_and_put_back_as_they_were(netlink, wire):
    built = [
        rule.build(2, priority=10, table=4000, source="10.0.0.0", source_length=8, iif="wire0"),
        rule.build(2, priority=11, table=7, mark=1, mask=255, invert=True, suppress_prefix_length=0),
        rule.build(10, priority=12, table=7, destination="2001:db8::", destination_length=32, users=(1, 2)),
        rule.build(2, priority=13, action=rule.FR_ACT_UNREACHABLE, ip_protocol=17, source_ports=(1, 9)),
    ]
    assert netlink.batch(rule.add(each) for each in built) == [None] * 4
    mine = [each for each in rule.dump(netlink) if each.protocol == rule.RTPROT_STATIC]
    before = ip("-4", "rule") + ip("-6", "rule")
    assert [each.priority for each in mine] == [10, 11, 13, 12]
    assert netlink.batch(rule.remove(rule.same(each)) for each in mine) == [None] * 4
    assert len(rule.dump(netlink)) == len(before) - 4
    assert netlink.batch(rule.add(rule.same(each)) for each in mine) == [None] * 4
    assert ip("-4", "rule") + ip("-6", "rule") == before


def test_neighbours_agree_with_iproute2(netlink, wire):
    requests = [
        neighbour.add(wire, address="192.0.2.77", hardware_address="02:00:00:00:00:77"),
        neighbour.add(wire, address="2001:db8::77", hardware_address="02:00:00:00:00:78"),
    ]
    assert netlink.batch(requests) == [None, None]
    ours = {each.address: each.hardware_address for each in neighbour.dump(netlink, index=wire)}
    theirs = {each["dst"]: each.get("lladdr") for each in ip("neighbour", "show", "dev", "wire0", "nud", "all")}
    assert ours == theirs
    assert ours["192.0.2.77"] == "02:00:00:00:00:77"
    netlink.request(*neighbour.remove(wire, address="192.0.2.77"))
    assert "192.0.2.77" not in {each.address for each in neighbour.dump(netlink, family=neighbour.AF_INET)}


def test_forwarding_entries_of_a_bridge(netlink, wire):
    netlink.request(*link.create("br0", "bridge", up=True))
    bridge = link.read(netlink, "br0").index
    netlink.request(*link.set_controller(wire, bridge))
    entry = neighbour.add(wire, hardware_address="02:00:00:00:00:99", flags=neighbour.NTF_MASTER)
    netlink.request(*entry)
    found = neighbour.dump(netlink, family=neighbour.AF_BRIDGE, controller=bridge)
    assert "02:00:00:00:00:99" in {each.hardware_address for each in found if each.index == wire}


def test_disciplines_are_told_with_handle_and_kind(netlink, wire):
    netlink.request(*qdisc.add(wire, "pfifo", handle=0x10000, replace=True))
    found = qdisc.dump(netlink, index=wire)
    assert [(each.kind, each.handle, each.is_root, each.index) for each in found] == [("pfifo", 0x10000, True, wire)]
    assert found[0].options
    assert qdisc.classes(netlink, wire) == []
    netlink.request(*qdisc.remove(wire))
    assert [each.kind for each in qdisc.dump(netlink, index=wire)] != ["pfifo"]
