"""A process that changes a host in memory: all parts of a request's way but the socket, in fake time."""

import asyncio
import contextlib
import json
import pathlib
import typing

from linkhold.executor.setup.aside import Here
from linkhold.executor.setup.by_command import FORM
from linkhold.executor.setup.flow import Changes, Prepared
from linkhold.executor.setup.looking import SCOPE
from linkhold.executor.setup.snapshot import Seen, Snapshots
from linkhold.executor.setup.store import Store
from linkhold.foundation.logs import Log
from linkhold.networks.configuration import Configuration, Network
from linkhold.networks.facts import Facts
from linkhold.networks.request import SetupOptions
from linkhold.providers.contract import Watch
from linkhold.state.document import read
from linkhold.state.network import NetworkState
from linkhold.transaction.ground import Ground
from linkhold.transaction.progress import Progress, Report
from tests.unit.transaction.stage import Stage

Plain = dict[str, typing.Any]


class MemoryEyes:
    """Looks at the host in memory."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._watch: Watch = stage.host.watch()
        self.looks = 0

    async def look(self) -> Seen:
        self.looks += 1
        return Seen(await self._stage.host.observe(SCOPE), Facts())

    async def news(self) -> bool:
        return await self._watch.changed(0)


class Bench:
    """`told` are the events, `lines` what was logged; `during` is called with each word of progress of a transaction,
    `after_each` when one has been committed, confirmed or taken back."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.told: list[tuple[str, Plain]] = []
        self.written: list[bytes] = []
        self.ended = 0
        self.during: typing.Callable[[Progress], None] = lambda progress: None
        self.after_each: typing.Callable[[], None] = lambda: None
        self.eyes = MemoryEyes(stage)
        self.log = Log("executor", write=self.written.append, journal=False, now=stage.clock.now)
        self.restart()

    def restart(self) -> None:
        """As a process that was started anew: nothing is known but what is on the disk."""
        self.store = Store(self.stage.folder, FORM)
        self.snapshots = Snapshots(self.eyes, self.stage.clock)
        self.changes = Changes(
            self.grounds,
            self.store,
            self.snapshots,
            Here(),
            self.stage.clock,
            self.log,
            announce=lambda event, params: self.told.append((event, params)),
            after=self._count,
        )

    def _count(self) -> None:
        self.ended += 1

    @contextlib.contextmanager
    def grounds(self, report: Report) -> typing.Iterator[Ground]:
        def both(progress: Progress) -> None:
            report(progress)
            self.during(progress)

        yield self.stage.ground._replace(report=both)
        self.after_each()

    def hear(self, requester: str = "engine", *, at: float | None = None) -> None:
        """Somebody is heard, now or at another moment."""
        self.changes.heard(requester, self.stage.clock.time if at is None else at)

    async def set_up(self, prepare: typing.Any, requester: str = "engine", request: str = "r1") -> Plain:
        return await self.changes.carry_out("setup-networks", prepare, requester=requester, request=request)

    @property
    def lines(self) -> list[Plain]:
        return [json.loads(line) for line in self.written]

    def mtu(self, name: str = "eth0") -> int:
        """Of an interface, as the host has it now."""
        return typing.cast("int", self.stage.host.host.state().by_key[name, ""].mtu)


def bench(path: pathlib.Path) -> Bench:
    return Bench(Stage(path))


def configuration(mtu: int) -> Configuration:
    return Configuration(networks={"red": Network(interface="eth0", mtu=mtu, bridged=False, nameservers=())})


def mtu_of(
    mtu: int, *, check: bool = True, timeout: float = 5.0, commit: bool = False, name: str = "eth0"
) -> typing.Any:
    """A request that means another MTU of a card."""
    document = {"interfaces": [{"name": name, "mtu": mtu}]}
    options = SetupOptions(connectivity_check=check, connectivity_timeout=timeout, commit_on_success=commit)

    def prepare(running: Configuration, state: NetworkState, facts: Facts) -> Prepared:
        return Prepared(read(document), document, configuration(mtu), options)

    return prepare


def run(work: typing.Coroutine[typing.Any, typing.Any, typing.Any]) -> typing.Any:
    return asyncio.run(work)
