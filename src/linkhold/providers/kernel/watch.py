"""Waiting for the host's network to change, by the kernel's own notifications."""

from __future__ import annotations

from linkhold.providers.kernel.netlink.events import Lost, Subscription

TYPE_CHECKING = False
if TYPE_CHECKING:
    from linkhold.providers.kernel.netlink.events import Event


class KernelWatch:
    """Implements `Watch` of the provider contract: hears of every change from the moment it is made.

    Notifications that were lost in a storm count as a change: whoever waits reads the host again and sees the truth.
    """

    def __init__(self, subscription: Subscription | None = None) -> None:
        self._subscription = subscription or Subscription()
        self.recent: tuple[Event, ...] = ()
        """What the last `changed` that was true heard of; empty when notifications were lost."""

    async def changed(self, timeout: float) -> bool:
        """Wait until something changed, at most `timeout` seconds; false when nothing did."""
        if self._fetch():
            return True
        if timeout <= 0:
            return False
        import asyncio  # heavy: only those who wait pay for it

        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(self.fileno(), ready.set)
        try:
            async with asyncio.timeout(timeout):
                while not self._fetch():
                    ready.clear()
                    await ready.wait()
                return True
        except TimeoutError:
            return self._fetch()
        finally:
            loop.remove_reader(self.fileno())

    def fileno(self) -> int:
        """For an event loop's reader."""
        return self._subscription.fileno()

    def close(self) -> None:
        """Stop watching."""
        self._subscription.close()

    def _fetch(self) -> bool:
        heard = self._subscription.read()
        if isinstance(heard, Lost):
            self.recent = ()
            return True
        self.recent = tuple(heard)
        return bool(heard)
