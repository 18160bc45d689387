"""The executor as a process: what it consists of, how it starts, and how it ends.

Three threads: this one answers, one looks at the host, one changes it. So requests are answered, requesters heard and
signs of life given whatever the kernel is busy with.

It ends at SIGTERM and SIGINT: a change that is being applied is brought to its end first (it takes seconds); one that waits for
its requester is left to the guard, and taken up again by the next executor.
"""

import asyncio
import contextlib
import os
import signal
import typing

from linkhold.executor import host, verbs
from linkhold.executor import store as kept
from linkhold.executor.service import sockets
from linkhold.executor.service.access import Access, group_id, user_id
from linkhold.executor.service.core_verbs import CoreVerbs
from linkhold.executor.service.desk import Desk, Verb
from linkhold.executor.service.network_verbs import NetworkVerbs
from linkhold.executor.setup import planning_ahead
from linkhold.executor.setup.aside import Thread
from linkhold.executor.setup.by_command import FORM
from linkhold.executor.setup.changing import RULES
from linkhold.executor.setup.flow import Changes
from linkhold.executor.setup.looking import HostEyes, HostNews
from linkhold.executor.setup.snapshot import Snapshot, Snapshots
from linkhold.executor.setup.store import Store
from linkhold.executor.setup.watchman import Watchman
from linkhold.foundation.clock import SystemClock
from linkhold.foundation.failures import Failure
from linkhold.foundation.logs import Log, take_in
from linkhold.foundation.notify import Notify
from linkhold.transaction.confirm import waits_for_person
from linkhold.transaction.documents import committed
from linkhold.transaction.folder import Folder
from linkhold.transaction.ground import Ground
from linkhold.transaction.journal import read
from linkhold.transaction.options import Options
from linkhold.transaction.progress import Report
from linkhold.wire.local_server import Credentials, LocalCall, LocalServer

PROTOCOL: typing.Final = 1
"""Of the verbs (docs/decisions/0018)."""


GRACE: typing.Final = 330.0
"""Seconds for a change that is being applied when we are told to end; the unit's TimeoutStopSec is more."""


Loop = asyncio.Task[None]
"""What runs as long as we do."""


