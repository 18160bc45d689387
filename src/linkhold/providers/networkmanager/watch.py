"""Hearing that NetworkManager changed something."""

import asyncio
import contextlib
import typing

from linkhold.foundation.failures import Temporary
from linkhold.providers.networkmanager.bus import Bus

_MATTER: typing.Final = frozenset(
    {
        "ActiveConnections",
        "ActiveConnection",
        "Configuration",
        "Devices",
        "GlobalDnsConfiguration",
        "Hostname",
        "LldpNeighbors",
        "Managed",
        "State",
        "StateFlags",
        "Connections",
    }
)
"""Properties whose change can change what is shown; others (counters, addresses, which the kernel tells) are not heard."""


class NetworkManagerWatch:
    """Implements `Watch` of the provider contract.

    Where there is no connection yet it is made on first waiting, as nothing can be awaited before: until then every look
    counts as news.
    """

    def __init__(self, connect: typing.Callable[[], typing.Awaitable[Bus]], bus: Bus | None) -> None:
        self._connect = connect
        self._bus = bus
        self._news = asyncio.Event()
        if bus is not None:
            bus.listen(self._heard)

    async def changed(self, timeout: float) -> bool:
        """Wait until something changed, at most `timeout` seconds; false when nothing did."""
        if self._bus is None or not self._bus.alive:
            try:
                self._bus = await self._connect()
            except Temporary:  # it does not run: nothing of it can change before it does
                await asyncio.sleep(max(timeout, 0.0))
                return False
            self._bus.listen(self._heard)
            self._news.clear()
            return True
        if timeout > 0 and not self._news.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._news.wait()
        heard = self._news.is_set()
        self._news.clear()
        return heard

    def _heard(self, message: typing.Any) -> None:
        if message.member == "PropertiesChanged":
            if _MATTER.isdisjoint(message.body[1]):
                return
        elif message.member not in {
            "StateChanged",
            "InterfacesAdded",
            "InterfacesRemoved",
            "Updated",
            "NameOwnerChanged",
        }:
            return
        self._news.set()

    def close(self) -> None:
        """Stop watching."""
        if self._bus is not None:
            self._bus.unlisten(self._heard)
            self._bus = None
