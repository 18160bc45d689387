"""By which names a document can mean an interface."""

import pytest

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.record import UNSET
from linkhold.planning.planner import plan
from linkhold.planning.resolve import resolve
from linkhold.state.document import parse, to_plain
from linkhold.state.network import NetworkState
from linkhold.transaction.documents import details_of

HOST = parse("""\
interfaces:
- name: eth0
  type: ethernet
  state: up
  mac-address: "02:00:00:00:00:10"
  pci-address: "0000:00:1f.6"
  alt-names: [{name: enp0s31f6}, {name: uplink}]
  ethernet: {sr-iov: {total-vfs: 2, vfs: [{id: 0, iface-name: eth0v0}, {id: 1}]}}
- {name: eth0v0, type: ethernet, state: up, mac-address: "02:00:00:00:00:11", permanent-mac-address: "02:00:00:00:00:99"}
- {name: eth1, type: ethernet, state: up, profile-name: storage}
""")


def resolved(text: str) -> NetworkState:
    found = Diagnostics()
    state = resolve(parse(text), HOST, found)
    assert found == []
    return state


def names(text: str) -> list[str]:
    return [one.name for one in resolved(text).interfaces]


def mistakes(text: str) -> list[str]:
    return [str(one) for one in plan(parse(text), HOST).errors]


def test_by_pci_address() -> None:
    (found,) = resolved(
        'interfaces: [{name: port1, type: ethernet, identifier: pci-address, pci-address: "0000:00:1F.6", mtu: 1400}]'
    ).interfaces
    assert (found.name, found.profile_name, found.mtu) == ("eth0", "port1", 1400)
    assert found.identifier is found.pci_address is UNSET


def test_by_pci_address_without_a_type() -> None:
    assert names('interfaces: [{name: port1, identifier: pci-address, pci-address: "0000:00:1f.6"}]') == ["eth0"]


@pytest.mark.parametrize("address", ["02:00:00:00:00:11", "02:00:00:00:00:99"])
def test_by_mac_address_the_permanent_one_too(address: str) -> None:
    assert names(f'interfaces: [{{name: p, identifier: mac-address, mac-address: "{address}"}}]') == ["eth0v0"]


def test_an_address_that_nothing_has() -> None:
    text = 'interfaces: [{name: p, type: ethernet, identifier: pci-address, pci-address: "0000:99:00.0"}]'
    assert len(mistakes(text)) == 1
    assert "unknown-pci" in mistakes(text)[0]


def test_an_identifier_needs_its_address() -> None:
    with pytest.raises(ValueError, match="'pci-address' is required"):
        parse("interfaces: [{name: p, type: ethernet, identifier: pci-address}]")


@pytest.mark.parametrize("address", ["1f.6", "0000:00:1f.8", "0000:00:1f", "00:1f.6", "0000:zz:1f.6", ":00:1f.6"])
def test_what_is_no_pci_address(address: str) -> None:
    with pytest.raises(ValueError, match="a PCI address"):
        parse(f'interfaces: [{{name: p, type: ethernet, pci-address: "{address}"}}]')


BRIDGE = """\
interfaces:
- {{name: br0, type: linux-bridge, bridge: {{port: [{{name: "{port}"}}]}}}}
- {{name: v7, type: vlan, vlan: {{base-iface: "{port}", id: 7}}}}
routes: {{config: [{{destination: 0.0.0.0/0, next-hop-interface: "{port}", next-hop-address: 192.0.2.1}}]}}
route-rules: {{config: [{{family: ipv4, iif: "{port}", route-table: 5}}]}}
"""


@pytest.mark.parametrize(
    ("port", "name"),
    [("uplink", "eth0"), ("sriov:eth0:0", "eth0v0"), ("storage", "eth1"), ("eth1", "eth1"), ("nowhere", "nowhere")],
)
def test_references_understand_all_names(port: str, name: str) -> None:
    plain = to_plain(resolved(BRIDGE.format(port=port)))
    assert plain["interfaces"][0]["bridge"]["port"] == [{"name": name}]
    assert plain["interfaces"][1]["vlan"]["base-iface"] == name
    assert plain["routes"]["config"][0]["next-hop-interface"] == name
    assert plain["route-rules"]["config"][0]["iif"] == name


def test_ports_are_found_by_the_name_of_their_entry() -> None:
    text = """\
interfaces:
- {name: left, type: ethernet, identifier: mac-address, mac-address: "02:00:00:00:00:10"}
- {name: right, type: ethernet, identifier: mac-address, mac-address: "02:00:00:00:00:11"}
- name: bond0
  type: bond
  link-aggregation: {mode: active-backup, ports-config: [{profile-name: left, queue-id: 3}, {name: right}]}
"""
    bond = next(one for one in resolved(text).interfaces if one.name == "bond0")
    assert [one.name for one in bond.bond.ports_config] == ["eth0", "eth0v0"]
    assert bond.bond.ports_config[0].queue_id == 3


def test_a_document_of_routes_alone_understands_names_too() -> None:
    state = resolved("routes: {config: [{destination: 0.0.0.0/0, next-hop-interface: uplink}]}")
    assert state.routes.config[0].next_hop_interface == "eth0"
    assert state.interfaces is UNSET


def test_a_new_interface_may_have_the_name_that_another_one_goes_by() -> None:
    assert names("interfaces: [{name: storage, type: dummy}]") == ["storage"]


@pytest.mark.parametrize("text", [
    'interfaces: [{name: "sriov:eth0:0", mtu: 1400}]',
    'interfaces: [{name: "sriov:eth0:0", type: ethernet, mtu: 1400}]',
    'interfaces: [{name: "sriov:uplink:0", type: ethernet, mtu: 1400}]',
])  # fmt: skip
def test_virtual_functions_have_entries(text: str) -> None:
    assert names(text) == ["eth0v0"]


@pytest.mark.parametrize(
    "text",
    [
        'interfaces: [{name: "sriov:eth1:1", mtu: 1400}]',
        'interfaces: [{name: "sriov:eth1:1", type: ethernet, mtu: 1400}]',
        'interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: "sriov:eth1:1"}]}}]',
    ],
)
def test_a_virtual_function_that_is_not_there(text: str) -> None:
    found = mistakes(text)
    assert len(found) == 1
    assert "eth1 has no virtual function 1" in found[0]


def test_two_names_of_one_interface_are_two_entries_for_it() -> None:
    found = mistakes("interfaces: [{name: eth0, mtu: 1400}, {name: uplink, mtu: 1500}]")
    assert len(found) == 1
    assert "two entries mean interface eth0" in found[0]


@pytest.mark.parametrize("text", [
    'interfaces: [{name: "sriov:eth0:0"}]',
    'interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: "sriov:eth0:0"}]}}]',
    'interfaces: [{name: br0, bridge: {port: [{name: "sriov:eth0:0"}]}}]',
])  # fmt: skip
def test_cards_are_looked_at_closely_where_functions_are_named(text: str) -> None:
    assert "sr-iov" in details_of(parse(text))
    assert "sr-iov" not in details_of(parse(text.replace("sriov:eth0:0", "eth0v0")))
