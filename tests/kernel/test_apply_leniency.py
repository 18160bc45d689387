"""What documents of fleets say without looking first: routes on the link by `0.0.0.0`, and the removal of what is not there."""

import pytest

from tests.kernel.test_apply_plans import Rig

FAR = 4_294_967_295
NEAR = 2_147_483_648


@pytest.fixture
def rig(netns, tmp_path):
    (tmp_path / "etc").mkdir()
    netns.ip("link", "set", "lo", "up")
    netns.ip("link", "add", "eth1", "type", "veth", "peer", "name", "far1")
    netns.ip("link", "set", "far1", "up")
    made = Rig(tmp_path)
    made.reach(
        """
        interfaces:
        - name: eth1
          ipv4: {enabled: true, address: [{ip: 192.0.2.10, prefix-length: 24}]}
          ipv6: {enabled: true, address: [{ip: 2001:db8::10, prefix-length: 64}]}
        """
    )
    yield made
    made.kernel.close()


def told(netns, family, *words):
    return [
        {key: one[key] for key in ("dst", "dev", "gateway") if key in one}
        for one in netns.ip_json(family, "route", "show", *words)
    ]


def test_no_gateway_is_a_route_on_the_link(rig, netns):
    rig.reach(
        """
        routes:
          config:
          - {destination: 198.51.100.0/24, next-hop-interface: eth1, next-hop-address: 0.0.0.0, table-id: 7}
          - {destination: "2001:db8:7::/48", next-hop-interface: eth1, next-hop-address: "::", table-id: 7}
        """
    )
    assert told(netns, "-4", "table", "7") == [{"dst": "198.51.100.0/24", "dev": "eth1"}]
    assert told(netns, "-6", "table", "7") == [{"dst": "2001:db8:7::/48", "dev": "eth1"}]


def test_no_gateway_in_a_removal_means_routes_on_the_link_only(rig, netns):
    rig.reach(
        """
        routes:
          config:
          - {destination: 198.51.100.0/24, next-hop-interface: eth1, table-id: 7}
          - {destination: 203.0.113.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.1, table-id: 7}
        """
    )
    rig.reach("routes: {config: [{state: absent, next-hop-interface: eth1, next-hop-address: 0.0.0.0, table-id: 7}]}")
    assert told(netns, "-4", "table", "7") == [{"dst": "203.0.113.0/24", "dev": "eth1", "gateway": "192.0.2.1"}]


@pytest.mark.parametrize(
    "document",
    [
        "interfaces: [{name: nobody7, state: absent}]",
        "interfaces: [{name: nobody7, type: linux-bridge, state: absent}]",
        "interfaces: [{name: nobody7, type: vlan, state: absent}, {name: nobody8, type: bond, state: absent}]",
        "routes: {config: [{state: absent, next-hop-interface: nobody7}]}",
        "routes: {config: [{state: absent, next-hop-interface: eth1, destination: 198.18.0.0/15}]}",
        "routes: {config: [{state: absent, table-id: 4294967295}]}",
        "routes: {config: [{state: absent, next-hop-interface: nobody7, next-hop-address: '::', destination: '::/0'}]}",
        "route-rules: {config: [{state: absent, priority: 3200, route-table: 4294967295, ip-from: 198.18.0.0/15}]}",
        "route-rules: {config: [{state: absent, iif: nobody7, priority: 3200}]}",
    ],
)
def test_to_remove_what_is_not_there_is_nothing_to_do(rig, document):
    before = rig.observe()
    assert rig.plan(document).plan.changes == ()
    assert rig.observe() == before


@pytest.mark.needs("policy-routing")
@pytest.mark.parametrize("table", [NEAR, FAR])
def test_tables_of_32_bits(rig, netns, table):
    document = f"""
        routes:
          config:
          - {{destination: 0.0.0.0/0, next-hop-interface: eth1, next-hop-address: 192.0.2.1, table-id: {table}}}
          - {{destination: 192.0.2.0/24, next-hop-interface: eth1, next-hop-address: 0.0.0.0, table-id: {table}}}
          - {{destination: "::/0", next-hop-interface: eth1, next-hop-address: "2001:db8::1", table-id: {table}}}
        route-rules:
          config:
          - {{ip-from: 192.0.2.0/24, route-table: {table}, priority: 3200}}
          - {{ip-to: 192.0.2.0/24, iif: eth1, route-table: {table}, priority: 3200}}
          - {{ip-from: "2001:db8::/64", route-table: {table}, priority: 3200}}
        """
    plan = rig.reach(document)
    assert plan.changes
    assert len(told(netns, "-4", "table", str(table))) == 2
    assert told(netns, "-6", "table", str(table)) == [{"dst": "default", "dev": "eth1", "gateway": "2001:db8::1"}]
    rules = [one for family in ("-4", "-6") for one in netns.ip_json(family, "rule", "show") if one["priority"] == 3200]
    assert {str(one["table"]) for one in rules} == {str(table)}
    assert len(rules) == 3
    rig.reach(
        f"""
        routes: {{config: [{{state: absent, table-id: {table}}}]}}
        route-rules: {{config: [{{state: absent, route-table: {table}}}]}}
        """
    )
    assert told(netns, "-4", "table", str(table)) == []
    assert told(netns, "-6", "table", str(table)) == []
