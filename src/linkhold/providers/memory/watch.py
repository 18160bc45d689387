"""Hearing of changes of a simulated host."""

import typing

if typing.TYPE_CHECKING:
    from linkhold.providers.memory.provider import Memory

INTERVAL: typing.Final = 0.02
"""Seconds between looks: a simulation has no notifications from other processes, and nobody waits on it for long."""


class MemoryWatch:
    """Implements `Watch` of the provider contract."""

    def __init__(self, host: "Memory") -> None:
        self._host = host
        self._seen = host.revision()

    async def changed(self, timeout: float) -> bool:
        """Wait until something changed, at most `timeout` seconds; false when nothing did."""
        clock = self._host.clock
        until = clock.monotonic() + timeout
        while True:
            now = self._host.revision()
            if now != self._seen:
                self._seen = now
                return True
            left = until - clock.monotonic()
            if left <= 0:
                return False
            await clock.sleep(min(INTERVAL, left))

    def close(self) -> None:
        """Nothing to give back."""
