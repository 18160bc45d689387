"""Whether a host agrees: every difference at once, and nothing that nobody asked for."""

import pytest

from linkhold.planning import planner
from linkhold.planning.verify import verify, verify_restored
from linkhold.state.document import read
from linkhold.state.interfaces.dummy import Dummy
from linkhold.state.network import NetworkState
from tests.cases.hosts import observed

BASE = {
    "interfaces": [
        {
            "name": "eth1",
            "type": "ethernet",
            "mtu": 1500,
            "ipv4": {"enabled": True, "address": [{"ip": "192.0.2.1", "prefix-length": 24}]},
        }
    ]
}
ROUTE = {"destination": "203.0.113.0/24", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.254"}


def _mismatches(desired, now, before=BASE):
    outcome = planner.plan(read(desired), observed(before))
    assert not outcome.errors
    return {one.path: one for one in verify(outcome, observed(now))}


def _eth1(**said):
    return {"interfaces": [{**BASE["interfaces"][0], **said}]}


def test_every_difference_is_told_at_once():
    desired = {**_eth1(mtu=9000, description="x"), "routes": {"config": [ROUTE]}, "hostname": {"running": "h"}}
    found = _mismatches(desired, BASE)
    assert set(found) == {
        "interfaces[eth1].mtu",
        "interfaces[eth1].description",
        "routes.config[0]",
        "hostname.running",
    }
    assert (found["interfaces[eth1].mtu"].desired, found["interfaces[eth1].mtu"].current) == (9000, 1500)


def test_what_nobody_spoke_of_may_change():
    assert _mismatches({"interfaces": [{"name": "eth1", "description": "x"}]}, _eth1(mtu=1400, description="x")) == {}


ADDRESSES = [{"ip": "192.0.2.1", "prefix-length": 24}, {"ip": "192.0.2.9", "prefix-length": 24}]


def test_more_addresses_are_tolerated_unless_forbidden():
    now = _eth1(ipv4={"enabled": True, "address": ADDRESSES})
    asked = {"enabled": True, "address": ADDRESSES[:1]}
    assert _mismatches(_eth1(ipv4=asked), now) == {}
    assert set(_mismatches(_eth1(ipv4={**asked, "allow-extra-address": False}), now)) == {
        "interfaces[eth1].ipv4.address[192.0.2.9/24]"
    }


def test_a_missing_address_and_a_wrong_order_are_told():
    asked = _eth1(ipv4={"enabled": True, "address": ADDRESSES[::-1]})
    assert set(_mismatches(asked, BASE)) == {"interfaces[eth1].ipv4.address[192.0.2.9/24]"}
    assert set(_mismatches(asked, _eth1(ipv4={"enabled": True, "address": ADDRESSES}))) == {
        "interfaces[eth1].ipv4.address"
    }


def test_missing_and_left_over_interfaces_are_told():
    dummy = {"name": "d0", "type": "dummy"}
    assert set(_mismatches({"interfaces": [dummy]}, BASE)) == {"interfaces[d0]"}
    with_dummy = {"interfaces": [*BASE["interfaces"], dummy]}
    gone = {"interfaces": [{**dummy, "state": "absent"}]}
    assert set(_mismatches(gone, with_dummy, with_dummy)) == {"interfaces[d0].state"}
    assert _mismatches({"interfaces": [{**dummy, "state": "down"}]}, BASE) == {}


def test_bond_options_and_rounded_intervals_are_worth_a_warning_only():
    bond = {"name": "b0", "type": "bond", "link-aggregation": {"mode": "active-backup", "options": {"miimon": 100}}}
    (one,) = _mismatches(
        {"interfaces": [bond]}, {"interfaces": [{**bond, "link-aggregation": {"mode": "active-backup"}}]}
    ).values()
    assert one.advisory
    options = {"multicast-querier-interval": 25500, "multicast-query-interval": 12500}
    bridge = {"name": "br0", "type": "linux-bridge", "bridge": {"options": options}}
    rounded = {name: value - 1 for name, value in options.items()}
    found = _mismatches({"interfaces": [bridge]}, {"interfaces": [{**bridge, "bridge": {"options": rounded}}]})
    assert {path.split(".")[-1]: one.advisory for path, one in found.items()} == {
        "multicast-querier-interval": True,
        "multicast-query-interval": False,
    }


def test_what_the_plan_does_beyond_the_document_is_verified_too():
    bridge = {"name": "br0", "type": "linux-bridge", "bridge": {"port": [{"name": "eth1"}]}}
    now = {"interfaces": [*BASE["interfaces"], {**bridge, "bridge": {"port": []}}]}
    found = _mismatches({"interfaces": [bridge]}, now)
    assert {"interfaces[br0].bridge.port[eth1]", "interfaces[eth1].controller", "interfaces[eth1].ipv4.enabled"} <= set(
        found
    )


def test_an_absent_route_is_gone_unless_it_is_given_again():
    there = {**BASE, "routes": {"config": [ROUTE]}}
    absent = {"state": "absent", "next-hop-interface": "eth1"}
    assert set(_mismatches({"routes": {"config": [absent]}}, there, there)) == {"routes.config[0]"}
    assert _mismatches({"routes": {"config": [absent, ROUTE]}}, there, there) == {}


def test_a_route_lost_on_the_way_over_what_was_touched_is_told():
    there = {**BASE, "routes": {"config": [ROUTE]}}
    assert set(_mismatches(_eth1(mtu=1400), _eth1(mtu=1400), there)) == {
        "routes.config[203.0.113.0/24 via 192.0.2.254 dev eth1]"
    }


def test_rules_and_dns_are_compared_by_what_they_do():
    rule = {"ip-from": "192.0.2.0/24", "route-table": 7}
    desired = {"route-rules": {"config": [rule]}, "dns-resolver": {"config": {"server": ["192.0.2.53"]}}}
    assert set(_mismatches(desired, BASE)) == {"route-rules.config[0]", "dns-resolver.config.server"}
    now = {**BASE, "route-rules": {"config": [{**rule, "priority": 31000}]}, "dns-resolver": desired["dns-resolver"]}
    assert _mismatches(desired, now) == {}


@pytest.mark.parametrize("missing", ["eth1", "d0"])
def test_what_can_not_be_restored_is_named(missing):
    both = {"interfaces": [*BASE["interfaces"], {"name": "d0", "type": "dummy"}]}
    changes = {"interfaces": [{"name": "eth1", "mtu": 1400}, {"name": "d0", "description": "x"}]}
    plan = planner.plan(read(changes), observed(both)).plan
    left = {"interfaces": [one for one in both["interfaces"] if one["name"] != missing]}
    assert {one.path for one in verify_restored(plan, observed(left))} == {
        f"interfaces[{missing}]" if missing == "eth1" else "interfaces[d0].state"
    }
    assert verify_restored(plan, observed(both)) == ()


@pytest.mark.parametrize(
    ("negotiates", "expected"), [(False, {"interfaces[eth1].ethernet.speed"}), (True, set())], ids=["fixed", "found"]
)
def test_speed_is_compared_where_it_is_not_negotiated(negotiates, expected):
    before = _eth1(ethernet={"auto-negotiation": negotiates, "speed": 10000, "duplex": "full"})
    desired = _eth1(ethernet={"auto-negotiation": negotiates, "speed": 1000, "duplex": "full"})
    assert set(_mismatches(desired, before, before)) == expected


@pytest.mark.parametrize(("kind", "said"), [("veth", ["interfaces[eth1].state"]), ("ethernet", [])])
def test_one_end_of_a_pair_that_is_absent_stays_where_it_is_called_an_ethernet(kind, said):
    host = _eth1(type="veth", veth={"peer": "far1"})
    outcome = planner.plan(read({"interfaces": [{"name": "eth1", "type": kind, "state": "absent"}]}), observed(host))
    assert [change.action for change in outcome.plan.changes if change.name == "eth1"] == ["-" if said else "~"]
    assert [one.path for one in verify(outcome, observed(host))] == said


def test_a_profile_that_stays_for_the_next_boot_is_no_interface():
    host = {"interfaces": [{"name": "d0", "type": "dummy", "state": "up"}]}
    outcome = planner.plan(read({"interfaces": [{"name": "d0", "state": "absent"}]}), observed(host))
    stored = NetworkState(interfaces=(Dummy(name="d0", profile_name="d0", provider="networkmanager", state="down"),))
    assert [one.path for one in verify(outcome, stored)] == ["interfaces[d0].state"]
    assert verify(outcome, stored, lasting=False) == ()
    assert [one.path for one in verify(outcome, observed(host), lasting=False)] == ["interfaces[d0].state"]
