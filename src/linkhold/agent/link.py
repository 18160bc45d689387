"""The agent's side of the socket to the executor: what can't be asked now is told to the centre as *recovering*.

The verbs and their shapes are those of docs/decisions/0018.
"""

import typing

from linkhold.foundation.failures import Failure
from linkhold.networks.codes import RECOVERY
from linkhold.wire.call import RpcError
from linkhold.wire.jsonrpc import INVALID_PARAMS

STARTING: typing.Final = "Recovering from crash or Initializing"
"""vdsm's own words for code 99."""

SECONDS: typing.Final = 60.0
"""How long an ordinary question may take."""

ENDLESS: typing.Final = None
"""For what has a deadline of its own: the executor ends it, by committing or by taking back."""


CHANGING: typing.Final = frozenset({"setup-networks", "apply", "change-functions", "keep", "confirm", "rollback"})
"""Verbs after which something may be other than before."""


class Asking(typing.Protocol):
    """What is needed of a client of the socket (`wire.local_client.LocalClient`)."""

    async def call(
        self, verb: str, params: dict[str, typing.Any] | None = None, request: str = "", timeout: float | None = None
    ) -> typing.Any:
        """Ask; the result.

        Raises:
            RpcError: the executor says no.
            Failure: it can't be reached, went away while it was asked, or did not answer in time.
        """


class Executor:
    """Asks the executor."""

    def __init__(self, client: Asking) -> None:
        self._client = client

    async def ask(
        self,
        verb: str,
        params: dict[str, typing.Any] | None = None,
        *,
        request: str = "",
        timeout: float | None = SECONDS,
    ) -> typing.Any:
        """The result of one of the executor's verbs. `request` is the centre's id of the request, for the log over there.

        Raises:
            RpcError: the executor says no; or 99, where it is not there or does not answer.
        """
        try:
            return await self._client.call(verb, params or {}, request=request, timeout=timeout)
        except Failure as failure:
            raise unreachable(verb, failure) from failure
        except ValueError as error:  # longer than a frame may be
            raise RpcError(INVALID_PARAMS, f"Invalid params: {error}", {"reason": str(error)}) from error


def unreachable(verb: str, failure: Failure) -> RpcError:
    """The error for the centre where the executor did not answer; its data says whether something may have been changed."""
    sentence = (
        "The executor went away while it was asked. What it had begun is kept or taken back as promised without it; "
        "'linkhold history' tells which."
        if verb in CHANGING
        else "The executor can't be reached; nothing was changed."
    )
    return RpcError(RECOVERY, STARTING, {"reason": str(failure), "sentence": sentence, "verb": verb})
