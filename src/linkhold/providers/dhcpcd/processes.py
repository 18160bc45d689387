"""The processes of clients, by what the kernel says of them."""

import contextlib
import os
import signal
import typing

from linkhold.providers.dhcpcd.folder import network

if typing.TYPE_CHECKING:
    from linkhold.providers.dhcpcd.folder import Client

OPTION: typing.Final = {"ipv4": "-4", "ipv6": "-6"}
"""Which family one dhcpcd serves."""


def of(client: "Client") -> int:
    """The process of a client, 0 where none runs."""
    process = number_in(_pid_file(client))
    return process if is_client(client, process) else 0


def _pid_file(client: "Client") -> str:
    """Where dhcpcd writes its process (a fixed place)."""
    return f"/run/dhcpcd/{client.interface}{OPTION[client.family]}.pid"


def number_in(path: str) -> int:
    """What a file says is a process, 0 where it says nothing (yet)."""
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return 0


def _command(process: int) -> list[bytes]:
    """Of a process that lives; one that has ended and is not waited for has none."""
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            return file.read().split(b"\0")
    except OSError:
        return []


def is_client(client: "Client", process: int) -> bool:
    """Whether it is a dhcpcd at work on this interface, as its title says, and on our network."""
    words = _command(process) if process else []
    if not words or not os.path.basename(words[0]).startswith(b"dhcpcd"):
        return False
    return os.fsencode(client.interface) in b" ".join(words).split() and _is_near(process)


def _is_near(process: int) -> bool:
    """Whether it is on our network: /run is often shared with others, where an interface of the same name is another one."""
    try:
        return os.stat(f"/proc/{process}/ns/net").st_ino == network()
    except PermissionError:  # who may only look is on the network that is looked at
        return True
    except OSError:
        return False


def is_keeper(client: "Client", process: int) -> bool:
    """Whether it runs the client's own script that starts it again."""
    return bool(process) and os.fsencode(client.file("keeper")) in _command(process)


def send(process: int, number: signal.Signals) -> None:
    """A signal, if it is still there."""
    if process:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def kill(client: "Client", process: int) -> None:
    """End one that is at work on the client's interface, with all its parts: they are one process group, but for one that
    another manager started."""
    if is_client(client, process):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end = os.killpg if os.getpgid(process) == process else os.kill
            end(process, signal.SIGKILL)


def children(process: int) -> list[int]:
    """Those that it has started itself."""
    try:
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:  # it has ended
        return []
