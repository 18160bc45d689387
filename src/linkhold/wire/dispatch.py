"""From the text of a JSON-RPC message to the text of its answer: its requests go to the handler, at once, within bounds."""

import asyncio
import collections
import logging
import typing
from collections.abc import Callable

from linkhold.networks import codes
from linkhold.wire import json_text, jsonrpc
from linkhold.wire.call import Call, Handler, Peer, RpcError

_logger: typing.Final = logging.getLogger(__name__)

SLOW_S: typing.Final = 1.0
"""A call that takes longer is logged."""


class Bounds(typing.NamedTuple):
    """Calls that are carried out at the same time: of all peers, and of one, so that one can't keep out another."""

    calls: int = 128
    of_one_peer: int = 64


USUAL: typing.Final = Bounds()


class Dispatcher:
    """Hands calls to the handler, and its answers back. `clock` gives seconds that never jump."""

    def __init__(self, handler: Handler, clock: Callable[[], float], bounds: Bounds = USUAL) -> None:
        self._handler = handler
        self._clock = clock
        self._bounds = bounds
        self._running: collections.Counter[str] = collections.Counter()

    @property
    def running(self) -> int:
        """Calls that are being carried out."""
        return self._running.total()

    async def answer(self, text: bytes, peer: Peer, correlation: str) -> bytes | None:
        """The answer to a message; None where none is due (notifications)."""
        message = jsonrpc.read(text)
        answers = await asyncio.gather(*(self._one(request, peer, correlation) for request in message.requests))
        due = [answer for answer in answers if answer is not None]
        if not due:
            return None
        return b"[" + b",".join(due) + b"]" if message.listed else due[0]

    async def _one(self, request: jsonrpc.Request | jsonrpc.Wrong, peer: Peer, correlation: str) -> bytes | None:
        if isinstance(request, jsonrpc.Wrong):
            return _text(request.id, jsonrpc.failure(request.id, request.error))
        try:
            result = await self._counted(Call(request.method, request.params, peer, correlation))
            answer = jsonrpc.success(request.id, result)
        except RpcError as error:
            answer = jsonrpc.failure(request.id, error)
        except Exception as bug:
            _logger.exception("%s failed", request.method)
            answer = jsonrpc.failure(request.id, internal(bug))
        return None if request.id is None else _text(request.id, answer)

    async def _counted(self, call: Call) -> object:
        if self.running >= self._bounds.calls or self._running[call.peer.fingerprint] >= self._bounds.of_one_peer:
            raise RpcError(codes.EXHAUSTED, "Not enough resources: too many calls at the same time")
        self._running[call.peer.fingerprint] += 1
        begun = self._clock()
        try:
            return await self._handler(call)
        finally:
            self._running[call.peer.fingerprint] -= 1
            self._running += collections.Counter()  # forget those who have nothing running
            taken = self._clock() - begun
            if taken > SLOW_S:
                _logger.info("slow call: %s of %s took %.2f s", call.method, call.peer.name, taken)


def _text(id_: jsonrpc.Id, answer: dict[str, object]) -> bytes:
    try:
        return json_text.write(answer)
    except (TypeError, ValueError) as bug:  # of the handler: JSON can't say what it gave
        _logger.exception("an answer that is not JSON")
        return json_text.write(jsonrpc.failure(id_, internal(bug)))


def internal(bug: Exception) -> RpcError:
    """What a peer is told of a bug, in vdsm's words."""
    return RpcError(
        jsonrpc.INTERNAL_ERROR, f"Internal JSON-RPC error: {{'reason': {str(bug) or type(bug).__name__!r}}}"
    )
