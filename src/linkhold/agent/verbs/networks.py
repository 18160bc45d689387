"""``Host.setupNetworks`` and ``Host.setSafeNetworkConfig``: the requests that change a host's networks (vdsm's ``API.py``).

The scripts of ``before_network_setup`` run here, before the request is sent on: whatever they make of it is validated like
any request. Those of ``after_network_setup`` and ``after_network_setup_fail`` get the request as it came.
"""

import typing

from linkhold.agent.link import ENDLESS
from linkhold.agent.table import Asked, Param, Verb
from linkhold.agent.verbs.shapes import DONE, NAMED, OBJECT, TRUE
from linkhold.foundation.diagnostics import Diagnostics, to_plain
from linkhold.networks import codes
from linkhold.wire.call import RpcError

if typing.TYPE_CHECKING:
    from linkhold.agent.host import Host

PARTS: typing.Final = ("networks", "bondings", "options")

REQUEST: typing.Final = (
    Param(name="networks", schema=NAMED, summary="attributes by network; {remove: true} takes one away", default={}),
    Param(name="bondings", schema=NAMED, summary="attributes by bond; {remove: true} takes one away", default={}),
    Param(
        name="options",
        schema=OBJECT,
        summary="connectivityCheck (true), connectivityTimeout (4 s), commitOnSuccess (false)",
        default={},
    ),
)


async def setup(host: "Host", asked: Asked) -> dict[str, typing.Any]:
    """Make the host's networks as asked, or leave everything as it was."""
    with host.writing.alone("Host.setupNetworks"):
        request = {part: asked.params[part] for part in PARTS}
        try:
            told = await host.executor.ask(
                "setup-networks",
                {
                    **_as_left(await host.hooks.before("before_network_setup", {"request": request})),
                    **_requester(asked),
                },
                request=asked.correlation,
                timeout=ENDLESS,
            )
        except RpcError:
            await host.hooks.after("after_network_setup_fail", {"request": request})
            raise
        host.log.info("setup-networks", request=asked.correlation, **_told(told))
        await host.hooks.after("after_network_setup", {"request": request})
    return {"code": 0, "message": "Done"}


def _as_left(value: typing.Any) -> dict[str, typing.Any]:
    """The request as the scripts left it.

    Raises:
        RpcError: they left something else.
    """
    request = value.get("request") if isinstance(value, dict) else None
    if not isinstance(request, dict) or not all(isinstance(request.get(part, {}), dict) for part in PARTS):
        found = Diagnostics()
        found.error("bad-params", ("request",), "is no request any more", expected=", ".join(PARTS))
        message = "Hook error: the scripts of before_network_setup left something that is no request"
        raise RpcError(codes.HOOK, message, {"diagnostics": to_plain(found)})
    return {part: request.get(part, {}) for part in PARTS}


def _requester(asked: Asked) -> dict[str, str]:
    return {"requester": requester(asked)}


def requester(asked: Asked) -> str:
    """Who may confirm a change: whoever holds this certificate's name, or the certificate where it has none."""
    return asked.peer.name or asked.peer.fingerprint


def _told(told: typing.Any) -> dict[str, typing.Any]:
    return {key: told.get(key) for key in ("transaction", "outcome", "timings", "notes")}


async def keep(host: "Host", asked: Asked) -> bool:
    """What is set up now comes back after a reboot."""
    with host.writing.alone("Host.setSafeNetworkConfig"):
        await host.executor.ask("keep", request=asked.correlation)
    return True


VERBS: typing.Final = (
    Verb(
        name="Host.setupNetworks",
        summary="Set up, change and remove networks and bonds: all of it, or nothing",
        answer=setup,
        params=REQUEST,
        result=DONE,
        result_name="status",
        errors=(
            codes.LOST_CONNECTION,
            *sorted(set(codes.CODES.values())),
            codes.FAILED_IFUP,
            codes.UNAVAILABLE,
            codes.HOOK,
            codes.RECOVERY,
        ),
        lax=True,
    ),
    Verb(
        name="Host.setSafeNetworkConfig",
        summary="Let the networks that are set up now be those that a reboot brings back",
        answer=keep,
        result=TRUE,
        errors=(codes.UNAVAILABLE, codes.RECOVERY),
        lax=True,
    ),
)
