"""The server's certificates while it runs: new files on the disk are used for connections to come; the others stay."""

import asyncio
import os
import typing

from linkhold.foundation.failures import Permanent
from linkhold.foundation.waiting import first
from linkhold.wire import tls

if typing.TYPE_CHECKING:
    import ssl

    from linkhold.agent.settings import Settings
    from linkhold.foundation.clock import Clock
    from linkhold.foundation.logs import Log

SECONDS: typing.Final = 15.0
"""How often the files are looked at."""

Stamp = tuple[tuple[int, int], ...]


def files_of(settings: "Settings") -> tls.Files:
    """The paths that the settings name."""
    return tls.Files(settings.ca, settings.certificate, settings.key)


class Certificates:
    """Those of the settings. `use` takes each new context."""

    def __init__(self, files: tls.Files, log: "Log", clock: "Clock") -> None:
        self._files, self._log, self._clock = files, log, clock
        self._stamp: Stamp = ()
        self._poked = asyncio.Event()
        self.use: typing.Callable[[ssl.SSLContext], None] = lambda _: None

    async def first(self) -> "ssl.SSLContext":
        """The context to begin with. A host that is not enrolled yet waits here until it is."""
        told = False
        while True:
            stamp = self._looked_at()
            try:
                context = tls.server_context(self._files)
            except Permanent as reason:
                if not told:
                    self._log.warning("not-enrolled", reason=str(reason), hint="linkhold agent enrol")
                told = True
                await self._pause()
                continue
            self._stamp = stamp
            return context

    def reload(self) -> bool:
        """Use the files as they are now, if they are others; whether they are in use. What does not fit together is not."""
        stamp = self._looked_at()
        if stamp == self._stamp:
            return True
        try:
            context = tls.server_context(self._files)
        except Permanent as reason:
            self._log.error("certificate-not-usable", reason=str(reason), answer=reason.answer)
            return False
        self._stamp = stamp
        self.use(context)
        self._log.info("certificate-loaded", certificate=self._files.certificate)
        return True

    async def watch(self) -> None:
        """Look at the files for ever."""
        while True:
            await self._pause()
            self.reload()

    def look(self) -> None:
        """Look now (at SIGHUP), and not when it is time."""
        self._poked.set()

    async def _pause(self) -> None:
        try:
            await first(self._clock.sleep(SECONDS), self._poked.wait())
        finally:
            self._poked.clear()

    def _looked_at(self) -> Stamp:
        return tuple(_stamp(path) for path in self._files)


def _stamp(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_ino, found.st_mtime_ns
