"""Who owns what: the table, moves from one owner to another, and what others complete."""

import typing

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.record import UNSET
from linkhold.planning import planner
from linkhold.planning.owning import Owners, Row
from linkhold.planning.verify import verify, verify_restored
from linkhold.providers.contract import Capabilities, Inability
from linkhold.state.document import read
from linkhold.state.network import NetworkState
from linkhold.state.normalise import normalised

KERNEL = Capabilities(
    provider="kernel",
    kinds={"ethernet": "", "veth": "", "linux-bridge": "", "vlan": "no 8021q driver"},
    subjects=frozenset({"route", "rule", "dns", "hostname"}),
    inabilities=(Inability(path="ipv4.dhcp", reason="no DHCP client"),),
    completes=frozenset({"alt-names"}),
)
SERVICE = Capabilities(
    provider="networkmanager",
    kinds={"ethernet": "", "linux-bridge": "", "vlan": ""},
    subjects=frozenset({"route", "rule", "dns", "hostname"}),
    inabilities=(Inability(path="alt-names", reason="profiles have no place for them"),),
)
CLIENT = Capabilities(provider="dhcpcd", kinds={}, subjects=frozenset(), completes=frozenset({"ipv4.dhcp"}))
AUTO = Owners(rows=(Row(kinds=frozenset(SERVICE.kinds), provider="networkmanager"),))


def state(*interfaces: dict[str, typing.Any], **sections: typing.Any) -> NetworkState:
    return normalised(read({"interfaces": list(interfaces), **sections}), Diagnostics())


def eth(name: str, **said: typing.Any) -> dict[str, typing.Any]:
    return {"name": name, "type": "ethernet", "state": "up", **said}


HOST = state(eth("eth1", mtu=1500), eth("eth2", mtu=1500))


def plan(
    document: NetworkState, owners: Owners = AUTO, host: NetworkState = HOST, *more: Capabilities
) -> planner.Outcome:
    return planner.plan(document, host, capabilities=(KERNEL, SERVICE, *more), owners=owners)


def test_the_first_row_that_fits_decides() -> None:
    table = Owners(
        rows=(Row(name="eth2*", provider="kernel"), Row(kinds=frozenset({"ethernet"}), provider="networkmanager"))
    )
    veth = {"name": "v", "type": "veth", "veth": {"peer": "w"}}
    owners = {one.name: table.owner(one) for one in state(eth("eth1"), eth("eth20"), veth).by_key.values()}
    assert owners["eth1"] == "networkmanager"
    assert owners["eth20"] == "kernel"
    assert owners["v"] == "kernel"


def test_what_a_document_speaks_of_is_handed_over_and_nothing_else() -> None:
    outcome = plan(state(eth("eth1", mtu=1400)))
    (change,) = outcome.plan.changes
    assert change.provider == "networkmanager"
    first = change.differences[0]
    assert (first.path, first.before, first.after) == (
        "interfaces[eth1].provider", "kernel", "networkmanager",
    )  # fmt: skip
    assert outcome.expected.by_key["eth2", ""].provider is UNSET
    assert change.risks_of("flap")
    assert next(outcome.plan.steps())[0] == "release"


def test_a_port_goes_to_the_owner_that_fits_it_when_its_controller_is_spoken_of() -> None:
    bridge = {"name": "br0", "type": "linux-bridge", "state": "up", "bridge": {"port": [{"name": "eth2"}]}}
    owners = {one.name: one.provider for one in plan(state(bridge)).plan.changes}
    assert owners == {"br0": "networkmanager", "eth2": "networkmanager"}
    already = state(bridge, eth("eth1"), eth("eth2"))
    assert {one.name: one.provider for one in plan(state(bridge), AUTO, already).plan.changes} == owners


def test_handing_over_is_taken_back() -> None:
    outcome = plan(state(eth("eth1", mtu=1400)))
    moved = state(eth("eth1", mtu=1400), eth("eth2", mtu=1500))
    there = moved.replace(
        interfaces=tuple(
            one.replace(provider="networkmanager") if one.name == "eth1" else one for one in moved.by_key.values()
        )
    )
    back = planner.restore(outcome.plan, there, capabilities=(KERNEL, SERVICE))
    (change,) = back.plan.changes
    assert change.provider == "kernel"
    assert change.before.owner == "networkmanager"
    assert back.target.by_key["eth1", ""].provider is UNSET


def test_routes_go_with_their_interface() -> None:
    document = state(
        eth("eth1", ipv4={"enabled": True, "address": [{"ip": "192.0.2.1", "prefix-length": 24}]}),
        routes={"config": [
            {"destination": "198.51.100.0/24", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.9"},
        ]},
    )  # fmt: skip
    providers = {change.subject: change.provider for change in plan(document).plan.changes}
    assert providers == {"interface": "networkmanager", "route": "networkmanager"}
    kept = Owners(rows=(Row(provider="kernel"),))
    providers = {change.subject: change.provider for change in plan(document, kept).plan.changes}
    assert providers == {"interface": "kernel", "route": "kernel"}


def test_what_another_provider_completes_is_feasible() -> None:
    dynamic = state(eth("eth1", ipv4={"enabled": True, "dhcp": True}))
    kept = Owners(rows=(Row(provider="kernel"),))
    assert [one.code for one in plan(dynamic, kept).errors] == ["unsupported"]
    assert plan(dynamic, kept, HOST, CLIENT).errors == ()
    named = state(eth("eth1", **{"alt-names": [{"name": "uplink"}]}))
    assert plan(named).errors == ()


def test_a_kind_is_refused_with_the_reason_of_its_owner() -> None:
    document = state(eth("eth1"), {"name": "eth1.7", "type": "vlan", "vlan": {"base-iface": "eth1", "id": 7}})
    assert plan(document).errors == ()
    (error,) = plan(document, Owners(rows=(Row(provider="kernel"),))).errors
    assert "no 8021q driver" in error.message


def test_what_a_dead_service_owned_is_taken_back_by_the_kernel_as_far_as_it_can() -> None:
    owned = eth("eth1", mtu=1500, ipv4={"enabled": True, "dhcp": True, "address": []})
    before = state(owned)
    (interface,) = before.by_key.values()
    before = before.replace(interfaces=(interface.replace(provider="networkmanager"),))
    outcome = plan(state(eth("eth1", mtu=1400)), AUTO, before)
    lease = {"ip": "192.0.2.7", "prefix-length": 24, "valid-life-time": "3599sec", "preferred-life-time": "3599sec"}
    now = state(eth("eth1", mtu=1400, ipv4={"enabled": True, "address": [lease]}))
    back = planner.restore(outcome.plan, now, capabilities=(KERNEL,))
    (change,) = back.plan.changes
    assert change.provider == "kernel"
    assert [one.path for one in change.differences] == ["interfaces[eth1].mtu"]
    assert verify_restored(outcome.plan, state(eth("eth1", mtu=1500)), capabilities=(KERNEL,)) == ()
    assert verify_restored(outcome.plan, state(eth("eth1", mtu=1500)), capabilities=(KERNEL, SERVICE)) != ()


def test_an_interface_that_did_not_change_hands_fails_the_verification() -> None:
    outcome = plan(state(eth("eth1", mtu=1400)))
    left = state(eth("eth1", mtu=1400), eth("eth2", mtu=1500))
    assert [one.path for one in verify(outcome, left)] == ["interfaces[eth1].provider"]
