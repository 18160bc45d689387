"""What listener and commands know of each other: files in /run, gone with the next boot.

Below `BASE` each network namespace has a folder (named by its inode), since interfaces of the same name in another are not
ours to speak of:

    wake                a pipe: the listener reads it, and is there exactly while somebody does
    interfaces/NAME     is there while NAME is to be listened on; empty until the listener has seen it, then the neighbours
"""

import contextlib
import json
import os
import time
import typing

from linkhold.providers.lldp import BASE
from linkhold.providers.lldp.neighbours import Neighbour


class Folder:
    """The folder of the network namespace we are in; `root` is put before its path. Methods raise OSError where the disk
    does."""

    def __init__(self, root: str = "") -> None:
        self.path = f"{root}{BASE}/{os.stat('/proc/thread-self/ns/net').st_ino}"
        self._interfaces, self.pipe = f"{self.path}/interfaces", f"{self.path}/wake"

    def wanted(self) -> list[str]:
        """The names of the interfaces to listen on, sorted."""
        try:
            return sorted(name for name in os.listdir(self._interfaces) if not name.endswith("~"))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def want(self, name: str) -> None:
        """Have it listened on."""
        os.makedirs(self._interfaces, exist_ok=True)
        os.close(os.open(f"{self._interfaces}/{name}", os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))

    def unwant(self, name: str) -> bool:
        """Have it left alone; whether it was not before."""
        try:
            os.unlink(f"{self._interfaces}/{name}")
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def write(self, name: str, neighbours: typing.Iterable[Neighbour]) -> None:
        """Tell the neighbours of an interface, unless it is not wanted any more."""
        path = f"{self._interfaces}/{name}"
        text = json.dumps([[one.until, one.told, one.further] for one in neighbours])
        with open(f"{path}~", "w", encoding="utf-8") as file:
            file.write(text)
        if os.path.exists(path):
            os.rename(f"{path}~", path)
        else:
            os.unlink(f"{path}~")

    def heard(self, name: str) -> tuple[Neighbour, ...] | None:
        """The neighbours of an interface that are there now; None while nobody listens on it yet."""
        try:
            with open(f"{self._interfaces}/{name}", encoding="utf-8") as file:
                text = file.read()
        except FileNotFoundError:
            return None
        now = time.clock_gettime(time.CLOCK_BOOTTIME)
        if not text:
            return None
        known = (Neighbour(until, *(tuple(told) for told in parts)) for until, *parts in json.loads(text))
        return tuple(one for one in known if one.until > now)

    def wake(self) -> bool:
        """Have the listener look at what is wanted; false when there is none."""
        try:
            handle = os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:  # ENXIO: nobody reads; or there is no pipe
            return False
        try:
            with contextlib.suppress(BlockingIOError):  # it has been woken often enough
                os.write(handle, b".")
        finally:
            os.close(handle)
        return True

    def listening(self) -> bool:
        """Whether there is a listener."""
        try:
            os.close(os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC))
        except OSError:
            return False
        return True

    def claim(self) -> int:
        """Become the listener: a handle to read the pipe by, which holds the claim; -1 when there is one already."""
        import fcntl

        os.makedirs(self._interfaces, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkfifo(self.pipe, 0o600)
        # for writing too, or each writer that closes it would look like the end
        handle = os.open(self.pipe, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return -1
        return handle
