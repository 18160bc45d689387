"""Time as a thing that is passed in, so that tests of timing take no time."""

import time
import typing


class Clock(typing.Protocol):
    """What the transaction asks of time."""

    def now(self) -> float:
        """Seconds since the epoch (wall clock), for people and for files."""

    def monotonic(self) -> float:
        """Seconds since boot including suspend (CLOCK_BOOTTIME), for deadlines: never jumps."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds of CLOCK_BOOTTIME (clock_gettime(2)): goes on while the machine sleeps, never jumps."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    async def sleep(self, seconds: float) -> None:
        """Wait without blocking the event loop."""
        import asyncio  # heavy: only those who wait pay for it

        await asyncio.sleep(seconds)
