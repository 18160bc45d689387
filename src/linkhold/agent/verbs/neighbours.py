"""``Host.getLldp``: what switches announce about themselves (vdsm.md 1.9)."""

import typing

from linkhold.agent.table import Asked, Param, Verb
from linkhold.agent.verbs.shapes import NAMED
from linkhold.networks import codes

if typing.TYPE_CHECKING:
    from linkhold.agent.host import Host

FILTER: typing.Final = {
    "type": "object",
    "properties": {"devices": {"type": ["array", "null"], "items": {"type": "string"}}},
    "description": "devices: names of cards; empty or left out: all",
}


async def get(host: "Host", asked: Asked) -> dict[str, typing.Any]:
    """The neighbours of some cards, or of all."""
    told = await host.executor.ask("neighbours", request=asked.correlation)
    snapshot = await host.snapshots.now(asked.correlation)
    return host.reports.neighbours(snapshot, told, tuple(asked.params["filter"].get("devices") or ()))


VERBS: typing.Final = (
    Verb(
        name="Host.getLldp",
        summary="Tell what the switches at the other end of this host's cables announce",
        answer=get,
        params=(Param(name="filter", schema=FILTER, summary="which cards", default={}),),
        result=NAMED,
        result_name="info",
        errors=(codes.RECOVERY,),
        lax=True,
    ),
)
