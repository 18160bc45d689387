"""From a call to its verb and back: who may call, what is logged, how what goes wrong is told."""

import asyncio
import fnmatch
import time
import typing

from linkhold.agent.arguments import arguments
from linkhold.agent.table import Asked, Verb
from linkhold.foundation.failures import Failure
from linkhold.wire.call import Call, Peer, RpcError
from linkhold.wire.jsonrpc import INTERNAL_ERROR, UNKNOWN_METHOD

if typing.TYPE_CHECKING:
    from linkhold.agent.host import Host

FORBIDDEN: typing.Final = -32001
"""Ours: the certificate is good, but whose it is may not call."""

LOUD: typing.Final = frozenset(
    {
        "Host.setupNetworks",
        "Host.setSafeNetworkConfig",
        "Host.hostdevChangeNumvfs",
        "Linkhold.apply",
        "Linkhold.confirm",
        "Linkhold.rollback",
    }
)
"""What changes something: told with all of its parameters when it begins. The others are polled, and told when they end."""


class Dispatcher:
    """Answers calls (a `wire.call.Handler`) by the verbs of a table."""

    def __init__(self, host: "Host", verbs: typing.Iterable[Verb]) -> None:
        self._host = host
        self._verbs = {one.name: one for one in verbs}

    async def __call__(self, call: Call) -> object:
        """The verb's answer.

        Raises:
            RpcError: the answer is an error.
        """
        arrived = self._host.clock.monotonic()
        log = self._host.log.bound(verb=call.method, request=call.correlation, peer=call.peer.name)
        begun = time.perf_counter()
        outcome: int | str = "failed"
        verb: Verb | None = None
        try:
            self._admit(call)
            verb = self._verb(call.method)
            asked = Asked(arguments(verb, call.params), call.peer, call.correlation, arrived)
            if verb.name in LOUD:
                log.info("START", params=asked.params, **{"from": call.peer.address})
            answer = await verb.answer(self._host, asked)
            outcome = "ok"
            return answer
        except RpcError as error:
            outcome = error.code
            log.warning("FAILED", code=error.code, message=error.message, data=error.data)
            raise
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        except Failure as failure:
            outcome = INTERNAL_ERROR
            log.error("FAILED", code=INTERNAL_ERROR, message=str(failure), answer=failure.answer)
            raise _internal(str(failure)) from failure
        except Exception as error:
            outcome = INTERNAL_ERROR
            log.bug("FAILED", error, code=INTERNAL_ERROR)
            raise _internal(f"{type(error).__name__}: {error}") from error
        finally:
            seconds = time.perf_counter() - begun
            self._host.metrics.called(call.method if verb else "unknown", outcome, seconds)
            say = log.info if verb is not None and verb.name in LOUD else log.debug
            say("FINISH", outcome=outcome, seconds=round(seconds, 4))

    def _verb(self, name: str) -> Verb:
        if name not in self._verbs:
            raise RpcError(UNKNOWN_METHOD, f"The method does not exist or is not available: {name}")
        return self._verbs[name]

    def admits(self, peer: Peer) -> bool:
        """Whether the settings let somebody call (and hear events)."""
        allowed = self._host.settings.clients
        return not allowed or any(_is(peer, one) for one in allowed)

    def _admit(self, call: Call) -> None:
        if not self.admits(call.peer):
            raise RpcError(FORBIDDEN, f"'{call.peer.name}' may not call this host")


def _is(peer: Peer, client: str) -> bool:
    """Whether somebody is a client of the settings: by a name (or pattern of names), or by a fingerprint."""
    digits = client.lower().replace(":", "").removeprefix("sha256")
    return fnmatch.fnmatchcase(peer.name, client) or digits == peer.fingerprint


def _internal(reason: str) -> RpcError:
    return RpcError(INTERNAL_ERROR, f"Internal JSON-RPC error: {{'reason': {reason!r}}}", {"reason": reason})
