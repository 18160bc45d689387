"""Whole transactions on a host in memory: kept in full or taken back in full, whatever goes wrong where."""

import asyncio
import errno
import os
import typing

import pytest

from linkhold.foundation.diagnostics import Invalid
from linkhold.foundation.driving import drive
from linkhold.foundation.failures import Busy, Permanent
from linkhold.providers.memory.faults import Fault
from linkhold.providers.memory.host import Host
from linkhold.state.network import NetworkState
from linkhold.transaction import confirm
from linkhold.transaction.confirm import NothingToConfirm
from linkhold.transaction.documents import committed
from linkhold.transaction.journal import JournalFailure, read
from linkhold.transaction.options import Options
from linkhold.transaction.progress import Stopwatch
from linkhold.transaction.result import Result
from linkhold.transaction.runner import prepare, run
from tests.unit.transaction.stage import HOST, Stage, document, ordered


def apply(stage: Stage, text: str | None = None, **options: typing.Any) -> Result:
    return asyncio.run(run(document(text) if text else document(), stage.ground, Options(**options)))


def names(stage: Stage) -> set[str]:
    return {one.name for one in stage.state().interfaces}


def endings(stage: Stage) -> list[str | None]:
    assert stage.folder.pending() == []
    return [one.state for one in stage.folder.history()]


def test_a_change_is_applied_verified_committed_and_stored(stage: Stage) -> None:
    result = apply(stage)
    assert (result.outcome, result.reason, result.mismatches) == ("committed", "", ())
    assert {"eth0.7", "br0"} <= names(stage)
    assert endings(stage) == ["committed"]
    assert {one.name for one in committed(stage.folder).interfaces} == {"eth0", "eth1", "eth0.7", "br0"}
    assert len(stage.guarded) == 1
    assert set(result.timings) >= {"observe", "plan", "guard", "apply", "verify", "confirm"}
    phases = list(dict.fromkeys(one.phase for one in stage.told))
    assert phases == ["observe", "guard", "apply", "verify", "done"]


def test_applying_again_does_nothing_and_writes_nothing(stage: Stage) -> None:
    apply(stage)
    again = apply(stage)
    assert again.outcome == "unchanged"
    assert again.plan.empty
    assert endings(stage) == ["committed"]


