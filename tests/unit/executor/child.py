"""A command that is killed at a chosen moment: run as a process by the tests of crashes.

    python child.py STATE_DIR DOCUMENT OPTIONS CRASH_AT

OPTIONS are JSON for `Options`. The moments are counted over every line of the journal (after it was written), every
rename of it (before and after), and on a host in a file every change within a level. At the one with the number CRASH_AT
the process gets SIGKILL (or what TEST_SIGNAL names). It prints the outcome.
"""

import asyncio
import json
import os
import pathlib
import signal
import sys

from linkhold.executor import verbs
from linkhold.planning.change import Change, Stage
from linkhold.providers.memory.provider import Memory
from linkhold.state.document import parse
from linkhold.transaction.journal import Journal
from linkhold.transaction.options import Options

counted = 0


def moment(crash_at: int) -> None:
    global counted
    counted += 1
    if counted == crash_at:
        os.kill(os.getpid(), signal.Signals[os.environ.get("TEST_SIGNAL", "SIGKILL")])


def rig(crash_at: int) -> None:
    write, rename = Journal.write, Journal.rename

    def writes(self: Journal, event: str, **data: object) -> None:
        write(self, event, **data)  # type: ignore[arg-type]
        moment(crash_at)

    def renames(self: Journal, path: str) -> None:
        moment(crash_at)
        rename(self, path)
        moment(crash_at)

    carry_out = Memory.carry_out

    def carries_out(self: Memory, stage: Stage, change: Change) -> None:
        carry_out(self, stage, change)
        if self._storage:
            self._storage.save(self.host, self.faults)
        moment(crash_at)

    Memory.carry_out = carries_out  # type: ignore[method-assign]
    Journal.write = writes  # type: ignore[method-assign, assignment]
    Journal.rename = renames  # type: ignore[method-assign]


def main() -> None:
    state_dir, text, options, crash_at = sys.argv[1:]
    rig(int(crash_at))
    ground = verbs.standing(state_dir)
    if os.environ.get("TEST_WITHOUT_GUARD"):
        ground = ground._replace(arm=None)
    document = parse(pathlib.Path(text).read_bytes())
    result = asyncio.run(verbs.apply(document, Options(**json.loads(options)), ground=ground))
    print(result.outcome)


if __name__ == "__main__":
    main()
