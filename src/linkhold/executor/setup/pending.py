"""The change that was applied and waits to hear of its requester: found again in the journal after this process was started
anew."""

import typing

from linkhold.executor.setup.hearing import Hearing
from linkhold.transaction.confirm import Deadline, NothingToConfirm, deadline_of, waiting
from linkhold.transaction.folder import Folder
from linkhold.transaction.journal import Account


class Pending(typing.NamedTuple):
    """One such change. `request` is the centre's own id of it, `seconds` how long its requester may be silent."""

    transaction: str
    requester: str
    request: str
    deadline: Deadline
    seconds: float
    hearing: Hearing


def found(folder: Folder) -> Pending | None:
    """The one that the journal tells of; None where none waits, or somebody at a command line has to confirm it."""
    try:
        named, account = waiting(folder)
    except NothingToConfirm:
        return None
    attached = account.head.get("attached") or {}
    if "requester" not in attached:
        return None
    requester = str(attached["requester"])
    return Pending(
        transaction=named.name,
        requester=requester,
        request=str(attached.get("request", "")),
        deadline=deadline_of(account),
        seconds=float(attached.get("seconds", 0.0)),
        hearing=Hearing(requester, _applied_at(account)),
    )


def _applied_at(account: Account) -> float | None:
    """When the last change was made, by the journal's own clock; rounded up, so that nothing counts that came before."""
    line = account.last("all-applied")
    return None if line is None else line.boot + 0.0005
