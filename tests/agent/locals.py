"""A handler for the unix socket's server."""

import asyncio

from linkhold.wire.call import RpcError
from linkhold.wire.local_server import Credentials, LocalCall


class Executor:
    """A handler of a few verbs."""

    def __init__(self) -> None:
        self.calls: list[LocalCall] = []
        self.open = asyncio.Event()
        self.ended: list[str] = []

    async def __call__(self, call: LocalCall) -> object:
        self.calls.append(call)
        if call.verb == "wait":
            await self.open.wait()
        self.ended.append(call.verb)
        if call.verb == "fail":
            raise RpcError(40, "Resource unavailable", {"reason": "busy"})
        if call.verb == "break":
            raise KeyError("x")
        if call.verb == "odd":
            return object()
        if call.verb == "subscribe":
            call.connection.subscribe()
            return True
        return call.params or None


def everybody(credentials: Credentials) -> bool:
    """May ask."""
    return True
