"""One request from its words to its end: confirmed in time, too late, by another, refused, broken off, taken up again."""

import asyncio
import pathlib
import typing

import pytest

from linkhold.executor.setup.changing import RULES
from linkhold.executor.setup.outcome import Unsuccessful
from linkhold.executor.setup.store import Held
from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.failures import Busy, Temporary
from linkhold.networks import codes
from linkhold.networks.configuration import Configuration
from linkhold.networks.facts import Facts
from linkhold.networks.request import Rejected
from linkhold.providers.contract import Scope
from linkhold.providers.memory.faults import Fault
from linkhold.state.document import read
from linkhold.state.network import NetworkState
from linkhold.transaction import runner
from linkhold.transaction.confirm import confirm
from linkhold.transaction.options import Options
from linkhold.transaction.progress import Progress
from tests.unit.executor.setup.bench import Bench, bench, configuration, mtu_of, run


@pytest.fixture
def here(tmp_path: pathlib.Path) -> Bench:
    # the event and the lock in it are of no loop before they are waited for
    return bench(tmp_path)


def at_phase(here: Bench, phase: str, act: typing.Callable[[], None]) -> None:
    """Do something when the transaction comes there."""

    def during(progress: Progress) -> None:
        if progress.phase == phase:
            act()

    here.during = during


def fails(here: Bench, work: typing.Coroutine[typing.Any, typing.Any, typing.Any]) -> Unsuccessful:
    with pytest.raises(Unsuccessful) as caught:
        run(work)
    return caught.value


def test_without_a_check_it_is_committed_at_once(here: Bench) -> None:
    answer = run(here.set_up(mtu_of(1400, check=False)))
    assert answer["outcome"] == "committed"
    assert here.mtu() == 1400
    assert here.store.running().configuration == configuration(1400)
    assert here.store.running().transaction == answer["transaction"]
    assert {"prepare", "observe", "plan", "apply", "verify", "confirm"} <= answer["timings"].keys()
    assert (pathlib.Path(here.store.path) / "running.json").exists()
    assert here.store.safe() is None


def test_heard_while_it_waits_it_is_kept(here: Bench) -> None:
    async def work() -> typing.Any:
        task = asyncio.create_task(here.set_up(mtu_of(1400, timeout=60)))
        while here.changes.pending is None:
            await asyncio.sleep(0)
        assert here.changes.pending.requester == "engine"
        here.hear()
        return await task

    assert run(work())["outcome"] == "committed"
    assert here.mtu() == 1400
    assert here.changes.pending is None


def test_heard_while_it_is_still_verified_it_is_kept(here: Bench) -> None:
    at_phase(here, "verify", here.hear)
    assert run(here.set_up(mtu_of(1400)))["outcome"] == "committed"
    assert here.store.running().configuration == configuration(1400)


@pytest.mark.parametrize("phase", ["observe", "plan", "guard", "apply"])
def test_heard_only_before_it_was_applied_it_is_taken_back(here: Bench, phase: str) -> None:
    def passing() -> None:
        here.hear()
        here.stage.clock.time += 0.01

    at_phase(here, phase, passing)
    failed = fails(here, here.set_up(mtu_of(1400)))
    assert failed.number == codes.LOST_CONNECTION
    assert here.mtu() == 1500


def test_not_heard_in_time_everything_comes_back(here: Bench) -> None:
    failed = fails(here, here.set_up(mtu_of(1400, timeout=5)))
    assert failed.number == codes.LOST_CONNECTION
    assert failed.message.startswith("connectivity check failed")
    assert failed.data["outcome"] == "rolled-back"
    assert failed.data["missing"] == []
    assert failed.data["timings"]["confirm"] >= 5
    assert here.mtu() == 1500
    assert here.store.running().configuration == Configuration()
    assert here.stage.folder.fate(failed.data["transaction"]).state == "rolled-back"


def test_somebody_else_is_no_proof(here: Bench) -> None:
    at_phase(here, "verify", lambda: here.hear("another engine"))
    assert fails(here, here.set_up(mtu_of(1400))).number == codes.LOST_CONNECTION


