"""Something happens in the middle of a transaction: before its stage number so-and-so is carried out.

As a program it is a command that is killed there: ``python moments.py DOCUMENT NUMBER``.
"""

import collections.abc
import contextlib
import os
import pathlib
import signal
import sys
import threading
import typing

import linkhold
from linkhold.executor.together import Together


@contextlib.contextmanager
def before_stage(number: int, act: collections.abc.Callable[[], None]) -> collections.abc.Iterator[list[str]]:
    """Call `act` once, before the stage of this number (from 1) that is carried out in the block; the stages so far."""
    original = Together.apply
    stages: list[str] = []

    async def apply(self: Together, stage: typing.Any, changes: typing.Any) -> None:
        stages.append(stage)
        if len(stages) == number:
            act()
        await original(self, stage, changes)

    Together.apply = apply  # type: ignore[method-assign]
    try:
        yield stages
    finally:
        Together.apply = original  # type: ignore[method-assign]


@contextlib.contextmanager
def soon(seconds: float, act: collections.abc.Callable[[], object]) -> collections.abc.Iterator[None]:
    """Do something in that time, as systemd restarts a service; it is done when the block is over."""
    timer = threading.Timer(seconds, act)
    timer.start()
    try:
        yield
    finally:
        timer.join()


def main() -> None:
    document, number = sys.argv[1:]

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with before_stage(int(number), die):
        linkhold.apply(pathlib.Path(document).read_text())


if __name__ == "__main__":
    main()
