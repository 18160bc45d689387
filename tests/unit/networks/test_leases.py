"""Rules that follow leases."""

import pytest

from linkhold.networks.configuration import Configuration, Network
from linkhold.networks.leases import source_rules
from linkhold.planning import planner
from linkhold.state.document import read
from tests.cases.hosts import carry_out, host, look, observed

RED = 42402108
"""adler32 of ``red``."""


def current(addresses=(), rules=(), routes=(), ipv6=(), dhcp=True):
    leased = {"valid-life-time": "3599sec", "preferred-life-time": "3599sec"}
    sections = {
        "ipv4": {"enabled": True, "dhcp": dhcp, "address": [_address(one, leased) for one in addresses]},
        "ipv6": {"enabled": True, "autoconf": dhcp, "address": [_address(one, leased) for one in ipv6]},
    }
    state = observed(
        {
            "interfaces": [{"name": "red", "type": "linux-bridge", **sections}],
            "route-rules": {"config": [{"priority": 3200, "route-table": RED, **one} for one in rules]},
        }
    )
    learned = read({"routes": {"running": [{"next-hop-interface": "red", "table-id": RED, **one} for one in routes]}})
    return state.replace(routes=state.routes.replace(running=learned.routes.running))


def _address(text, lifetimes):
    ip, _, length = text.partition("/")
    return {"ip": ip, "prefix-length": int(length), **lifetimes}


def running(**attributes):
    return Configuration(networks={"red": Network(interface="eth0", **attributes)})


def both(subnet, **more):
    rule = {**more, "family": "ipv6" if ":" in subnet else "ipv4", "priority": 3200, "route-table": RED}
    return [{**rule, key: subnet} for key in ("ip-from", "ip-to")]


def rules_of(document):
    return document["route-rules"]["config"]


def test_a_lease_gets_its_rules():
    document = source_rules(running(bootproto="dhcp"), current(["192.0.2.77/24"]))
    assert rules_of(document) == both("192.0.2.0/24")


def test_the_rules_follow_to_another_subnet():
    old = [{"ip-from": "192.0.2.0/24"}, {"ip-to": "192.0.2.0/24"}]
    state = current(["198.51.100.4/25"], old)
    document = source_rules(running(bootproto="dhcp"), state)
    assert rules_of(document) == [*both("192.0.2.0/24", state="absent"), *both("198.51.100.0/25")]
    memory = host(state)
    carry_out(memory, planner.plan(read(document), state).plan)
    there = look(memory)
    assert {one.ip_from for one in there.rules.config} | {one.ip_to for one in there.rules.config} >= {
        "198.51.100.0/25"
    }
    assert len(there.rules.config) == 2
    assert source_rules(running(bootproto="dhcp"), there) is None


def test_nothing_is_said_where_all_is_right():
    state = current(["192.0.2.77/24"], [{"ip-from": "192.0.2.0/24"}, {"ip-to": "192.0.2.0/24"}])
    assert source_rules(running(bootproto="dhcp"), state) is None


def test_a_lease_that_ended_takes_its_rules_along():
    state = current([], [{"ip-from": "192.0.2.0/24"}, {"ip-to": "192.0.2.0/24"}])
    assert rules_of(source_rules(running(bootproto="dhcp"), state)) == both("192.0.2.0/24", state="absent")


def test_a_half_of_the_rules_is_completed():
    state = current(["192.0.2.77/24"], [{"ip-to": "192.0.2.0/24"}])
    assert rules_of(source_rules(running(bootproto="dhcp"), state)) == both("192.0.2.0/24")[:1]


def test_ipv6_has_the_networks_that_routers_say_are_near():
    routes = [{"destination": "2001:db8:1::/64"}, {"destination": "::/0", "next-hop-address": "fe80::1"}]
    state = current(ipv6=["2001:db8:2::7/128"], routes=routes)
    document = source_rules(running(dhcpv6=True, ipv6autoconf=True), state)
    assert rules_of(document) == [*both("2001:db8:1::/64"), *both("2001:db8:2::7/128")]


@pytest.mark.parametrize(
    "attributes",
    [{"bootproto": "dhcp", "default_route": True}, {"ipaddr": "192.0.2.77", "prefix": 24}, {}],
    ids=["the way out", "static", "nothing"],
)
def test_other_networks_are_not_looked_at(attributes):
    assert source_rules(running(**attributes), current(["192.0.2.77/24"])) is None


def test_addresses_by_hand_are_no_leases():
    state = current(["192.0.2.77/24", "10.9.9.9/24"], [{"ip-from": "192.0.2.0/24"}, {"ip-to": "192.0.2.0/24"}])
    assert source_rules(running(bootproto="dhcp", custom={"ipv4_addrs": "10.9.9.9/24"}), state) is None


def test_one_family_by_hand_and_one_leased_share_a_table():
    attributes = {"ipaddr": "192.0.2.7", "prefix": 24, "gateway": "192.0.2.1", "ipv6autoconf": True}
    static = [{"ip-from": "192.0.2.0/24"}, {"ip-to": "192.0.2.0/24"}]
    document = source_rules(running(**attributes), current([], static, ipv6=["2001:db8::7/64"]))
    assert rules_of(document) == both("2001:db8::/64")


def test_link_local_addresses_have_no_rules():
    assert source_rules(running(ipv6autoconf=True), current(ipv6=["fe80::1/64"])) is None


def test_rules_of_other_tables_stay():
    state = current(["192.0.2.77/24"], [{"ip-from": "203.0.113.0/24", "route-table": 77}])
    assert rules_of(source_rules(running(bootproto="dhcp"), state)) == both("192.0.2.0/24")
