"""Who runs a transaction: a process, told from a later one with the same number by its time of start (proc(5), field 22)."""

import os
import typing

from linkhold.foundation.record import Record

BOOT_ID: typing.Final = "/proc/sys/kernel/random/boot_id"


class Owner(Record):
    """A process. `start` is in clock ticks since boot; `boot` names the boot (random(4)); `peer` is the SSH client."""

    pid: int
    start: int
    boot: str
    uid: int
    user: str = ""
    command: str = ""
    peer: str = ""

    def __str__(self) -> str:
        by = self.user or f"uid {self.uid}"
        origin = f" from {self.peer}" if self.peer else ""
        return f"process {self.pid} of {by}{origin}: {self.command or 'unknown command'}"


def myself() -> Owner:
    """This process. `user` is who logged in, also behind sudo(8)."""
    pid = os.getpid()
    return Owner(
        pid=pid,
        start=started(pid) or 0,
        boot=boot_id(),
        uid=os.getuid(),
        user=_user(os.getuid()),
        command=_command(pid),
        peer=(os.environ.get("SSH_CONNECTION") or "").partition(" ")[0],
    )


def boot_id() -> str:
    """The random name of this boot."""
    with open(BOOT_ID, encoding="ascii") as file:
        return file.read().strip()


def started(pid: int) -> int | None:
    """When a process started, in clock ticks since boot; None when there is no such process (or only its remains)."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def alive(owner: Owner) -> bool:
    """Whether it still runs: same boot, same number, same time of start."""
    return owner.boot == boot_id() and started(owner.pid) == owner.start


def _user(uid: int) -> str:
    said = os.environ.get("SUDO_USER") or os.environ.get("USER") or os.environ.get("LOGNAME")
    if said:
        return said
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


def _command(pid: int) -> str:
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        text = file.read(4096).decode("utf-8", "replace")
    return as_typed(text.rstrip("\0").split("\0"))[:200]


def as_typed(words: typing.Sequence[str]) -> str:
    """A command line as a person types it: programs by their name, Python programs without their interpreter."""
    import shlex

    program = os.path.basename(words[0])
    rest = list(words[1:])
    if program.startswith("python"):
        while rest and rest[0].startswith("-") and rest[0] not in ("-m", "-c"):
            takes_value = rest.pop(0) in ("-X", "-W")
            del rest[: int(takes_value)]
        if rest[:1] == ["-m"]:
            del rest[0]
        if rest and rest[0] != "-c":
            program = os.path.basename(rest.pop(0))
    return " ".join(shlex.join([program, *rest]).split())