def test_what_is_said_of_the_future_is_taken_for_now(here: Bench) -> None:
    at_phase(here, "plan", lambda: here.hear(at=here.stage.clock.time + 1000))
    at_phase_verify = here.during

    def during(progress: Progress) -> None:
        at_phase_verify(progress)
        if progress.phase == "apply":
            here.stage.clock.time += 1

    here.during = during
    assert fails(here, here.set_up(mtu_of(1400))).number == codes.LOST_CONNECTION


def test_nothing_to_change_waits_to_be_heard_all_the_same(here: Bench) -> None:
    run(here.set_up(mtu_of(1400, check=False)))
    failed = fails(here, here.set_up(mtu_of(1400)))
    assert failed.number == codes.LOST_CONNECTION
    at_phase(here, "confirm", here.hear)
    assert run(here.set_up(mtu_of(1400)))["outcome"] == "committed"


def test_commit_on_success_makes_it_safe(here: Bench) -> None:
    run(here.set_up(mtu_of(1400, check=False, commit=True)))
    safe = here.store.safe()
    assert safe is not None
    assert safe.configuration == configuration(1400)
    assert not here.store.dirty


@pytest.mark.parametrize(("commit", "kept"), [(True, configuration(1400)), (False, None)])
def test_ended_right_after_the_commit_point_it_is_made_safe_by_who_comes_next(
    here: Bench, commit: bool, kept: Configuration | None
) -> None:
    def end() -> None:
        here.after_each = lambda: None
        raise KeyboardInterrupt

    here.after_each = end
    with pytest.raises(KeyboardInterrupt):
        run(here.set_up(mtu_of(1400, check=False, commit=commit)))
    assert here.store.safe() is None
    here.restart()
    run(here.changes.resume())
    safe = here.store.safe()
    assert (None if safe is None else safe.configuration) == kept


def test_what_became_safe_otherwise_afterwards_is_left_so(here: Bench) -> None:
    run(here.set_up(mtu_of(1400, check=False, commit=True)))
    here.store.save(Held(configuration(1300)))
    here.restart()
    run(here.changes.resume())
    safe = here.store.safe()
    assert safe is not None
    assert safe.configuration == configuration(1300)


def test_keep_makes_running_safe(here: Bench) -> None:
    run(here.set_up(mtu_of(1400, check=False)))
    assert here.store.dirty
    assert run(here.changes.keep()) is True
    assert not here.store.dirty


def test_a_second_request_is_refused_at_once_and_disturbs_nothing(here: Bench) -> None:
    async def work() -> typing.Any:
        first = asyncio.create_task(here.set_up(mtu_of(1400, timeout=60)))
        while here.changes.pending is None:
            await asyncio.sleep(0)
        with pytest.raises(Unsuccessful) as second:
            await here.set_up(mtu_of(1300, check=False), request="r2")
        with pytest.raises(Unsuccessful) as keeping:
            await here.changes.keep()
        here.hear()
        return await first, second.value, keeping.value

    answer, second, keeping = run(work())
    assert (second.number, second.message) == (codes.UNAVAILABLE, "Resource unavailable")
    assert keeping.number == codes.UNAVAILABLE
    assert answer["outcome"] == "committed"
    assert here.mtu() == 1400


def test_rules_that_are_being_laid_are_waited_for(here: Bench) -> None:
    """What this process does by itself is no reason to refuse a request; a request is one to put that off."""
    rules = read({"interfaces": [{"name": "eth1", "mtu": 1450}]})

    async def work() -> typing.Any:
        laying = asyncio.create_task(here.changes.apply(rules, Options(memory_only=True), what=RULES))
        while here.changes.turn.holder != RULES:
            await asyncio.sleep(0)
        request = asyncio.create_task(here.set_up(mtu_of(1400, timeout=60)))
        assert (await laying).outcome == "committed"
        while here.changes.pending is None:
            await asyncio.sleep(0)
        with pytest.raises(Busy):
            await here.changes.apply(rules, Options(memory_only=True), what=RULES)
        here.hear()
        return await request

    assert run(work())["outcome"] == "committed"
    assert (here.mtu("eth0"), here.mtu("eth1")) == (1400, 1450)


