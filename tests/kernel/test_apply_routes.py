"""Routes and rules against the real kernel."""

import pytest

from linkhold.foundation.failures import Refused
from linkhold.planning.change import Change
from linkhold.providers.kernel.apply import Applier
from linkhold.providers.kernel.netlink.socket import Netlink
from linkhold.state.routes import Route
from linkhold.state.rules import RouteRule


@pytest.fixture
def applier(netns):
    netns.ip("link", "add", "v1", "type", "veth", "peer", "name", "v2")
    for name, number in (("v1", 2), ("v2", 3)):
        netns.ip("link", "set", name, "up")
        netns.ip("addr", "add", f"192.0.{number}.1/24", "dev", name)
        netns.ip("addr", "add", f"2001:db8:{number}::1/64", "dev", name, "nodad")
    with Netlink() as netlink:
        made = Applier(netlink)
        yield made
        made.close()


def route(destination, gateway="", out="v1", **more):
    none = "::" if ":" in destination else "0.0.0.0"
    return Route(destination=destination, next_hop_interface=out, next_hop_address=gateway or none, **more)


def change(action, before=None, after=None, subject="route"):
    values = {key: value for key, value in (("before", before), ("after", after)) if value is not None}
    return Change(action=action, subject=subject, name=str((after or before).said()), **values)


def apply(applier, *changes):
    for stage in ("release", "route", "rule"):
        for _ in range(2):
            applier.carry_out(stage, changes)


def shown(netns, *what):
    return [line.strip() for line in netns.ip("route", "show", *what).splitlines() if "proto kernel" not in line]


def six(netns, *what):
    return [line.strip() for line in netns.ip("-6", "route", "show", *what).splitlines() if "proto kernel" not in line]


def test_on_link_routes_come_before_those_through_gateways(netns, applier):
    apply(
        applier,
        change("+", after=route("0.0.0.0/0", "203.0.113.1", metric=50)),
        change("+", after=route("203.0.113.0/24")),
        change("+", after=route("::/0", "2001:db8:f::1")),
        change("+", after=route("2001:db8:f::/64")),
    )
    assert shown(netns) == [
        "default via 203.0.113.1 dev v1 proto static metric 50",
        "203.0.113.0/24 dev v1 proto static scope link",
    ]
    assert "default via 2001:db8:f::1 dev v1 proto static metric 1024 pref medium" in six(netns)


def test_gateways_behind_gateways(netns, applier):
    apply(
        applier,
        change("+", after=route("198.51.100.0/24", "203.0.113.9", out="v1")),
        change("+", after=route("203.0.113.0/24", out="v1")),
    )
    assert len(shown(netns)) == 2


def test_a_gateway_that_cannot_be_reached_is_told(netns, applier):
    made = change("+", after=route("198.51.100.0/24", "203.0.113.9"))
    with pytest.raises(Refused, match="Nexthop has invalid gateway") as caught:
        applier.carry_out("route", [made, change("+", after=route("203.0.114.0/24"))])
    assert caught.value.change is made
    assert caught.value.answer.startswith("ENETUNREACH")
    assert shown(netns) == ["203.0.114.0/24 dev v1 proto static scope link"]


def test_other_kinds_tables_and_settings(netns, applier):
    apply(
        applier,
        change("+", after=Route(destination="198.51.100.0/24", route_type="blackhole")),
        change("+", after=Route(destination="198.51.101.0/24", route_type="unreachable", table_id=1000)),
        change("+", after=Route(destination="2001:db8:bad::/48", route_type="prohibit")),
        change("+", after=route("203.0.113.0/24", "192.0.2.9", cwnd=20, source="192.0.2.1", table_id=70000, metric=5)),
    )
    assert shown(netns) == ["blackhole 198.51.100.0/24 proto static"]
    assert shown(netns, "table", "1000") == ["unreachable 198.51.101.0/24 proto static"]
    assert "prohibit 2001:db8:bad::/48 dev lo proto static metric 1024 pref medium" in six(netns)
    expected = "203.0.113.0/24 via 192.0.2.9 dev v1 proto static src 192.0.2.1 metric 5 cwnd lock 20"
    assert [" ".join(line.split()) for line in shown(netns, "table", "70000")] == [expected]
    apply(
        applier,
        change("-", before=Route(destination="198.51.100.0/24", route_type="blackhole")),
        change("-", before=Route(destination="198.51.101.0/24", route_type="unreachable", table_id=1000)),
        change("-", before=Route(destination="2001:db8:bad::/48", route_type="prohibit", metric=1024)),
    )
    assert shown(netns) == []
    assert not any("prohibit" in line for line in six(netns))


