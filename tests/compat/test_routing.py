"""Routes, rules, name servers and host names (sections 1.14 to 1.17)."""

import typing

import pytest

import libnmstate
from libnmstate.error import NmstateNotImplementedError, NmstateNotSupportedError, NmstateValueError
from libnmstate.schema import Route, RouteRule
from tests.compat.checks import apply, one, up
from tests.compat.conftest import Host

IPV4 = {"enabled": True, "dhcp": False, "address": [{"ip": "192.0.2.251", "prefix-length": 24}]}
IPV6 = {"enabled": True, "dhcp": False, "autoconf": False, "address": [{"ip": "2001:db8:1::1", "prefix-length": 64}]}
GATEWAY = {"destination": "0.0.0.0/0", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.1"}
NET = {"destination": "198.51.100.0/24", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.1"}


def routes(*listed: dict[str, typing.Any]) -> dict[str, typing.Any]:
    return {"routes": {"config": list(listed)}}


def rules(*listed: dict[str, typing.Any]) -> dict[str, typing.Any]:
    return {"route-rules": {"config": list(listed)}}


def configured() -> list[dict[str, typing.Any]]:
    return typing.cast("list[dict[str, typing.Any]]", libnmstate.show()[Route.KEY][Route.CONFIG])


@pytest.fixture
def addressed(host: Host) -> Host:
    apply(up("eth1", "ethernet", ipv4=IPV4, ipv6=IPV6))
    return host


def test_routes_are_added(addressed: Host) -> None:
    apply(routes({**GATEWAY, "metric": 150}))
    apply(
        routes(
            NET, {"destination": "2001:db8:a::/64", "next-hop-interface": "eth1", "next-hop-address": "2001:db8:1::2"}
        )
    )
    assert len(configured()) == 3
    (default,) = [route for route in configured() if route["destination"] == "0.0.0.0/0"]
    assert default == {**GATEWAY, "metric": 150, "table-id": 254}
    assert all(route in libnmstate.show()["routes"]["running"] for route in configured())


def test_routes_stand_in_their_order(addressed: Host) -> None:
    """IPv6 first, then by table, interface and destination."""
    six = {"destination": "2001:db8:a::/64", "next-hop-interface": "eth1", "next-hop-address": "2001:db8:1::2"}
    apply(routes({**NET, "table-id": 50}, GATEWAY, NET, six))
    shown = [(route["destination"], route["table-id"]) for route in configured()]
    assert shown == [("2001:db8:a::/64", 254), ("198.51.100.0/24", 50), ("0.0.0.0/0", 254), ("198.51.100.0/24", 254)]


def test_a_route_without_gateway_shows_one(addressed: Host) -> None:
    libnmstate.apply(routes({"destination": "203.0.113.0/24", "next-hop-interface": "eth1"}))
    (route,) = configured()
    assert route["next-hop-address"] == "0.0.0.0"


def test_another_metric_replaces(addressed: Host) -> None:
    apply(routes({**NET, "metric": 100}))
    apply(routes({**NET, "metric": 101}))
    assert [route["metric"] for route in configured()] == [101]


def test_defaults_may_be_said(addressed: Host) -> None:
    libnmstate.apply(routes({**NET, "metric": Route.USE_DEFAULT_METRIC, "table-id": Route.USE_DEFAULT_ROUTE_TABLE}))
    assert [route["table-id"] for route in configured()] == [254]


@pytest.mark.parametrize(
    "absent",
    [
        {"state": "absent", "next-hop-interface": "eth1"},
        {"state": "absent", "destination": "198.51.100.0/24"},
        {"state": "absent", "next-hop-address": "192.0.2.1", "destination": "198.51.100.0/24"},
        {**NET, "state": "absent", "metric": 4},
    ],
    ids=str,
)
def test_routes_are_removed_by_what_is_said_of_them(addressed: Host, absent: dict[str, typing.Any]) -> None:
    apply(routes(NET))
    libnmstate.apply(routes(absent))
    assert configured() == []


def test_a_gateway_is_replaced_in_one_document(addressed: Host) -> None:
    apply(routes(GATEWAY))
    other = {**GATEWAY, "next-hop-address": "192.0.2.2"}
    libnmstate.apply(routes({"state": "absent", "destination": "0.0.0.0/0", "next-hop-interface": "eth1"}, other))
    assert [route["next-hop-address"] for route in configured()] == ["192.0.2.2"]


def test_a_route_over_an_interface_of_the_same_document(host: Host) -> None:
    apply({**up("eth1", "ethernet", ipv4=IPV4), **routes(GATEWAY)})


@pytest.mark.parametrize("kind", ["blackhole", "unreachable", "prohibit"])
def test_routes_to_nowhere(addressed: Host, kind: str) -> None:
    libnmstate.apply(routes({"destination": "198.51.100.0/24", "route-type": kind}))
    assert [route.get("route-type") for route in configured()] == [kind]
    libnmstate.apply(routes({"state": "absent", "destination": "198.51.100.0/24"}))
    assert configured() == []


def test_several_next_hops(addressed: Host) -> None:
    """A multipath route is one entry for each hop."""
    hops = [{**NET, "next-hop-address": f"192.0.2.{last}", "weight": last} for last in (1, 2)]
    libnmstate.apply(routes(*hops))
    assert {(route["next-hop-address"], route["weight"]) for route in configured()} == {
        ("192.0.2.1", 1),
        ("192.0.2.2", 2),
    }


@pytest.mark.parametrize(
    "more", [{"table-id": 100}, {"source": "192.0.2.251"}, {"cwnd": 20}, {"table-id": 100, "metric": 7}], ids=str
)
def test_a_route_stays_as_it_is_when_its_interface_changes(addressed: Host, more: dict[str, typing.Any]) -> None:
    apply(routes({**NET, **more}))
    before = configured()
    for change in ({"mtu": 1400}, {"mac-address": "02:00:00:00:00:33"}, {"mtu": 1420}):
        libnmstate.apply({"interfaces": [{"name": "eth1", "type": "ethernet", **change}]})
        assert configured() == before
    libnmstate.apply(routes({**NET, "destination": "203.0.113.0/24", "table-id": 50}))
    assert len(configured()) == len(before) + 1


def test_a_route_has_a_source(addressed: Host) -> None:
    apply(routes({**NET, "source": "192.0.2.251"}))


@pytest.mark.parametrize(
    "wrong",
    [
        {**NET, "next-hop-interface": "nowhere0"},
        {**NET, "destination": "0.0.0.0/8"},
        {**NET, "cwnd": 0},
        {**NET, "next-hop-address": "nonsense"},
        {**NET, "next-hop-interface": "eth2"},
        {**NET, "weight": 257},
        {"next-hop-interface": "eth1"},
    ],
    ids=str,
)
def test_mistakes_of_routes(addressed: Host, wrong: dict[str, typing.Any]) -> None:
    with pytest.raises(NmstateValueError):
        libnmstate.apply(routes(wrong))
    assert configured() == []


def test_weights_of_ipv6_routes_are_not_supported(addressed: Host) -> None:
    net = {"destination": "2001:db8:f::/64", "next-hop-interface": "eth1", "next-hop-address": "2001:db8:1::b"}
    with pytest.raises(NmstateNotSupportedError):
        libnmstate.apply(routes({**net, "weight": 2}))


def test_a_route_over_nothing_is_not_implemented(addressed: Host) -> None:
    with pytest.raises(NmstateNotImplementedError):
        libnmstate.apply(routes({"destination": "198.51.100.0/24", "next-hop-address": "192.0.2.1"}))


@pytest.mark.needs("policy-routing")
def test_rules_are_added_and_removed(addressed: Host) -> None:
    rule = {"ip-from": "198.51.100.0/24", "priority": 1000, "route-table": 50}
    apply(rules(rule))
    (shown,) = libnmstate.show()["route-rules"]["config"]
    assert shown == {"family": "ipv4", **rule}
    libnmstate.apply(rules({"ip-to": "192.0.2.9", "fwmark": "0x10", "fwmask": 31, "route-table": 51}))
    shown = [rule for rule in libnmstate.show()["route-rules"]["config"] if "ip-to" in rule]
    assert [(rule["ip-to"], rule["fwmark"], rule["fwmask"]) for rule in shown] == [("192.0.2.9/32", "0x10", "0x1f")]
    libnmstate.apply(rules({"state": "absent"}))
    assert libnmstate.show()["route-rules"]["config"] == []


@pytest.mark.needs("policy-routing")
def test_a_rule_is_not_added_twice(addressed: Host) -> None:
    for _ in range(2):
        apply(rules({"ip-from": "198.51.100.0/24", "route-table": 50, "priority": RouteRule.USE_DEFAULT_PRIORITY}))
    (shown,) = libnmstate.show()["route-rules"]["config"]
    assert shown["priority"] >= 30000


@pytest.mark.needs("policy-routing")
@pytest.mark.parametrize(
    "rule",
    [
        {"ip-from": "198.51.100.0/24", "action": "blackhole", "priority": 100},
        {"family": "ipv6", "priority": 101, "route-table": 50},
        {"ip-to": "2001:db8:f::/64", "iif": "eth1", "priority": 102, "route-table": 50},
        {"ip-from": "198.51.100.0/24", "suppress-prefix-length": 0, "priority": 103, "route-table": 254},
    ],
    ids=str,
)
def test_kinds_of_rules(addressed: Host, rule: dict[str, typing.Any]) -> None:
    apply(rules(rule))
    libnmstate.apply(rules({"state": "absent", "priority": rule["priority"]}))
    assert libnmstate.show()["route-rules"]["config"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"priority": 100, "route-table": 50},
        {"ip-from": "198.51.100.0/24", "ip-to": "2001:db8::/64"},
        {"ip-from": "198.51.100.0/24", "family": "ipv6"},
        {"ip-from": "nonsense"},
    ],
    ids=str,
)
def test_mistakes_of_rules(addressed: Host, wrong: dict[str, typing.Any]) -> None:
    with pytest.raises(NmstateValueError):
        libnmstate.apply(rules(wrong))


