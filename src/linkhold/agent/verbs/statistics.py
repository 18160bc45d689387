"""``Host.getStats`` and ``Host.getNetworkStatistics``: counters of every link (vdsm.md 1.8). The executor is not needed."""

import asyncio
import typing

from linkhold.agent.table import Asked, Verb
from linkhold.agent.verbs.shapes import OBJECT
from linkhold.networks import codes

if typing.TYPE_CHECKING:
    from linkhold.agent.host import Host


async def get(host: "Host", _asked: Asked) -> dict[str, typing.Any]:
    """All of it, with what scripts add."""
    await host.hooks.before("before_get_stats", {})
    network = await asyncio.to_thread(host.reports.statistics)
    last = host.snapshots.last
    dirty = str(last.dirty) if last is not None else "False"
    told = {**host.load(), **network, "netConfigDirty": dirty}
    return typing.cast(dict[str, typing.Any], await host.hooks.after("after_get_stats", told))


async def get_network(host: "Host", _asked: Asked) -> dict[str, typing.Any]:
    """The network's part alone."""
    return await asyncio.to_thread(host.reports.statistics)


VERBS: typing.Final = (
    Verb(
        name="Host.getStats",
        summary="Tell how busy this host is, and the counters of all its links",
        answer=get,
        result=OBJECT,
        result_name="info",
        errors=(codes.HOOK,),
        root=False,
        lax=True,
    ),
    Verb(
        name="Host.getNetworkStatistics",
        summary="Tell the counters of all links",
        answer=get_network,
        result=OBJECT,
        result_name="info",
        root=False,
        lax=True,
    ),
)
