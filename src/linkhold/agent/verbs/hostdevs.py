"""``Host.hostdevChangeNumvfs`` and ``Host.hostdevListByCaps``: cards with virtual functions (vdsm.md 1.1)."""

import typing

from linkhold.agent.link import ENDLESS
from linkhold.agent.table import Asked, Param, Verb
from linkhold.agent.verbs.shapes import NAMED, TRUE
from linkhold.networks import codes

if typing.TYPE_CHECKING:
    from linkhold.agent.host import Host


async def change(host: "Host", asked: Asked) -> bool:
    """Let a card have so many virtual functions."""
    with host.writing.alone("Host.hostdevChangeNumvfs"):
        params = {"device": asked.params["deviceName"], "count": asked.params["numvfs"]}
        await host.executor.ask("change-functions", params, request=asked.correlation, timeout=ENDLESS)
    return True


async def list_by_caps(host: "Host", asked: Asked) -> dict[str, typing.Any]:
    """The devices that have one of the capabilities named; all where none is."""
    snapshot = await host.snapshots.now(asked.correlation)
    return host.reports.devices(snapshot, tuple(asked.params["caps"]))


VERBS: typing.Final = (
    Verb(
        name="Host.hostdevChangeNumvfs",
        summary="Change how many virtual functions a card has",
        answer=change,
        params=(
            Param(
                name="deviceName",
                schema={"type": "string", "minLength": 1},
                summary="as libvirt names it: pci_0000_05_00_0",
                needed=True,
            ),
            Param(name="numvfs", schema={"type": "integer", "minimum": 0}, summary="how many", needed=True),
        ),
        result=TRUE,
        errors=(
            codes.BAD_PARAMS,
            codes.BAD_INTERFACE,
            codes.USED_INTERFACE,
            codes.FAILED_IFUP,
            codes.UNAVAILABLE,
            codes.RECOVERY,
        ),
        lax=True,
    ),
    Verb(
        name="Host.hostdevListByCaps",
        summary="Tell the host's devices that a network can use, with their virtual functions",
        answer=list_by_caps,
        params=(
            Param(
                name="caps",
                schema={"type": "array", "items": {"type": "string"}},
                summary="capabilities: net, pci; empty: all",
                default=[],
            ),
        ),
        result=NAMED,
        result_name="deviceList",
        errors=(codes.RECOVERY,),
        lax=True,
    ),
)
