"""Routes, rules, DNS, hostname and Open vSwitch's maps."""

import typing

import pytest

from linkhold.foundation.diagnostics import Diagnostics, spell
from linkhold.foundation.record import UNSET
from linkhold.state.dns import DnsConfig, DnsResolver
from linkhold.state.fields import Resets, Whole, fields_of
from linkhold.state.forms import read_record, write_record
from linkhold.state.network import NetworkState
from linkhold.state.ovs import BridgeMapping, GlobalOvsDatabase, OvsDatabase
from linkhold.state.routes import Route
from linkhold.state.rules import RouteRule

Raw = dict[str, typing.Any]


def read(raw: Raw) -> tuple[NetworkState, list[tuple[str, str]]]:
    found = Diagnostics()
    state = read_record(NetworkState, raw, (), found)
    return state, [(one.code, spell(one.path)) for one in found]


def route(**keys: typing.Any) -> Raw:
    return {"routes": {"config": [{key.replace("_", "-"): value for key, value in keys.items()}]}}


def rule(**keys: typing.Any) -> Raw:
    return {"route-rules": {"config": [{key.replace("_", "-"): value for key, value in keys.items()}]}}


def dns(**keys: typing.Any) -> Raw:
    return {"dns-resolver": {"config": keys}}


_DEFAULT = {"destination": "0.0.0.0/0", "next_hop_interface": "eth1"}
_ROUTE = "routes.config[0]"
_RULE = "route-rules.config[0]"

