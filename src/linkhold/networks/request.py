"""A setup-networks request as a value: canonical, complete, and free of mistakes that can be seen without carrying it out."""

import typing

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Invalid
from linkhold.networks.codes import number_of
from linkhold.networks.configuration import Bonding, Canonical, Network


class SetupOptions(Canonical):
    """How a request is carried out. `connectivity_timeout` is in seconds."""

    connectivity_check: bool = True
    connectivity_timeout: float = 4.0
    commit_on_success: bool = False


class SetupRequest(Canonical):
    """What is asked for, by name; None for what is to be removed. All that is not named stays as it is.

    `switches` says that the host goes over from one kind of switch to the other; all its networks and bonds are named then.
    `warnings` are what the request says in vain.
    """

    networks: dict[str, Network | None] = {}  # noqa: RUF012 - records are immutable
    bondings: dict[str, Bonding | None] = {}  # noqa: RUF012 - records are immutable
    options: SetupOptions = SetupOptions()
    switches: bool = False
    warnings: tuple[Diagnostic, ...] = ()


class Rejected(Invalid):
    """A request that can't be followed; nothing was touched. `number` is the code of its first mistake in vdsm's order."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        first: typing.Final = diagnostics.errors()[0]
        self.number = number_of(first.code)
        self.first = first
        super().__init__(diagnostics)
