"""Waiting for news from several watches at once."""

import asyncio
import typing

if typing.TYPE_CHECKING:
    from linkhold.providers.contract import Watch


class TogetherWatch:
    """News of any is news; whoever hears it reads the whole host again, so what the others have to tell may get lost."""

    def __init__(self, watches: "typing.Sequence[Watch]") -> None:
        self._watches = tuple(watches)

    async def changed(self, timeout: float) -> bool:
        """Wait until something changed, at most `timeout` seconds; false when nothing did."""
        if len(self._watches) == 1:
            return await self._watches[0].changed(timeout)
        waits = [asyncio.ensure_future(one.changed(timeout)) for one in self._watches]
        try:
            for wait in asyncio.as_completed(waits):
                if await wait:
                    return True
            return False
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    def close(self) -> None:
        """Stop watching."""
        for one in self._watches:
            one.close()
