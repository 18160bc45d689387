"""Confirm, or it rolls back: who decides, when, and what each of the timings costs when it is too short or too long.

A change can be applied without a fault, agree with the document to the last bit, and still have cut off the only way to
the host. The one who can tell is outside: a person who logs in again, or a probe. So a verified change is not kept until
somebody says that it works, and saying nothing means no.

Four clocks run, one after the other, and each is printed when it starts.

**Applying** (`apply_timeout`, 300 s). Carrying out a plan takes milliseconds to seconds; the limit is there for a driver
that hangs in the kernel. While it hangs nobody can do anything about the host's network, and the command can't even be
asked to stop. At the limit the guard kills the process that applies (a signal is all it understands by then) and rolls
back. Too short, and a large plan on a slow machine (10,000 interfaces, an emulated network card) is killed while it does
well: the host comes back, the change is lost, and it will be so at each attempt. Too long, and a host that lost its
network half-way stays lost for that long. Five minutes is far above any measured application and below the patience of
somebody who already walks to the console.

**Verifying** (`verify_timeout`, 5 s, and no longer than `quiet`, 2 s, without any news from the kernel). Much settles by
itself after the last change: a carrier is negotiated (1 to 3 s for copper), an IPv6 address becomes usable after
duplicate address detection (1 to 2 s, RFC 4862), a bond elects its active port. Each of these tells the kernel's
listeners, so we compare at once, then after every piece of news, and stop as soon as all agrees: a change that is right
costs no waiting at all. The bound matters only for those that are wrong. Too short, and a slow carrier is taken for a
failure and rolled back; too long, and a change that can't ever agree keeps a half-working host up for that long.

**Probing** (`probe_timeout`, 15 s for all probes together). They run side by side, each again and again until it passes:
a switch relearns where the host is, a gateway resolves it anew. One budget for all keeps the whole bounded however many
probes there are; a budget for each, one after the other, has let real systems hang for five minutes before the second
probe. Too short, and good changes are taken back on networks that converge slowly: behind a switch port with classic
spanning tree nothing passes for 30 s (two forward delays), and such hosts need 40. Too long, and the outage of a bad
change lasts longer. A probe that failed before the change says nothing about the change, so it has no vote after it.

**Waiting for a person** (`confirm_timeout`, 60 s). Long enough to see that the old session is dead, open a new one to the
(perhaps new) address, authenticate and type a command; short enough that somebody who did lock himself out waits one
minute, not ten. Fully automatic callers can do with 10 s; those who must walk to another room want 600.

The deadline is kept in seconds since boot (CLOCK_BOOTTIME), which go on during suspend and which nobody can set: a
corrected clock neither cuts the time short nor stretches it. Wall time stands beside it for people. After a reboot the
number of seconds since boot means nothing, which the id of the boot tells, and a transaction of an earlier boot counts
as not confirmed: what was in the kernel is gone anyway, and nothing of it was stored.

Who decides when two want to? The one whose rename(2) of the journal succeeds. `confirm` renames it into the history as
committed; whoever rolls back first renames it to `….rolling-back.jsonl`. The kernel lets one of them find the old name.
So a confirmation that comes in the same instant as the deadline is either in time, and the guard finds nothing left to
do, or late, and is told so; never both, and never half. A confirmation after the deadline is refused even where the
guard has not moved yet: a promise "unless confirmed within 60 s" that sometimes means 61 is none.

`confirm` needs nothing but the state directory, so it works over the new address, in another session, as another command.
"""

import contextlib
import typing

from linkhold.foundation.clock import Clock
from linkhold.foundation.failures import Permanent
from linkhold.foundation.record import Record
from linkhold.providers.contract import Provider
from linkhold.transaction import owner
from linkhold.transaction.folder import Folder, Named
from linkhold.transaction.journal import Account, Gone, Journal, JournalFailure, read


