"""One blocking netlink socket to the kernel: single requests, dumps, and many requests at once.

The kernel works on a request inside `sendmsg` and has queued every answer when that returns, so a blocking socket
without an event loop waits for nothing but the work itself. Sources: `net/netlink/af_netlink.c`,
`Documentation/userspace-api/netlink/intro.rst`.
"""

from __future__ import annotations

import errno
import os
import socket
import struct

from linkhold.providers.kernel.netlink.message import (
    NLM_F_ACK,
    NLM_F_ACK_TLVS,
    NLM_F_CAPPED,
    NLM_F_DUMP,
    NLM_F_DUMP_INTR,
    NLM_F_REQUEST,
    NLMSG_DONE,
    NLMSG_ERROR,
    NLMSG_HDRLEN,
    Malformed,
    Message,
    Request,
    attributes,
    message,
    messages,
    to_i32,
    to_string,
    to_u32,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType

NETLINK_ROUTE = 0
NETLINK_GENERIC = 16

SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP = 1
NETLINK_DROP_MEMBERSHIP = 2
NETLINK_CAP_ACK = 10
NETLINK_EXT_ACK = 11
NETLINK_GET_STRICT_CHK = 12
SO_RCVBUFFORCE = 33

NLMSGERR_ATTR_MSG = 1
NLMSGERR_ATTR_OFFS = 2
NLMSGERR_ATTR_MISS_TYPE = 5

RECEIVE_BUFFER = 4 << 20
"""Bytes the kernel may queue for us; an answer that finds no room is lost."""

_DATAGRAM = 256 << 10  # the kernel sends dumps in pieces of at most 32 kB, single answers may be longer
_CHUNK = 64 << 10  # bytes per sendmsg: well below the smallest default send buffer
_ROOM = 8 << 10  # receive buffer set aside per request in flight: a small answer is charged about 1 kB
_WINDOW = 256  # requests in flight
_PATIENCE = struct.pack("@ll", 60, 0)  # struct timeval: an answer that has not come by then never will


class Refusal(OSError):
    """The kernel's no: `errno`, its own words in `message` (may be empty), and where it stumbled.

    `offset` is the position of the offending attribute from the start of the request's payload, `missing` the type of
    an attribute it wanted; each is None when the kernel does not say.
    """

    def __init__(self, number: int, message: str = "", offset: int | None = None, missing: int | None = None) -> None:
        super().__init__(number, os.strerror(number))
        self.message = message
        self.offset = offset
        self.missing = missing

    def __str__(self) -> str:
        return f"{self.strerror}: {self.message}" if self.message else str(self.strerror)


Outcome = list[Message] | Refusal | None
"""What became of one request of a batch: its replies, None when it was merely acknowledged, or the kernel's refusal."""


class Netlink:
    """One socket of a netlink protocol, used by one thread at a time."""

    def __init__(self, protocol: int = NETLINK_ROUTE) -> None:
        self._socket = open_socket(protocol, RECEIVE_BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _PATIENCE)
        self._buffer = bytearray(_DATAGRAM)
        self._view = memoryview(self._buffer)
        self._sequence = 0
        self._unfinished = False
        granted = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        self._window = max(8, min(_WINDOW, granted // _ROOM))

    def request(self, kind: int, flags: int, payload: bytes) -> list[Message]:
        """Send one request and wait for the end of its answers. Raises Refusal."""
        outcome = self.batch([(kind, flags, payload)])[0]
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome or []

    def dump(self, kind: int, payload: bytes, *, flags: int = 0, restarts: int = 10) -> list[Message]:
        """Everything the kernel has of a kind, filtered by what the payload says.

        A dump during which the kernel's tables changed, or of which a part was lost, is read again up to `restarts`
        times. Raises Refusal, with EINTR when the tables never held still.
        """
        for _ in range(restarts + 1):
            self._begin()
            found = self._dump_once(kind, payload, flags)
            self._unfinished = False
            if found is not None:
                return found
        raise Refusal(errno.EINTR, f"still changing after {restarts + 1} attempts to read it")

    def batch(self, requests: Iterable[Request]) -> list[Outcome]:
        """Send many requests, few system calls; their outcomes in the same order.

        The kernel works through them one after the other and a refused one does not stop those behind it. No more
        are in flight than the receive buffer holds answers for. A refusal with ENOBUFS means that the answer was lost
        and the outcome is not known.
        """
        outcomes: list[Outcome] = []
        for chunk in self._chunks(requests):
            self._begin()
            outcomes += self._exchange(chunk)
            self._unfinished = False
        return outcomes

    def close(self) -> None:
        self._socket.close()

    def fileno(self) -> int:
        return self._socket.fileno()

    def __enter__(self) -> Netlink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self) -> None:
        """Clear away what an exchange that did not end (a refused dump, Ctrl-C) may have left behind.

        As long as a dump is not read to its end the kernel starts no other on this socket (EBUSY).
        """
        while self._unfinished:
            try:
                self._receive(socket.MSG_DONTWAIT)
            except TimeoutError:
                self._unfinished = False
        self._unfinished = True

    def _next(self) -> int:
        self._sequence = self._sequence % 0xFFFFFFFF + 1
        return self._sequence

    def _chunks(self, requests: Iterable[Request]) -> Iterator[list[tuple[int, bytes]]]:
        chunk: list[tuple[int, bytes]] = []
        size = 0
        for kind, flags, payload in requests:
            sequence = self._next()
            data = message(kind, flags | NLM_F_REQUEST | NLM_F_ACK, sequence, payload)
            if chunk and (size + len(data) > _CHUNK or len(chunk) == self._window):
                yield chunk
                chunk, size = [], 0
            chunk.append((sequence, data))
            size += len(data)
        if chunk:
            yield chunk

    def _exchange(self, chunk: Sequence[tuple[int, bytes]]) -> list[Outcome]:
        self._socket.sendall(b"".join([data for _, data in chunk]))
        waiting: dict[int, list[Message]] = {sequence: [] for sequence, _ in chunk}
        done: dict[int, Outcome] = {}
        while waiting:
            data = self._receive()
            if data is None:
                done.update(self._salvage(waiting))
                break
            _settle(data, waiting, done)
        return [done[sequence] for sequence, _ in chunk]

    def _salvage(self, waiting: dict[int, list[Message]]) -> dict[int, Outcome]:
        """After an answer was lost: take those that are queued, and say of the others that nobody knows."""
        done: dict[int, Outcome] = {}
        while waiting:
            try:
                data = self._receive(socket.MSG_DONTWAIT)
            except TimeoutError:
                break
            if data is not None:
                _settle(data, waiting, done)
        for sequence in waiting:
            done[sequence] = Refusal(errno.ENOBUFS, "the kernel's answer was lost")
        return done

    def _dump_once(self, kind: int, payload: bytes, flags: int) -> list[Message] | None:
        """The whole dump, or None when it has to be read again. Always reads to its end: the next one needs that."""
        sequence = self._next()
        self._socket.sendall(message(kind, flags | NLM_F_REQUEST | NLM_F_DUMP, sequence, payload))
        found: list[Message] = []
        whole = True
        while True:
            data = self._receive()
            if data is None:
                whole = False
                continue
            for reply, marks, number, body in messages(data):
                if number != sequence:
                    continue
                if marks & NLM_F_DUMP_INTR:
                    whole = False
                if reply in (NLMSG_DONE, NLMSG_ERROR):
                    refusal = _refusal(body, marks, reply)
                    if refusal is not None:
                        raise refusal
                    return found if whole else None
                found.append((reply, body))

    def _receive(self, flags: int = 0) -> bytes | None:
        """One datagram, or None when something was lost: no room at the kernel, or longer than our buffer."""
        try:
            size = self._socket.recv_into(self._view, 0, flags | socket.MSG_TRUNC)
        except BlockingIOError:
            raise TimeoutError("the kernel does not answer on its netlink socket") from None
        except OSError as error:
            if error.errno == errno.ENOBUFS:
                return None
            raise
        if size > len(self._buffer):
            self._buffer = bytearray(2 * size)
            self._view = memoryview(self._buffer)
            return None
        return bytes(self._view[:size])


def open_socket(protocol: int, receive_buffer: int) -> socket.socket:
    """A netlink socket that explains refusals and checks requests strictly where this kernel can."""
    opened = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
    try:
        try:
            opened.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, receive_buffer)
        except PermissionError:  # without CAP_NET_ADMIN: as much as rmem_max grants
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        for option in (NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK):
            try:
                opened.setsockopt(SOL_NETLINK, option, 1)
            except OSError as error:
                if error.errno != errno.ENOPROTOOPT:
                    raise
        opened.bind((0, 0))
    except BaseException:
        opened.close()
        raise
    return opened


def _settle(data: bytes, waiting: dict[int, list[Message]], done: dict[int, Outcome]) -> None:
    """File each answer of a datagram under its request; the acknowledgement ends the wait for it."""
    for kind, marks, sequence, body in messages(data):
        replies = waiting.get(sequence)
        if replies is None:  # a leftover of an exchange that was given up
            continue
        if kind == NLMSG_ERROR:
            del waiting[sequence]
            done[sequence] = _refusal(body, marks, kind) or replies or None
        else:
            replies.append((kind, body))


def _refusal(body: bytes, marks: int, kind: int) -> Refusal | None:
    """What an NLMSG_ERROR or NLMSG_DONE says, None when it is good news."""
    number = -to_i32(body[:4]) if body else 0
    if number <= 0:
        return None
    if not marks & NLM_F_ACK_TLVS:
        return Refusal(number)
    start = 4
    if kind == NLMSG_ERROR:  # the request's header follows, and all of it unless the kernel cut it
        quoted = NLMSG_HDRLEN if marks & NLM_F_CAPPED else max(NLMSG_HDRLEN, to_u32(body[4:8]))
        start += (quoted + 3) & -4
    try:
        said = attributes(body, start)
        text = to_string(said.get(NLMSGERR_ATTR_MSG, b""))
        offset = to_u32(said[NLMSGERR_ATTR_OFFS]) - NLMSG_HDRLEN if NLMSGERR_ATTR_OFFS in said else None
        missing = to_u32(said[NLMSGERR_ATTR_MISS_TYPE]) if NLMSGERR_ATTR_MISS_TYPE in said else None
    except Malformed:  # the refusal itself matters more than its explanation
        return Refusal(number)
    return Refusal(number, text, offset, missing)
