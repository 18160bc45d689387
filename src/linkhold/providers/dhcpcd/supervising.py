"""Keeping a client running: a unit of systemd where that runs, else a small shell script in a session of its own.

Either starts dhcpcd again when it dies. Later commands find it by what the kernel says of processes, not by memory.
"""

import contextlib
import os
import signal
import sys
import time
import typing

from linkhold.foundation.failures import Refused, TimedOut
from linkhold.providers.dhcpcd.folder import network
from linkhold.providers.dhcpcd.presence import program

if typing.TYPE_CHECKING:
    from linkhold.providers.dhcpcd.folder import Client

PATIENCE: typing.Final = 10.0
"""Seconds for a client to end, or for systemd to start one."""

POLITE: typing.Final = 1.0
"""Seconds after which it is killed: with its link down dhcpcd 9.4 may not hear that it shall end. Its lease is on disk."""

_OPTION: typing.Final = {"ipv4": "-4", "ipv6": "-6"}

_SCRIPT: typing.Final = """\
#!/bin/sh
# Written by linkhold: what dhcpcd runs when it has heard something.
case "$reason" in
STOP*|DEPARTED|NOCARRIER*) exit 0 ;;
PREINIT|CARRIER) [ {family} = ipv6 ] || exit 0 ;;
ROUTERADVERT) [ -n "$nd1_from" ] || exit 0 ;;
esac
export PYTHONPATH={path} LINKHOLD_ROOT={root}
exec {python} -m linkhold.executor.lease {interface} {family}
"""

_KEEPER: typing.Final = """\
#!/bin/sh
# Written by linkhold: starts the client again when it dies, without what it left behind; until nothing is asked for any more.
trap 'kill -TERM "$child" 2>/dev/null; wait "$child"; kill -KILL "-$child" 2>/dev/null; exit 0' TERM INT HUP
pause=1
while [ -e {asked} ]; do
    begun=$(date +%s)
    setsid {command} >{log} 2>&1 </dev/null &
    child=$!
    wait "$child"
    kill -KILL "-$child" 2>/dev/null
    if [ $(($(date +%s) - begun)) -gt 10 ]; then pause=1; fi
    sleep "$pause" &
    child=$!
    wait "$child"
    if [ "$pause" -lt 8 ]; then pause=$((pause * 2)); fi
done
"""


def script(client: "Client", root: str) -> str:
    """The text of what dhcpcd runs."""
    import shlex

    return _SCRIPT.format(
        path=shlex.quote(_package()),
        python=shlex.quote(sys.executable),
        root=shlex.quote(root),
        interface=shlex.quote(client.interface),
        family=client.family,
    )


def start(client: "Client") -> None:
    """Start it, and have it kept running.

    Raises:
        Refused: it can't be started.
    """
    command = [
        program() or "dhcpcd",
        _OPTION[client.family],
        "-B",
        "-q",
        "-f",
        client.file("client.conf"),
        client.interface,
    ]
    if systemd_is_ours():
        _start_unit(client, command)
    else:
        _start_keeper(client, command)


def running(client: "Client") -> bool:
    """Whether it runs, or is about to be started again."""
    return _is_client(client, _number(_pid_file(client))) or kept(client)


def kept(client: "Client") -> bool:
    """Whether somebody starts it again when it dies."""
    if _is_keeper(client, _number(client.file("keeper.pid"))):
        return True
    return _unit_is_known(client) and systemd_is_ours() and _systemctl("is-active", unit(client)) == 0


def stop(client: "Client") -> None:
    """End it for good; what it leased stays leased.

    Raises:
        TimedOut: it does not end.
    """
    if _unit_is_known(client) and systemd_is_ours():
        _systemctl("stop", unit(client))
    keeper = _number(client.file("keeper.pid"))
    if _is_keeper(client, keeper):
        _signal(keeper, signal.SIGTERM)
    limit = time.monotonic() + PATIENCE
    asked = time.monotonic() + POLITE
    # its number is read again and again: one that has just been started writes it a moment later
    while _is_keeper(client, keeper) or _is_client(client, _number(_pid_file(client))):
        process = _number(_pid_file(client))
        if time.monotonic() > limit:
            words = f"the client of {client.interface} ({client.family}) does not end"
            raise TimedOut(words, answer=f"process {process}, kept by {keeper}")
        if not _is_keeper(client, keeper) and _is_client(client, process):
            _signal(process, signal.SIGTERM)  # one that nobody keeps any more
        if time.monotonic() > asked:
            for one in (process, *_children(keeper)):
                _kill(client, one)
        time.sleep(0.02)
    with contextlib.suppress(ChildProcessError):  # it was started by another process
        if keeper:
            os.waitpid(keeper, os.WNOHANG)


