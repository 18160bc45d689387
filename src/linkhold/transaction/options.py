"""What a caller can say about a transaction besides the document."""

import typing

from linkhold.foundation.record import Record
from linkhold.planning.change import Plan
from linkhold.transaction.probes import Probe

Confirming = typing.Literal["at-once", "probes", "later"]


class Options(Record):
    """How careful, how patient. All times are in seconds; `confirm.py` says what each costs when too short or too long.

    `confirming`: a change that agrees is kept at once; or when the probes say that it works; or later, when somebody
    confirms, which has to come within `confirm_timeout`. Where there is nothing to change there is nothing to
    confirm, except with `even_unchanged`: for programs that confirm without looking. With `memory_only` the document
    is not stored for the next boot. `approved` is a plan somebody has agreed to: if the host has changed since and
    the plan would be another, nothing is touched. `busy_timeout` is how long to wait for another transaction to end.
    `asked` tells this document from all others (`documents.fingerprint`), '' when that is not known. `provider` is
    the choice of the caller, for whoever may have to take the change back. `attached` is plain data that the caller wants
    to find again in the journal (`documents.attached`): it is committed, or not, with the change, by the same rename.
    """

    confirming: Confirming = "at-once"
    confirm_timeout: float = 60.0
    even_unchanged: bool = False
    probes: tuple[Probe, ...] = ()
    probe_timeout: float = 15.0
    apply_timeout: float = 300.0
    verify: bool = True
    verify_timeout: float = 5.0
    quiet: float = 2.0
    memory_only: bool = False
    approved: Plan | None = None
    busy_timeout: float = 0.0
    connection: str = ""
    asked: str = ""
    provider: str = ""
    restoring: bool = False
    attached: dict[str, typing.Any] | None = None

    @property
    def lasting(self) -> bool:
        """Whether services keep it for the next boot: what is restored was meant to last when it was committed."""
        return self.restoring or not self.memory_only
