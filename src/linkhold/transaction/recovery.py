"""Ending what its owner could not end: after a crash, a deadline, a reboot, or because somebody asked for it."""

import contextlib
import typing

from linkhold.foundation.failures import Busy, Temporary
from linkhold.foundation.record import Record
from linkhold.planning.change import Plan
from linkhold.planning.serial import from_plain
from linkhold.transaction import owner
from linkhold.transaction.confirm import claim, deadline_of, waits_for_person
from linkhold.transaction.folder import Named
from linkhold.transaction.ground import Ground, scope_of
from linkhold.transaction.journal import CLAIMED, Account, Gone, Journal, JournalFailure, read
from linkhold.transaction.rollback import close, roll_back
from linkhold.transaction.states import ENDS
from linkhold.transaction.verifying import Patience
from linkhold.transaction.why import Explained

Cause = typing.Literal["owner-died", "timed-out", "cancelled"]

LASTING: typing.Final = frozenset({"dns", "hostname", "ovs-db", "ovn"})
"""Subjects that are kept in files or databases, and so outlive a reboot; all else is gone with the kernel that had it."""

PATIENCE: typing.Final = Patience(5.0, 2.0)


class Recovered(Record):
    """A transaction that was ended for its owner. `missing` is what could not be put back; `wrong` what went wrong with
    writing that down."""

    name: str
    cause: Cause
    missing: tuple[Explained, ...] = ()
    wrong: str = ""

    def __str__(self) -> str:
        if self.missing:
            return f"transaction {self.name} could not be taken back in full: {'; '.join(map(str, self.missing))}"
        why = {"owner-died": "its owner died", "timed-out": "nobody confirmed it", "cancelled": "it was cancelled"}
        return f"transaction {self.name} was taken back: {why[self.cause]}"


async def recover(ground: Ground, *, early: bool = False) -> tuple[Recovered, ...]:
    """End every transaction that nobody runs any more. The caller holds the lock.

    `early` at boot, one whose ground can't be put back before a service has started is left for later.

    Raises:
        Busy: one waits for confirmation and still has time.
    """
    ended: list[Recovered] = []
    for named in ground.folder.pending():
        with contextlib.suppress(FileNotFoundError, Gone):
            account = read(named.path)
            refuse_waiting(named, account, ground)
            cause: Cause = "timed-out" if waits_for_person(account) else "owner-died"
            if not (early and await _too_early(ground, account)):
                ended.append(await end(ground, named, account, cause))
    return tuple(ended)


async def _too_early(ground: Ground, account: Account) -> bool:
    """Put back what can be put back already; whether something has to wait."""
    try:
        await ground.provider.put_back(account.saved)
    except Temporary:
        return True
    return False


def refuse_waiting(named: Named, account: Account, ground: Ground) -> None:
    """Leave a transaction alone that waits for a person and still has time.

    Raises:
        Busy: it is one.
    """
    left = deadline_of(account).left(ground.clock)
    if waits_for_person(account) and left > 0 and not named.path.endswith(CLAIMED):
        raise Busy(
            f"transaction {named.number} waits for confirmation for another {left:.0f} s "
            f"(begun by {account.owner}): confirm it or roll it back first"
        )


async def end(ground: Ground, named: Named, account: Account, cause: Cause) -> Recovered:
    """Take one back. The caller holds the lock.

    Raises:
        Gone: somebody else ended it first.
    """
    journal = Journal.reopen(named.path)
    try:
        claim(ground.folder, journal, named.name)
        if journal.state in ENDS:
            return _finish(ground, named, journal, account, cause)
        if account.lines and journal.state != "rolling-back":
            with contextlib.suppress(JournalFailure):
                journal.write(cause, by=str(owner.myself()))
        if not account.lines:  # the power went before its first line was whole: nothing was touched
            journal.rename(ground.folder.ended(named.name, "rolled-back"))
            return Recovered(name=named.name, cause=cause)
        head = account.head
        plan = _still_there(from_plain(account.told["plan"]), account)
        missing = await roll_back(
            ground.provider,
            plan,
            account.saved,
            journal,
            ground.clock,
            scope_of(head["details"]),
            PATIENCE,
            ground.report,
        )
        return Recovered(
            name=named.name, cause=cause, missing=missing, wrong=close(ground.folder, journal, named.name, missing)
        )
    finally:
        journal.close()


def _finish(ground: Ground, named: Named, journal: Journal, account: Account, cause: Cause) -> Recovered:
    """All was done but the last rename: its last line says how it ended."""
    line = account.lines[-1]
    missing = tuple(Explained(path=text) for text in line.data.get("missing", ()))
    return Recovered(
        name=named.name, cause=cause, missing=missing, wrong=close(ground.folder, journal, named.name, missing)
    )


def _still_there(plan: Plan, account: Account) -> Plan:
    """The part of a plan that can have left anything behind: after a reboot, only what is kept in files."""
    if account.owner is None or account.owner.boot == owner.boot_id():
        return plan
    return Plan(
        changes=tuple(one for one in plan.changes if one.subject in LASTING and one.provider not in account.saved)
    )
