"""``Host.getCapabilities`` and ``Host.getNetworkCapabilities``: what a host is and has (vdsm.md 1.7).

The network part is made once for each generation of the host and given as it is until the next. No waiting for links.
"""

import typing

from linkhold.agent.table import Asked, Verb
from linkhold.agent.verbs.shapes import OBJECT
from linkhold.foundation.record import UNSET
from linkhold.networks import codes

if typing.TYPE_CHECKING:
    from linkhold.agent.host import Host
    from linkhold.agent.snapshots import Snapshot


async def network_part(host: "Host", asked: Asked) -> "tuple[dict[str, typing.Any], Snapshot]":
    """The network's part, shared by all calls of one generation (not to be changed), and what it was made from."""
    snapshot = await host.snapshots.now(asked.correlation)
    return host.reports.capabilities(snapshot), snapshot


async def get(host: "Host", asked: Asked) -> dict[str, typing.Any]:
    """All of it, with what scripts add."""
    await host.hooks.before("before_get_caps", {})
    part, snapshot = await network_part(host, asked)
    told = {
        **host.machine(),
        **part,
        "ovnConfigured": ovn_configured(snapshot),
        "lastClientIface": host.reports.client_interface(snapshot, asked.peer.local_address),
    }
    return typing.cast(dict[str, typing.Any], await host.hooks.after("after_get_caps", told))


async def get_network(host: "Host", asked: Asked) -> dict[str, typing.Any]:
    """The network's part alone."""
    part, _ = await network_part(host, asked)
    return part


def ovn_configured(snapshot: "Snapshot") -> bool:
    """Whether OVN's controller was told here where its database is and how to make tunnels (ovn-controller(8))."""
    database = snapshot.state.get("ovs_db")
    ids = database.get("external_ids") if database is not UNSET else UNSET
    return isinstance(ids, dict) and all(ids.get(key) for key in ("ovn-remote", "ovn-encap-ip", "ovn-encap-type"))


VERBS: typing.Final = (
    Verb(
        name="Host.getCapabilities",
        summary="Tell what this host is and has, its network above all",
        answer=get,
        result=OBJECT,
        result_name="info",
        errors=(codes.HOOK, codes.RECOVERY),
        lax=True,
    ),
    Verb(
        name="Host.getNetworkCapabilities",
        summary="Tell what network this host has",
        answer=get_network,
        result=OBJECT,
        result_name="info",
        errors=(codes.RECOVERY,),
        lax=True,
    ),
)
