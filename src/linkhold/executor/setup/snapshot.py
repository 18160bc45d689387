"""What the host looks like, read once for all who ask, and never half of a change.

A snapshot is the network state and the facts of the same moment, with a number, the *generation*, that grows whenever they
differ from what was read before. As long as the kernel and the services have told of nothing new, it is served again. While a
change is carried out, what was before it is served.

Numbers begin at the milliseconds since boot, so that those of a process that was started again are higher than all before:
a host would have to change a thousand times a second for them to meet.
"""

import asyncio
import contextlib
import typing

from linkhold.foundation.clock import Clock
from linkhold.networks.facts import Facts
from linkhold.planning.planner import between
from linkhold.state.network import NetworkState

OLDEST: typing.Final = 60.0
"""Seconds after which a host is read again though nothing was told: of traffic shaping and the like nobody tells."""


class Seen(typing.NamedTuple):
    """A host at one moment."""

    state: NetworkState
    facts: Facts


class Snapshot(typing.NamedTuple):
    """What was seen, its generation, and when it was read (CLOCK_BOOTTIME)."""

    generation: int
    seen: Seen
    at: float


class Eyes(typing.Protocol):
    """How a host is looked at."""

    async def look(self) -> Seen:
        """The host now. Raises a Failure when it can't be read."""

    async def news(self) -> bool:
        """Whether anything was told of since this was asked the last time; does not wait."""


class Snapshots:
    """The snapshot of this host. `others_change` says whether another process is changing it at the moment."""

    def __init__(self, eyes: Eyes, clock: Clock, *, others_change: typing.Callable[[], bool] = lambda: False) -> None:
        self._eyes, self._clock, self._others_change = eyes, clock, others_change
        self._generation = int(clock.monotonic() * 1000)
        self._last: Snapshot | None = None
        self._stale = True
        self._kept = 0
        self._lock = asyncio.Lock()

    async def current(self) -> Snapshot:
        """The host as it is now, or as it was before the change that is being carried out.

        Raises:
            Failure: it can't be read.
        """
        async with self._lock:
            if self._last is not None and (self._kept or not await self._outdated(self._last)):
                return self._last
            self._stale = True  # until it was read
            seen = await self._eyes.look()
            if self._last is None or differ(self._last.seen, seen):
                self._generation += 1
            self._last = Snapshot(self._generation, seen, self._clock.monotonic())
            self._stale = False
            return self._last

    async def _outdated(self, last: Snapshot) -> bool:
        told = await self._eyes.news()
        self._stale = self._stale or told or self._clock.monotonic() - last.at > OLDEST
        return self._stale and not self._others_change()

    @contextlib.asynccontextmanager
    async def kept(self) -> typing.AsyncIterator[Snapshot]:
        """Serve what is there now, for the length of an ``async with`` block in which the host is changed."""
        before = await self.current()
        self._kept += 1
        try:
            yield before
        finally:
            self._kept -= 1
            self._stale = True

    def counts_on(self) -> None:
        """What is told together with the state of the host has changed: another generation, though the host is as it was."""
        self._generation += 1
        if self._last is not None:
            self._last = self._last._replace(generation=self._generation)

    @property
    def generation(self) -> int:
        """The latest."""
        return self._generation

    @property
    def keeps(self) -> bool:
        """Whether a change is being carried out."""
        return self._kept > 0


def differ(before: Seen, after: Seen) -> bool:
    """Whether one reading of a host tells something else than the other. How long leases still last is not told by it."""
    return (
        _lasting(before.facts) != _lasting(after.facts)
        or _carriers(before) != _carriers(after)
        or not _alike(before.state, after.state)
    )


def _lasting(facts: Facts) -> Facts:
    """Without what never stands still: the timers of bridges (``hello_timer``, ``gc_timer``, …)."""
    bridges = {
        name: one.replace(
            bridge_options={key: value for key, value in one.bridge_options.items() if not key.endswith("_timer")}
        )
        for name, one in facts.interfaces.items()
        if one.bridge_options
    }
    return facts.replace(interfaces={**facts.interfaces, **bridges}) if bridges else facts


def _alike(before: NetworkState, after: NetworkState) -> bool:
    return before == after or between(before, after).empty


def _carriers(seen: Seen) -> dict[tuple[str, str], object]:
    """What changes by itself and is no part of any plan."""
    return {key: (one.get("carrier"), one.get("state")) for key, one in seen.state.by_key.items()}
