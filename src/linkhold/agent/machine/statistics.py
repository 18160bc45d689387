"""The part of ``Host.getStats`` that is not about the network."""

import time
import typing

from linkhold.agent.machine import identity, memory
from linkhold.agent.machine.processors import Load

if typing.TYPE_CHECKING:
    from linkhold.foundation.clock import Clock


class Statistics:
    """Reads it; remembers how busy the processors were the last time."""

    def __init__(self, clock: "Clock", root: str = "") -> None:
        self._clock, self._root = clock, root
        self._load = Load(root)

    def __call__(self) -> dict[str, typing.Any]:
        """The keys with their values; texts where vdsm has texts."""
        now, up = self._clock.now(), self._clock.monotonic()
        return {
            "dateTime": time.strftime("%Y-%m-%dT%H:%M:%S GMT", time.gmtime(now)),
            "bootTime": str(identity.boot_time(lambda: now, lambda: up)),
            "elapsedTime": str(int(up)),
            **self._load.since(),
            **memory.stats(self._root),
        }
