"""What every service beside the kernel has to do: the same suite over NetworkManager, Open vSwitch and the DHCP client.

Each is asked as part of a host (`Together`), as a transaction does it, on a host of its own where the real daemon runs.
"""

import asyncio
import collections.abc
import contextlib
import json
import typing

import pytest

from linkhold.executor import host
from linkhold.executor.together import Together
from linkhold.foundation.diagnostics import Diagnostics
from linkhold.planning import planner
from linkhold.planning.change import Plan
from linkhold.planning.verify import verify, verify_restored
from linkhold.providers.contract import ALL_DETAILS, Scope, Service
from linkhold.state.document import parse, to_plain
from linkhold.state.interfaces import KINDS
from linkhold.state.network import NetworkState
from linkhold.state.normalise import normalised
from tests.lab import namespaces

SCOPE = Scope(running=False)
BOUND_S = 20.0
"""How long a service may take until it shows what it was told."""


class Case(typing.NamedTuple):
    """A service on a host: its name, what is applied first, what it becomes."""

    name: str
    base: str
    change: str
    rig: typing.Any = None


CASES = {
    "networkmanager": Case(
        "networkmanager",
        """
        interfaces:
        - {name: eth1, ipv4: {enabled: true, address: [{ip: 192.0.2.10, prefix-length: 24}]}, ipv6: {enabled: false}}
        - {name: vx9, type: vxlan, vxlan: {id: 9, remote: 198.51.100.1, destination-port: 4789}, ipv6: {enabled: false}}
        """,
        """
        interfaces:
        - {name: eth1, ipv4: {enabled: false}}
        - {name: eth2, mtu: 1300, ipv4: {enabled: false}, ipv6: {enabled: false}}
        - {name: vx9, type: vxlan, state: absent}
        - name: br0
          type: linux-bridge
          bridge: {options: {stp: {enabled: false}}, port: [{name: eth1}]}
          ipv4: {enabled: true, address: [{ip: 192.0.2.10, prefix-length: 24}]}
          ipv6: {enabled: false}
        routes:
          config: [{destination: 203.0.113.0/24, next-hop-interface: br0, next-hop-address: 192.0.2.1, metric: 70}]
        """,
    ),
    "openvswitch": Case(
        "ovsdb",
        """
        interfaces:
        - name: ovs0
          type: ovs-bridge
          bridge: {options: {datapath: DATAPATH}, port: [{name: eth1, vlan: {mode: access, tag: 5}}, {name: i0}]}
          ovs-db: {external_ids: {one: two}}
        - {name: i0, type: ovs-interface, ipv4: {enabled: true, address: [{ip: 192.0.2.10, prefix-length: 24}]}}
        """,
        """
        interfaces:
        - name: ovs0
          type: ovs-bridge
          bridge: {options: {datapath: DATAPATH, rstp: true}, port: [{name: eth2}, {name: i1}]}
        - {name: i0, type: ovs-interface, state: absent}
        - {name: i1, type: ovs-interface, ipv4: {enabled: true, address: [{ip: 192.0.2.10, prefix-length: 24}]}}
        ovs-db: {external_ids: {three: four}}
        """,
    ),
    "dhcpcd": Case(
        "dhcpcd",
        """
        interfaces:
        - {name: eth1, state: up, ipv4: {enabled: true, dhcp: true, auto-dns: false}, ipv6: {enabled: false}}
        """,
        """
        interfaces:
        - {name: eth1, state: up, ipv4: {enabled: false}}
        - {name: eth2, state: up, ipv4: {enabled: true, dhcp: true, auto-gateway: false}, ipv6: {enabled: false}}
        """,
    ),
}


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.needs(name)) for name in CASES])
def case(request: pytest.FixtureRequest, alone: None, netns: namespaces.Namespace) -> Case:
    """The daemon runs, with two cards that nobody has set up."""
    found = CASES[request.param]
    for number in (1, 2):
        netns.ip("link", "add", f"eth{number}", "type", "veth", "peer", f"far{number}")
        netns.ip("link", "set", f"far{number}", "up")
        netns.ip("link", "set", f"eth{number}", "up")
    if request.param == "dhcpcd":
        return found
    rig = request.getfixturevalue(request.param)
    if request.param == "networkmanager":
        rig.wait_for_state("eth1", "disconnected")
        rig.wait_for_state("eth2", "disconnected")
        return found._replace(rig=rig)
    words = [text.replace("DATAPATH", rig.datapath) for text in (found.base, found.change)]
    return found._replace(base=words[0], change=words[1], rig=rig)


class Host:
    """Its providers, as a transaction finds them; `service` is the one in question."""

    def __init__(self, case: Case) -> None:
        composed = host.provider()
        assert isinstance(composed, Together)
        self.all = composed
        self.service: Service = next(one for one in composed.services if one.name == case.name)

    async def look(self) -> NetworkState:
        """The host, without link-local addresses."""
        return await self.all.observe(SCOPE)

    async def plan(self, text: str) -> planner.Outcome:
        """What a document asks for."""
        known = await self.all.all_capabilities()
        outcome = planner.plan(parse(text), await self.look(), capabilities=known, owners=await self.all.owners())
        assert not outcome.errors, [str(one) for one in outcome.errors]
        return outcome

    async def carry_out(
        self, plan: Plan, before: NetworkState, after: NetworkState, times: int = 1, *, returning: bool = False
    ) -> None:
        """All levels of a plan, each so many times."""
        await self.all.begin(plan, before, after, returning=returning)
        for stage, changes in plan.steps():
            for _ in range(times):
                await self.all.apply(stage, changes)

    async def apply(self, text: str, times: int = 1) -> planner.Outcome:
        """Carry a document out and wait until the host is as it says."""
        outcome = await self.plan(text)
        await self.carry_out(outcome.plan, await self.look(), outcome.expected, times)
        await settled(lambda: self.unlike(lambda state: verify(outcome, state)))
        return outcome

    async def unlike(self, judge: collections.abc.Callable[[NetworkState], typing.Any]) -> list[str]:
        """Where the host is not as asked for."""
        return [str(one) for one in judge(await self.look())]

    async def put_back(self, plan: Plan, saved: dict[str, typing.Any]) -> None:
        """As a rollback does it: the grounds, then a plan for what is left."""
        await self.all.put_back(saved)
        known = await self.all.all_capabilities()
        current = await self.look()
        back = planner.restore(plan, current, capabilities=known)
        await self.carry_out(back.plan, current, back.target, returning=True)
        await settled(lambda: self.unlike(lambda state: verify_restored(plan, state, capabilities=known)))


