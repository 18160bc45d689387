"""The listener: one small process for a network namespace.

    python -m linkhold.providers.lldp.listener [ROOT]

It outlives the command that started it (where systemd runs, in a unit of its own that starts it again; else beside a
parent that does) and ends when nothing is to be listened on any more.
"""

import contextlib
import os
import select
import signal
import socket
import struct
import sys
import time
import typing

from linkhold.providers.lldp.folder import Folder
from linkhold.providers.lldp.neighbours import Neighbours
from linkhold.providers.lldp.tlv import parse

ETH_P_LLDP: typing.Final = 0x88CC
_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, _PACKET_MR_MULTICAST = 263, 1, 0  # include/uapi/linux/if_packet.h
GROUPS: typing.Final = (b"\x01\x80\xc2\x00\x00\x0e", b"\x01\x80\xc2\x00\x00\x03", b"\x01\x80\xc2\x00\x00\x00")
"""The nearest bridge, the nearest non-TPMR bridge, the nearest customer bridge (IEEE 802.1AB, table 7-1)."""

LOOK_AGAIN: typing.Final = 5.0
"""Seconds between looks for interfaces that were not there, or are made anew."""

_FRAME: typing.Final = 65536
_RESTART_AFTER: typing.Final = 1.0


class Listener:
    """Listens for one network namespace. `woken` is the handle of the pipe."""

    def __init__(self, folder: Folder, woken: int) -> None:
        self.folder, self._woken = folder, woken
        self._socket = socket.socket(
            socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, socket.htons(ETH_P_LLDP)
        )
        self._socket.setblocking(False)
        self._heard: dict[str, Neighbours] = {}
        self._joined: dict[str, int] = {}

    def run(self) -> None:
        """Until nothing is wanted any more."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        while self._look():
            for handle, _ in poll.poll(1000 * self._patience()):
                if handle == self._woken:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._woken, 4096)
                else:
                    self._receive()
            self._forget()

    def _look(self) -> bool:
        """Listen on what is wanted and there; whether anything is wanted."""
        wanted = self.folder.wanted()
        for name in self._heard.keys() - set(wanted):
            del self._heard[name]
            self._joined.pop(name, None)  # its membership ends with the socket, and what comes in is left alone
        for name in wanted:
            self._join(name)
            if name not in self._heard:
                self._heard[name] = Neighbours()
                self.folder.write(name, ())
        return bool(wanted)

    def _join(self, name: str) -> None:
        """Have the card take frames for the groups; again when there is another interface of this name."""
        try:
            index = socket.if_nametoindex(name)
        except OSError:  # not there (yet)
            self._joined.pop(name, None)
            return
        if self._joined.get(name) == index:
            return
        try:
            for group in GROUPS:
                request = struct.pack("iHH8s", index, _PACKET_MR_MULTICAST, len(group), group)
                self._socket.setsockopt(_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, request)
        except OSError:  # gone in this moment: the next look will tell
            return
        self._joined[name] = index

    def _receive(self) -> None:
        while True:
            try:
                payload, (name, _, direction, *_) = self._socket.recvfrom(_FRAME)
            except BlockingIOError:
                return
            except OSError:  # ENETDOWN: an interface went down
                return
            if name in self._heard and direction != socket.PACKET_OUTGOING:
                self._take(name, payload)

    def _take(self, name: str, payload: bytes) -> None:
        try:
            said = parse(payload)
        except ValueError:  # of no use to anybody (9.2.7.7.1)
            return
        if self._heard[name].learn(said, _now()):
            self.folder.write(name, self._heard[name].all())

    def _forget(self) -> None:
        for name, neighbours in self._heard.items():
            if neighbours.forget(_now()):
                self.folder.write(name, neighbours.all())

    def _patience(self) -> float:
        ends = [end for end in (one.next_end() for one in self._heard.values()) if end is not None]
        return max(0.01, min([LOOK_AGAIN, *(end - _now() for end in ends)]))

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


def _now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def main(arguments: typing.Sequence[str]) -> int:
    """Listen; 0 when there is nothing to listen on, or somebody else does."""
    folder = Folder(arguments[0] if arguments else "")
    under_systemd = bool(os.environ.get("INVOCATION_ID")) and os.getppid() == 1
    while folder.wanted():
        woken = folder.claim()
        if woken < 0:
            return 0
        try:
            _listen(folder, woken) if under_systemd else _keep_listening(folder, woken)
        finally:
            os.close(woken)
        # what was wanted between the last look and giving up the claim is found by looking again
    return 0


def _listen(folder: Folder, woken: int) -> None:
    listener = Listener(folder, woken)
    try:
        listener.run()
    finally:
        listener.close()


def _keep_listening(folder: Folder, woken: int) -> None:
    """In a child that is started again when it dies. Both hold the claim, so in between nobody else takes it."""
    children: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: _end(children, number))
    while True:
        child = os.fork()
        if not child:
            _child(folder, woken)
        children[:] = [child]
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            return
        time.sleep(_RESTART_AFTER)


def _child(folder: Folder, woken: int) -> typing.NoReturn:
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        _listen(folder, woken)
        code = 0
    finally:
        os._exit(code)


def _end(children: list[int], number: int) -> typing.NoReturn:
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)
    os._exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
