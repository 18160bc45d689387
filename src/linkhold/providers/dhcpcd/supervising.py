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
from linkhold.foundation.machine import systemd_is_ours
from linkhold.providers.dhcpcd import processes, units
from linkhold.providers.dhcpcd.presence import program

if typing.TYPE_CHECKING:
    from linkhold.providers.dhcpcd.folder import Client

PATIENCE: typing.Final = 10.0
"""Seconds for a client to end, in the end by force."""

POLITE: typing.Final = 1.0
"""Seconds after which it is killed: with its link down dhcpcd 9.4 may not hear that it shall end. Its lease is on disk."""

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
        processes.OPTION[client.family],
        "-B",
        "-q",
        "-f",
        client.file("client.conf"),
        client.interface,
    ]
    if systemd_is_ours():
        units.start(client, command, POLITE)
    else:
        _start_keeper(client, command)


def running(client: "Client") -> bool:
    """Whether it runs, or is about to be started again."""
    return bool(processes.of(client)) or kept(client)


def kept(client: "Client") -> bool:
    """Whether somebody starts it again when it dies."""
    if processes.is_keeper(client, processes.number_in(client.file("keeper.pid"))):
        return True
    return units.is_known(client) and systemd_is_ours() and units.systemctl("is-active", units.unit(client)) == 0


def stop(client: "Client") -> None:
    """End it for good; what it leased stays leased.

    Raises:
        TimedOut: it does not end.
    """
    if units.is_known(client) and systemd_is_ours():
        units.systemctl("stop", units.unit(client))
    keeper = processes.number_in(client.file("keeper.pid"))
    if processes.is_keeper(client, keeper):
        processes.send(keeper, signal.SIGTERM)
    limit = time.monotonic() + PATIENCE
    asked = time.monotonic() + POLITE
    # its number is read again and again: one that has just been started writes it a moment later
    while (process := processes.of(client)) or processes.is_keeper(client, keeper):
        if time.monotonic() > limit:
            words = f"the client of {client.interface} ({client.family}) does not end"
            raise TimedOut(words, answer=f"process {process}, kept by {keeper}")
        if process and not processes.is_keeper(client, keeper):
            processes.send(process, signal.SIGTERM)  # one that nobody keeps any more
        if time.monotonic() > asked:
            for one in (process, *processes.children(keeper)):
                processes.kill(client, one)
        time.sleep(0.02)
    with contextlib.suppress(ChildProcessError):  # it was started by another process
        if keeper:
            os.waitpid(keeper, os.WNOHANG)


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
    while not processes.of(client) and time.monotonic() < limit:
        time.sleep(0.002)  # who is asked to end before it can say its number would be missed


def _package() -> str:
    """The folder that holds this very package, wherever it was imported from."""
    path = os.path.abspath(__file__)
    for _ in range(4):  # out of supervising.py, dhcpcd/, providers/ and linkhold/
        path = os.path.dirname(path)
    return path
