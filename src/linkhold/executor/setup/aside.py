"""A thread with an event loop of its own, for work on the host: the loop that answers requests never waits for the kernel.

What was begun there goes on when nobody waits for it any more.
"""

import asyncio
import threading
import typing

_T = typing.TypeVar("_T")

Work = typing.Callable[[], typing.Coroutine[typing.Any, typing.Any, _T]]


class Aside(typing.Protocol):
    """Where work on the host is done."""

    async def do(self, work: Work[_T]) -> _T:
        """The result of some work, or what it raised."""


class Here:
    """In the very loop that asks: for tests, and for commands that do one thing."""

    async def do(self, work: Work[_T]) -> _T:
        """Do it."""
        return await work()


class Thread:
    """In a thread, one loop for all that is given to it; several works take turns where they wait."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def do(self, work: Work[_T]) -> _T:
        """Do it there. Cancelling whoever waits here does not cancel it."""
        return await asyncio.shield(asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), self._loop)))

    def close(self) -> None:
        """Stop when what runs now comes to its next pause."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=1.0)
        if not self._thread.is_alive():
            self._loop.close()
