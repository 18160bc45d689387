"""What a document makes use of, in nmstate's words."""

import pytest

from linkhold.foundation.diagnostics import Invalid
from linkhold.insight.statistic import statistic
from linkhold.state.document import parse

CARDS = """\
interfaces:
- {name: eth1, type: ethernet, state: up}
- {name: eth2, type: ethernet, state: up}
"""

TOWER = """\
interfaces:
- name: br0.7
  type: vlan
  vlan: {base-iface: br0, id: 7}
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
  ipv6: {enabled: true, address: [{ip: "2001:db8::1", prefix-length: 64}]}
- name: br0
  type: linux-bridge
  bridge: {port: [{name: bond0}]}
- name: bond0
  type: bond
  link-aggregation: {mode: active-backup, port: [eth1, eth2]}
"""


def topology(text: str, current: str = CARDS) -> tuple[str, ...]:
    return statistic(parse(text), parse(current)).topology


def features(text: str, current: str = CARDS) -> tuple[str, ...]:
    return statistic(parse(text), parse(current)).features


def test_a_tower_is_one_line() -> None:
    assert topology(TOWER) == ("static_ip4,static_ip6 -> vlan -> linux-bridge -> bond -> ethernet",)
    assert features(TOWER) == ()


def test_what_has_addresses_in_the_middle_has_its_own_line() -> None:
    text = TOWER.replace(
        "bridge: {port: [{name: bond0}]}", "bridge: {port: [{name: bond0}]}\n  ipv4: {enabled: true, dhcp: true}"
    )
    assert topology(text) == (
        "auto_ip4 -> linux-bridge -> bond -> ethernet",
        "static_ip4,static_ip6 -> vlan -> linux-bridge -> bond -> ethernet",
    )


def test_only_what_the_document_speaks_of() -> None:
    assert topology("interfaces: [{name: eth2, mtu: 1400}]") == ("ethernet",)
    assert topology("interfaces: [{name: eth2, state: down}]") == ()


def test_kinds_beside_each_other_share_a_level() -> None:
    text = """\
interfaces:
- {name: br0, type: linux-bridge, bridge: {port: [{name: eth1}, {name: v0}]}}
- {name: v0, type: veth, veth: {peer: v1}}
"""
    assert "linux-bridge -> ethernet,veth" in topology(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("interfaces: [{name: eth1, lldp: {enabled: true}}]", {"lldp"}),
        ("interfaces: [{name: eth1, lldp: {enabled: false}}]", set()),
        ("interfaces: [{name: eth1, mptcp: {address-flags: [signal]}}]", {"mptcp"}),
        (
            "interfaces: [{name: eth1, ipv4: {enabled: true, dhcp: true, dhcp-custom-hostname: a}}]",
            {"dhcpv4-custom-hostname"},
        ),
        (
            "interfaces: [{name: eth1, ipv6: {enabled: true, dhcp: true, autoconf: true, dhcp-custom-hostname: a}}]",
            {"dhcpv6-custom-hostname"},
        ),
        ("interfaces: [{name: eth1, ethernet: {sr-iov: {total-vfs: 2}}}]", {"sriov"}),
        ("dns-resolver: {config: {server: [192.0.2.3], search: [example.org]}}",
         {"static-dns-name-server", "static-dns-search"}),
        ("dns-resolver: {config: {options: [rotate]}}", {"static-dns-option"}),
        ("hostname: {config: a.example.org}", {"static-hostname"}),
        ("ovs-db: {external_ids: {a: b}}", {"ovs-db-global"}),
        ("route-rules: {config: [{family: ipv4, route-table: 5}]}", {"static-route-rule"}),
        ("route-rules: {config: [{family: ipv4, route-table: 254, suppress-prefix-length: 0}]}",
         {"static-route-rule", "static-route-rule-suppress-prefix-length"}),
        ("route-rules: {config: [{family: ipv4, state: absent}]}", set()),
        ("interfaces: [{name: br0, type: ovs-bridge, bridge: {port: [{name: b, link-aggregation: "
         "{mode: balance-slb, port: [{name: eth1}, {name: eth2}]}}]}}]", {"ovs-bond"}),
        ("interfaces: [{name: p, type: ovs-interface, controller: br0, patch: {peer: q}},"
         " {name: br0, type: ovs-bridge, bridge: {port: [{name: p}]}}]", {"ovs-patch"}),
    ],
)  # fmt: skip
def test_features(text: str, words: set[str]) -> None:
    assert set(features(text)) == words


def test_routes() -> None:
    address = "ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}"
    text = f"""\
interfaces: [{{name: eth1, {address}}}]
routes: {{config: [{{destination: 198.51.100.0/24, next-hop-address: 192.0.2.9, next-hop-interface: eth1}}]}}
"""
    assert features(text) == ("static-route",)


def test_how_interfaces_are_named() -> None:
    host = """\
interfaces:
- name: eth1
  type: ethernet
  state: up
  mac-address: "02:00:00:00:00:01"
  ethernet: {sr-iov: {total-vfs: 1, vfs: [{id: 0, iface-name: eth1v0}]}}
- {name: eth1v0, type: ethernet, state: up}
"""
    by_mac = 'interfaces: [{name: port1, identifier: mac-address, mac-address: "02:00:00:00:00:01", mtu: 1400}]'
    assert features(by_mac, host) == ("mac-based-identifier",)
    for text in (
        'interfaces: [{name: "sriov:eth1:0", type: ethernet, mtu: 1400}]',
        'interfaces: [{name: "sriov:eth1:0", mtu: 1400}]',
        'interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: "sriov:eth1:0"}]}}]',
    ):
        assert "iface-name-refered-by-sriov-vf-id" in features(text, host), text


@pytest.mark.parametrize(
    ("count", "word"), [(9, None), (10, 10), (49, 10), (50, 50), (100, 100), (200, 200), (500, 500)]
)
def test_large_documents(count: int, word: int | None) -> None:
    text = "interfaces:\n" + "".join(f"- {{name: d{number}, type: dummy}}\n" for number in range(count))
    assert features(text) == (() if word is None else (f"iface-count{word}-plus",))


def test_what_can_not_be_followed_is_said() -> None:
    with pytest.raises(Invalid, match="eth9"):
        statistic(parse("interfaces: [{name: eth9, type: ethernet}]"), parse(CARDS))
