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
    """A request that can't be followed; nothing was touched.

    `in_order` are its errors in vdsm's order, `first` is the one that vdsm would have told, `number` the code of that.
    """

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.in_order: typing.Final = diagnostics.errors()
        self.first: typing.Final = self.in_order[0]
        self.number: typing.Final = number_of(self.first.code)
        super().__init__(diagnostics)
