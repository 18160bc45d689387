"""Killed at every moment: afterwards the host is as before or as asked for, and the history says which.

The host lives in a file, so that the next command, or the guard, finds it as the dead one left it.
"""

import asyncio
import os
import pathlib
import signal
import time
import typing

import pytest

from linkhold.executor import verbs
from linkhold.foundation.failures import Busy
from linkhold.providers.memory.faults import Fault
from linkhold.providers.memory.provider import Memory
from linkhold.state.network import NetworkState
from linkhold.transaction.confirm import NothingToConfirm
from linkhold.transaction.documents import committed
from tests.unit.executor.crashes import Scene, kill_together
from tests.unit.transaction.stage import DOCUMENT, HOST, ordered

NO_MOMENT_LEFT = 200
HALF_WAY = 10
"""A moment in the middle of the levels."""


class Rig(Scene):
    """A scene with a host in a file."""

    def __init__(self, path: pathlib.Path, text: str = DOCUMENT) -> None:
        self.path = path
        file = str(path / "host.json")
        super().__init__(path, text, {"LINKHOLD_PROVIDER": f"memory:{file}"})
        self.host = Memory(HOST, file=file)
        self.before = self.state()

    def state(self) -> NetworkState:
        from linkhold.foundation.driving import drive
        from linkhold.providers.contract import Scope

        return ordered(drive(self.host.observe(Scope())))

    def ground(self) -> typing.Any:
        return verbs.standing(self.folder.path, provider=self.host)._replace(arm=None)

    def recover(self) -> None:
        asyncio.run(verbs.recovered(ground=self.ground()))

    def assert_all_or_nothing(self, wanted: NetworkState) -> str:
        """As before or as asked for; what is stored agrees with that."""
        ending = self.ending() if self.folder.history() else "rolled-back"
        assert ending in ("committed", "rolled-back")
        assert self.state() == (wanted if ending == "committed" else self.before)
        assert bool(committed(self.folder).said()) is (ending == "committed")
        return ending


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> NetworkState:
    """The host after an application that nothing disturbs."""
    rig = Rig(tmp_path_factory.mktemp("wanted"))
    assert rig.run(guard=False) == "committed"
    return rig.state()


def every_moment(path: pathlib.Path, **options: typing.Any) -> typing.Iterator[Rig]:
    """A fresh rig for each moment at which the command was killed, until it survives."""
    for crash_at in range(1, NO_MOMENT_LEFT):
        (path / str(crash_at)).mkdir()
        rig = Rig(path / str(crash_at))
        if fault := options.get("fault"):
            rig.host.refuse(fault)
        outcome = rig.run(crash_at=crash_at, guard=options.get("guard", False))
        if outcome:
            assert crash_at > 20, "the moments were not counted"
            return
        yield rig
    pytest.fail("the command never survived")


@pytest.mark.limit(240)
def test_killed_at_every_line_and_recovered_by_the_next_command(tmp_path: pathlib.Path, wanted: NetworkState) -> None:
    endings = []
    for rig in every_moment(tmp_path):
        rig.recover()
        endings.append(rig.assert_all_or_nothing(wanted))
    assert set(endings) == {"committed", "rolled-back"}
    assert endings == sorted(endings, reverse=True)  # once it is committed it stays so: one commit point


@pytest.mark.limit(240)
def test_killed_at_every_line_of_a_rollback(tmp_path: pathlib.Path, wanted: NetworkState) -> None:
    for rig in every_moment(tmp_path, fault=Fault(stage="route")):
        rig.recover()
        assert rig.assert_all_or_nothing(wanted) == "rolled-back"


@pytest.mark.limit(240)
def test_killed_at_every_line_and_recovered_by_the_guard(tmp_path: pathlib.Path, wanted: NetworkState) -> None:
    for rig in every_moment(tmp_path, guard=True):
        if rig.folder.pending() and not rig.guards():
            rig.recover()  # it died before the guard was armed, and before anything was touched
        rig.wait_until_over()
        rig.assert_all_or_nothing(wanted)


def test_the_guard_rolls_back_when_nobody_confirms(tmp_path: pathlib.Path, wanted: NetworkState) -> None:
    rig = Rig(tmp_path)
    began = time.monotonic()
    assert rig.run(confirming="later", confirm_timeout=1.5) == "unconfirmed"
    assert rig.state() == wanted
    rig.wait_until_over()
    assert time.monotonic() - began > 1.4
    assert rig.assert_all_or_nothing(wanted) == "rolled-back"
    with pytest.raises(NothingToConfirm, match="rolled back"):
        asyncio.run(verbs.confirm(ground=rig.ground()))


def test_confirmed_in_time_stays_and_the_guards_go_away(tmp_path: pathlib.Path, wanted: NetworkState) -> None:
    rig = Rig(tmp_path)
    assert rig.run(confirming="later", confirm_timeout=30) == "unconfirmed"
    guards = rig.guards()
    assert all(alive(one) for one in guards)
    asyncio.run(verbs.confirm(ground=rig.ground()))
    assert rig.assert_all_or_nothing(wanted) == "committed"
    wait(lambda: not any(alive(one) for one in guards))


def test_rolled_back_by_another_command(tmp_path: pathlib.Path, wanted: NetworkState) -> None:
    rig = Rig(tmp_path)
    assert rig.run(confirming="later", confirm_timeout=30) == "unconfirmed"
    done = asyncio.run(verbs.rollback(ground=rig.ground()))
    assert (done.cause, done.missing) == ("cancelled", ())
    assert rig.assert_all_or_nothing(wanted) == "rolled-back"