def test_the_turn_is_free_again_after_a_failure(here: Bench) -> None:
    fails(here, here.set_up(mtu_of(1400)))
    assert run(here.set_up(mtu_of(1300, check=False)))["outcome"] == "committed"


def test_mistakes_are_told_with_their_number_and_all_of_them(here: Bench) -> None:
    def prepare(running: Configuration, state: NetworkState, facts: Facts) -> typing.Any:
        found = Diagnostics()
        found.error("bad-vlan", ("networks", "red", "vlan"), "VLAN id out of range")
        found.error("bad-nic", ("networks", "red", "nic"), "Nic x does not exist")
        raise Rejected(found)

    failed = fails(here, here.set_up(prepare))
    assert (failed.number, failed.message) == (codes.BAD_VLAN, "VLAN id out of range")
    assert [one["code"] for one in failed.data["diagnostics"]] == ["bad-nic", "bad-vlan"]
    assert here.stage.folder.history() == []


def test_a_document_that_cannot_be_planned_is_a_bad_request(here: Bench) -> None:
    failed = fails(here, here.set_up(mtu_of(1400, name="nowhere0")))
    assert failed.number == codes.BAD_PARAMS
    assert failed.data["diagnostics"]
    assert here.mtu() == 1500


def test_a_refusal_of_the_host_is_told_with_the_change_in_hand(here: Bench) -> None:
    here.stage.host.refuse(Fault(name="eth0", stage="configure"))
    failed = fails(here, here.set_up(mtu_of(1400)))
    assert failed.number == codes.FAILED_IFUP
    assert failed.data["failed"] == "~ interface eth0"
    assert "EBUSY" in failed.data["answer"] + failed.data["reason"]
    assert failed.data["sentence"] == "The host is as it was before."
    assert here.mtu() == 1500
    assert here.store.running().configuration == Configuration()


