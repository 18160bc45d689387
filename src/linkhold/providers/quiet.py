"""A watch for services of whose changes the kernel tells, or which nobody waits for."""


class Quiet:
    """Implements `Watch`: nothing ever happens."""

    async def changed(self, timeout: float) -> bool:
        """Wait for `timeout` seconds in vain."""
        from linkhold.foundation.clock import SystemClock

        await SystemClock().sleep(timeout)
        return False

    def close(self) -> None:
        """Nothing was opened."""
