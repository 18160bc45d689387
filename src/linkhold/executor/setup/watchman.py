"""Watches the host between changes: tells what differs and what has drifted, and lets source rules follow leases.

News is let settle before it is looked at, since one command of somebody else makes many. While a change is carried out
nothing is told; right after it, all that it did is.
"""

import asyncio
import typing

from linkhold.executor.setup import differing
from linkhold.executor.setup.changing import Announce
from linkhold.executor.setup.snapshot import Snapshot, Snapshots
from linkhold.foundation.diagnostics import Invalid
from linkhold.foundation.failures import Failure
from linkhold.foundation.logs import Log

SETTLE: typing.Final = 0.2
"""Seconds without news after which the host is looked at."""

LONGEST: typing.Final = 2.0
"""Seconds of news without a pause after which it is looked at all the same."""

AGAIN: typing.Final = 5.0
"""Seconds until something is tried again that did not work."""


class News(typing.Protocol):
    """Hears of changes of the host."""

    async def changed(self, seconds: float) -> bool:
        """Wait for news, at most so long. Raises a Failure when nothing can be heard."""


Drift = typing.Callable[[Snapshot], typing.Awaitable[tuple[str, ...]]]
"""The changes, one line each, that would be needed to get the host to be as *running* says, and what is missing for it.

Raises Invalid where what runs can't be said of the host at all."""

Follow = typing.Callable[[Snapshot], typing.Awaitable[bool]]
"""Let source rules follow the addresses of a snapshot; whether that is done (else it is tried again).

Raises Invalid where this host can't have them."""


class Watchman:
    """One loop for the life of the executor."""

    def __init__(
        self,
        news: News,
        snapshots: Snapshots,
        drift: Drift,
        follow: Follow,
        announce: Announce,
        log: Log,
        *,
        settle: float = SETTLE,
        longest: float = LONGEST,
        again: float = AGAIN,
    ) -> None:
        self._news, self._snapshots, self._log = news, snapshots, log
        self._find_drift, self._follow, self._announce = drift, follow, announce
        self._settle, self._longest, self._again = settle, longest, again
        self._poked = asyncio.Event()
        self._seen: Snapshot | None = None
        self._drifted: tuple[str, ...] = ()
        self._followed = -1

    def poke(self) -> None:
        """Look soon: a change of ours has ended."""
        self._poked.set()

    async def run(self) -> typing.NoReturn:
        """Watch until cancelled. A failure is logged, and trying goes on; so it does after a mistake of ours, since requests
        need nothing of it."""
        while True:
            try:
                await self.look()
                await self._wait()
            except Failure as failure:
                self._log.warning("not-watched", reason=str(failure))
                await asyncio.sleep(self._again)
            except Exception as bug:  # noqa: BLE001 - told with its traceback
                self._log.bug("bug", bug)
                await asyncio.sleep(self._again)

    async def look(self) -> None:
        """Look once, and tell what there is to tell.

        Raises:
            Failure: the host can't be read.
        """
        if self._snapshots.keeps:
            return  # whoever changes it pokes us at the end
        now = await self._snapshots.current()
        before, self._seen = self._seen, now
        if before is not None and before.generation != now.generation:
            self._tell(before, now)
        if before is None or before.generation != now.generation or self._followed != now.generation:
            await self._tend(now)

    def _tell(self, before: Snapshot, now: Snapshot) -> None:
        names, what = differing.changed(before.seen, now.seen)
        told = {"generation": now.generation, "interfaces": list(names), "what": list(what)}
        self._log.info("changed", **told)
        self._announce("changed", told)

    async def _tend(self, now: Snapshot) -> None:
        if await self._rules_follow(now):
            self._followed = now.generation
        if (await self._snapshots.current()).generation != now.generation:
            self.poke()  # rules were laid, or something happened meanwhile
            return
        drifted = await self._drift_of(now)
        if self._snapshots.keeps or drifted == self._drifted:
            return
        self._drifted = drifted
        self._log.warning("drift", changes=list(drifted)) if drifted else self._log.info("no-drift")
        self._announce("drift", {"drifted": bool(drifted), "changes": list(drifted)})

    async def _rules_follow(self, now: Snapshot) -> bool:
        try:
            return await self._follow(now)
        except Invalid as invalid:  # as long as the host is as it is, trying again is in vain
            self._log.warning("rules-not-laid", reason=str(invalid))
            return True

    async def _drift_of(self, now: Snapshot) -> tuple[str, ...]:
        """What runs and can't be said of this host any more is drift, and no reason to end."""
        try:
            return await self._find_drift(now)
        except Invalid as invalid:
            return tuple(f"! {one.message}" for one in invalid.diagnostics.errors())

    async def _wait(self) -> None:
        """Until there is news that has settled, somebody pokes us, or something is to be tried again."""
        if self._snapshots.keeps:  # a change of ours makes much news, and each piece would take time from it
            await self._poked.wait()
            self._poked.clear()
            return
        undone = self._seen is not None and self._followed != self._seen.generation
        if await self._heard(self._again if undone else 60.0):
            await self._settled()

    async def _settled(self) -> None:
        """Wait until there is no more news for a while, or there was for too long, or a change of ours makes it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._longest
        while not self._snapshots.keeps and loop.time() < until and await self._news.changed(self._settle):
            pass

    async def _heard(self, seconds: float) -> bool:
        """Wait for news or a poke; false when neither came."""
        news = asyncio.ensure_future(self._news.changed(seconds))
        poke = asyncio.ensure_future(self._poked.wait())
        try:
            await asyncio.wait([news, poke], return_when=asyncio.FIRST_COMPLETED)
            return poke.done() or news.result()
        finally:
            self._poked.clear()
            for one in (news, poke):
                one.cancel()
            # not one by one: being cancelled ourselves at this very moment would be taken for theirs, and get lost
            await asyncio.gather(news, poke, return_exceptions=True)