async def settled(look: collections.abc.Callable[[], collections.abc.Awaitable[list[str]]]) -> None:
    """Until nothing differs; what does, when the bound has passed."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(BOUND_S):
            while await look():
                await asyncio.sleep(0.1)
            return
    assert await look() == []


def shown(state: NetworkState) -> dict[str, typing.Any]:
    """A state as plain data, without what the kernel gives by itself: link-local addresses, MACs of what was made anew."""
    plain: dict[str, typing.Any] = to_plain(state)
    for one in plain["interfaces"]:
        addresses = one.get("ipv6", {}).get("address", [])
        kept = [each for each in addresses if not each["ip"].startswith("fe80")]
        if addresses:
            one["ipv6"]["address"] = kept
    return plain


def story(work: collections.abc.Coroutine[typing.Any, typing.Any, None]) -> None:
    """Run it."""
    asyncio.run(work)


def test_it_says_what_it_can_do(case: Case) -> None:
    async def tale() -> None:
        service = Host(case).service
        assert service.present()
        found = await service.capabilities()
        assert found.provider == service.name
        assert found.kinds.keys() <= KINDS.keys()
        assert found.kinds or found.completes
        assert all(one.path and one.reason and not one.path.startswith("interfaces") for one in found.inabilities)
        service.close()

    story(tale())


def test_what_it_lays_over_the_host_is_canonical(case: Case) -> None:
    async def tale() -> None:
        here = Host(case)
        await here.apply(case.base)
        bare = await here.all.base.observe(SCOPE)
        laid = await here.service.amend(bare, SCOPE)
        found = Diagnostics()
        again = normalised(laid, found)
        assert shown(again) == shown(laid)
        assert shown(await here.service.amend(bare, SCOPE)) == shown(laid)
        assert shown(laid) != shown(bare)
        await here.all.observe(Scope(details=ALL_DETAILS))
        here.all.close()

    story(tale())


def test_a_plan_carried_out_is_verified_and_planned_again_it_is_empty(case: Case) -> None:
    async def tale() -> None:
        here = Host(case)
        for text in (case.base, case.change):
            assert not (await here.apply(text)).plan.empty
            assert (await here.plan(text)).plan.empty
        here.all.close()

    story(tale())


def test_every_level_done_twice_is_done_once(case: Case) -> None:
    async def tale() -> None:
        here = Host(case)
        await here.apply(case.base, times=2)
        await here.apply(case.change, times=2)
        here.all.close()

    story(tale())


def test_every_point_of_an_application_leads_back(case: Case) -> None:
    """Whatever prefix of the plan was carried out: its own ground, then a plan for the rest, give the host before."""

    async def tale() -> None:
        here = Host(case)
        await here.apply(case.base)
        before = shown(await here.look())
        steps = len(list((await here.plan(case.change)).plan.steps()))
        assert steps > 1
        for count in range(steps + 1):
            outcome = await here.plan(case.change)
            current = await here.look()
            saved = await here.all.save(outcome.plan, 60.0)
            await here.all.begin(outcome.plan, current, outcome.expected)
            for stage, changes in list(outcome.plan.steps())[:count]:
                await here.all.apply(stage, changes)
            await here.put_back(outcome.plan, json.loads(json.dumps(saved)))
            assert shown(await here.look()) == before, f"after {count} levels"
        here.all.close()

    story(tale())


def test_a_ground_can_be_put_back_twice_by_another_process_and_after_it_was_discarded(case: Case) -> None:
    async def tale() -> None:
        here = Host(case)
        await here.apply(case.base)
        before = shown(await here.look())
        outcome = await here.plan(case.change)
        saved = json.loads(json.dumps(await here.all.save(outcome.plan, 60.0)))
        await here.all.keep(saved, 60.0)
        await here.carry_out(outcome.plan, await here.look(), outcome.expected)
        await here.all.discard(saved)
        here.all.close()

        other = Host(case)
        await other.put_back(outcome.plan, saved)
        await other.put_back(outcome.plan, saved)
        assert shown(await other.look()) == before
        other.all.close()

    story(tale())


def test_what_happens_is_told(case: Case) -> None:
    async def tale() -> None:
        here = Host(case)
        news = here.all.watch()
        try:
            while await news.changed(0.5):
                pass
            await here.apply(case.base)
            assert await news.changed(2)
        finally:
            news.close()
            here.all.close()

    story(tale())


def test_closed_it_can_be_used_again(case: Case) -> None:
    async def tale() -> None:
        here = Host(case)
        await here.apply(case.base)
        first = shown(await here.look())
        here.all.close()
        assert shown(await here.look()) == first
        here.all.close()

    story(tale())
    story(tale())