def test_a_route_gets_another_gateway_metric_and_source(netns, applier):
    one = route("203.0.113.0/24", "192.0.2.8")
    apply(applier, change("+", after=one))
    two = one.replace(next_hop_address="192.0.2.9")
    apply(applier, change("~", one, two))
    assert shown(netns) == ["203.0.113.0/24 via 192.0.2.9 dev v1 proto static"]
    three = two.replace(source="192.0.2.1")
    apply(applier, change("~", two, three))
    assert shown(netns) == ["203.0.113.0/24 via 192.0.2.9 dev v1 proto static src 192.0.2.1"]
    four = three.replace(metric=9)
    apply(applier, change("~", three, four))
    assert shown(netns) == ["203.0.113.0/24 via 192.0.2.9 dev v1 proto static src 192.0.2.1 metric 9"]


def test_an_ipv6_route_gets_another_gateway_and_source(netns, applier):
    one = route("2001:db8:f::/64", "2001:db8:2::8", metric=1024)
    apply(applier, change("+", after=one))
    two = one.replace(next_hop_address="2001:db8:2::9")
    apply(applier, change("~", one, two))
    assert six(netns)[0:1] == ["2001:db8:f::/64 via 2001:db8:2::9 dev v1 proto static metric 1024 pref medium"]
    three = two.replace(source="2001:db8:2::1")
    apply(applier, change("~", two, three))
    assert "2001:db8:f::/64 via 2001:db8:2::9 dev v1 proto static src 2001:db8:2::1 metric 1024 pref medium" in six(
        netns
    )


def test_a_route_is_there_at_every_moment_of_its_change(netns, applier):
    one = route("203.0.113.0/24", "192.0.2.8")
    apply(applier, change("+", after=one))
    two = one.replace(next_hop_address="192.0.2.9")
    applier.carry_out("release", [change("~", one, two)])
    assert len(shown(netns)) == 1


def test_routes_of_others_stay(netns, applier):
    netns.ip("route", "add", "203.0.113.0/24", "via", "192.0.2.7", "proto", "bgp")
    ours = route("203.0.113.0/24", "192.0.2.8")
    apply(applier, change("+", after=ours))
    apply(applier, change("~", ours, ours.replace(next_hop_address="192.0.2.9")))
    apply(applier, change("-", ours.replace(next_hop_address="192.0.2.9")))
    apply(applier, change("-", before=route("203.0.113.0/24", "192.0.2.7")))
    assert shown(netns) == ["203.0.113.0/24 via 192.0.2.7 dev v1 proto bgp"]


def test_routes_set_by_hand_can_be_removed(netns, applier):
    netns.ip("route", "add", "203.0.113.0/24", "via", "192.0.2.7")
    apply(applier, change("-", before=route("203.0.113.0/24", "192.0.2.7", metric=0, table_id=254)))
    assert shown(netns) == []


def test_one_route_of_several_hops(netns, applier):
    one = route("203.0.113.0/24", "192.0.2.8", weight=1)
    two = route("203.0.113.0/24", "192.0.3.8", out="v2", weight=5)
    apply(applier, change("+", after=one), change("+", after=two))
    hops = netns.ip_json("route", "show", "203.0.113.0/24")
    assert len(hops) == 1
    assert [(hop["gateway"], hop["dev"], hop["weight"]) for hop in hops[0]["nexthops"]] == [
        ("192.0.2.8", "v1", 1),
        ("192.0.3.8", "v2", 5),
    ]
    three = route("203.0.113.0/24", "192.0.3.9", out="v2", weight=7)
    apply(applier, change("+", after=three))
    (found,) = netns.ip_json("route", "show", "203.0.113.0/24")
    assert sorted(hop["weight"] for hop in found["nexthops"]) == [1, 5, 7]
    apply(applier, change("-", before=two))
    (found,) = netns.ip_json("route", "show", "203.0.113.0/24")
    assert sorted(hop["weight"] for hop in found["nexthops"]) == [1, 7]
    apply(applier, change("~", three, three.replace(weight=9)))
    (found,) = netns.ip_json("route", "show", "203.0.113.0/24")
    assert sorted(hop["weight"] for hop in found["nexthops"]) == [1, 9]
    apply(applier, change("-", before=one), change("-", before=three.replace(weight=9)))
    assert shown(netns) == []


