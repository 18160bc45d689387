"""``Host.ping2``, ``Host.confirmConnectivity`` and ``Host.ping``: the centre is heard.

Being heard confirms a change of the same centre's that waits for it, if the call came after the change was applied. It is
the moment of arrival that counts, on CLOCK_BOOTTIME.
"""

import typing

from linkhold.agent.table import Asked, Verb
from linkhold.agent.verbs.networks import requester
from linkhold.agent.verbs.shapes import TRUE
from linkhold.networks import codes

if typing.TYPE_CHECKING:
    from linkhold.agent.host import Host


async def ping2(_host: "Host", _asked: Asked) -> bool:
    """The agent is there; that is all."""
    return True


async def confirm_connectivity(host: "Host", asked: Asked) -> bool:
    """The centre reached us at the moment when this call arrived."""
    await host.executor.ask("heard", {"requester": requester(asked), "at": asked.arrived}, request=asked.correlation)
    return True


VERBS: typing.Final = (
    Verb(
        name="Host.ping2",
        summary="Answer; also while the executor is not there",
        answer=ping2,
        result=TRUE,
        root=False,
        lax=True,
    ),
    Verb(
        name="Host.confirmConnectivity",
        summary="Confirm the change that waits for being reached over the new network, if there is one",
        answer=confirm_connectivity,
        result=TRUE,
        errors=(codes.RECOVERY,),
        lax=True,
    ),
    Verb(
        name="Host.ping",
        summary="The same as Host.confirmConnectivity; for old clients",
        answer=confirm_connectivity,
        result=TRUE,
        errors=(codes.RECOVERY,),
        lax=True,
    ),
)
