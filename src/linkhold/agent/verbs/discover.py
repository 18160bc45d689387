"""``rpc.discover`` and ``Linkhold.discover``: the description of all verbs (OpenRPC 1.3.2, "Service Discovery Method")."""

import typing

from linkhold.agent.table import Asked, Verb
from linkhold.agent.verbs.shapes import OBJECT

if typing.TYPE_CHECKING:
    from linkhold.agent.host import Host


async def discover(_host: "Host", _asked: Asked) -> dict[str, typing.Any]:
    """The description."""
    from linkhold.agent.openrpc import document
    from linkhold.agent.verbs import ALL

    return document(ALL)


def _verb(name: str) -> Verb:
    return Verb(
        name=name,
        summary="Describe all verbs (OpenRPC)",
        answer=discover,
        result=OBJECT,
        result_name="OpenRPC Schema",
        root=False,
    )


VERBS: typing.Final = (_verb("Linkhold.discover"), _verb("rpc.discover"))
