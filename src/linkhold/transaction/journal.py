"""The write-ahead journal of one transaction: a file of JSON lines that only grows, and whose name says how it ended.

Each line carries its number and a checksum, so what a power cut leaves behind is told from what was written. A torn last
line is as if it had never been begun; nothing after a broken line is believed. The first line holds all that taking back
needs (the plan with its before-values); it is on the disk, and so is the name of the file, before anything is touched.

Who may end the transaction is decided by rename(2), which one of several callers wins: `pending/N.jsonl` becomes either
`history/N.committed.jsonl`, or `pending/N.rolling-back.jsonl` and later `history/N.rolled-back.jsonl`. Whoever comes
second finds the name gone (`Gone`).
"""

import contextlib
import json
import os
import time
import typing
import zlib

from linkhold.foundation.failures import Permanent
from linkhold.transaction.owner import Owner
from linkhold.transaction.states import FIRST, State, step

Plain = typing.Any

SUFFIX: typing.Final = ".jsonl"
CLAIMED: typing.Final = ".rolling-back" + SUFFIX
ENDINGS: typing.Final[dict[str, State]] = {
    ".committed.jsonl": "committed",
    ".rolled-back.jsonl": "rolled-back",
    ".stranded.jsonl": "stranded",
}


_LONGEST_END: typing.Final = 4096


class JournalFailure(Permanent):
    """A line can't be brought to the disk (full, read-only, broken)."""


class Gone(Permanent):
    """Somebody else ended the transaction first."""


class Line(typing.NamedTuple):
    """One event. `at` is wall time, `boot` seconds of CLOCK_BOOTTIME."""

    number: int
    event: str
    at: float
    boot: float
    data: dict[str, Plain]


