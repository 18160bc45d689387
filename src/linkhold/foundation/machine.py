"""What tells this machine from all others, and whether its first process sees the network that we see."""

import os
import typing

MACHINE: typing.Final = "/etc/machine-id"
BOOT: typing.Final = "/proc/sys/kernel/random/boot_id"


def identity(*places: str) -> bytes:
    """The first that says something of these files, machine-id(5) and the number of this boot if none are named; b'' if none
    does. Not to be told to others: make something of it.

    Raises:
        OSError: one is there and can't be read.
    """
    for path in places or (MACHINE, BOOT):
        try:
            with open(path, "rb") as file:
                text = file.read().strip()
        except FileNotFoundError:
            continue
        if text:
            return text
    return b""


def systemd_is_ours() -> bool:
    """Whether systemd is pid 1, we may start units, and it lives in the same network namespace as we do."""
    if os.geteuid() != 0 or not os.path.isdir("/run/systemd/system"):
        return False
    return bool(sees_our_network())


def sees_our_network() -> bool | None:
    """Whether process 1 lives in the same network namespace as we do; None where that can't be found out.

    Looking at the namespaces of a process with more capabilities takes CAP_SYS_PTRACE, which a service that is locked up
    does not have. One that systemd itself has executed (SYSTEMD_EXEC_PID of systemd.exec(5)) is in its network, though:
    ours do not ask for another.
    """
    try:
        return os.stat("/proc/1/ns/net").st_ino == os.stat("/proc/self/ns/net").st_ino
    except OSError:
        return True if os.environ.get("SYSTEMD_EXEC_PID") == str(os.getpid()) else None
