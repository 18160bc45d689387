"""The watchman: what is told when, and that rules follow leases when they can."""

import asyncio
import pathlib
import typing

import pytest

from linkhold.executor.setup.snapshot import Snapshot
from linkhold.executor.setup.watchman import Watchman
from linkhold.foundation.diagnostics import Diagnostics, Invalid
from linkhold.foundation.failures import Temporary
from tests.unit.executor.setup.bench import Bench, bench, mtu_of, run
from tests.unit.executor.setup.test_snapshot import meddle


class Scene:
    """A watchman over a host in memory, looked at by hand; `drifted` is what he finds, `followed` what he made follow."""

    def __init__(self, here: Bench) -> None:
        self.here = here
        self.drifted: tuple[str, ...] = ()
        self.wrong: Invalid | None = None
        self.followed: list[int] = []
        self.can_follow = True
        self.news: asyncio.Queue[None] = asyncio.Queue()
        self.watchman = Watchman(
            self,
            here.snapshots,
            self.drift,
            self.follow,
            lambda event, params: here.told.append((event, params)),
            here.log,
            settle=0.01,
            again=0.01,
        )

    async def drift(self, now: Snapshot) -> tuple[str, ...]:
        if self.wrong is not None:
            raise self.wrong
        return self.drifted

    async def follow(self, now: Snapshot) -> bool:
        self.followed.append(now.generation)
        if self.wrong is not None:
            raise self.wrong
        return self.can_follow

    async def changed(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.news.get()
        except TimeoutError:
            return False
        return True

    def events(self, name: str) -> list[dict[str, typing.Any]]:
        return [params for event, params in self.here.told if event == name]


@pytest.fixture
def scene(tmp_path: pathlib.Path) -> Scene:
    return Scene(bench(tmp_path))


def test_the_first_look_tells_nothing_and_makes_rules_follow(scene: Scene) -> None:
    run(scene.watchman.look())
    assert scene.here.told == []
    assert len(scene.followed) == 1


def test_what_differs_is_told_once(scene: Scene) -> None:
    async def work() -> None:
        await scene.watchman.look()
        meddle(scene.here, 1400)
        await scene.watchman.look()
        await scene.watchman.look()

    run(work())
    [told] = scene.events("changed")
    assert (told["interfaces"], told["what"]) == (["eth0"], ["link"])
    assert len(scene.followed) == 2


def test_while_a_change_is_carried_out_nothing_is_told_and_then_all_of_it(scene: Scene) -> None:
    async def work() -> None:
        await scene.watchman.look()
        task = asyncio.create_task(scene.here.set_up(mtu_of(1400, timeout=60)))
        while scene.here.changes.pending is None:
            await asyncio.sleep(0)
        await scene.watchman.look()
        assert scene.events("changed") == []
        scene.here.hear()
        await task
        await scene.watchman.look()

    run(work())
    assert len(scene.events("changed")) == 1


def test_drift_is_told_when_it_comes_when_it_changes_and_when_it_goes(scene: Scene) -> None:
    async def work() -> None:
        await scene.watchman.look()
        for mtu, drifted in ((1400, ("~ interface eth0",)), (1300, ("~ interface eth0",)), (1500, ())):
            scene.drifted = drifted
            meddle(scene.here, mtu)
            await scene.watchman.look()

    run(work())
    assert scene.events("drift") == [
        {"drifted": True, "changes": ["~ interface eth0"]},
        {"drifted": False, "changes": []},
    ]


def test_rules_that_could_not_follow_are_tried_again(scene: Scene) -> None:
    async def work() -> None:
        scene.can_follow = False
        await scene.watchman.look()
        await scene.watchman.look()
        scene.can_follow = True
        await scene.watchman.look()
        await scene.watchman.look()

    run(work())
    assert len(scene.followed) == 3


def test_what_following_changes_is_looked_at_before_drift_is_told(scene: Scene) -> None:
    async def follow(now: Snapshot) -> bool:
        scene.followed.append(now.generation)
        if len(scene.followed) == 1:
            meddle(scene.here, 1400)
        return True

    scene.watchman = Watchman(
        scene,
        scene.here.snapshots,
        scene.drift,
        follow,
        lambda event, params: scene.here.told.append((event, params)),
        scene.here.log,
    )
    scene.drifted = ("+ rule",)

    async def work() -> None:
        await scene.watchman.look()
        assert scene.events("drift") == []
        scene.drifted = ()
        await scene.watchman.look()

    run(work())
    assert scene.events("drift") == []
    assert len(scene.followed) == 2


def test_it_looks_at_news_and_when_poked_and_goes_on_after_a_failure(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def until(count: int) -> None:
        async with asyncio.timeout(10):
            while len(scene.events("changed")) < count:
                await asyncio.sleep(0.005)

    async def work() -> None:
        task = asyncio.create_task(scene.watchman.run())
        while not scene.followed:
            await asyncio.sleep(0.005)
        meddle(scene.here, 1400)
        scene.news.put_nowait(None)
        await until(1)
        meddle(scene.here, 1300)
        scene.watchman.poke()
        await until(2)

        async def blind() -> typing.NoReturn:
            raise Temporary("no")

        with monkeypatch.context() as patch:
            patch.setattr(scene.here.eyes, "look", blind)
            meddle(scene.here, 1200)
            scene.watchman.poke()
            while not any(line["event"] == "not-watched" for line in scene.here.lines):
                await asyncio.sleep(0.005)
        await until(3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(work())


def test_being_cancelled_is_not_lost_at_the_moment_of_waking_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silence(seconds: float) -> bool:
        await asyncio.sleep(seconds)
        return False

    monkeypatch.setattr(scene, "changed", silence)

    async def waits() -> None:
        await scene.watchman._heard(60)
        await asyncio.sleep(60)

    async def work() -> None:
        for turns in range(12):
            task = asyncio.create_task(waits())
            await asyncio.sleep(0.005)
            scene.watchman.poke()
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            done, _ = await asyncio.wait([task], timeout=1)
            assert done, f"it went on after {turns} turns"

    run(work())


def test_news_that_our_own_change_makes_is_left_unheard_until_it_is_over(scene: Scene) -> None:
    async def until(condition: typing.Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.005)

    async def work() -> None:
        task = asyncio.create_task(scene.watchman.run())
        await until(lambda: bool(scene.followed))
        async with scene.here.snapshots.kept():
            scene.news.put_nowait(None)
            await until(scene.news.empty)  # he listened already: he hears one piece, and then no more
            await asyncio.sleep(0.1)
            for _ in range(5):
                scene.news.put_nowait(None)
            meddle(scene.here, 1400)
            await asyncio.sleep(0.1)
            assert scene.news.qsize() == 5
        scene.watchman.poke()
        await until(scene.news.empty)
        await until(lambda: bool(scene.events("changed")))
        task.cancel()

    run(work())


def test_what_runs_and_can_not_be_said_of_this_host_is_drift_and_ends_nothing(scene: Scene) -> None:
    found = Diagnostics()
    found.error("unknown-type", ("interfaces", "bond0"), "bond0 is not there")
    scene.wrong = Invalid(found)

    async def work() -> None:
        await scene.watchman.look()
        await scene.watchman.look()

    run(work())
    assert scene.events("drift") == [{"drifted": True, "changes": ["! bond0 is not there"]}]
    assert len(scene.followed) == 1  # tried again when the host is another one


def test_when_something_happens_meanwhile_there_is_another_look_for_drift(scene: Scene) -> None:
    scene.drifted = ("~ interface eth0",)

    async def follow(now: Snapshot) -> bool:
        if not scene.events("drift"):
            scene.here.snapshots.counts_on()
            scene.watchman._follow = scene.follow
        return True

    scene.watchman._follow = follow

    async def work() -> None:
        task = asyncio.create_task(scene.watchman.run())
        async with asyncio.timeout(5):
            while not scene.events("drift"):
                await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(work())


def test_a_mistake_of_ours_is_told_and_watching_goes_on(scene: Scene) -> None:
    async def follow(now: Snapshot) -> bool:
        scene.watchman._follow = scene.follow
        raise KeyError("next-hop")

    scene.watchman._follow = follow

    async def work() -> None:
        task = asyncio.create_task(scene.watchman.run())
        async with asyncio.timeout(5):
            while not scene.followed:
                await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(work())
    assert [line["error"] for line in scene.here.lines if line["event"] == "bug"] == ["KeyError('next-hop')"]