class Journal:
    """A journal that is being written. `path` is where it stands now."""

    def __init__(self, path: str, fd: int, number: int, state: State) -> None:
        self.path, self.state = path, state
        self._fd, self._number = fd, number

    @classmethod
    def create(cls, path: str, head: dict[str, Plain]) -> "Journal":
        """A new one, with its first line and its name on the disk.

        Raises:
            JournalFailure: the disk is full, read-only or broken; nothing is left behind.
        """
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise JournalFailure(f"can't create the journal {path}: {error.strerror}") from error
        journal = cls(path, fd, 0, FIRST)
        try:
            journal.write("began", **head)
            sync_folder(os.path.dirname(path))
        except Permanent:
            journal.close()
            os.unlink(path)
            raise
        return journal

    @classmethod
    def reopen(cls, path: str) -> "Journal":
        """One that another process began, to go on with it.

        A torn last line is cut off first, so that what follows is read.

        Raises:
            Gone: it is not there any more.
        """
        try:
            account = read(path)
            fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            raise Gone(f"{path} is not there any more") from None
        if account.torn:
            os.truncate(path, account.size)
        return cls(path, fd, len(account.lines), account.state)

    def write(self, event: str, *, sync: bool = True, **data: Plain) -> None:
        """Append a line. With `sync`, it is on the disk when this returns: whatever it announces may be done then.

        Raises:
            JournalFailure: it is not.
            ValueError: the event can't happen in the state the transaction is in.
        """
        following = step(self.state, event)
        line = encode(self._number + 1, event, data)
        size = os.fstat(self._fd).st_size
        try:
            written = 0
            while written < len(line):
                written += os.write(self._fd, line[written:])
            if sync:
                os.fdatasync(self._fd)
        except OSError as error:
            self._cut(size)
            raise JournalFailure(f"can't write the journal {self.path}: {error.strerror}") from error
        self._number += 1
        self.state = following

    def _cut(self, size: int) -> None:
        """Take half a line away, so that a later one can follow. Where even that fails, readers stop at the torn line."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, size)

    def check(self) -> None:
        """See that nobody else has ended the transaction.

        Raises:
            Gone: somebody has.
        """
        if not os.path.exists(self.path):
            raise Gone(f"somebody else ended the transaction {os.path.basename(self.path)}")

    def rename(self, path: str) -> None:
        """Give it another name; of several that try, one succeeds.

        Raises:
            Gone: somebody else was first.
            JournalFailure: the folder is read-only or broken.
        """
        try:
            os.rename(self.path, path)
        except FileNotFoundError:
            raise Gone(f"somebody else ended the transaction {os.path.basename(self.path)}") from None
        except OSError as error:
            raise JournalFailure(f"can't rename the journal {self.path}: {error.strerror}") from error
        folders = {os.path.dirname(self.path), os.path.dirname(path)}
        self.path = path
        for folder in folders:
            sync_folder(folder)

    def close(self) -> None:
        """Give the file back."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def sync_folder(path: str) -> None:
    """Bring the names in a folder to the disk (fsync(2): a file's own fsync does not).

    Raises:
        JournalFailure: it did not work.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        raise JournalFailure(f"can't sync {path}: {error.strerror}") from error


def encode(number: int, event: str, data: dict[str, Plain]) -> bytes:
    """A line with its number, times and checksum."""
    body = {
        "number": number,
        "event": event,
        "at": round(time.time(), 3),
        "boot": round(time.clock_gettime(time.CLOCK_BOOTTIME), 3),
        "data": data,
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogateescape")
    return b'%s,"sum":"%08x"}\n' % (text[:-1], zlib.crc32(text))


def decode(line: bytes) -> Line | None:
    """The event of a line; None when the line is not whole."""
    text, mark, rest = line.rpartition(b',"sum":"')
    text += b"}"
    if not mark or rest != b'%08x"}' % zlib.crc32(text):
        return None
    body = json.loads(text.decode("utf-8", "surrogateescape"))
    return Line(body["number"], body["event"], body["at"], body["boot"], body["data"])


class Account:
    """What a journal tells. `size` is the length of what can be believed, in bytes; `torn` whether more follows."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lines: list[Line] = []
        self.state: State = FIRST
        self.size = 0
        self.torn = False

    @property
    def head(self) -> dict[str, Plain]:
        """The data of the first line; empty when even that was torn, and so nothing was ever touched."""
        return self.lines[0].data if self.lines else {}

    @property
    def owner(self) -> Owner | None:
        """Who began it."""
        return Owner(**self.head["owner"]) if self.lines else None

    @property
    def saved(self) -> dict[str, Plain]:
        """What the providers keep to get their own ground back; nothing before the checkpoint was taken."""
        line = self.last("extended") or self.last("checkpoint-taken")
        return line.data.get("saved", {}) if line is not None else {}

    @property
    def told(self) -> dict[str, Plain]:
        """The data of the first line, with what a second pass has said anew."""
        line = self.last("extended")
        return self.head if line is None else {**self.head, **line.data}

    def last(self, event: str) -> Line | None:
        """The last line of a kind."""
        return next((line for line in reversed(self.lines) if line.event == event), None)

    def follow(self, file: typing.BinaryIO) -> None:
        """Read on from where the last reading ended."""
        file.seek(self.size)
        self.torn = False
        for text in file:
            line = decode(text[:-1]) if text.endswith(b"\n") else None
            if line is None or line.number != len(self.lines) + 1:
                self.torn = True
                return
            self.state = step(self.state, line.event)  # the checksum was right: it says what somebody meant
            self.lines.append(line)
            self.size += len(text)


def read(path: str) -> Account:
    """What the journal at a path tells.

    Raises:
        FileNotFoundError: it is not there.
    """
    account = Account(path)
    with open(path, "rb") as file:
        account.follow(file)
    return account


def head_of(path: str) -> dict[str, Plain]:
    """The data of the first line; of a transaction of two passes, with what the second one has said anew.

    Raises:
        FileNotFoundError: it is not there.
        JournalFailure: its first line is broken.
    """
    with open(path, "rb") as file:
        line = decode(file.readline()[:-1])
    if line is None:
        raise JournalFailure(f"{path} is broken from its first line on")
    return read(path).told if line.data.get("passes", 1) > 1 else line.data


def last_line(path: str) -> Line | None:
    """The last line, read from the end; None when it is torn, or longer than a line that ends a journal.

    Raises:
        FileNotFoundError: it is not there.
    """
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LONGEST_END))
        end = file.read()
    before, _, last = end[:-1].rpartition(b"\n")
    return decode(last) if before and end.endswith(b"\n") else None