def test_what_the_kernel_dropped_is_put_back(netns, applier):
    kept = route("203.0.113.0/24", "192.0.2.8")
    several = [
        route("198.51.100.0/24", "192.0.2.8", weight=1),
        route("198.51.100.0/24", "192.0.3.8", out="v2", weight=2),
    ]
    apply(applier, change("+", after=kept), *[change("+", after=one) for one in several])
    expected = shown(netns)
    netns.ip("link", "set", "v1", "down")
    netns.ip("link", "set", "v1", "up")
    assert shown(netns) != expected
    apply(applier, change("~", kept, kept), *[change("~", one, one) for one in several])
    assert shown(netns) == expected


def test_ipv6_hops_of_one_route_go_one_by_one(netns, applier):
    one, two = route("2001:db8:f::/64", "2001:db8:2::8"), route("2001:db8:f::/64", "2001:db8:3::8", out="v2")
    apply(applier, change("+", after=one), change("+", after=two))
    assert len(netns.ip_json("-6", "route", "show", "2001:db8:f::/64")[0]["nexthops"]) == 2
    apply(applier, change("-", before=one))
    (found,) = netns.ip_json("-6", "route", "show", "2001:db8:f::/64")
    assert found["gateway"] == "2001:db8:3::8"


def test_a_source_that_is_still_tentative_is_waited_for(netns, applier):
    netns.ip("addr", "add", "2001:db8:2::77/64", "dev", "v1")
    assert "tentative" in netns.ip("-6", "addr", "show", "dev", "v1")
    apply(applier, change("+", after=route("2001:db8:f::/64", "2001:db8:2::8", source="2001:db8:2::77")))
    assert any("src 2001:db8:2::77" in line for line in six(netns))


def test_a_missing_interface_is_named(netns, applier):
    made = change("+", after=route("203.0.113.0/24", out="nowhere"))
    with pytest.raises(Refused, match="there is no interface nowhere") as caught:
        applier.carry_out("route", [made])
    assert caught.value.change is made


def rules(netns, *family):
    return [line.split(":", 1) for line in netns.ip(*family, "rule", "show").splitlines()]


def test_rules(netns, applier):
    one = RouteRule(ip_from="192.0.2.0/24", priority=100, route_table=70000, fwmark=0x30, fwmask=0xFF, iif="v1")
    two = RouteRule(family="ipv6", ip_to="2001:db8::/32", priority=101, action="prohibit")
    three = RouteRule(family="ipv4", priority=102, route_table=254, suppress_prefix_length=0)
    apply(applier, *[change("+", after=each, subject="rule") for each in (one, two, three)])
    assert ["100", "\tfrom 192.0.2.0/24 fwmark 0x30/0xff iif v1 lookup 70000 proto static"] in rules(netns)
    assert ["102", "\tfrom all lookup main suppress_prefixlength 0 proto static"] in rules(netns)
    assert ["101", "\tfrom all to 2001:db8::/32 prohibit proto static"] in rules(netns, "-6")
    apply(applier, change("~", one, one.replace(route_table=7), subject="rule"))
    assert [line for number, line in rules(netns) if number == "100"] == [
        "\tfrom 192.0.2.0/24 fwmark 0x30/0xff iif v1 lookup 7 proto static"
    ]
    apply(applier, *[change("-", before=each, subject="rule") for each in (one.replace(route_table=7), two, three)])
    assert [number for number, _ in rules(netns)] == ["0", "32766", "32767"]
    assert [number for number, _ in rules(netns, "-6")] == ["0", "32766"]


def test_only_the_rule_that_says_just_this_is_removed(netns, applier):
    netns.ip("rule", "add", "from", "192.0.2.0/24", "oif", "v2", "priority", "100", "table", "7")
    netns.ip("rule", "add", "from", "192.0.2.0/24", "priority", "100", "table", "7")
    gone = RouteRule(family="ipv4", ip_from="192.0.2.0/24", priority=100, route_table=7)
    apply(applier, change("-", before=gone, subject="rule"))
    assert [line for number, line in rules(netns) if number == "100"] == ["\tfrom 192.0.2.0/24 oif v2 lookup 7"]


def test_a_refused_rule_is_named(netns, applier):
    made = change("+", after=RouteRule(ip_from="192.0.2.0/24", priority=100, fwmask=1, iif="a" * 20), subject="rule")
    with pytest.raises(Refused) as caught:
        applier.carry_out("rule", [made])
    assert caught.value.change is made
