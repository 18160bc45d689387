"""From the executor's events to those for the centre.

- ``|net|host_conn|no_id``, vdsm's word for *read my capabilities again*: addresses, leases, carrier or the active port of an
  interface that belongs to a network or bond of this host changed. `notify_time`.
- ``|linkhold|drift|no_id``: the host differs from what it was given, or does no longer. What the executor tells of that.
- ``|linkhold|transaction|NAME``: a transaction came into another phase, or ended. What the executor tells of that.

While a change runs nothing is told of what it does to the host: once, when it is over, instead. `notify_time` is in
milliseconds of CLOCK_MONOTONIC, as vdsm's.
"""

import asyncio
import time
import typing

from linkhold.networks.configuration import Configuration
from linkhold.wire.call import RpcError

if typing.TYPE_CHECKING:
    from linkhold.agent.metrics import Metrics
    from linkhold.agent.writing import Writing
    from linkhold.foundation.logs import Log

QUEUE: typing.Final = "jms.queue.events"
HOST_CONNECTION: typing.Final = "|net|host_conn|no_id"
DRIFT: typing.Final = "|linkhold|drift|no_id"

TOLD: typing.Final = frozenset({"address", "lease", "carrier", "active-port", "link"})
"""What may change of an interface that the centre wants to know at once."""

Publish = typing.Callable[[str, str, dict[str, typing.Any]], None]


def monotonic_ms() -> int:
    """Now, as vdsm tells it in events."""
    return int(time.monotonic() * 1000)


def managed(running: Configuration) -> frozenset[str]:
    """The interfaces that belong to the networks and bonds a host was given."""
    names: set[str] = set()
    for name, network in running.networks.items():
        names |= {network.base, network.southbound, network.next_hop(name)}
    for name, bonding in running.bondings.items():
        names |= {name, *bonding.ports}
    return frozenset(names - {""})


class Events:
    """Hands on what the executor tells. `running` asks for the networks as they are now."""

    def __init__(
        self,
        publish: Publish,
        writing: "Writing",
        running: typing.Callable[[], typing.Awaitable[Configuration]],
        metrics: "Metrics",
        log: "Log",
        now: typing.Callable[[], int] = monotonic_ms,
    ) -> None:
        self._publish, self._writing, self._running = publish, writing, running
        self._metrics, self._log, self._now = metrics, log, now
        self._held_back = False
        self._news: asyncio.Queue[dict[str, typing.Any]] = asyncio.Queue()
        writing.when_ended(self._settle)

    def heard(self, event: str, params: dict[str, typing.Any]) -> None:
        """An event of the executor's (a `wire.local_client.Heard`)."""
        self._log.debug("executor-event", told=event, params=params)
        if event == "changed":
            self._news.put_nowait(params)
        elif event == "drift":
            self.drifted(len(params.get("changes", ())))
            self._publish(QUEUE, DRIFT, {**params, "notify_time": self._now()})
        elif event == "transaction":
            self._of_transaction(params)

    def drifted(self, changes: int) -> None:
        """In how many changes the host differs from what it was given, for the metrics."""
        self._metrics.set("linkhold_drift", float(changes > 0))
        self._metrics.set("linkhold_drift_differences", changes)

    async def run(self) -> typing.NoReturn:
        """Look at what changed, one after the other, for ever."""
        while True:
            await self.changed(await self._news.get())

    async def changed(self, params: dict[str, typing.Any]) -> None:
        """Tell of a change if it concerns the networks of this host, as they are now: one may have come with it."""
        if not frozenset(params.get("what", ())) & TOLD:
            return
        try:
            names = managed(await self._running())
        except RpcError as error:  # the executor has gone; the centre finds out more than we can
            self._log.info("not-known", reason=error.message)
            names = frozenset(params.get("interfaces", ()))
        if not names & frozenset(params.get("interfaces", ())):
            return
        if self._writing.busy:
            self._held_back = True
        else:
            self._tell()

    def missed(self) -> None:
        """Events begin to come (again): whatever happened before is told by one."""
        self._tell()

    def _of_transaction(self, params: dict[str, typing.Any]) -> None:
        name = str(params.get("transaction", ""))
        if outcome := params.get("outcome"):
            self._metrics.ended(str(outcome))
        self._publish(QUEUE, f"|linkhold|transaction|{name}", {**params, "notify_time": self._now()})

    def _settle(self) -> None:
        """The change is over: tell now what was held back."""
        if self._held_back and not self._writing.busy:
            self._tell()

    def _tell(self) -> None:
        self._held_back = False
        self._publish(QUEUE, HOST_CONNECTION, {"notify_time": self._now()})