@pytest.mark.parametrize("which", [0, 1])
def test_a_guard_that_is_killed_is_started_again_by_the_other(
    tmp_path: pathlib.Path, wanted: NetworkState, which: int
) -> None:
    rig = Rig(tmp_path)
    assert rig.run(confirming="later", confirm_timeout=5) == "unconfirmed"
    for _ in range(3):  # the one that is left, and then the one it has started
        wait(lambda: len(watching(rig)) == 2)
        both = watching(rig)
        os.kill(both[which], signal.SIGKILL)
        wait(lambda: len(watching(rig)) == 2 and both[which] not in watching(rig))  # noqa: B023
    rig.wait_until_over()
    assert rig.assert_all_or_nothing(wanted) == "rolled-back"


def test_both_guards_killed_the_next_command_takes_back(tmp_path: pathlib.Path, wanted: NetworkState) -> None:
    rig = Rig(tmp_path)
    assert rig.run(confirming="later", confirm_timeout=1) == "unconfirmed"
    kill_together(*watching(rig))
    time.sleep(1.5)
    assert len(rig.folder.pending()) == 1
    rig.recover()
    assert rig.assert_all_or_nothing(wanted) == "rolled-back"


def test_owner_and_both_guards_killed_half_way(tmp_path: pathlib.Path, wanted: NetworkState) -> None:
    rig = Rig(tmp_path)
    with rig.start(crash_at=HALF_WAY, stop=True) as child:
        wait(lambda: stopped(child.pid))
        assert rig.state() not in (rig.before, wanted)  # in between, indeed
        kill_together(child.pid, *watching(rig))
        child.communicate()
    assert rig.state() != rig.before
    rig.recover()
    assert rig.assert_all_or_nothing(wanted) == "rolled-back"


def test_the_guard_is_out_of_reach_of_the_terminal(tmp_path: pathlib.Path) -> None:
    rig = Rig(tmp_path)
    assert rig.run(confirming="later", confirm_timeout=20) == "unconfirmed"
    for pid in watching(rig):
        assert os.getsid(pid) != os.getsid(0)
        assert os.readlink(f"/proc/{pid}/cwd") == "/"
        os.kill(pid, signal.SIGHUP)
        os.kill(pid, signal.SIGINT)
    time.sleep(0.2)
    assert len(watching(rig)) == 2
    asyncio.run(verbs.rollback(ground=rig.ground()))


def test_an_owner_that_hangs_beyond_its_deadline_is_killed_and_taken_back(
    tmp_path: pathlib.Path, wanted: NetworkState
) -> None:
    rig = Rig(tmp_path)
    with rig.start(crash_at=HALF_WAY, stop=True, apply_timeout=-13.5) as child:  # leaves 1.5 s for all
        child.wait(timeout=20)
        assert child.returncode == -signal.SIGKILL
        child.communicate()
    rig.wait_until_over()
    assert rig.assert_all_or_nothing(wanted) == "rolled-back"


def test_two_at_once_one_is_refused_and_told_who(tmp_path: pathlib.Path) -> None:
    rig = Rig(tmp_path)
    rig.folder.prepare()
    with rig.folder.lock(), pytest.raises(Busy, match=f"process {os.getpid()}"):
        asyncio.run(verbs.recovered(ground=rig.ground()))


def test_a_transaction_of_an_earlier_boot_leaves_only_files_to_put_back(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a reboot the kernel has forgotten; what was written to files (the name servers) has not."""
    rig = Rig(tmp_path, DOCUMENT + "dns-resolver: {config: {server: [192.0.2.53]}}\n")
    assert rig.run(confirming="later", confirm_timeout=60, guard=False) == "unconfirmed"
    written = rig.host.host.state() if rig.state() else None
    assert written is not None
    fresh = Memory(HOST.replace(dns=written.dns), file=str(tmp_path / "rebooted.json"))  # the kernel is as at boot
    monkeypatch.setattr("linkhold.transaction.owner.boot_id", lambda: "the next boot")
    ground = verbs.standing(rig.folder.path, provider=fresh)._replace(arm=None)
    (done,) = asyncio.run(verbs.recovered(ground=ground))
    assert done.missing == ()
    after = fresh.host.state()
    assert after.dns.config.server == ()
    assert ordered(after.replace(dns=HOST.dns)) == ordered(Memory(HOST).host.state())
    assert rig.ending() == "rolled-back"
    assert not committed(rig.folder).said()


def test_a_journal_torn_in_its_first_line_is_set_aside(tmp_path: pathlib.Path) -> None:
    rig = Rig(tmp_path)
    rig.folder.prepare()
    pathlib.Path(rig.folder.new_path()).write_bytes(b'{"number":1,"event":"beg')
    rig.recover()
    assert rig.ending() == "rolled-back"
    assert rig.state() == rig.before


def alive(pid: int) -> bool:
    from linkhold.transaction.owner import started

    return started(pid) is not None


def watching(rig: Scene) -> list[int]:
    """The guards of this state directory, oldest first."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            words = pathlib.Path(f"/proc/{entry}/cmdline").read_bytes() if entry.isdigit() else b""
            theirs = pathlib.Path(f"/proc/{entry}/environ").read_bytes() if words else b""
        except OSError:
            continue
        if b"linkhold.executor.guard" in words and rig.folder.path.encode() in theirs and alive(int(entry)):
            found.append(int(entry))
    return sorted(found)


def stopped(pid: int) -> bool:
    return b") T " in pathlib.Path(f"/proc/{pid}/stat").read_bytes()


def wait(ready: typing.Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)
