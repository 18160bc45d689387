"""What every change of this process goes through: one at a time, on the thread that changes the host, with what was before it
told meanwhile. Documents and *keep* are no more than that; requests for networks are in `flow.py`.
"""

import contextlib
import typing

from linkhold.executor import verbs
from linkhold.executor.setup import outcome, planning_ahead
from linkhold.executor.setup.aside import Aside
from linkhold.executor.setup.hearing import Hearing
from linkhold.executor.setup.snapshot import Snapshot, Snapshots
from linkhold.executor.setup.store import Store, Unreadable
from linkhold.executor.setup.turn import Turn
from linkhold.foundation.clock import Clock
from linkhold.foundation.failures import Failure
from linkhold.foundation.logs import Log
from linkhold.networks.configuration import Configuration
from linkhold.state.document import to_plain
from linkhold.state.network import NetworkState
from linkhold.transaction.ground import Ground
from linkhold.transaction.options import Options
from linkhold.transaction.progress import Progress, Report
from linkhold.transaction.result import Result

Plain = dict[str, typing.Any]

Announce = typing.Callable[[str, Plain], None]
"""Tell all who have subscribed: the name of an event, and its params."""

Grounds = typing.Callable[[Report], typing.ContextManager[Ground]]
"""What a transaction stands on, until the end of the block; entered where the work is done."""


RULES: typing.Final = "source-rules"
"""What this process does of its own accord, in between. Whoever asks for something waits for it, and is not refused."""

_LOOK: typing.Final = 0.02
"""Seconds between looks whether that is over."""


class Changing:
    """Who changes a host, in this process."""

    def __init__(
        self,
        grounds: Grounds,
        store: Store,
        snapshots: Snapshots,
        aside: Aside,
        clock: Clock,
        log: Log,
        announce: Announce = lambda event, params: None,
        after: typing.Callable[[], None] = lambda: None,
    ) -> None:
        self.store, self.snapshots, self.turn = store, snapshots, Turn()
        self._grounds, self._aside, self._clock, self._log = grounds, aside, clock, log
        self._announce, self._after = announce, after
        self._ran: Configuration | None = None

    @property
    def running(self) -> Configuration:
        """What runs; as long as a change is carried out, what ran before it: it goes with the snapshot of that moment.

        Raises:
            Unreadable: it can't be understood.
        """
        return self.store.running().configuration if self._ran is None else self._ran

    @contextlib.asynccontextmanager
    async def _told_as_before(self) -> typing.AsyncIterator[Snapshot]:
        """For the length of a change, tell of the host what was before it, and nothing by halves."""
        async with self.snapshots.kept() as before:
            with contextlib.suppress(Unreadable):  # then who asks for it is told
                self._ran = self.store.running().configuration
            try:
                yield before
            finally:
                self._ran = None

    async def apply(self, desired: NetworkState, options: Options, *, request: str = "", what: str = "apply") -> Result:
        """A document that is no request for networks, as the command line would apply it; how it ended.

        Raises:
            Invalid, Failure: as `verbs.apply`; Busy as well where this process is changing something.
        """
        log = self._log.bound(request=request, verb=what)
        log.info("desired", document=to_plain(desired))
        if what != RULES:
            await self._let_rules_be_laid()
        try:
            with self.turn.taken(what):
                async with self._told_as_before():
                    result = await self._aside.do(lambda: self._transaction(desired, options, Hearing(""), log))
        finally:
            self._after()
        told = {"transaction": result.transaction, "outcome": result.outcome, "reason": result.reason}
        log.info("transaction", **told, changes=planning_ahead.lines(result.plan))
        if result.good:
            log.info("finished", **told, timings=result.timings)
        else:
            log.warning("failed", **outcome.of_result(result).data)
        if result.transaction:
            phase = "confirm" if result.outcome == "unconfirmed" else "done"
            word = "" if result.outcome == "unconfirmed" else result.outcome
            self._announce("transaction", {**told, "outcome": word, "phase": phase})
        return result

    async def keep(self) -> bool:
        """*Running* becomes *safe*.

        Raises:
            Unsuccessful: something is being changed, or it can't be written.
        """

        async def work() -> str:
            return self.store.keep().transaction

        await self._let_rules_be_laid()
        try:
            with self.turn.taken("keep"):
                self._log.info("kept", transaction=await self._aside.do(work))
        except Failure as failure:
            raise outcome.of_failure(failure) from failure
        return True

    async def _let_rules_be_laid(self) -> None:
        while self.turn.holder == RULES:
            await self._clock.sleep(_LOOK)

    async def _transaction(self, desired: NetworkState, options: Options, hearing: Hearing, log: Log) -> Result:
        def report(progress: Progress) -> None:
            log.debug("progress", phase=progress.phase, message=progress.message)
            if progress.phase == "apply":
                hearing.changes_again()
            elif progress.phase in ("verify", "confirm"):
                hearing.applied(self._clock.monotonic())

        with self._grounds(report) as ground:
            return await verbs.apply(desired, options, ground=ground)

    async def _copied(self, log: Log) -> tuple[str, ...]:
        """Have what was committed copied to where it is kept; what there is to note of that."""

        async def work() -> None:
            self.store.finish()

        try:
            await self._aside.do(work)
        except Failure as failure:  # committed all the same: the journal holds it
            log.error("not-copied", reason=str(failure))
            return (f"carried out, but not saved: {failure}",)
        return ()
