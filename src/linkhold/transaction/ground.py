"""What a transaction stands on: passed in, so that it knows no concrete provider, clock or guard."""

import typing

from linkhold.foundation.clock import Clock
from linkhold.providers.contract import Provider, Scope
from linkhold.transaction.folder import Folder
from linkhold.transaction.options import Options
from linkhold.transaction.progress import Report
from linkhold.transaction.verifying import Patience


class Guarding(typing.Protocol):
    """A guard that has been started and does not know yet what to guard."""

    def watch(self, journal: str) -> tuple[int, ...]:
        """Give it the journal; its processes, once they watch. Raises a Failure if they don't."""

    def dismiss(self) -> None:
        """It is not needed (or watches already)."""


Arm = typing.Callable[[], Guarding]
"""Start a guard: the sooner this is done, the less the transaction has to wait for it."""


class Ground(typing.NamedTuple):
    """The host's provider, where transactions are kept, time, the guard (None: none) and who is told."""

    provider: Provider
    folder: Folder
    clock: Clock
    arm: Arm | None
    report: Report


def patience(options: Options) -> Patience:
    """How long to wait for agreement."""
    return Patience(options.verify_timeout, options.quiet)


def scope_of(details: typing.Iterable[str]) -> Scope:
    """What is read for planning and comparing: everything, also what is only stored, and these details."""
    return Scope(details=frozenset(details), idle=True)
