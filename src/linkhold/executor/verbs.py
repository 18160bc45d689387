"""What can be asked of a host. Everything else (command line, library, agent) calls these and adds nothing to them.

Coroutines, since waiting for the network is what a transaction does most. They touch nothing before they have raised
whatever there is to raise; once something was touched, the outcome is a value.
"""

import contextlib
import typing

from linkhold.executor import host as composition
from linkhold.executor import store
from linkhold.foundation.failures import Busy, Permanent
from linkhold.planning.planner import Outcome
from linkhold.providers.contract import Provider, Scope
from linkhold.state.network import NetworkState
from linkhold.transaction import confirm as confirming
from linkhold.transaction import runner
from linkhold.transaction.documents import committed
from linkhold.transaction.folder import Folder, Named
from linkhold.transaction.ground import Ground
from linkhold.transaction.journal import Gone
from linkhold.transaction.options import Options
from linkhold.transaction.progress import Report, Stopwatch, silent
from linkhold.transaction.recovery import Recovered, end, recover
from linkhold.transaction.result import Result


def standing(state_dir: str | None = None, *, report: Report = silent, provider: Provider | None = None) -> Ground:
    """What this host's transactions stand on; pass it to the verbs, or let them find it by themselves."""
    from linkhold.executor.guard import arm

    folder = store.folder(state_dir)
    return composition.ground(folder, provider=provider or composition.provider(), arm=arm, report=report)


async def show(scope: Scope | None = None, *, ground: Ground | None = None) -> NetworkState:
    """The host as it is.

    Raises:
        Failure: it can't be read.
    """
    return await (ground or standing()).provider.observe(scope or Scope())


async def plan(desired: NetworkState, options: Options | None = None, *, ground: Ground | None = None) -> Outcome:
    """What `apply` would do.

    Raises:
        Invalid: the document can't be followed.
        Failure: the host can't be read.
    """
    ground = ground or standing()
    return await runner.prepare(desired, ground, options or Options(), Stopwatch(ground.clock.monotonic))


async def apply(desired: NetworkState, options: Options | None = None, *, ground: Ground | None = None) -> Result:
    """Make the host as a document says, or leave it as it was; how that ended.

    Raises (nothing was touched then):
        Invalid: the document can't be followed.
        Busy: another transaction runs, or waits for confirmation; the message names whose.
        Failure: the host can't be read, the journal can't be written, the guard can't be started.
    """
    ground = ground or standing()
    result = await runner.run(desired, ground, options or Options())
    with contextlib.suppress(OSError):  # old history that stays is no reason to say anything but what happened
        ground.folder.prune(store.KEPT)
    return result


async def confirm(*, ground: Ground | None = None) -> Named:
    """Keep the change that waits for confirmation.

    Raises:
        NothingToConfirm: there is none, or it is too late.
    """
    ground = ground or standing()
    return await confirming.confirm(ground.folder, ground.clock, ground.provider)


async def rollback(*, ground: Ground | None = None) -> Recovered:
    """Take back the change that waits for confirmation.

    Raises:
        NothingToConfirm: there is none.
        Busy: another transaction runs.
    """
    ground = ground or standing()
    confirming.waiting(ground.folder)
    with ground.folder.lock():
        named, account = confirming.waiting(ground.folder)
        try:
            return await end(ground, named, account, "cancelled")
        except Gone:
            raise confirming.NothingToConfirm("too late: it was confirmed or rolled back in this moment") from None


async def recovered(*, ground: Ground | None = None, early: bool = False) -> tuple[Recovered, ...]:
    """End what nobody runs any more (at boot: whatever was not confirmed before).

    `early`, while services have not started yet, what has to wait for one is left to whoever comes next.

    Raises:
        Busy: a transaction runs, or waits for confirmation.
    """
    ground = ground or standing()
    ground.folder.prepare()
    with ground.folder.lock():
        return await recover(ground, early=early)


async def restore(options: Options | None = None, *, ground: Ground | None = None) -> Result:
    """Apply what was committed: after a boot, or to undo drift. What is stored does not change.

    Raises:
        Permanent: nothing was ever committed.
        Invalid, Busy, Failure: as `apply`.
    """
    ground = ground or standing()
    with contextlib.suppress(Busy):  # then the transaction below says it
        await recovered(ground=ground)
    document = committed(ground.folder)
    if not document.said():
        raise Permanent("nothing was committed on this host yet")
    chosen = (options or Options()).replace(memory_only=True, restoring=True)
    return await apply(document, chosen, ground=ground)


async def drift(*, ground: Ground | None = None) -> Outcome:
    """What `restore` would do: its plan is empty while the host is as was committed.

    Raises:
        Permanent: nothing was ever committed.
        Invalid, Failure: as `plan`.
    """
    ground = ground or standing()
    document = committed(ground.folder)
    if not document.said():
        raise Permanent("nothing was committed on this host yet")
    return await plan(document, ground=ground)


def pending(*, folder: Folder | None = None) -> tuple[store.Told, ...]:
    """The transactions that are not over, oldest first."""
    return _told((folder or store.folder()).pending())


def history(*, folder: Folder | None = None) -> tuple[store.Told, ...]:
    """Those that are over, oldest first."""
    return _told((folder or store.folder()).history())


def _told(names: typing.Iterable[Named]) -> tuple[store.Told, ...]:
    found = []
    for named in names:
        try:
            found.append(store.told(named))
        except FileNotFoundError:  # it moved on while we looked
            continue
    return tuple(found)
