"""What both processes of a host of a fleet hold when nobody asks them for anything: a line below the table."""

import json
import os
import pathlib
import subprocess
import sys
import time
import typing

from benchmarks import fleet, population
from benchmarks.comparison import LIMIT_S, leave_the_machines_network
from benchmarks.pieces import PieceFailed, environment, python, run
from tests.lab import alone

NETWORKS: typing.Final = 100
REST_S: typing.Final = 5.0
"""Until what the start, or a change, has left to do is done."""

PAUSE: typing.Final = "import asyncio, time; print(flush=True); time.sleep(60)"


class Idle(typing.NamedTuple):
    """Proportional set sizes in bytes (proc_pid_smaps(5), what is shared is shared out), and the times per minute that the
    kernel had to run one of the threads of either because something woke it (proc_pid_status(5))."""

    executor: int
    agent: int
    executor_with_networks: int
    agent_with_networks: int
    python: int
    """A Python that has imported asyncio, and nothing of ours."""
    executor_wakes: int
    agent_wakes: int

    def __str__(self) -> str:
        sizes = [f"{size / 1e6:.0f} MB" for size in self[:5]]
        return (
            f"At rest the executor holds {sizes[0]} and the agent {sizes[1]} (proportional set size; a Python that has only "
            f"imported asyncio holds {sizes[4]}); with {NETWORKS} networks set up {sizes[2]} and {sizes[3]}. Something wakes "
            f"their threads {self.executor_wakes} and {self.agent_wakes} times a minute."
        )


def measure() -> Idle:
    """Start both on a host of its own, and leave them alone for a while. Raises PieceFailed."""
    leave_the_machines_network()
    try:
        return Idle(*alone.call(_measure, LIMIT_S))
    except alone.Died as died:
        raise PieceFailed(str(died)) from died


def _measure() -> list[int]:
    population.make(
        population.write_batch(
            pathlib.Path("/run/batch"), population.cards(f"eth{number}" for number in range(NETWORKS))
        )
    )
    fleet.REQUEST.write_text(json.dumps(fleet.plain_request(NETWORKS)))
    with fleet.both() as pair:
        pids = (pair.executor.pid, pair.agent.pid)
        time.sleep(REST_S)
        bare = [_share(pid) for pid in pids]
        plain = _python()
        wakes = [-_waits(pid) for pid in pids]
        time.sleep(60.0)
        wakes = [before + _waits(pid) for before, pid in zip(wakes, pids, strict=True)]
        run(python("set_up", str(fleet.REQUEST)))
        time.sleep(REST_S)
        return [*bare, *(_share(pid) for pid in pids), plain, *wakes]


def _python() -> int:
    with subprocess.Popen([sys.executable, "-c", PAUSE], stdout=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        process.stdout.readline()
        size = _share(process.pid)
        process.kill()
    return size


def _share(pid: int) -> int:
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise PieceFailed(f"the kernel does not tell what process {pid} holds")


def _waits(pid: int) -> int:
    """How often its threads have gone to sleep by themselves, and so were woken."""
    found = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        for line in pathlib.Path(f"/proc/{pid}/task/{thread}/status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches:"):
                found += int(line.split()[1])
    return found
