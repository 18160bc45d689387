"""A simulated host in a file, so that several processes (a command, its guard) see the same one."""

import contextlib
import fcntl
import json
import os
import typing

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.failures import Permanent
from linkhold.providers.memory.faults import Fault
from linkhold.providers.memory.host import Host
from linkhold.state.forms import read_record, write_record
from linkhold.state.network import NetworkState


class Storage:
    """The file: JSON with the state and the faults that are due. Each change replaces it in one rename."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None

    def changed(self) -> bool:
        """Whether somebody else wrote it since we read or wrote it."""
        return self._stamp() != self._seen

    def load(self) -> tuple[Host, list[Fault]]:
        """What it holds; an empty host when it is not there.

        Raises:
            Permanent: it holds something else.
        """
        self._seen = self._stamp()
        try:
            with open(self.path, encoding="utf-8") as file:
                plain = json.load(file)
        except FileNotFoundError:
            return Host(NetworkState()), []
        except ValueError as error:
            raise Permanent(f"{self.path} is not a simulated host: {error}") from error
        mistakes = Diagnostics()
        state = read_record(NetworkState, plain.get("state", {}), (), mistakes)
        if mistakes:
            raise Permanent(f"{self.path} is not a simulated host: {mistakes[0]}")
        return Host(state), [Fault(**one) for one in plain.get("faults", ())]

    def save(self, host: Host, faults: typing.Iterable[Fault]) -> None:
        """Write it."""
        plain = {"state": write_record(host.state(), secrets=True), "faults": [one.said() for one in faults]}
        beside = f"{self.path}.{os.getpid()}"
        with open(beside, "w", encoding="utf-8") as file:
            json.dump(plain, file)
        os.replace(beside, self.path)
        self._seen = self._stamp()

    @contextlib.contextmanager
    def locked(self) -> typing.Iterator[None]:
        """One process at a time."""
        with open(f"{self.path}.lock", "w", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return None
        return (found.st_ino, found.st_mtime_ns)
