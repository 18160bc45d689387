"""The asyncio face of one session of the server: bytes between the socket and the state machine, and its deadlines."""

import asyncio
import logging
import ssl
import typing

from linkhold.wire import listening, stomp, tls
from linkhold.wire.call import Peer
from linkhold.wire.session import Close, Effect, Session, Write

_logger: typing.Final = logging.getLogger(__name__)

MOST_UNREAD: typing.Final = 16 * 1024 * 1024
"""Bytes that a client may leave unread. One that reads more slowly than it asks is closed."""

FIRST_BYTES_S: typing.Final = 10.0
"""A client that has not shown by then that it speaks STOMP is closed."""


class Host(typing.Protocol):
    """What a connection asks of its server."""

    def opened(self, connection: "Connection") -> str:
        """A connection was made; why it is not wanted, or ''."""

    def obey(self, connection: "Connection", effect: Effect) -> None:
        """Do what the session asks for, other than to write and to close."""

    def closed(self, connection: "Connection") -> None:
        """A connection has ended."""


class Connection(asyncio.Protocol):
    """One client, from the end of the handshake on."""

    peer: Peer
    session: Session
    _transport: asyncio.Transport

    def __init__(self, host: Host, unread: int = MOST_UNREAD) -> None:
        self._host = host
        self._unread = unread
        self._loop = asyncio.get_running_loop()
        self._first = b""
        self._known = False
        self._timer: asyncio.TimerHandle | None = None
        self._over = False
        self.gone: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The handshake is done."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.peer = _peer(transport)
        self.session = Session(self.peer.fingerprint, self._loop.time())
        self._timer = self._loop.call_later(FIRST_BYTES_S, self._recognise_late)
        if refusal := self._host.opened(self):
            self.end(refusal, at_once=True)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if self.is_over():
            return
        if not self._known:
            data = self._recognised(self._first + data)
        for effect in self.session.receive(data, self._loop.time()):
            self._do(effect)
            if self.is_over():
                return
        self._arm()

    def is_over(self) -> bool:
        """Whether it has ended, or is about to."""
        return self._over

    def pause_writing(self) -> None:
        """The client does not read: hear no more requests of it meanwhile."""
        if not self.is_over():
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        if not self.is_over():
            self._transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """It has ended."""
        self._over = True
        self.gone.set_result(None)
        if self._timer is not None:
            self._timer.cancel()
        self._host.closed(self)

    def send(self, data: bytes) -> None:
        """Send one frame; a client that leaves too much unread is cut off."""
        if self.is_over():
            return
        self._transport.write(data)
        self.session.sent(self._loop.time())
        if self._transport.get_write_buffer_size() > self._unread:
            self.end("it does not read what it is sent", at_once=True)

    def end(self, reason: str, *, at_once: bool = False) -> None:
        """Close, after what was sent unless `at_once`; the reason is for the log."""
        if self.is_over():
            return
        self._over = True
        _logger.info("closed the connection of %s at %s: %s", self.peer.name, self.peer.address, reason)
        if at_once:
            self._transport.abort()
        else:
            self._transport.close()

    def abort(self) -> None:
        """Close, whatever was not sent yet."""
        if not self.gone.done():
            self._over = True
            self._transport.abort()

    def _recognised(self, first: bytes) -> bytes:
        """What the session should see: nothing as long as it isn't clear what the client speaks."""
        speaks = stomp.begins_a_frame(first)
        if speaks is None:
            self._first = first
            return b""
        self._first, self._known = b"", True
        if not speaks:
            self.end("it does not speak STOMP", at_once=True)
            return b""
        return first

    def _recognise_late(self) -> None:
        self._timer = None
        if self._known:
            self._arm()
        else:
            self.end(f"it has said nothing for {FIRST_BYTES_S:g} s")

    def _do(self, effect: Effect) -> None:
        match effect:
            case Write(data):
                self.send(data)
            case Close(reason):
                self.end(reason)
            case _:
                self._host.obey(self, effect)

    def _arm(self) -> None:
        """Have the timer run not later than at the next deadline. Deadlines only move back, so one that runs stays."""
        deadline = self.session.next_tick()
        if deadline is None or self.is_over():
            return
        if self._timer is not None and self._timer.when() > deadline and self._known:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._tick)

    def _tick(self) -> None:
        self._timer = None
        for effect in self.session.tick(self._loop.time()):
            self._do(effect)
        self._arm()


def _peer(transport: asyncio.Transport) -> Peer:
    sock: ssl.SSLObject = transport.get_extra_info("ssl_object")
    return Peer(
        name=tls.common_name(sock.getpeercert() or {}),
        fingerprint=tls.fingerprint(sock.getpeercert(binary_form=True) or b""),
        address=listening.text_of(transport.get_extra_info("peername")),
        local_address=listening.text_of(transport.get_extra_info("sockname")),
    )
