"""How a transaction ended, as a value."""

import typing

from linkhold.foundation.diagnostics import Diagnostic
from linkhold.foundation.record import Record
from linkhold.planning.change import Plan
from linkhold.transaction.confirm import Deadline
from linkhold.transaction.probes import Tried
from linkhold.transaction.why import Explained

Outcome = typing.Literal["unchanged", "committed", "unconfirmed", "rolled-back", "stranded"]


class Result(Record):
    """How it ended.

    `sentence` says what state the host is in now. `reason` says why it was rolled back ('' when it was not), `failed`
    names the change in hand then, and `answer` is what the kernel said. `mismatches` are those of the verification;
    `missing` what a rollback could not put back; `notes` other things worth knowing. `deadline` is there while it is
    unconfirmed. `cause` is the failure that `reason` is the text of. `timings` are seconds by phase. `transaction` is its
    number and id ('' when none was needed).
    """

    outcome: Outcome
    sentence: str
    plan: Plan
    transaction: str = ""
    reason: str = ""
    failed: str = ""
    answer: str = ""
    cause: BaseException | None = None
    mismatches: tuple[Explained, ...] = ()
    missing: tuple[Explained, ...] = ()
    probes: tuple[Tried, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()
    deadline: Deadline | None = None
    timings: dict[str, float] = {}  # noqa: RUF012 - records are immutable

    @property
    def good(self) -> bool:
        """Whether the host is as asked for (for now, while unconfirmed)."""
        return self.outcome in ("unchanged", "committed", "unconfirmed")


SENTENCES: typing.Final[dict[Outcome, str]] = {
    "unchanged": "The host already was as the document says; nothing was touched.",
    "committed": "The host is as the document says, and stays so.",
    "unconfirmed": "The host is as the document says until the deadline; it then goes back unless somebody confirms.",
    "rolled-back": "The host is as it was before.",
    "stranded": "The host is neither as before nor as asked for: what is missing is listed.",
}