def dns(**config: typing.Any) -> dict[str, typing.Any]:
    return {"dns-resolver": {"config": config}}


def test_name_servers(addressed: Host) -> None:
    libnmstate.apply(routes(GATEWAY))
    apply(dns(server=["8.8.8.8", "2001:4860:4860::8888"], search=["example.org", "example.com"]))
    apply(dns(server=["1.1.1.1"]))
    assert libnmstate.show()["dns-resolver"]["config"]["search"] == ["example.org", "example.com"]
    apply(dns(search=[]))
    assert libnmstate.show()["dns-resolver"]["config"]["server"] == ["1.1.1.1"]
    libnmstate.apply({"dns-resolver": {"config": {}}})
    assert not libnmstate.show()["dns-resolver"]["config"].get("server")


def test_options_of_the_resolver(addressed: Host) -> None:
    apply(dns(server=["192.0.2.53"], options=["rotate", "ndots:3"]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"server": ["nonsense"]},
        {"options": ["sideways"]},
        {"options": ["ndots"]},
        {"options": ["rotate:1"]},
        {"servers": []},
    ],
    ids=str,
)
def test_mistakes_of_name_servers(kernel_host: Host, wrong: dict[str, typing.Any]) -> None:
    with pytest.raises(NmstateValueError):
        libnmstate.apply(dns(**wrong))


@pytest.mark.needs("hostname")
def test_host_names(host: Host) -> None:
    libnmstate.apply({"hostname": {"running": "tester", "config": "tester"}})
    assert libnmstate.show()["hostname"] == {"running": "tester", "config": "tester"}


def test_a_host_name_that_is_too_long(kernel_host: Host) -> None:
    with pytest.raises(NmstateValueError):
        libnmstate.apply({"hostname": {"running": "x" * 64}})
    assert one("lo")
