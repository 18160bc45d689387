"""One transaction at a time: a flock(2) that the kernel drops when its holder dies, whatever the way.

The file also says who holds it, for the message of those that are refused. What stands in it counts only while the lock
is held: a dead owner's words are never believed, so nothing has to be cleaned up.
"""

import fcntl
import json
import os
import types
import typing

from linkhold.foundation.failures import Busy, NotPermitted, Permanent
from linkhold.transaction.owner import Owner, myself

_POLL: typing.Final = 0.05

GLANCE: typing.Final = 0.25
"""Seconds for which somebody may hold it just to see that nothing is left to do: a guard does, when a rollback has ended.
Whoever comes then waits that long before saying that another transaction runs."""


class Lock:
    """The lock of one state directory; a context manager around `acquire` and `release`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._fd = -1

    def acquire(self) -> None:
        """Take it.

        Raises:
            Busy: somebody holds it; the message names who.
            NotPermitted, Permanent: the file can't be opened.
        """
        try:
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            raise NotPermitted(f"can't open {self.path}: {error.strerror}") from error
        except OSError as error:
            raise Permanent(f"can't open {self.path}: {error.strerror}") from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(fd)
            os.close(fd)
            raise Busy(f"another transaction is running ({holder or 'its owner has not said who it is'})") from None
        self._fd = fd
        self._sign()

    def _sign(self) -> None:
        """Say who holds it. A full disk makes the message of others poorer, not the lock weaker."""
        import contextlib

        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, json.dumps(myself().said()).encode(), 0)

    async def acquire_within(self, seconds: float, sleep: typing.Callable[[float], typing.Awaitable[None]]) -> None:
        """Take it, waiting for others to end; a glance is always waited for.

        Raises:
            Busy: not within the time allowed.
        """
        left = max(seconds, GLANCE)
        while True:
            try:
                return self.acquire()
            except Busy:
                if left <= 0:
                    raise
            await sleep(_POLL)
            left -= _POLL

    def release(self) -> None:
        """Give it back, if held."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> "Lock":
        import time

        until = time.monotonic() + GLANCE
        while True:
            try:
                self.acquire()
            except Busy:
                if time.monotonic() > until:
                    raise
                time.sleep(_POLL)
            else:
                return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self.release()


def _read(fd: int) -> Owner | None:
    try:
        return Owner(**json.loads(os.pread(fd, 65536, 0)))
    except (ValueError, TypeError):  # being written right now
        return None
