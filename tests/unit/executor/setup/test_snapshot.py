"""Snapshots: read once, numbered, never half of a change."""

import asyncio
import pathlib
import typing

import pytest

from linkhold.executor.setup.snapshot import OLDEST, Seen, Snapshots, differ
from linkhold.foundation.failures import Temporary
from linkhold.networks.facts import Facts, InterfaceFacts
from linkhold.state.interfaces.ethernet import Ethernet
from linkhold.state.interfaces.ip import IpAddress, Ipv4
from linkhold.state.network import NetworkState
from tests.unit.executor.setup.bench import Bench, bench, run
from tests.unit.transaction.stage import card


@pytest.fixture
def here(tmp_path: pathlib.Path) -> Bench:
    return bench(tmp_path)


def meddle(here: Bench, mtu: int) -> None:
    """Somebody else changes the host."""
    here.stage.host.later(0, lambda host: host.put(host.interfaces["eth0", ""].replace(mtu=mtu)))


def test_it_is_read_once_while_nothing_happens(here: Bench) -> None:
    async def work() -> None:
        first = await here.snapshots.current()
        assert await here.snapshots.current() is first

    run(work())
    assert here.eyes.looks == 1


def test_many_who_ask_at_once_make_one_reading(here: Bench) -> None:
    async def work() -> None:
        await asyncio.gather(*(here.snapshots.current() for _ in range(20)))

    run(work())
    assert here.eyes.looks == 1


def test_a_change_makes_another_generation(here: Bench) -> None:
    async def work() -> None:
        first = await here.snapshots.current()
        meddle(here, 1400)
        second = await here.snapshots.current()
        assert second.generation == first.generation + 1
        assert second.seen.state.by_key["eth0", ""].mtu == 1400

    run(work())


def test_news_of_nothing_leaves_the_generation(here: Bench) -> None:
    async def work() -> None:
        first = await here.snapshots.current()
        meddle(here, 1500)
        second = await here.snapshots.current()
        assert second.generation == first.generation

    run(work())
    assert here.eyes.looks == 2


def test_it_does_not_get_older_than_a_minute(here: Bench) -> None:
    async def work() -> None:
        await here.snapshots.current()
        here.stage.clock.time += OLDEST + 1
        await here.snapshots.current()

    run(work())
    assert here.eyes.looks == 2


def test_while_it_is_kept_changes_are_not_seen_and_afterwards_they_are(here: Bench) -> None:
    async def work() -> None:
        async with here.snapshots.kept() as before:
            assert here.snapshots.keeps
            meddle(here, 1400)
            assert await here.snapshots.current() == before
        assert not here.snapshots.keeps
        assert (await here.snapshots.current()).seen.state.by_key["eth0", ""].mtu == 1400

    run(work())


def test_while_others_change_the_host_the_one_before_is_served(here: Bench) -> None:
    busy = [False]
    snapshots = Snapshots(here.eyes, here.stage.clock, others_change=lambda: busy[0])

    async def work() -> None:
        first = await snapshots.current()
        busy[0] = True
        meddle(here, 1400)
        assert await snapshots.current() == first
        busy[0] = False
        assert (await snapshots.current()).generation == first.generation + 1

    run(work())


def test_without_any_yet_it_is_read_even_then(here: Bench) -> None:
    snapshots = Snapshots(here.eyes, here.stage.clock, others_change=lambda: True)
    assert run(snapshots.current()).seen.state.by_key


def test_a_failure_is_not_remembered(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async def blind() -> typing.NoReturn:
        raise Temporary("no")

    async def work() -> None:
        first = await here.snapshots.current()
        meddle(here, 1400)
        with monkeypatch.context() as patch:
            patch.setattr(here.eyes, "look", blind)
            with pytest.raises(Temporary):
                await here.snapshots.current()
        assert (await here.snapshots.current()).generation == first.generation + 1

    run(work())


def test_generations_of_a_later_process_are_higher(here: Bench) -> None:
    first = run(here.snapshots.current()).generation
    here.stage.clock.time += 1
    here.restart()
    assert run(here.snapshots.current()).generation > first


def test_what_is_told_beside_it_counts_as_well(here: Bench) -> None:
    first = run(here.snapshots.current())
    here.snapshots.counts_on()
    second = run(here.snapshots.current())
    assert second.generation == here.snapshots.generation == first.generation + 1
    assert second.seen == first.seen


def seen(*interfaces: Ethernet, **facts: InterfaceFacts) -> Seen:
    return Seen(NetworkState(interfaces=interfaces), Facts(interfaces=facts))


def leased(left: str) -> Ethernet:
    address = IpAddress(ip="192.0.2.1", prefix_length=24, valid_life_time=left, preferred_life_time=left)
    return Ethernet(name="eth0", state="up", ipv4=Ipv4(enabled=True, dhcp=True, address=(address,)))


ETH0 = card("eth0", "192.0.2.1")


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        (seen(ETH0), seen(ETH0), False),
        (seen(ETH0), seen(ETH0.replace(mtu=1400)), True),
        (seen(ETH0), seen(ETH0, card("eth1", "192.0.2.2")), True),
        (seen(ETH0), seen(card("eth0", "192.0.2.9")), True),
        (seen(ETH0.replace(carrier=True)), seen(ETH0.replace(carrier=False)), True),
        (seen(ETH0), seen(ETH0, eth0=InterfaceFacts(speed=1000)), True),
        (
            seen(ETH0, br0=InterfaceFacts(bridge_options={"hello_timer": "1", "priority": "7"})),
            seen(ETH0, br0=InterfaceFacts(bridge_options={"hello_timer": "9", "priority": "7"})),
            False,
        ),
        (
            seen(ETH0, br0=InterfaceFacts(bridge_options={"hello_timer": "1", "priority": "7"})),
            seen(ETH0, br0=InterfaceFacts(bridge_options={"hello_timer": "1", "priority": "8"})),
            True,
        ),
        (seen(leased("100sec")), seen(leased("99sec")), False),
    ],
    ids=["same", "mtu", "came", "address", "carrier", "speed", "timers", "option", "lifetime"],
)
def test_what_counts_as_a_difference(before: Seen, after: Seen, differs: bool) -> None:
    assert differ(before, after) is differs
