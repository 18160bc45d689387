"""Kept, or taken back: what becomes of a change that waits for its requester.

Keeping is the core's `confirm`, taking back its `rollback`. The guard has the same deadline, and whichever of us is first does
it: the other finds it done. So nothing depends on this process staying alive.
"""

import asyncio
import contextlib
import typing

from linkhold.executor import verbs
from linkhold.executor.setup.pending import Pending
from linkhold.foundation.clock import Clock
from linkhold.foundation.failures import Busy, Failure
from linkhold.foundation.waiting import first
from linkhold.transaction.confirm import NothingToConfirm, waiting
from linkhold.transaction.folder import Folder
from linkhold.transaction.ground import Ground
from linkhold.transaction.journal import read

LOOK: typing.Final = 0.1
"""Seconds between looks at what the guard does."""

BY_HAND: typing.Final = 0.5
"""Seconds between looks whether somebody confirmed or rolled back at a command line."""

ENDED_WITHIN: typing.Final = 120.0
"""Seconds in which whoever rolls back has ended, or something is badly wrong."""


class Decided(typing.NamedTuple):
    """`kept`, or else what could not be put back (nothing, as a rule)."""

    kept: bool
    missing: tuple[str, ...] = ()


async def heard_in_time(pending: Pending, woken: asyncio.Event, clock: Clock, folder: Folder) -> bool:
    """Wait until the requester was heard, or somebody decided by hand; false when the deadline has passed.

    `woken` is set whenever somebody was heard.
    """
    while True:
        woken.clear()
        if pending.hearing.counts or folder.fate(pending.transaction).state is not None:
            return True
        left = pending.deadline.left(clock)
        if left <= 0:
            return False
        await first(woken.wait(), clock.sleep(min(left, BY_HAND)))


async def keep(pending: Pending, ground: Ground) -> Decided:
    """Confirm it; where that comes too late, see how it was ended.

    Raises:
        Failure: a service can't be told to keep it; it was taken back.
    """
    try:
        if waiting(ground.folder)[0].name == pending.transaction:
            await verbs.confirm(ground=ground)
    except NothingToConfirm:
        pass  # somebody else decided: who, the journal tells
    except Failure:
        await take_back(pending, ground)
        raise
    return await ended(pending.transaction, ground.folder, ground.clock)


async def take_back(pending: Pending, ground: Ground) -> Decided:
    """Roll it back, or wait until the guard has."""
    with contextlib.suppress(NothingToConfirm, Busy):
        if waiting(ground.folder)[0].name == pending.transaction:
            await verbs.rollback(ground=ground)
    return await ended(pending.transaction, ground.folder, ground.clock)


async def ended(transaction: str, folder: Folder, clock: Clock) -> Decided:
    """How a transaction ended, once it has.

    Raises:
        Busy: it does not end.
        Gone: nobody knows: the history was cut.
    """
    until = clock.monotonic() + ENDED_WITHIN
    while (named := folder.fate(transaction)).state is None:
        if clock.monotonic() > until:
            raise Busy(f"transaction {transaction} is being rolled back, and has not come to an end")
        await clock.sleep(LOOK)
    if named.state != "stranded":
        return Decided(kept=named.state == "committed")
    line = read(named.path).last("restore-failed")
    return Decided(kept=False, missing=tuple(line.data.get("missing", ())) if line is not None else ("host",))