def test_a_host_that_can_not_be_read_is_told(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from linkhold.foundation.failures import Temporary

    async def blind() -> typing.NoReturn:
        raise Temporary("the kernel can't be read")

    monkeypatch.setattr(here.eyes, "look", blind)
    failed = fails(here, here.set_up(mtu_of(1400)))
    assert failed.number == codes.FAILED_IFUP
    assert "can't be read" in failed.message


def test_a_check_that_nobody_could_pass_is_refused(here: Bench) -> None:
    failed = fails(here, here.set_up(mtu_of(1400), requester=""))
    assert failed.number == codes.BAD_PARAMS
    assert here.stage.folder.history() == []
    assert run(here.set_up(mtu_of(1400, check=False), requester=""))["outcome"] == "committed"


def test_whoever_asked_may_go_away(here: Bench) -> None:
    """The server does not cancel what it carries out; here: the waiting for it is what ends."""

    async def work() -> None:
        task = asyncio.create_task(here.set_up(mtu_of(1400, timeout=60)))
        asker = asyncio.ensure_future(asyncio.shield(task))
        while here.changes.pending is None:
            await asyncio.sleep(0)
        asker.cancel()
        here.hear()
        await task

    run(work())
    assert here.mtu() == 1400
    assert here.store.running().configuration == configuration(1400)


def test_confirmed_by_hand_it_is_kept(here: Bench) -> None:
    async def work() -> typing.Any:
        task = asyncio.create_task(here.set_up(mtu_of(1400, timeout=60)))
        while here.changes.pending is None:
            await asyncio.sleep(0)
        await confirm(here.stage.folder, here.stage.clock, here.stage.host)
        return await task

    answer = run(work())
    assert answer["outcome"] == "committed"
    assert answer["timings"]["confirm"] < 10
    assert here.store.running().configuration == configuration(1400)


def test_rolled_back_by_hand_it_is_not(here: Bench) -> None:
    from linkhold.executor import verbs

    async def work() -> typing.Any:
        task = asyncio.create_task(here.set_up(mtu_of(1400, timeout=60)))
        while here.changes.pending is None:
            await asyncio.sleep(0)
        await verbs.rollback(ground=here.stage.ground)
        return await task

    failed = fails(here, work())
    assert failed.number == codes.LOST_CONNECTION
    assert here.mtu() == 1500


class Left:
    """A change that waits, and whose process is gone."""

    def __init__(self, here: Bench, **options: typing.Any) -> None:
        self.here = here

        async def work() -> None:
            task = asyncio.create_task(here.set_up(mtu_of(1400, timeout=60, **options)))
            while here.changes.pending is None:
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        run(work())
        here.told.clear()
        here.restart()
        assert here.mtu() == 1400


async def resumed(here: Bench, act: typing.Callable[[], None]) -> None:
    task = asyncio.create_task(here.changes.resume())
    while here.changes.pending is None:
        await asyncio.sleep(0)
    act()
    await task


def test_after_a_restart_being_heard_still_keeps_it(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    _journal_in_fake_time(here, monkeypatch)
    Left(here, commit=True)
    run(resumed(here, here.hear))
    assert here.mtu() == 1400
    assert here.store.running().configuration == configuration(1400)
    assert not here.store.dirty, "it was to be safe once confirmed"


def test_after_a_restart_another_requester_keeps_nothing(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    _journal_in_fake_time(here, monkeypatch)
    Left(here)
    run(resumed(here, lambda: here.hear("another")))
    assert here.mtu() == 1500
    assert here.store.running().configuration == Configuration()
    assert here.told[-1][1]["outcome"] == "rolled-back"


def test_after_a_restart_others_have_to_wait_as_before(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    _journal_in_fake_time(here, monkeypatch)
    Left(here)

    async def work() -> Unsuccessful:
        task = asyncio.create_task(here.changes.resume())
        while here.changes.pending is None:
            await asyncio.sleep(0)
        with pytest.raises(Unsuccessful) as second:
            await here.set_up(mtu_of(1300))
        here.hear()
        await task
        return second.value

    assert run(work()).number == codes.UNAVAILABLE


def test_after_a_restart_too_late_is_too_late(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    _journal_in_fake_time(here, monkeypatch)
    Left(here)
    here.stage.clock.time += 61
    run(here.changes.resume())
    assert here.mtu() == 1500


def test_after_a_restart_on_a_host_that_cannot_be_looked_at_yet_it_is_taken_up_later(
    here: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _journal_in_fake_time(here, monkeypatch)
    Left(here)
    look, failures = here.eyes.look, [Temporary("the bus is not there yet")] * 2

    async def late() -> typing.Any:
        if failures:
            raise failures.pop()
        return await look()

    monkeypatch.setattr(here.eyes, "look", late)
    run(resumed(here, here.hear))
    assert here.mtu() == 1400


def test_after_a_restart_being_heard_while_the_host_is_looked_at_counts(
    here: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _journal_in_fake_time(here, monkeypatch)
    Left(here)
    look = here.eyes.look

    async def heard() -> typing.Any:
        here.hear()
        return await look()

    monkeypatch.setattr(here.eyes, "look", heard)
    run(here.changes.resume())
    assert here.mtu() == 1400


def test_a_restart_with_nothing_left_copies_what_was_committed(here: Bench) -> None:
    run(here.set_up(mtu_of(1400, check=False)))
    copy = pathlib.Path(here.store.path) / "running.json"
    copy.unlink()
    here.restart()
    run(here.changes.resume())
    assert copy.exists()


def _journal_in_fake_time(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal writes down the machine's own time since boot; a restarted process compares it with its clock."""
    monkeypatch.setattr("linkhold.transaction.journal.time.clock_gettime", lambda clock: here.stage.clock.time)


def test_events_tell_of_a_change_from_waiting_to_its_end(here: Bench) -> None:
    at_phase(here, "verify", here.hear)
    answer = run(here.set_up(mtu_of(1400)))
    name = answer["transaction"]
    assert here.told == [
        ("transaction", {"transaction": name, "phase": "confirm", "outcome": ""}),
        ("transaction", {"transaction": name, "phase": "done", "outcome": "committed"}),
    ]
    assert here.ended == 1


def test_the_log_follows_one_request_with_its_id(here: Bench) -> None:
    fails(here, here.set_up(mtu_of(1400), request="flow-7"))
    events = [line["event"] for line in here.lines if line.get("request") == "flow-7"]
    assert events == ["desired", "transaction", "waits", "failed"]
    [planned] = [line["changes"] for line in here.lines if line["event"] == "transaction"]
    assert planned == ["~ interface eth0"]
    [desired] = [line["document"] for line in here.lines if line["event"] == "desired"]
    assert desired == {"interfaces": [{"name": "eth0", "mtu": 1400}]}
    [failed] = [line for line in here.lines if line["event"] == "failed"]
    assert failed["code"] == codes.LOST_CONNECTION
    assert failed["outcome"] == "rolled-back"


@pytest.mark.parametrize(("refused", "event"), [(False, "finished"), (True, "failed")])
def test_the_log_follows_a_document_as_well(here: Bench, refused: bool, event: str) -> None:
    if refused:
        here.stage.host.refuse(Fault(name="eth0", stage="configure"))
    document = {"interfaces": [{"name": "eth0", "mtu": 1400}]}
    run(here.changes.apply(read(document), Options(), request="flow-8"))
    [desired, transaction, ended] = [line for line in here.lines if line.get("request") == "flow-8"]
    assert desired["document"] == document
    assert transaction["changes"] == ["~ interface eth0"]
    assert ended["event"] == event
    assert ("mismatches" in ended) == refused


def test_during_a_change_the_snapshot_is_that_before_it(here: Bench) -> None:
    seen: list[int] = []

    async def work() -> None:
        before = await here.snapshots.current()
        task = asyncio.create_task(here.set_up(mtu_of(1400, timeout=60)))
        while here.changes.pending is None:
            await asyncio.sleep(0)
        during = await here.snapshots.current()
        here.hear()
        await task
        after = await here.snapshots.current()
        assert during == before
        assert after.generation > before.generation
        seen.extend(typing.cast("int", one.seen.state.by_key["eth0", ""].mtu) for one in (before, during, after))

    run(work())
    assert seen == [1500, 1500, 1400]


@pytest.mark.parametrize("check", [False, True])
def test_what_is_said_to_run_goes_with_the_snapshot_up_to_the_end(here: Bench, check: bool) -> None:
    """Also in the moment when it is committed already: a network that runs and has no interface would be half of a change."""
    told: list[tuple[bool, Configuration]] = []
    here.after_each = lambda: told.append((here.snapshots.keeps, here.changes.running))
    at_phase(here, "verify", here.hear)
    run(here.set_up(mtu_of(1400, check=check)))
    assert told == [(True, Configuration())] * (1 + check)
    assert here.changes.running == configuration(1400)


def test_an_attachment_names_who_may_confirm(here: Bench) -> None:
    at_phase(here, "verify", here.hear)
    run(here.set_up(mtu_of(1400, timeout=7), request="flow-7"))
    from linkhold.transaction.documents import attached

    found = attached(here.stage.folder)
    assert found is not None
    data = found[1]
    assert (data["requester"], data["request"], data["seconds"]) == ("engine", "flow-7", 7)


def test_a_disk_that_is_full_after_the_commit_point_is_told_and_nothing_is_lost(
    here: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linkhold.executor.setup import store
    from linkhold.foundation.failures import Permanent

    def full(path: str, content: bytes) -> None:
        raise Permanent("can't write: No space left on device")

    monkeypatch.setattr(store, "write_whole", full)
    answer = run(here.set_up(mtu_of(1400, check=False)))
    assert answer["outcome"] == "committed"
    assert any("No space" in note for note in answer["notes"])
    here.restart()
    assert here.store.running().configuration == configuration(1400)


def test_a_request_looks_at_the_host_as_often_as_its_document_does(
    here: Bench, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted(one: Bench) -> list[object]:
        looks: list[object] = []
        observe = one.stage.host.observe

        async def observed(scope: Scope) -> NetworkState:
            looks.append(scope)
            return await observe(scope)

        monkeypatch.setattr(one.stage.host, "observe", observed)
        return looks

    run(here.snapshots.current())  # as it is known from before
    requested = counted(here)
    run(here.set_up(mtu_of(1400, check=False)))
    other = bench(tmp_path / "other")
    applied = counted(other)
    desired = read({"interfaces": [{"name": "eth0", "mtu": 1400}]})
    run(runner.run(desired, other.stage.ground, Options()))
    assert other.mtu() == here.mtu() == 1400
    assert len(requested) == len(applied) > 1
