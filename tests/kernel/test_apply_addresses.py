"""Addresses and Multipath TCP endpoints against the real kernel."""

import pytest

from linkhold.foundation.failures import Refused
from linkhold.planning.change import Change, Risk
from linkhold.providers.kernel.apply import Applier
from linkhold.providers.kernel.applying.addresses import broadcast, kernel_order
from linkhold.providers.kernel.netlink.socket import Netlink
from linkhold.state.interfaces.common import Mptcp
from linkhold.state.interfaces.ip import IpAddress, Ipv4, Ipv6
from linkhold.state.interfaces.veth import Veth, VethConfig


@pytest.fixture
def applier(netns):
    netns.ip("link", "add", "v1", "type", "veth", "peer", "name", "v2")
    netns.ip("link", "set", "v1", "up")
    netns.ip("link", "set", "v2", "up")
    with Netlink() as netlink:
        made = Applier(netlink)
        yield made
        made.close()


def section(*texts, **more):
    found = tuple(IpAddress(ip=one.split("/")[0], prefix_length=int(one.split("/")[1])) for one in texts)
    return (Ipv6 if ":" in "".join(texts) else Ipv4)(enabled=True, address=found, **more)


def v1(**more):
    return Veth(name="v1", veth=VethConfig(peer="v2"), **more)


def change(before, after, **more):
    return Change(action="~", subject="interface", name="v1", before=before, after=after, **more)


def apply(applier, *changes):
    for _ in range(2):
        applier.carry_out("address", changes)


def addresses(netns, name="v1", family="inet"):
    found = netns.ip_json("addr", "show", name)[0]["addr_info"]
    return [f"{one['local']}/{one['prefixlen']}" for one in found if one["family"] == family and one["scope"] != "link"]


def test_addresses_are_given_in_order_and_taken(netns, applier):
    none = v1(ipv4=Ipv4(enabled=True))
    some = v1(ipv4=section("192.0.2.1/24", "192.0.2.2/24", "198.51.100.1/25"))
    apply(applier, change(none, some))
    assert addresses(netns) == ["192.0.2.1/24", "198.51.100.1/25", "192.0.2.2/24"]
    less = v1(ipv4=section("192.0.2.2/24"))
    apply(applier, change(some, less))
    assert addresses(netns) == ["192.0.2.2/24"]


def test_the_broadcast_address_is_set_where_there_is_one(netns, applier):
    apply(applier, change(v1(), v1(ipv4=section("192.0.2.1/24", "192.0.2.129/31"))))
    found = netns.ip_json("addr", "show", "v1")[0]["addr_info"]
    by_address = {one["local"]: one.get("broadcast") for one in found if one["family"] == "inet"}
    assert by_address == {"192.0.2.1": "192.0.2.255", "192.0.2.129": None}
    assert broadcast("10.1.2.3", 8) == "10.255.255.255"


def test_another_primary_address_is_put_first(netns, applier):
    old = v1(ipv4=section("192.0.2.1/24", "192.0.2.2/24", "192.0.2.3/24"))
    apply(applier, change(v1(), old))
    new = v1(ipv4=section("192.0.2.2/24", "192.0.2.1/24", "192.0.2.3/24"))
    apply(applier, change(old, new))
    assert addresses(netns) == ["192.0.2.2/24", "192.0.2.1/24", "192.0.2.3/24"]


def test_secondary_addresses_survive_their_primary(netns, applier):
    assert open_text("/proc/sys/net/ipv4/conf/v1/promote_secondaries") == "0\n"
    old = v1(ipv4=section("192.0.2.1/24", "192.0.2.2/24", "192.0.2.3/24"))
    apply(applier, change(v1(), old))
    apply(applier, change(old, v1(ipv4=section("192.0.2.2/24", "192.0.2.3/24"))))
    assert addresses(netns) == ["192.0.2.2/24", "192.0.2.3/24"]


def open_text(path):
    with open(path) as file:
        return file.read()


def test_what_keeps_its_order_is_not_taken_away_for_a_moment(netns, applier):
    old = v1(ipv4=section("192.0.2.1/24", "192.0.2.2/24"))
    apply(applier, change(v1(), old))
    netns.ip("route", "add", "203.0.113.0/24", "via", "192.0.2.9")
    apply(applier, change(old, v1(ipv4=section("192.0.2.1/24", "192.0.2.2/24", "192.0.2.3/24"))))
    assert "203.0.113.0/24" in netns.ip("route")


