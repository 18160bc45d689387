"""What every provider has to do, whichever way to the machine it is: the same suite over each of them.

The host is the same everywhere: `eth1` with addresses and a route, `eth2` bare; both are ends of veth pairs.
"""

import asyncio
import collections.abc
import pathlib
import subprocess
import typing

import pytest

from linkhold.foundation.driving import drive
from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET
from linkhold.planning import planner
from linkhold.planning.change import Change, Plan
from linkhold.planning.verify import verify, verify_restored
from linkhold.providers.contract import ALL_DETAILS, Provider, Scope
from linkhold.providers.kernel.provider import Kernel
from linkhold.providers.memory.provider import Memory
from linkhold.state.document import parse
from linkhold.state.interfaces import KINDS
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import IpAddress, Ipv4, Ipv6
from linkhold.state.interfaces.veth import Veth, VethConfig
from linkhold.state.interfaces.vlan import Vlan, VlanConfig
from linkhold.state.network import NetworkState
from linkhold.state.routes import Route, Routes

KERNEL = (
    "link set lo up",
    "link add eth1 type veth peer name far1",
    "link add eth2 type veth peer name far2",
    "link set far1 up",
    "link set far2 up",
    "link set eth1 up",
    "address add 192.0.2.10/24 dev eth1",
    "address add 2001:db8::10/64 dev eth1 nodad",
    "route add 203.0.113.0/24 via 192.0.2.1 dev eth1",
)

ROUTE = Route(
    destination="203.0.113.0/24", next_hop_interface="eth1", next_hop_address="192.0.2.1", table_id=254, metric=0
)

DOCUMENT = """
interfaces:
- {name: eth1, ipv4: {enabled: false}, ipv6: {enabled: false}}
- {name: eth2, state: up, mtu: 1300}
- name: br0
  type: linux-bridge
  bridge: {options: {stp: {enabled: false}}, port: [{name: eth1}, {name: vx7}]}
  ipv4: {enabled: true, address: [{ip: 192.0.2.10, prefix-length: 24}, {ip: 192.0.2.11, prefix-length: 24}]}
- {name: vx7, type: vxlan, vxlan: {id: 7, remote: 198.51.100.1, destination-port: 4789}}
routes:
  config:
  - {state: absent, next-hop-interface: eth1}
  - {destination: 203.0.113.0/24, next-hop-interface: br0, next-hop-address: 192.0.2.1}
"""


def _memory(path: pathlib.Path) -> Memory:
    def veth(name: str, peer: str, **said: typing.Any) -> Veth:
        off = {"ipv4": Ipv4(enabled=False), "ipv6": Ipv6(enabled=False)}
        return Veth(**{"name": name, "state": "up", "mtu": 1500, "veth": VethConfig(peer=peer), **off, **said})

    eth1 = veth(
        "eth1",
        "far1",
        ipv4=Ipv4(enabled=True, address=(IpAddress(ip="192.0.2.10", prefix_length=24),)),
        ipv6=Ipv6(enabled=True, address=(IpAddress(ip="2001:db8::10", prefix_length=64),)),
    )
    others = (veth("far1", "eth1"), veth("eth2", "far2", state="down"), veth("far2", "eth2"))
    return Memory(NetworkState(interfaces=(eth1, *others), routes=Routes(config=(ROUTE,))))


def _kernel(path: pathlib.Path) -> Kernel:
    (path / "etc").mkdir()
    for words in KERNEL:
        subprocess.run(["ip", *words.split()], check=True)
    return Kernel(str(path))


MAKERS: dict[str, typing.Callable[[pathlib.Path], Provider]] = {"memory": _memory, "kernel": _kernel}


