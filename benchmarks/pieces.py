"""One side of a comparison: a process that is timed, and whose memory is looked at in a run of its own."""

import collections.abc
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time
import typing

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]

Surroundings = collections.abc.Callable[[], contextlib.AbstractContextManager[object]]


class PieceFailed(Exception):
    """A measured process ended badly; the message holds what it said."""


class Piece:
    """A command, timed from its start to its end, or (`own_time`) by itself: then it prints its seconds as JSON.

    `around` is entered before each run and left behind it: a fresh network namespace, the objects to remove. It is not
    timed. What is left to do there after a run (`check`) is neither.
    """

    def __init__(
        self,
        command: collections.abc.Sequence[str],
        *,
        around: Surroundings = contextlib.nullcontext,
        own_time: bool = False,
        check: collections.abc.Callable[[], None] = lambda: None,
    ) -> None:
        self.command = list(command)
        self.around = around
        self.own_time = own_time
        self.check = check

    def seconds(self) -> float:
        """Run once. Raises PieceFailed."""
        with self.around():
            began = time.perf_counter()
            printed = run(self.command)
            took = time.perf_counter() - began
            self.check()
        return float(json.loads(printed)["seconds"]) if self.own_time else took

    def peak(self) -> int:
        """Peak resident memory in bytes of the process or of a child of it, whichever had more, in an untimed run."""
        highest = 0
        while not highest:  # a process may come and go while somebody else has the processor
            with self.around():
                highest = self._watched()
        return highest

    def _watched(self) -> int:
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(self.command, stdout=quiet, stderr=quiet, env=environment())
        highest = 0
        while process.poll() is None:
            highest = max(highest, *(high_water(pid) for pid in (process.pid, *_children(process.pid))))
        return highest


Sides = tuple[Piece, Piece]
"""Ours, and the reference."""


def checking(names: set[str], *, gone: bool = False) -> collections.abc.Callable[[], None]:
    """A check that the work was done, which is none of the work."""

    def check() -> None:
        there = {line.split(":")[0].strip() for line in pathlib.Path("/proc/net/dev").read_text().splitlines()[2:]}
        wrong = names & there if gone else names - there
        if wrong:
            raise AssertionError(f"{len(wrong)} interfaces {'remain' if gone else 'are missing'}: {sorted(wrong)[:5]}")

    return check


def linkhold(*words: str) -> list[str]:
    """The command, by the entry point that is installed beside this Python."""
    return [str(pathlib.Path(sys.executable).with_name("linkhold")), *words]


def run(command: collections.abc.Sequence[str]) -> bytes:
    """What a command prints. Raises PieceFailed."""
    done = subprocess.run(command, capture_output=True, env=environment(), check=False)
    if done.returncode:
        complaint = (done.stderr or done.stdout).decode(errors="replace")[-4000:]
        raise PieceFailed(f"{' '.join(command)} ended with {done.returncode}:\n{complaint}")
    return done.stdout


def python(what: str, *arguments: str) -> list[str]:
    """The command that runs one of the measured functions of `benchmarks.measured` in a Python of its own."""
    return [sys.executable, "-m", "benchmarks.measured", what, *arguments]


def environment() -> dict[str, str]:
    """That of every measured process: compiled modules may be used and written, nothing else is special."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LINKHOLD"))}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "LC_ALL": "C.UTF-8"}


def high_water(pid: int) -> int:
    """VmHWM of /proc/PID/status (proc(5)). `ru_maxrss` won't do: it counts what the parent had when it forked."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _children(pid: int) -> typing.Iterator[int]:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{pid}/children") as children:
        yield from map(int, children.read().split())
