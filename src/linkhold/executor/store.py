"""Where a host's transactions are kept, and what is known of them."""

import os
import typing

from linkhold.foundation.record import Record
from linkhold.planning.change import Plan
from linkhold.planning.serial import from_plain
from linkhold.transaction.confirm import Deadline, deadline_of, waits_for_person
from linkhold.transaction.folder import Folder, Named
from linkhold.transaction.journal import Account, Line, read
from linkhold.transaction.owner import Owner
from linkhold.transaction.states import State

STATE_DIR: typing.Final = "/var/lib/linkhold"
KEPT: typing.Final = 100
"""Transactions of the history that are kept."""


def folder(state_dir: str | None = None) -> Folder:
    """The state directory: as given, or ``LINKHOLD_STATE_DIR``, or `STATE_DIR`."""
    return Folder(os.path.abspath(state_dir or os.environ.get("LINKHOLD_STATE_DIR") or STATE_DIR))


class Told(Record):
    """One transaction as its journal tells it.

    `began` and `ended` are wall times (`ended` is None while it is pending). `waits` says that it can be confirmed.
    `events` are all lines of the journal, for those who want to know exactly.
    """

    name: str
    number: int
    state: State
    began: float
    owner: Owner | None = None
    ended: float | None = None
    waits: bool = False
    deadline: Deadline | None = None
    reason: str = ""
    missing: tuple[str, ...] = ()
    stored: bool = True
    document: dict[str, typing.Any] = {}  # noqa: RUF012 - records are immutable
    plan_data: dict[str, typing.Any] = {"changes": [], "levels": []}  # noqa: RUF012 - records are immutable
    events: tuple[Line, ...] = ()

    @property
    def plan(self) -> Plan:
        """What was, or would have been, done."""
        return from_plain(self.plan_data)


def told(named: Named) -> Told:
    """What a journal tells.

    Raises:
        FileNotFoundError: it has moved on.
    """
    account = read(named.path)
    head = account.told
    return Told(
        name=named.name,
        number=named.number,
        state=named.state or account.state,
        began=account.lines[0].at if account.lines else 0.0,
        ended=account.lines[-1].at if named.state and account.lines else None,
        owner=account.owner,
        waits=named.state is None and waits_for_person(account),
        deadline=deadline_of(account) if named.state is None and account.lines else None,
        reason=_reason(account),
        missing=_missing(account),
        stored=head.get("stored", False),
        document=head.get("document", {}),
        plan_data=head.get("plan", {"changes": [], "levels": []}),
        events=tuple(account.lines),
    )


def _reason(account: Account) -> str:
    """Why it was taken back, '' if it was not."""
    words = {
        "owner-died": "its owner died",
        "timed-out": "nobody confirmed it in time",
        "cancelled": "it was cancelled",
        "refused": "a probe failed",
        "disagrees": "the host did not agree",
        "change-failed": "a change failed",
    }
    for event, text in words.items():
        line = account.last(event)
        if line is not None:
            return line.data.get("reason") or text
    return ""


def _missing(account: Account) -> tuple[str, ...]:
    line = account.last("restore-failed")
    return tuple(line.data.get("missing", ())) if line else ()