@pytest.fixture(params=MAKERS)
def provider(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> collections.abc.Iterator[Provider]:
    if request.param == "kernel":
        request.getfixturevalue("netns")
    made = MAKERS[request.param](tmp_path)
    yield made
    getattr(made, "close", lambda: None)()


def look(provider: Provider, **scope: typing.Any) -> NetworkState:
    """The host without what comes and goes by itself (link-local addresses)."""
    state = drive(provider.observe(Scope(**{"running": False, **scope})))
    assert isinstance(state.interfaces, tuple)
    kept = []
    for one in state.interfaces:
        static = {} if one.ipv6 is UNSET else {"ipv6": one.ipv6.replace(address=one.ipv6.static)}  # type: ignore[union-attr]
        kept.append(one.replace(**static))
    return state.replace(interfaces=tuple(sorted(kept, key=lambda one: one.name)))


def named(provider: Provider) -> dict[str, Interface]:
    interfaces = look(provider).interfaces
    assert isinstance(interfaces, tuple)
    return {one.name: one for one in interfaces}


def plan(provider: Provider, text: str = DOCUMENT) -> planner.Outcome:
    capabilities = typing.cast("typing.Any", [drive(provider.capabilities())])
    outcome = planner.plan(
        parse(text.encode()), drive(provider.observe(Scope(running=False))), capabilities=capabilities
    )
    assert not outcome.errors, [str(one) for one in outcome.errors]
    return outcome


def carry_out(provider: Provider, what: Plan) -> None:
    for stage, changes in what.steps():
        drive(provider.apply(stage, changes))


def test_it_says_what_it_can_do(provider: Provider) -> None:
    found = drive(provider.capabilities())
    assert found.provider == provider.name
    assert {"veth", "vxlan", "linux-bridge", "ethernet"} <= {kind for kind, reason in found.kinds.items() if not reason}
    assert found.kinds.keys() <= KINDS.keys()
    assert {"route", "rule", "dns", "hostname"} <= found.subjects


def test_what_it_shows_is_canonical(provider: Provider) -> None:
    there = named(provider)
    assert {"eth1", "eth2", "far1", "far2"} <= there.keys()
    eth1 = there["eth1"]
    assert (eth1.kind, eth1.state, eth1.mtu) == ("veth", "up", 1500)
    assert isinstance(eth1, Veth)
    assert eth1.veth == VethConfig(peer="far1")
    assert eth1.ipv4.address == (IpAddress(ip="192.0.2.10", prefix_length=24),)  # type: ignore[union-attr]
    assert there["eth2"].state == "down"
    routes = look(provider).routes
    assert routes.config == (ROUTE,)  # type: ignore[union-attr]


def test_a_plan_carried_out_is_verified_and_planned_again_it_is_empty(provider: Provider) -> None:
    outcome = plan(provider)
    carry_out(provider, outcome.plan)
    assert verify(outcome, drive(provider.observe(Scope(running=False)))) == ()
    assert plan(provider).plan.empty
    there = named(provider)
    assert (there["eth1"].controller, there["vx7"].controller) == ("br0", "br0")


def test_restoring_leads_back_to_what_was(provider: Provider) -> None:
    before = look(provider)
    outcome = plan(provider)
    carry_out(provider, outcome.plan)
    assert look(provider) != before
    carry_out(provider, planner.restore(outcome.plan, drive(provider.observe(Scope(running=False)))).plan)
    assert verify_restored(outcome.plan, drive(provider.observe(Scope(running=False)))) == ()
    assert look(provider) == before


def test_every_point_of_an_application_leads_back(provider: Provider) -> None:
    """Whatever prefix of the plan was carried out, restoring from there gives the state before."""
    before = look(provider)
    steps = len(list(plan(provider).plan.steps()))
    assert steps > 6
    for count in range(steps + 1):
        outcome = plan(provider)
        for stage, changes in list(outcome.plan.steps())[:count]:
            drive(provider.apply(stage, changes))
        carry_out(provider, planner.restore(outcome.plan, drive(provider.observe(Scope(running=False)))).plan)
        assert look(provider) == before, f"after {count} levels"


def test_every_level_done_twice_is_done_once(provider: Provider) -> None:
    outcome = plan(provider)
    for stage, changes in outcome.plan.steps():
        drive(provider.apply(stage, changes))
        drive(provider.apply(stage, changes))
    assert verify(outcome, drive(provider.observe(Scope(running=False)))) == ()


def test_a_refusal_names_the_change_and_what_the_host_said(provider: Provider) -> None:
    wrong = Vlan(name="v1", state="up", vlan=VlanConfig(parent="nowhere0", tag=1))
    change = Change(action="+", subject="interface", name="v1", after=wrong)
    with pytest.raises(Refused) as refused:
        drive(provider.apply("create", [change]))
    assert refused.value.change == change
    assert str(refused.value)
    assert "v1" not in named(provider)


def test_a_scope_narrows_what_is_read(provider: Provider) -> None:
    interfaces = drive(provider.observe(Scope(names=frozenset({"eth2"})))).interfaces
    assert isinstance(interfaces, tuple)
    assert [one.name for one in interfaces] == ["eth2"]
    assert drive(provider.observe(Scope(running=True))).routes.get("running") is not UNSET  # type: ignore[union-attr]
    assert drive(provider.observe(Scope(running=False))).routes.get("running") is UNSET  # type: ignore[union-attr]
    bare = drive(provider.observe(Scope())).interfaces
    assert isinstance(bare, tuple)
    assert all("ethtool" not in one.said() for one in bare)
    drive(provider.observe(Scope(details=ALL_DETAILS)))


def test_watching_misses_nothing_and_ends_in_time(provider: Provider) -> None:
    async def story() -> None:
        news = provider.watch()
        try:
            while await news.changed(0.5):  # what making the host has left to tell
                pass
            assert not await news.changed(0.05)
            for stage, changes in plan(provider, "interfaces: [{name: eth2, state: up, mtu: 1300}]").plan.steps():
                await provider.apply(stage, changes)
            assert await news.changed(2)
            while await news.changed(0.2):
                pass
            assert not await news.changed(0)
        finally:
            news.close()

    asyncio.run(story())
