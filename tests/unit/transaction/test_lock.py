"""One transaction at a time."""

import asyncio
import os
import pathlib
import signal
import subprocess
import sys
import threading

import pytest

from linkhold.foundation.failures import Busy
from linkhold.transaction import owner
from linkhold.transaction.lock import Lock

HOLDER = """
import sys, time
from linkhold.transaction.lock import Lock
lock = Lock(sys.argv[1]); lock.acquire(); print("held", flush=True); time.sleep(5)
"""


def test_the_second_is_told_who_is_first_and_takes_over_when_it_dies(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "lock")
    with subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(Busy, match=f"process {holder.pid} of .*import sys"):
            Lock(path).acquire()
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        with Lock(path) as mine:
            assert mine is not None
            with pytest.raises(Busy, match=str(os.getpid())):
                Lock(path).acquire()


def test_waiting_for_it_ends_when_it_is_free(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "lock")
    first, second = Lock(path), Lock(path)
    first.acquire()
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            first.release()

    asyncio.run(second.acquire_within(5, sleep))
    assert len(waited) == 3
    with pytest.raises(Busy):
        asyncio.run(first.acquire_within(0.3, sleep))
    second.release()


def test_an_owner_is_known_by_more_than_its_number() -> None:
    me = owner.myself()
    assert owner.alive(me)
    assert not owner.alive(me.replace(start=me.start + 1))
    assert not owner.alive(me.replace(boot="another"))
    assert str(os.getpid()) in str(me)


def test_remains_of_a_process_are_not_alive() -> None:
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert owner.started(child) is None
    os.waitpid(child, 0)


def test_who_holds_it_for_a_glance_turns_nobody_away(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "lock")
    for wait in (lambda lock: lock.__enter__(), lambda lock: asyncio.run(lock.acquire_within(0, asyncio.sleep))):
        guard, command = Lock(path), Lock(path)
        guard.acquire()
        threading.Timer(0.1, guard.release).start()
        wait(command)
        with pytest.raises(Busy):
            Lock(path).acquire()
        command.release()
