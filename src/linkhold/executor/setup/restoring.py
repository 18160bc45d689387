"""*Safe* brought back in one transaction: at boot, or by hand. And the way to have none of it any more."""

import typing

from linkhold.executor import verbs
from linkhold.executor.setup import importing, planning_ahead
from linkhold.executor.setup.snapshot import Seen
from linkhold.executor.setup.store import Store
from linkhold.foundation.failures import Permanent
from linkhold.networks.configuration import Configuration
from linkhold.networks.restoring import restoration
from linkhold.networks.setup import Setup, prepare
from linkhold.transaction import owner
from linkhold.transaction.ground import Ground
from linkhold.transaction.options import Options
from linkhold.transaction.result import Result

Look = typing.Callable[[], typing.Awaitable[Seen]]
"""The host as it is now."""


class Restored(typing.NamedTuple):
    """How it ended: the last transaction (None: nothing was ever kept), and what was left out since the host lacks it."""

    result: Result | None
    missing: tuple[str, ...] = ()
    imported: bool = False


async def restore(store: Store, ground: Ground, look: Look, *, vdsm: str = importing.FOLDER) -> Restored:
    """Make the host as *safe* says, as far as it has the interfaces. Done again, there is nothing to do.

    Where nothing was ever kept, what vdsm has left in its folder is taken over first.

    Raises:
        Invalid: what is stored can't be followed.
        Failure: the host, or what is stored, can't be read; nothing was touched.
    """
    imported = store.safe() is None and importing.there(vdsm)
    held = importing.take_over(store, vdsm) if imported else store.safe()
    if held is None:
        return Restored(None)
    ground.folder.prepare()
    await verbs.recovered(ground=ground)
    seen = await look()
    planned = restoration(held.configuration, store.running().configuration, seen.state, seen.facts)
    result = await _apply(planned.setup, store, ground)
    if planned.again and result.good:  # virtual functions came, and something may ride on them
        seen = await look()
        planned = restoration(held.configuration, store.running().configuration, seen.state, seen.facts)
        result = await _apply(planned.setup, store, ground)
    if result.good:
        store.promote()
        await follow_leases(store.running().configuration, ground, await look())
    return Restored(result, tuple(str(one) for one in planned.missing), imported)


async def _apply(setup: Setup, store: Store, ground: Ground) -> Result:
    running = store.running()
    known = running.configuration == setup.after and running.boot == owner.boot_id()
    attached = None if known else store.attachment(setup.after)
    return await verbs.apply(setup.desired, Options(memory_only=True, attached=attached), ground=ground)


async def follow_leases(running: Configuration, ground: Ground, seen: Seen) -> Result | None:
    """Let the source rules of networks with leases be those of the addresses they have now; None when they are."""
    rules = planning_ahead.rules(running, seen)
    return None if rules is None else await verbs.apply(rules, Options(memory_only=True), ground=ground)


async def clear(store: Store, ground: Ground, look: Look, *, exclude: typing.Collection[str]) -> Result:
    """Take all networks off the host but some, and the bonds that none of these need; what is left is *safe* as well.

    Raises:
        Permanent: one of those to be left is not there.
        Invalid, Failure: as `restore`.
    """
    running = store.running().configuration
    unknown = sorted(set(exclude) - running.networks.keys())
    if unknown:
        raise Permanent(f"there is no network {', '.join(unknown)}; there are: {', '.join(sorted(running.networks))}")
    used = {running.networks[name].bonding for name in exclude}
    raw = {
        "networks": {name: {"remove": True} for name in running.networks if name not in exclude},
        "bondings": {name: {"remove": True} for name in running.bondings if name not in used},
        "options": {"connectivityCheck": False},
    }
    seen = await look()
    result = await _apply(prepare(raw, running, seen.state, seen.facts), store, ground)
    if result.good:
        store.promote()
        store.keep()
    return result
