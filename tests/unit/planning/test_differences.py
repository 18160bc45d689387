"""The least document that does what another one does, and the document that takes it back."""

import pytest
from hypothesis import HealthCheck, assume, event, given, settings

from linkhold.foundation.diagnostics import Invalid
from linkhold.foundation.record import UNSET
from linkhold.planning import planner
from linkhold.planning.differences import generate_differences
from linkhold.planning.inverse import generate_inverse
from linkhold.planning.merge_routes import kernel_metric
from linkhold.planning.shown import as_shown
from linkhold.state.document import parse, read, to_plain
from tests.cases.hosts import carry_out, host, look, unlike
from tests.unit.planning.documents import documents, host_after

THOROUGH = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def _applied(document, current):
    """The host after a document was applied."""
    outcome = planner.plan(document, current)
    assert outcome.errors == ()
    memory = host(current)
    carry_out(memory, outcome.plan)
    return look(memory)


def _document(plain, current):
    try:
        document = read(plain)
    except Invalid:
        assume(False)
    assume(not planner.plan(document, current).errors)
    return document


@THOROUGH
@given(documents(), documents())
def test_the_differences_do_the_same(first, second):
    current = host_after(first)
    document = _document(second, current)
    least = generate_differences(document, current)
    event("all" if least == document else "nothing" if not to_plain(least).get("interfaces") else "a part")
    again = read(to_plain(least, secrets=True))
    assert unlike(_applied(again, current), _applied(document, current)) == []


@THOROUGH
@given(documents(), documents())
def test_of_what_was_applied_nothing_differs(first, second):
    current = host_after(first)
    after = _applied(_document(second, current), current)
    assert to_plain(generate_differences(_document(second, after), after)) == {"interfaces": []}


@THOROUGH
@given(documents(), documents())
def test_the_inverse_leads_back(first, second):
    current = host_after(first)
    document = _document(second, current)
    inverse = generate_inverse(document, current)
    event("changes" if to_plain(inverse) != {"interfaces": []} else "nothing")
    again = read(to_plain(inverse, secrets=True))
    assert unlike(*map(_with_metrics, (_applied(again, _applied(document, current)), current))) == []


@THOROUGH
@given(documents())
def test_what_a_host_shows_is_shown_already(plain):
    current = host_after(plain)
    assert as_shown(current) == current


def _with_metrics(state):
    """With the metrics that routes have when none is said."""
    routes = tuple(one.replace(metric=kernel_metric(one)) for one in state.routes.config)
    return state.replace(routes=state.routes.replace(config=routes))


HOST = """
hostname: {config: old}
dns-resolver: {config: {server: [192.0.2.53], search: [a.example]}}
routes:
  config:
  - {destination: 203.0.113.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.1, metric: 5}
  - {destination: 203.0.113.0/24, next-hop-interface: eth1}
route-rules: {config: [{ip-from: 192.0.2.0/24, route-table: 9, priority: 100}]}
interfaces:
- {name: eth1, type: ethernet, mac-address: "02:00:00:00:00:01", mtu: 1500, description: a,
   ipv4: {enabled: true, dhcp: true, address: [{ip: 192.0.2.5, prefix-length: 24, valid-life-time: 60sec}]}}
- {name: br0, type: linux-bridge, bridge: {port: [{name: eth2}], options: {mac-ageing-time: 300, stp: {enabled: true}}}}
- {name: eth2, type: ethernet}
"""

CARD = "{name: eth1, type: ethernet, ipv4: {enabled: true, address: [{ip: 192.0.2.5, prefix-length: 24}]}}"


def _differences(new):
    return to_plain(generate_differences(parse(new), parse(HOST)), secrets=True)


def _inverse(new):
    return to_plain(generate_inverse(parse(new), parse(HOST)), secrets=True)


def test_only_what_changes_is_said_with_name_type_and_state():
    new = """
    interfaces:
    - {name: eth1, mtu: 1400, description: a}
    - {name: eth2, type: ethernet, state: up}
    - {name: br0, type: linux-bridge, bridge: {port: [{name: eth2}], options: {mac-ageing-time: 200, stp: {enabled: true}}}}
    """
    assert _differences(new) == {
        "interfaces": [
            {
                "name": "br0",
                "type": "linux-bridge",
                "state": "up",
                "bridge": {"options": {"mac-ageing-time": 200}},
            },
            {"name": "eth1", "type": "ethernet", "state": "up", "mtu": 1400},
        ]
    }


def test_of_a_new_interface_everything_is_said():
    new = "interfaces: [{name: v7, type: vlan, state: up, vlan: {base-iface: eth1, id: 7}, ipv4: {enabled: false}}]"
    assert _differences(new) == to_plain(parse(new))


def test_an_interface_found_by_its_mac_keeps_being_found_so():
    new = """
    interfaces:
    - {name: uplink, type: ethernet, identifier: mac-address, mac-address: "02:00:00:00:00:01", mtu: 1400}
    """
    (one,) = _differences(new)["interfaces"]
    assert one["mtu"] == 1400
    assert (one["name"], one["identifier"], one["mac-address"]) == ("uplink", "mac-address", "02:00:00:00:00:01")


def test_routes_and_rules_that_go_are_named_one_by_one():
    new = """
    routes:
      config:
      - {state: absent, next-hop-interface: eth1}
      - {destination: 198.51.100.0/24, next-hop-interface: eth1}
    route-rules: {config: [{state: absent, route-table: 9}, {ip-to: 192.0.2.0/24, route-table: 9}]}
    """
    found = _differences(new)
    assert [
        (one.get("state"), one["destination"], one.get("next-hop-address")) for one in found["routes"]["config"]
    ] == [
        ("absent", "203.0.113.0/24", "192.0.2.1"),
        ("absent", "203.0.113.0/24", "0.0.0.0"),
        (None, "198.51.100.0/24", None),
    ]
    rules = found["route-rules"]["config"]
    assert [(one.get("state"), one.get("ip-from"), one.get("ip-to")) for one in rules] == [
        ("absent", "192.0.2.0/24", ""),
        (None, None, "192.0.2.0/24"),
    ]


