"""The composition of a host: which provider carries out what, and what a transaction on it stands on."""

import os
import typing

from linkhold.foundation.failures import Permanent

if typing.TYPE_CHECKING:  # who only looks at the host needs no transaction
    from linkhold.foundation.clock import Clock
    from linkhold.providers.contract import Provider
    from linkhold.transaction.folder import Folder
    from linkhold.transaction.ground import Arm, Ground
    from linkhold.transaction.progress import Report

Maker = typing.Callable[[str], "Provider"]


def _kernel(argument: str) -> "Provider":
    from linkhold.providers.kernel.provider import Kernel

    return Kernel(root=argument or os.environ.get("LINKHOLD_ROOT", ""))


def _memory(argument: str) -> "Provider":
    from linkhold.providers.memory.provider import Memory

    return Memory(file=argument)


PROVIDERS: typing.Final[dict[str, Maker]] = {"kernel": _kernel, "memory": _memory}
"""In order of preference: the first that can carry a change out does it. `memory` only where it is asked for by name."""

VARIABLES: typing.Final = ("LINKHOLD_PROVIDER", "LINKHOLD_ROOT", "LINKHOLD_STATE_DIR")
"""What the environment can say about a host; the guard is started with the same."""


def provider(choice: str | None = None) -> "Provider":
    """The provider of this host: ``kernel``, or what `choice` or ``LINKHOLD_PROVIDER`` says, as in ``memory:FILE``.

    Raises:
        Permanent: there is none of this name.
    """
    name, _, argument = (choice or os.environ.get("LINKHOLD_PROVIDER") or "kernel").partition(":")
    maker = PROVIDERS.get(name)
    if maker is None:
        raise Permanent(f"there is no provider '{name}'; known: {', '.join(PROVIDERS)}")
    return maker(argument)


def ground(
    folder: "Folder",
    *,
    provider: "Provider",
    arm: "Arm | None" = None,
    clock: "Clock | None" = None,
    report: "Report | None" = None,
) -> "Ground":
    """What transactions on this host stand on."""
    from linkhold.foundation.clock import SystemClock
    from linkhold.transaction.ground import Ground
    from linkhold.transaction.progress import silent

    return Ground(provider=provider, folder=folder, clock=clock or SystemClock(), arm=arm, report=report or silent)