class Deadline(Record):
    """A moment. `boot` is in seconds of CLOCK_BOOTTIME of the boot `boot_id`; `wall` in seconds since the epoch."""

    boot: float
    boot_id: str
    wall: float

    def left(self, clock: Clock) -> float:
        """Seconds until then; 0 when it is over, or belongs to an earlier boot."""
        if self.boot_id != owner.boot_id():
            return 0.0
        return max(0.0, self.boot - clock.monotonic())


def deadline_in(seconds: float, clock: Clock) -> Deadline:
    """The moment so many seconds from now."""
    return Deadline(boot=clock.monotonic() + seconds, boot_id=owner.boot_id(), wall=clock.now() + seconds)


class NothingToConfirm(Permanent):
    """No transaction waits for confirmation (any more); the message says what became of the last one."""


def deadline_of(account: Account) -> Deadline:
    """When the present phase of a transaction has to be over: a later line comes before an earlier one."""
    for line in reversed(account.lines):
        if "deadline" in line.data:
            return Deadline(**line.data["deadline"])
    return Deadline(boot=0.0, boot_id="", wall=0.0)


def waits_for_person(account: Account) -> bool:
    """Whether it is verified and may outlive the command that began it."""
    line = account.last("agrees")
    return account.state == "confirming" and line is not None and line.data.get("waits") == "later"


def commit(folder: Folder, journal: Journal, name: str, *, by: str, asked: str = "") -> str:
    """The commit point. Returns what went wrong with the formalities after it, '' if nothing did.

    Raises:
        Gone: it is being rolled back, or is over.
        JournalFailure: the folder is read-only; nothing is committed.
    """
    wrong = ""
    try:
        journal.rename(folder.ended(name, "committed"))
    except JournalFailure as failure:
        if ".committed." not in journal.path:
            raise
        wrong = str(failure)  # renamed, but perhaps not on the disk yet
    with contextlib.suppress(JournalFailure):  # the name says it all; the line is for readers
        journal.write("confirmed", by=by, asked=asked)
    return wrong


def claim(folder: Folder, journal: Journal, name: str) -> None:
    """Make sure that nobody commits any more. A folder that has become read-only can't be committed in either.

    Raises:
        Gone: it was committed, or is over.
    """
    with contextlib.suppress(JournalFailure):
        if journal.path != folder.claimed(name):
            journal.rename(folder.claimed(name))


def waiting(folder: Folder) -> tuple[Named, Account]:
    """The transaction that waits for a person.

    Raises:
        NothingToConfirm: there is none.
    """
    for one in folder.pending():
        with contextlib.suppress(FileNotFoundError):
            account = read(one.path)
            if waits_for_person(account) and not one.path.endswith(".rolling-back.jsonl"):
                return one, account
    raise NothingToConfirm(f"no transaction waits for confirmation{_last(folder)}")


async def confirm(folder: Folder, clock: Clock, provider: Provider) -> Named:
    """Keep the change that waits.

    Raises:
        NothingToConfirm: there is none, or it is too late.
        Failure: a service can't be told to keep it, and would take it back by itself.
    """
    found, account = waiting(folder)
    if deadline_of(account).left(clock) <= 0:
        raise NothingToConfirm(
            f"too late: the time to confirm transaction {found.number} is over; it is being rolled back"
        )
    try:
        journal = Journal.reopen(found.path)
    except Gone:
        raise NothingToConfirm(f"too late{_last(folder)}") from None
    try:
        await provider.discard(account.saved)
        commit(folder, journal, found.name, by=str(owner.myself()))
    except Gone:
        raise NothingToConfirm(f"too late{_last(folder)}") from None
    finally:
        journal.close()
    return folder.fate(found.name)


def _last(folder: Folder) -> str:
    rolling = [one for one in folder.pending() if one.path.endswith(".rolling-back.jsonl")]
    if rolling:
        return f": transaction {rolling[-1].number} is being rolled back"
    history = folder.history()
    return (
        f": transaction {history[-1].number} was {typing.cast(str, history[-1].state).replace('-', ' ')}"
        if history
        else ""
    )