class Daemon:
    """One executor. `agent` is the user id that may ask beside root; `folder` the state directory."""

    def __init__(self, folder: Folder, where: str | int, agent: int | None, log: Log) -> None:
        clock = SystemClock()
        self._folder, self._log = folder, log
        self._looking, self._changing = Thread("looking"), Thread("changing")
        self._eyes = HostEyes(self._looking)
        self.snapshots = Snapshots(self._eyes, clock, others_change=lambda: _others_change(folder))
        self.store = Store(folder, FORM)
        self.server = LocalServer(where, self._admits, self._answer)
        self.changes = Changes(
            self._grounds,
            self.store,
            self.snapshots,
            self._changing,
            clock,
            log,
            announce=self.server.publish,
            after=self._ended,
        )
        self._watchman = Watchman(
            HostNews(self._looking), self.snapshots, self._drifted, self._follow, self.server.publish, log
        )
        self._access = Access(agent, log)
        core = CoreVerbs(self.changes, self._grounds, self._changing, self._eyes.show, self._drift)
        networks = NetworkVerbs(self.changes, core.planned, log)
        own = {"hello": Verb({}, _hello, quiet=True), "subscribe": Verb({}, _subscribe)}
        self.desk = Desk({**own, **networks.table(), **core.table()}, log)

    async def run(self, stop: asyncio.Event, notify: Notify, *, group: int = -1) -> None:
        """Answer until `stop` is set."""
        self._folder.prepare()
        await self.server.start(group=group)
        tasks = [asyncio.create_task(one) for one in (self._begin(), self._show_life(notify))]
        notify.ready()
        self._log.info("ready", verbs=sorted(self.desk.table))
        try:
            await self._until(stop, tasks)
        finally:
            notify.stopping()
            await self._end(tasks)

    async def _until(self, stop: asyncio.Event, tasks: typing.Sequence[Loop]) -> None:
        """Until we are to end, or one of our own loops has ended by a mistake, which then ends us."""
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        for one in tasks:
            if one.done():
                one.result()

    async def _end(self, tasks: typing.Sequence[Loop]) -> None:
        waits = self.changes.pending is not None
        self._log.info("ending", holder=self.changes.turn.holder, waits=waits)
        await self.server.close(grace=0.0 if waits else GRACE)
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._looking.close()
        self._changing.close()

    async def _begin(self) -> None:
        await asyncio.gather(self.changes.resume(), self._watchman.run())

    async def _show_life(self, notify: Notify) -> None:
        while True:
            notify.alive()
            await asyncio.sleep(notify.interval or 3600.0)

    def _ended(self) -> None:
        """A change of ours is over."""
        self._watchman.poke()

    def _admits(self, credentials: Credentials) -> bool:
        return self._access.admits(credentials.uid, credentials.pid)

    async def _answer(self, call: LocalCall) -> object:
        return await self.desk.answer(call)

    @contextlib.contextmanager
    def _grounds(self, report: Report) -> typing.Iterator[Ground]:
        """What one transaction stands on: the providers that are there now."""
        provider = host.provider()
        try:
            yield verbs.standing(self._folder.path, report=report, provider=provider)
        finally:
            provider.close()

    async def _drifted(self, now: Snapshot) -> tuple[str, ...]:
        running = self.store.running().configuration
        return (await self._eyes.think(lambda here: planning_ahead.drift(running, now.seen, here))).lines

    async def _drift(self) -> planning_ahead.Drift:
        now = await self.snapshots.current()
        running, documents = self.store.running().configuration, committed(self._folder)
        return await self._eyes.think(lambda here: planning_ahead.drift(running, now.seen, here, documents))

    async def _follow(self, now: Snapshot) -> bool:
        rules = planning_ahead.rules(self.store.running().configuration, now.seen)
        if rules is None:
            return True
        try:
            result = await self.changes.apply(rules, Options(memory_only=True), what=RULES)
        except Failure as failure:
            self._log.info("rules-wait", reason=str(failure))
            return False
        return result.good


async def _hello(call: LocalCall) -> dict[str, object]:
    from importlib.metadata import version

    return {"version": version("linkhold"), "protocol": PROTOCOL}


async def _subscribe(call: LocalCall) -> bool:
    call.connection.subscribe()
    return True


def _others_change(folder: Folder) -> bool:
    """Whether a transaction is under way that does not just wait to be confirmed."""
    for one in folder.pending():
        with contextlib.suppress(FileNotFoundError):  # over, while we looked
            if not waits_for_person(read(one.path)):
                return True
    return False


def main(state_dir: str | None = None) -> int:
    """Run until told to end; the exit code."""
    log = Log("executor", least="debug" if os.environ.get("LINKHOLD_DEBUG") else "info")
    take_in(log)
    return asyncio.run(_main(state_dir, log))


async def _main(state_dir: str | None, log: Log) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    inherited = sockets.inherited()
    where: str | int = sockets.path() if inherited is None else inherited
    if inherited is None:
        os.makedirs(os.path.dirname(sockets.path()), mode=0o755, exist_ok=True)
    group = group_id()
    daemon = Daemon(kept.folder(state_dir), where, _agent(), log)
    try:
        await daemon.run(stop, Notify(), group=-1 if group is None else group)
    except (Failure, OSError) as failure:
        log.error("ended", reason=str(failure))
        return 1
    log.info("ended")
    return 0


def _agent() -> int | None:
    """The user id of the agent: as the environment says (for who runs it as another user), else of its own user."""
    said = os.environ.get("LINKHOLD_AGENT_USER", "")
    return int(said) if said.isdigit() else user_id(said) if said else user_id()