def unit(client: "Client") -> str:
    """The name of its unit, as `systemctl status` knows it."""
    name = "".join(
        one if (one.isalnum() and one.isascii()) or one in "_.-" else _escaped(one) for one in client.interface
    )
    return f"linkhold-lease-{name}-{client.family}.service"


def _escaped(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def systemd_is_ours() -> bool:
    """Whether systemd is pid 1, we may start units, and it lives in the same network namespace as we do."""
    if os.geteuid() != 0 or not os.path.isdir("/run/systemd/system"):
        return False
    try:
        return os.stat("/proc/1/ns/net").st_ino == os.stat("/proc/self/ns/net").st_ino
    except OSError:  # then it is not ours to ask
        return False


def _start_unit(client: "Client", command: list[str]) -> None:
    import subprocess

    words = ["systemd-run", "--quiet", "--collect", f"--unit={unit(client)}"]
    words += [f"--description=Addresses of {client.interface} ({client.family}) by dhcpcd"]
    # Without default dependencies: an early restore may wait for this, and the network stays until all others are down
    properties = (
        *("Restart=always", "RestartSec=1", "StartLimitIntervalSec=0"),
        *("DefaultDependencies=no", f"TimeoutStopSec={POLITE:.0f}"),
    )
    words += [f"--property={one}" for one in properties]
    client.write("unit", unit(client))
    try:
        done = subprocess.run([*words, *command], capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(f"the client of {client.interface} can't be started", answer=f"systemd-run: {error}") from error
    if done.returncode:
        answer = done.stderr.decode("utf-8", "replace").strip()
        raise Refused(f"the client of {client.interface} can't be started", answer=f"systemd-run: {answer}")


def _start_keeper(client: "Client", command: list[str]) -> None:
    import shlex
    import subprocess

    text = _KEEPER.format(
        command=shlex.join(command),
        log=shlex.quote(client.file("log")),
        asked=shlex.quote(client.file("settings.json")),
    )
    client.write("keeper", text, 0o755)
    nothing = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            ["/bin/sh", client.file("keeper")],
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
            start_new_session=True,
            cwd="/",
        )
    except OSError as error:
        raise Refused(f"the client of {client.interface} can't be started", answer=str(error)) from error
    process.returncode = 0  # it outlives us: nobody is to wait for it, nor to complain that nobody did
    client.write("keeper.pid", str(process.pid))
    limit = time.monotonic() + POLITE
    while not _is_client(client, _number(_pid_file(client))) and time.monotonic() < limit:
        time.sleep(0.002)  # who is asked to end before it can say its number would be missed


def _unit_is_known(client: "Client") -> bool:
    return os.path.exists(client.file("unit"))


def _systemctl(verb: str, name: str) -> int:
    import subprocess

    try:
        return subprocess.run(
            ["systemctl", "--quiet", verb, name], capture_output=True, timeout=PATIENCE, check=False
        ).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TimedOut(f"systemctl {verb} {name}", answer=str(error)) from error


def _pid_file(client: "Client") -> str:
    """Where dhcpcd writes its process (a fixed place)."""
    return f"/run/dhcpcd/{client.interface}{_OPTION[client.family]}.pid"


def _number(path: str) -> int:
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):  # none, or not written yet
        return 0


def _command(process: int) -> list[bytes]:
    """Of a process that lives; one that has ended and is not waited for has none."""
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            return file.read().split(b"\0")
    except OSError:
        return []


def _is_client(client: "Client", process: int) -> bool:
    """Its title says what it works on."""
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


def _is_keeper(client: "Client", process: int) -> bool:
    return bool(process) and os.fsencode(client.file("keeper")) in _command(process)


def _signal(process: int, number: signal.Signals) -> None:
    if process:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def _kill(client: "Client", process: int) -> None:
    """With all its parts: they are one process group, but for one that another manager started."""
    if _is_client(client, process):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill = os.killpg if os.getpgid(process) == process else os.kill
            kill(process, signal.SIGKILL)


def _children(process: int) -> list[int]:
    try:
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:  # it has ended
        return []


def _package() -> str:
    """The folder that holds this very package, wherever it was imported from."""
    path = os.path.abspath(__file__)
    for _ in range(4):  # out of supervising.py, dhcpcd/, providers/ and linkhold/
        path = os.path.dirname(path)
    return path