def test_ipv6_addresses_that_a_flap_may_have_taken_are_given_again(netns, applier):
    one = v1(ipv6=section("2001:db8::1/64", "2001:db8::2/64"))
    apply(applier, change(v1(), one))
    assert addresses(netns, family="inet6") == ["2001:db8::1/64", "2001:db8::2/64"]
    netns.ip("link", "set", "v1", "down")
    netns.ip("link", "set", "v1", "up")
    assert addresses(netns, family="inet6") == []
    apply(applier, change(one, one, risks=(Risk(kind="flap", message="the link goes down"),)))
    assert addresses(netns, family="inet6") == ["2001:db8::1/64", "2001:db8::2/64"]


def test_leases_of_others_stay(netns, applier):
    netns.ip("addr", "add", "192.0.2.77/24", "dev", "v1", "valid_lft", "1000", "preferred_lft", "1000")
    leased = IpAddress(ip="192.0.2.77", prefix_length=24, valid_life_time="1000sec", preferred_life_time="1000sec")
    before = v1(ipv4=Ipv4(enabled=True, address=(leased,)))
    apply(applier, change(before, v1(ipv4=section("198.51.100.1/24"))))
    assert addresses(netns) == ["192.0.2.77/24", "198.51.100.1/24"]


def test_a_disabled_family_has_no_address_whoever_gave_it(netns, applier):
    netns.ip("addr", "add", "192.0.2.77/24", "dev", "v1", "valid_lft", "1000", "preferred_lft", "1000")
    leased = IpAddress(ip="192.0.2.77", prefix_length=24, valid_life_time="1000sec", preferred_life_time="1000sec")
    apply(applier, change(v1(ipv4=Ipv4(enabled=True, address=(leased,))), v1(ipv4=Ipv4(enabled=False))))
    assert addresses(netns) == []


def test_the_metric_of_the_prefix_route(netns, applier):
    old = v1(ipv4=section("192.0.2.1/24", prefix_route_metric=77))
    apply(applier, change(v1(), old))
    assert netns.ip_json("route")[0]["metric"] == 77
    apply(applier, change(old, v1(ipv4=section("192.0.2.1/24", prefix_route_metric=78))))
    assert [one["metric"] for one in netns.ip_json("route")] == [78]


def test_an_address_moves_between_interfaces(netns, applier):
    one, two = v1(ipv4=section("192.0.2.1/24")), Veth(name="v2", veth=VethConfig(peer="v1"))
    apply(applier, change(v1(), one))
    there = Change(
        action="~", subject="interface", name="v2", before=two, after=two.replace(ipv4=section("192.0.2.1/24"))
    )
    apply(applier, there, change(one, v1(ipv4=Ipv4(enabled=True))))
    assert addresses(netns) == []
    assert addresses(netns, "v2") == ["192.0.2.1/24"]


def test_a_refused_address_is_named(netns, applier):
    wrong = v1(ipv6=section("2001:db8::1/64"))
    open_for_writing("/proc/sys/net/ipv6/conf/v1/disable_ipv6", "1")
    made = change(v1(), wrong)
    with pytest.raises(Refused, match="refused to give v1 the address 2001:db8::1/64") as caught:
        applier.carry_out("address", [made])
    assert caught.value.change is made
    assert caught.value.answer.startswith("EACCES: Permission denied")


def open_for_writing(path, text):
    with open(path, "w") as file:
        file.write(text)


def test_the_order_in_which_the_kernel_lists_addresses():
    assert kernel_order([("10.0.0.1", 8), ("10.0.0.2", 8), ("192.0.2.1", 24)]) == [
        ("10.0.0.1", 8),
        ("192.0.2.1", 24),
        ("10.0.0.2", 8),
    ]
    assert kernel_order([("10.0.0.1", 8), ("10.0.0.2", 9)]) == [("10.0.0.1", 8), ("10.0.0.2", 9)]


@pytest.mark.needs("mptcp")
def test_addresses_take_part_in_multipath_tcp(netns, applier):
    one = v1(ipv4=section("192.0.2.1/24"), ipv6=section("2001:db8::1/64"))
    with_flags = one.replace(mptcp=Mptcp(address_flags=("signal", "subflow")))
    apply(applier, change(v1(), with_flags))
    found = {line.split()[0]: line for line in netns.ip("mptcp", "endpoint", "show").splitlines()}
    assert sorted(found) == ["192.0.2.1", "2001:db8::1"]
    assert all("subflow" in line and "signal" in line and "dev v1" in line for line in found.values())
    apply(applier, change(with_flags, one.replace(mptcp=Mptcp(address_flags=("backup", "subflow")))))
    assert "backup" in netns.ip("mptcp", "endpoint", "show")
    assert "signal" not in netns.ip("mptcp", "endpoint", "show")
    apply(applier, change(with_flags, one.replace(mptcp=Mptcp(address_flags=()))))
    assert netns.ip("mptcp", "endpoint", "show") == ""