def test_a_route_that_goes_takes_no_other_along():
    new = "routes: {config: [{state: absent, destination: 203.0.113.0/24, next-hop-address: 0.0.0.0}]}"
    (one,) = _differences(new)["routes"]["config"]
    assert (one["state"], one["next-hop-address"]) == ("absent", "0.0.0.0")


def test_a_route_that_a_filter_would_take_along_is_said_again():
    hop = "{destination: 203.0.113.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.1"
    old = parse(f"{{interfaces: [{CARD}], routes: {{config: [{hop}}}, {hop}, cwnd: 9}}]}}}}")
    new = f"routes: {{config: [{{state: absent, destination: 203.0.113.0/24}}, {hop}, cwnd: 9}}]}}"
    found = generate_differences(parse(new), old)
    assert [(one.state, one.get("cwnd")) for one in found.routes.config] == [("absent", UNSET), (UNSET, 9)]
    assert [one.cwnd for one in _applied(found, as_shown(old)).routes.config] == [9]


def test_sections_of_which_there_is_one_are_said_whole():
    new = "{hostname: {config: new}, dns-resolver: {config: {server: [192.0.2.54], search: [a.example]}}}"
    assert _differences(new) == {**to_plain(parse(new)), "interfaces": []}
    same = "{hostname: {config: old}, dns-resolver: {config: {server: [192.0.2.53]}}}"
    assert _differences(same) == {"interfaces": []}


def test_leased_addresses_that_become_static_are_said():
    new = """
    interfaces:
    - {name: eth1, type: ethernet, ipv4: {enabled: true, dhcp: false, address: [{ip: 192.0.2.5, prefix-length: 24}]}}
    """
    (one,) = _differences(new)["interfaces"]
    assert one["ipv4"] == {"dhcp": False, "address": [{"ip": "192.0.2.5", "prefix-length": 24}]}
    expected = planner.plan(parse(new), as_shown(parse(HOST))).expected
    assert not any(address.dynamic for address in expected.by_key["eth1", ""].ipv4.address)


def test_a_document_that_can_not_be_followed_has_no_differences():
    with pytest.raises(Invalid, match="nix"):
        _differences("interfaces: [{name: nix, mtu: 1400}]")
    with pytest.raises(Invalid, match="what kind of interface eth1 is"):
        generate_differences(parse("interfaces: []"), parse("interfaces: [{name: eth1}]"))


def test_the_inverse_says_what_was_before():
    new = """
    hostname: {config: new}
    dns-resolver: {config: {options: [debug]}}
    interfaces:
    - {name: eth1, mtu: 1400, description: b, ipv6: {enabled: true}}
    - {name: v7, type: vlan, vlan: {base-iface: eth1, id: 7}}
    - {name: br0, type: linux-bridge, state: absent}
    routes:
      config: [{destination: 198.51.100.0/24, next-hop-interface: eth1}, {state: absent, next-hop-address: 192.0.2.1}]
    """
    back = _inverse(new)
    assert back["hostname"] == {"config": "old"}
    assert back["dns-resolver"]["config"] == {"server": ["192.0.2.53"], "search": ["a.example"], "options": []}
    routes = [(one.get("state"), one["destination"], one.get("metric")) for one in back["routes"]["config"]]
    assert routes == [("absent", "198.51.100.0/24", None), (None, "203.0.113.0/24", 5)]
    interfaces = {one["name"]: one for one in back["interfaces"]}
    assert interfaces["v7"] == {"name": "v7", "type": "vlan", "state": "absent"}
    assert (interfaces["eth1"]["mtu"], interfaces["eth1"]["description"]) == (1500, "a")
    assert interfaces["eth1"]["ipv6"] == {"enabled": False}
    assert interfaces["br0"]["bridge"]["options"]["mac-ageing-time"] == 300
    assert interfaces["br0"]["bridge"]["port"] == [{"name": "eth2"}]


def test_the_inverse_of_open_vswitch_settings_takes_keys_away():
    new = parse(
        """
        ovs-db: {external_ids: {a: "2", b: "3"}}
        ovn: {bridge-mappings: [{localnet: net1, bridge: br1}, {localnet: net2, bridge: br2}]}
        """
    )
    old = parse("{ovs-db: {external_ids: {a: '1'}}, ovn: {bridge-mappings: [{localnet: net1, bridge: br0}]}}")
    back = to_plain(generate_inverse(new, old))
    assert back["ovs-db"]["external_ids"] == {"a": "1", "b": None}
    assert back["ovn"]["bridge-mappings"] == [
        {"localnet": "net1", "bridge": "br0"},
        {"localnet": "net2", "state": "absent"},
    ]


def test_what_changes_nothing_has_an_inverse_that_changes_nothing():
    assert _inverse("interfaces: [{name: eth1, mtu: 1500}]") == {"interfaces": []}


def test_a_host_need_not_be_told_in_full():
    new = """
    interfaces:
    - {name: br1, type: linux-bridge, state: up, bridge: {port: [{name: eth8}]}}
    - {name: eth9, type: ethernet, state: up, mtu: 1400}
    - {name: v7, type: vlan, state: up, vlan: {base-iface: eth7, id: 7}}
    """
    assert _differences(new) == to_plain(parse(new))
    assert [one["name"] for one in _inverse(new)["interfaces"]] == ["br1", "v7"]