def test_the_document_that_was_committed_last_is_known_by_its_text(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = "interfaces: [{name: eth1, mtu: 1400}]"
    apply(stage, asked="all")
    apply(stage, small, asked="small")
    monkeypatch.setattr("linkhold.transaction.runner.committed", lambda folder: pytest.fail("it was read"))
    assert apply(stage, small, asked="small").outcome == "unchanged"
    monkeypatch.undo()
    assert apply(stage, asked="all").outcome == "unchanged"
    assert endings(stage) == ["committed", "committed"]


def test_documents_that_break_a_rule_only_together_can_be_read_again(stage: Stage) -> None:
    bond = "{name: bond0, type: bond, link-aggregation: {mode: active-backup, options: {miimon: 100, updelay: 200}}}"
    apply(stage, f"interfaces: [{bond}]")
    apply(stage, "interfaces: [{name: bond0, type: bond, link-aggregation: {options: {miimon: 150}}}]")
    assert apply(stage, "interfaces: [{name: eth1, mtu: 1400}]").outcome == "committed"
    (options,) = [one.bond.options for one in committed(stage.folder).interfaces if one.name == "bond0"]
    assert (options.miimon, options.updelay) == (150, 200)


def test_what_was_for_this_boot_only_is_stored_when_it_is_said_again(stage: Stage) -> None:
    small = "interfaces: [{name: eth1, mtu: 1400}]"
    assert apply(stage, small, asked="small", memory_only=True).outcome == "committed"
    assert committed(stage.folder) == NetworkState()
    assert apply(stage, small, asked="small").outcome == "committed"
    assert [one.name for one in committed(stage.folder).interfaces] == ["eth1"]


def test_who_confirms_without_looking_finds_something_to_confirm(stage: Stage) -> None:
    apply(stage)
    result = apply(stage, confirming="later", even_unchanged=True)
    assert (result.outcome, result.plan.empty) == ("unconfirmed", True)
    assert len(stage.guarded) == 2
    drive(confirm.confirm(stage.folder, stage.ground.clock, stage.ground.provider))
    assert endings(stage) == ["committed", "committed"]
    assert apply(stage, even_unchanged=True).outcome == "unchanged"  # nobody is to confirm this one


def test_the_failure_is_at_hand_as_it_was_raised(stage: Stage) -> None:
    stage.host.refuse(Fault(stage="configure", name="eth0", times=1))
    result = apply(stage)
    assert (result.outcome, type(result.cause).__name__, str(result.cause)) == ("rolled-back", "Refused", result.reason)


def test_a_document_that_says_nothing_leaves_no_trace(stage: Stage) -> None:
    assert apply(stage, "{}").outcome == "unchanged"
    assert endings(stage) == []


def test_documents_accumulate_and_what_is_taken_away_is_not_stored(stage: Stage) -> None:
    apply(stage)
    apply(stage, "interfaces: [{name: br0, state: absent}, {name: d0, type: dummy}]")
    assert {one.name for one in committed(stage.folder).interfaces} == {"eth0", "eth1", "eth0.7", "d0"}


def test_memory_only_is_done_but_not_stored(stage: Stage) -> None:
    apply(stage, "interfaces: [{name: d0, type: dummy}]")
    result = apply(stage, "interfaces: [{name: d1, type: dummy}]", memory_only=True)
    assert result.outcome == "committed"
    assert "d1" in names(stage)
    assert {one.name for one in committed(stage.folder).interfaces} == {"d0"}


def test_what_already_is_so_is_stored_without_a_guard(stage: Stage) -> None:
    result = apply(stage, "interfaces: [{name: eth0, mtu: 1500}]")
    assert result.outcome == "committed"
    assert result.plan.empty
    assert stage.guarded == []
    assert {one.name for one in committed(stage.folder).interfaces} == {"eth0"}


def steps() -> list[tuple[str, str]]:
    """Every (stage, change) of the plan for the usual document."""
    from linkhold.planning.planner import plan

    planned = plan(document(), HOST).plan
    return [(stage, change.name) for stage, changes in planned.steps() for change in changes]


@pytest.mark.parametrize(("stage_name", "change"), steps())
def test_a_refusal_anywhere_leads_back_to_exactly_what_was(stage: Stage, stage_name: str, change: str) -> None:
    before = stage.state()
    stage.host.refuse(Fault(stage=stage_name, name=change))
    result = apply(stage)
    assert result.outcome == "rolled-back", (result.missing, result.reason)
    assert change in result.failed
    assert "EBUSY" in result.answer
    assert stage.state() == before
    assert endings(stage) == ["rolled-back"]
    assert not committed(stage.folder).said()


def test_a_rollback_tries_again_when_it_is_refused(stage: Stage) -> None:
    before = stage.state()
    stage.host.refuse(Fault(stage="route"), Fault(stage="configure", name="eth0", skip=1, times=3))
    result = apply(stage)
    assert result.outcome == "rolled-back"
    assert stage.state() == before


def test_what_can_not_be_restored_is_named(stage: Stage) -> None:
    stage.host.refuse(Fault(stage="route"), Fault(stage="configure", name="eth0", skip=1, times=-1, message="EIO"))
    result = apply(stage)
    assert result.outcome == "stranded"
    assert not result.good
    assert [(one.path, one.desired, one.current) for one in result.missing] == [("interfaces[eth0].mtu", 1500, 1400)]
    assert "EIO" in result.missing[0].why
    assert endings(stage) == ["stranded"]
    assert names(stage) == {"eth0", "eth1"}  # all else is back


def test_a_mistake_of_ours_is_taken_back_too_and_then_shown(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stage.state()
    real = stage.host.carry_out

    def carry_out(stage_name: typing.Any, change: typing.Any) -> None:
        if stage_name == "activate" and change.name == "br0" and change.after is not None:
            monkeypatch.setattr(stage.host, "carry_out", real)
            raise KeyError("a bug")
        real(stage_name, change)

    monkeypatch.setattr(stage.host, "carry_out", carry_out)
    with pytest.raises(KeyError, match="a bug"):
        apply(stage)
    assert stage.state() == before
    assert endings(stage) == ["rolled-back"]


def test_an_interrupt_takes_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stage.state()

    async def story() -> None:
        work = asyncio.ensure_future(run(document(), stage.ground, Options()))
        real = stage.host.apply

        async def applied(stage_name: typing.Any, changes: typing.Any) -> None:
            await real(stage_name, changes)
            if stage_name == "attach":
                work.cancel()

        monkeypatch.setattr(stage.host, "apply", applied)
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(story())
    assert stage.state() == before
    assert endings(stage) == ["rolled-back"]


def test_a_mistake_in_the_document_touches_nothing(stage: Stage) -> None:
    before = stage.state()
    with pytest.raises(Invalid):
        apply(stage, "interfaces: [{name: v, type: vlan, vlan: {base-iface: gone, id: 1}}]")
    assert stage.state() == before
    assert endings(stage) == []


def test_a_plan_that_was_approved_must_still_be_the_plan(stage: Stage) -> None:
    approved = asyncio.run(prepare(document(), stage.ground, Options(), Stopwatch(stage.clock.monotonic))).plan
    assert apply(stage, approved=approved).outcome == "committed"
    stage.host.host.delete("eth0.7", stage.host.host.find("eth0.7"))  # type: ignore[arg-type]
    with pytest.raises(Permanent, match="has changed since"):
        apply(stage, approved=approved)


# verification


def meddle(change: typing.Callable[[Host], None], stage: Stage, seconds: float) -> None:
    stage.host.later(seconds, change)


def test_verification_waits_for_what_settles_by_itself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Host.set_up

    def slow(host: Host, interface: typing.Any) -> None:
        stage.host.later(1.2, lambda now: real(now, now.find(interface.name)))  # type: ignore[arg-type]

    monkeypatch.setattr(Host, "set_up", slow)
    result = apply(stage, "interfaces: [{name: d0, type: dummy}]")
    assert result.outcome == "committed"
    assert 1.1 < result.timings["verify"] < 1.5


def test_verification_names_every_difference_with_its_cause(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stage.state()
    monkeypatch.setattr(Host, "set_up", lambda host, interface: None)
    real = Host.configure

    def deaf(host: Host, interface: typing.Any, wanted: typing.Any) -> None:
        real(host, interface, wanted.replace(mtu=1500) if wanted.name == "eth0" else wanted)

    monkeypatch.setattr(Host, "configure", deaf)
    result = apply(stage, "interfaces: [{name: d0, type: dummy}, {name: eth0, mtu: 1400}]")
    assert result.outcome == "rolled-back"
    found = {one.path: one.why for one in result.mismatches}
    assert set(found) == {"interfaces[d0].state", "interfaces[eth0].mtu"}
    assert "carrier" in found["interfaces[d0].state"]
    assert "refuses" in found["interfaces[eth0].mtu"]
    assert result.timings["verify"] <= 2.5  # no news for the quiet time: no reason to wait for the whole bound
    assert stage.state() == before


def test_another_process_that_meddles_is_told_from_a_refusal(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Host.set_up

    def late(host: Host, interface: typing.Any) -> None:
        stage.host.later(1.0, lambda now: real(now, now.find("d0")))  # type: ignore[arg-type]

    def smaller(now: Host) -> None:
        eth0 = now.find("eth0")
        assert eth0 is not None
        now.put(eth0.replace(mtu=1300))

    monkeypatch.setattr(Host, "set_up", late)
    meddle(smaller, stage, 0.5)
    result = apply(stage, "interfaces: [{name: d0, type: dummy}, {name: eth0, mtu: 1400}]")
    assert result.outcome == "rolled-back"
    assert [one.path for one in result.mismatches] == ["interfaces[eth0].mtu"]
    assert "another process" in result.mismatches[0].why


def test_without_verification_a_difference_is_not_looked_for(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Host, "set_up", lambda host, interface: None)
    result = apply(stage, "interfaces: [{name: d0, type: dummy}]", verify=False)
    assert result.outcome == "committed"
    assert result.notes == ("not verified, as asked for",)


# confirmation


def test_a_change_that_waits_blocks_others_until_it_is_confirmed(stage: Stage) -> None:
    result = apply(stage, confirming="later", confirm_timeout=60)
    assert result.outcome == "unconfirmed"
    assert result.deadline is not None
    assert result.deadline.left(stage.clock) == pytest.approx(60)
    assert not committed(stage.folder).said()
    with pytest.raises(Busy, match="waits for confirmation for another 60 s"):
        apply(stage, "interfaces: [{name: d0, type: dummy}]")
    assert drive(confirm.confirm(stage.folder, stage.clock, stage.host)).state == "committed"
    assert "br0" in names(stage)
    assert "br0" in {one.name for one in committed(stage.folder).interfaces}
    with pytest.raises(NothingToConfirm, match="was committed"):
        drive(confirm.confirm(stage.folder, stage.clock, stage.host))


def test_confirming_after_the_deadline_is_too_late_and_the_next_command_takes_back(stage: Stage) -> None:
    before = stage.state()
    apply(stage, confirming="later", confirm_timeout=60)
    stage.clock.time += 61
    with pytest.raises(NothingToConfirm, match="too late"):
        drive(confirm.confirm(stage.folder, stage.clock, stage.host))
    result = apply(stage, "interfaces: [{name: eth0, mtu: 1500}]")
    assert "nobody confirmed it" in result.notes[0]
    assert stage.state() == before


def test_a_clock_that_is_set_moves_no_deadline(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    apply(stage, confirming="later", confirm_timeout=60)
    monkeypatch.setattr(stage.clock, "now", lambda: 4e9)
    with pytest.raises(Busy, match="another 60 s"):
        apply(stage, "interfaces: [{name: d0, type: dummy}]")
    assert drive(confirm.confirm(stage.folder, stage.clock, stage.host)).state == "committed"


def test_a_deadline_of_another_boot_is_over(stage: Stage) -> None:
    deadline = confirm.deadline_in(60, stage.clock)
    assert deadline.left(stage.clock) == 60
    assert deadline.replace(boot_id="another").left(stage.clock) == 0


# disks


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_disk_that_fails_before_the_first_change_stops_with_nothing_touched(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    before = stage.state()
    stage.folder.prepare()

    def fail(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", fail)
        with pytest.raises(JournalFailure, match=os.strerror(error)):
            apply(stage)
    assert stage.state() == before
    assert endings(stage) == []
    assert apply(stage).outcome == "committed"


@pytest.mark.parametrize("good_lines", range(2, 20))
def test_a_disk_that_fails_later_leads_back(stage: Stage, monkeypatch: pytest.MonkeyPatch, good_lines: int) -> None:
    """Whichever line is the first that does not reach the disk: all or nothing, and it says which."""
    before = stage.state()
    real, written = os.write, []

    def full(fd: int, data: bytes) -> int:
        if b'"event":' in bytes(data):
            written.append(data)
            if len(written) > good_lines:
                raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data)

    monkeypatch.setattr(os, "write", full)
    result = apply(stage)
    assert result.outcome in ("rolled-back", "committed")
    if result.outcome == "rolled-back":
        assert "No space left" in result.reason
        assert stage.state() == before
        assert not committed(stage.folder).said()
    else:
        assert "br0" in names(stage)
        assert "br0" in {one.name for one in committed(stage.folder).interfaces}
    assert len(endings(stage)) == 1


def test_a_guard_that_does_not_start_stops_with_nothing_touched(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stage.state()

    def refuse(journal: str) -> tuple[int, ...]:
        raise Busy("no processes left")

    monkeypatch.setattr(stage, "watch", refuse)
    with pytest.raises(Busy, match="no processes left"):
        apply(stage)
    assert stage.state() == before
    assert endings(stage) == []


def test_the_journal_tells_it_level_by_level(stage: Stage) -> None:
    apply(stage)
    account = read(stage.folder.history()[0].path)
    levels = [line.data for line in account.lines if line.event == "level"]
    assert [one["done"] for one in levels] == [False, True] * (len(levels) // 2)
    assert account.state == "committed"
    assert ordered(stage.host.host.state()) == stage.state()
