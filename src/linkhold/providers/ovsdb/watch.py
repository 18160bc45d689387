"""Waiting for the database to change, by its own notifications (RFC 7047, 4.1.5)."""

import typing

from linkhold.providers.ovsdb.connection import DATABASE, Database, Lost
from linkhold.providers.ovsdb.tables import bridge, interface, port, root

_OFTEN: typing.Final = 1.0
"""Seconds between attempts to reach a server that went away."""


class DatabaseWatch:
    """Implements `Watch` of the provider contract. A server that goes away, or comes back, counts as a change."""

    def __init__(self, path: str) -> None:
        self._database = Database(path)
        self._listening = False
        self._listen()

    async def changed(self, timeout: float) -> bool:
        """Wait until something changed, at most `timeout` seconds; false when nothing did."""
        import asyncio

        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        while not self._news():
            left = until - loop.time()
            if left <= 0:
                return False
            if self._listening:
                await self._readable(left)
            else:
                await asyncio.sleep(min(left, _OFTEN))
        return True

    def close(self) -> None:
        """Stop watching."""
        self._database.close()
        self._listening = False

    async def _readable(self, seconds: float) -> None:
        import asyncio

        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        number = self._database.fileno()
        loop.add_reader(number, ready.set)
        try:
            async with asyncio.timeout(seconds):
                await ready.wait()
        except TimeoutError:  # then there is nothing to read, as the caller will see
            return
        finally:
            loop.remove_reader(number)

    def _news(self) -> bool:
        if not self._listening:
            return self._listen()
        try:
            return any(message.method == "update" for message in self._database.heard())
        except Lost:
            self._listening = False
            return True

    def _listen(self) -> bool:
        """Ask to be told; whether there is somebody to ask."""
        asked = {
            one.NAME: {"columns": [name for name in one.COLUMNS if name != "_uuid"], "select": {"initial": False}}
            for one in (root, bridge, port, interface)
        }
        try:
            self._database.call("monitor", [DATABASE, None, asked])
        except Lost:  # whoever reads the host will say so; here it is enough to try again
            return False
        self._listening = True
        return True
