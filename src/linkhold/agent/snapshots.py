"""The host as the executor last saw it, kept by its generation: read and decoded once for each change of the host."""

import asyncio
import typing

from linkhold.foundation.record import Record
from linkhold.networks import facts_form, forms
from linkhold.networks.configuration import Configuration
from linkhold.networks.facts import Facts
from linkhold.state import document
from linkhold.state.network import NetworkState

if typing.TYPE_CHECKING:
    from linkhold.agent.link import Executor

NOTHING: typing.Final = -1
"""The generation of somebody who has nothing."""


class Snapshot(Record):
    """One moment of the host, never half of a change. `waits` is the transaction that waits for confirmation, None if none."""

    generation: int
    state: NetworkState
    facts: Facts = Facts()
    running: Configuration = Configuration()
    safe: Configuration = Configuration()
    dirty: bool = False
    waits: typing.Any = None


class Snapshots:
    """Asks for the host's state, and for nothing where it is still what was asked for last."""

    def __init__(self, executor: "Executor") -> None:
        self._executor = executor
        self._last: Snapshot | None = None
        self._asking = asyncio.Lock()

    @property
    def generation(self) -> int:
        """That of the last one; −1 before the first."""
        return NOTHING if self._last is None else self._last.generation

    @property
    def last(self) -> Snapshot | None:
        """The last one, however old; None before the first."""
        return self._last

    def forget(self) -> None:
        """The executor is another one now: its generations count anew."""
        self._last = None

    async def now(self, request: str = "") -> Snapshot:
        """The host as it is.

        Raises:
            RpcError: the executor does not answer.
        """
        async with self._asking:  # many at once read it once
            have = self._last  # which may be forgotten while the executor answers
            told = await self._executor.ask("snapshot", {"generation": self.generation}, request=request)
            self._last = _read(told) if have is None or "state" in told else have
            return self._last


def _read(told: dict[str, typing.Any]) -> Snapshot:
    return Snapshot(
        generation=told["generation"],
        state=document.read(told["state"]),
        facts=facts_form.from_plain(told["facts"]),
        running=forms.read(told["running"]),
        safe=forms.read(told["safe"]),
        dirty=told["dirty"],
        waits=told.get("waits"),
    )