REFUSED: list[tuple[str, Raw, str, str]] = [
    ("no destination", route(next_hop_interface="eth1"), "missing-key", _ROUTE),
    ("empty destination", route(next_hop_interface="eth1", destination=""), "missing-key", _ROUTE),
    ("no interface", route(destination="192.0.2.0/24", next_hop_address="192.0.2.1"), "missing-key", _ROUTE),
    ("0.0.0.0/8", route(destination="0.0.0.0/8", next_hop_interface="a"), "destination", f"{_ROUTE}.destination"),
    ("gateway family", route(**_DEFAULT, next_hop_address="::1"), "family", f"{_ROUTE}.next-hop-address"),
    ("source family", route(**_DEFAULT, source="::1"), "family", f"{_ROUTE}.source"),
    ("gateway to nowhere", route(destination="::/0", route_type="blackhole", next_hop_address="::1"), "route-type",
     f"{_ROUTE}.next-hop-address"),
    ("weight", route(**_DEFAULT, weight=257), "value", f"{_ROUTE}.weight"),
    ("cwnd zero", route(**_DEFAULT, cwnd=0), "value", f"{_ROUTE}.cwnd"),
    ("cwnd strict", route(**_DEFAULT, cwnd="10"), "value", f"{_ROUTE}.cwnd"),
    ("state", route(**_DEFAULT, state="up"), "value", f"{_ROUTE}.state"),
    ("no family", rule(priority=5, route_table=5), "missing-key", _RULE),
    ("two families", rule(ip_from="192.0.2.0/24", ip_to="::/0"), "family", f"{_RULE}.ip-to"),
    ("other family", rule(ip_from="192.0.2.0/24", family="ipv6"), "family", f"{_RULE}.ip-from"),
    ("fwmask", rule(family="ipv4", fwmask="0xg"), "value", f"{_RULE}.fwmask"),
    ("suppress is strict", rule(family="ipv4", suppress_prefix_length="0"), "value", f"{_RULE}.suppress-prefix-length"),
    ("bad server", dns(server=["192.0.2"]), "value", "dns-resolver.config.server[0]"),
    ("zone on a global server", dns(server=["2001:db8::1%eth1"]), "value", "dns-resolver.config.server[0]"),
    ("unknown option", dns(options=["rotat"]), "value", "dns-resolver.config.options[0]"),
    ("value missing", dns(options=["ndots"]), "value", "dns-resolver.config.options[0]"),
    ("value superfluous", dns(options=["rotate:1"]), "value", "dns-resolver.config.options[0]"),
    ("old key", {"dns": {}}, "unknown-key", "dns"),
    ("long hostname", {"hostname": {"running": "a" * 64}}, "value", "hostname.running"),
    ("reserved", {"ovs-db": {"external_ids": {"ovn-bridge-mappings": "a:b"}}}, "reserved-key",
     "ovs-db.external_ids.ovn-bridge-mappings"),
    ("dashes", {"ovs-db": {"external-ids": {}}}, "unknown-key", "ovs-db.external-ids"),
    ("localnet twice", {"ovn": {"bridge-mappings": [{"localnet": "a", "bridge": "b"}] * 2}}, "duplicate",
     "ovn.bridge-mappings[1]"),
    ("leads nowhere", {"ovn": {"bridge-mappings": [{"localnet": "a"}]}}, "missing-key", "ovn.bridge-mappings[0]"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "code", "path"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_refused(raw: Raw, code: str, path: str) -> None:
    assert read(raw)[1] == [(code, path)]


def test_routes_are_read_in_canonical_spelling() -> None:
    state, found = read(
        route(destination="2001:DB8::7/32", next_hop_interface="eth1", next_hop_address="FE80::1", metric="-1")
    )
    assert found == []
    assert state.routes.config == (  # type: ignore[union-attr]
        Route(destination="2001:db8::/32", next_hop_interface="eth1", next_hop_address="fe80::1", metric=-1),
    )


@pytest.mark.parametrize(
    "keys",
    [
        {"state": "absent"},
        {"state": "absent", "destination": "", "table-id": 0},
        {"state": "absent", "next-hop-interface": "eth1"},
        {"destination": "192.0.2.0/24", "route-type": "blackhole"},
        {"destination": "0.0.0.0/0", "next-hop-interface": "eth1", "next-hop-address": "0.0.0.0"},
        {"destination": "::/0", "next-hop-interface": "eth1", "weight": 2},
    ],
)
def test_routes_that_are_fine(keys: Raw) -> None:
    assert read(route(**keys))[1] == []


def test_rules_print_their_mark_in_hexadecimal() -> None:
    state, found = read(rule(ip_from="192.0.2.1", fwmark=48, fwmask="0xff", suppress_prefix_length=0))
    assert found == []
    assert write_record(state) == rule(ip_from="192.0.2.1/32", fwmark="0x30", fwmask="0xff", suppress_prefix_length=0)


def test_rules_know_an_older_spelling() -> None:
    state, found = read({"route-rules": {"config": [{"family": "ipv4", "suppress_prefixlength": 0}]}})
    assert found == []
    assert state.rules.config == (RouteRule(family="ipv4", suppress_prefix_length=0),)  # type: ignore[union-attr]


def test_an_absent_rule_may_match_anything() -> None:
    assert read(rule(state="absent", ip_from="", priority=-1))[1] == []


def test_dns_keeps_order_and_zones() -> None:
    state, found = read(
        dns(server=["2001:DB8::1", "fe80::1%eth1", "192.0.2.1"], options=["ndots:2", "trust-ad"], search=[])
    )
    assert found == []
    config = DnsConfig(server=("2001:db8::1", "fe80::1%eth1", "192.0.2.1"), search=(), options=("ndots:2", "trust-ad"))
    assert state.dns == DnsResolver(config=config)


def test_an_empty_section_is_not_an_absent_one() -> None:
    state, _ = read({"dns-resolver": {"config": {}}, "ovs-db": {}})
    assert state.dns == DnsResolver(config=DnsConfig())
    assert state.ovs_db == GlobalOvsDatabase()
    assert state.routes is UNSET


def test_database_maps_hold_texts_and_nulls() -> None:
    state, found = read({"ovs-db": {"external_ids": {"b": 5, "a": True, "c": None}, "other_config": {}}})
    assert found == []
    assert state.ovs_db == GlobalOvsDatabase(external_ids={"a": "true", "b": "5", "c": None}, other_config={})


def test_an_interfaces_maps_are_replaced_and_the_global_ones_merged() -> None:
    for name in ("external_ids", "other_config"):
        assert fields_of(OvsDatabase)[name].has(Whole)
        assert not fields_of(GlobalOvsDatabase)[name].has(Whole)
        assert fields_of(GlobalOvsDatabase)[name].has(Resets)


def test_a_mapping_that_goes_needs_no_bridge() -> None:
    state, found = read({"ovn": {"bridge-mappings": [{"localnet": "a", "state": "absent"}]}})
    assert found == []
    assert state.ovn.bridge_mappings == (BridgeMapping(localnet="a", state="absent"),)  # type: ignore[union-attr]
