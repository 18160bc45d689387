"""The executor's side of the unix socket: requests in, answers and events out, for those who may ask."""

import asyncio
import logging
import os
import socket
import struct
import typing
from collections.abc import Awaitable, Callable

from linkhold.wire import frames, jsonrpc
from linkhold.wire.call import RpcError
from linkhold.wire.json_text import Malformed

_logger: typing.Final = logging.getLogger(__name__)
_UCRED: typing.Final = struct.Struct("3i")  # struct ucred of unix(7)

MOST_AT_ONCE: typing.Final = 256
"""Requests of one connection that are being carried out; further ones wait in the socket. More than the agent takes on."""

MOST_UNREAD: typing.Final = 64 * 1024 * 1024
"""Bytes that a connection may leave unread. One that reads more slowly than it is told things is closed."""


class Credentials(typing.NamedTuple):
    """Who is at the other end of a unix socket, as the kernel says (SO_PEERCRED of unix(7))."""

    pid: int
    uid: int
    gid: int


class LocalCall(typing.NamedTuple):
    """One request. `request` is the centre's correlation id, or ''. With `connection.subscribe()` events follow on it."""

    verb: str
    params: dict[str, typing.Any]
    request: str
    credentials: Credentials
    connection: "LocalConnection"


LocalHandler = Callable[[LocalCall], Awaitable[object]]
"""Answers a call with what JSON can say (None stays null), or raises `RpcError`. Goes on when the asker goes away."""


class LocalConnection:
    """One asker."""

    def __init__(self, writer: asyncio.StreamWriter, credentials: Credentials) -> None:
        self.credentials = credentials
        self.subscribed = False
        self._writer = writer

    def subscribe(self) -> None:
        """From now on events are sent here."""
        self.subscribed = True

    def send(self, value: dict[str, typing.Any]) -> None:
        """Send an object, unless the asker is gone; one that does not read is cut off."""
        if self._writer.is_closing():
            return
        self._writer.write(frames.encode(value))
        if self._writer.transport.get_write_buffer_size() > MOST_UNREAD:
            _logger.warning("process %d does not read what it is sent; closed", self.credentials.pid)
            self._writer.transport.abort()


class LocalServer:
    """Listens on a path, or on a socket that somebody else has opened (systemd's socket activation).

    `admit` decides about each connection by its credentials; one that may not is closed and logged.
    """

    def __init__(self, where: str | int, admit: Callable[[Credentials], bool], handler: LocalHandler) -> None:
        self._where = where
        self._admit = admit
        self._handler = handler
        self._connections: dict[LocalConnection, asyncio.Task[None]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, *, mode: int = 0o660, group: int = -1) -> None:
        """Listen. A socket of our own is made with these rights; what a dead predecessor left is replaced.

        Raises:
            OSError: the path can't be had.
        """
        sock = socket.socket(fileno=self._where) if isinstance(self._where, int) else _bound(self._where, mode, group)
        self._server = await asyncio.start_unix_server(self._serve, sock=sock)

    async def close(self, grace: float = 5.0) -> None:
        """Stop listening, wait so many seconds for what is being carried out, then close every connection.

        What is still running after that goes on: who stops the process decides about it.
        """
        if self._server is not None:
            self._server.close()
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        for task in list(self._connections.values()):
            task.cancel()
        await asyncio.gather(*self._connections.values(), return_exceptions=True)
        if isinstance(self._where, str):
            _unlink(self._where)

    def publish(self, event: str, params: dict[str, typing.Any]) -> None:
        """Tell an event to everybody who has subscribed."""
        for connection in list(self._connections):
            if connection.subscribed:
                connection.send({"event": event, "params": params})

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        credentials = _credentials(writer.get_extra_info("socket"))
        connection = LocalConnection(writer, credentials)
        task = asyncio.current_task()
        assert task is not None  # this is a coroutine of the server's
        self._connections[connection] = task
        try:
            if not self._admit(credentials):
                _logger.warning("refused process %d of user %d", credentials.pid, credentials.uid)
                return
            await self._converse(reader, connection)
        except Malformed as malformed:
            _logger.warning("closed the connection of process %d: %s", credentials.pid, malformed)
        except ConnectionError:
            pass  # it went away, which it may
        finally:
            del self._connections[connection]
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, connection: LocalConnection) -> None:
        room, decoder = asyncio.Semaphore(MOST_AT_ONCE), frames.Decoder()
        while data := await reader.read(64 * 1024):
            for value in decoder.feed(data):
                id_, call = _read(value, connection)
                await room.acquire()
                task = asyncio.create_task(self._answer(id_, call, connection))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
                task.add_done_callback(lambda _: room.release())

    async def _answer(self, id_: object, call: LocalCall, connection: LocalConnection) -> None:
        try:
            answer: dict[str, object] = {"id": id_, "result": await self._handler(call)}
            connection.send(answer)
        except RpcError as error:
            connection.send({"id": id_, "error": jsonrpc.error_object(error)})
        except Exception as bug:
            _logger.exception("%s failed", call.verb)
            told = RpcError(jsonrpc.INTERNAL_ERROR, f"Internal error: {type(bug).__name__}: {bug}")
            connection.send({"id": id_, "error": jsonrpc.error_object(told)})


def _read(value: dict[str, typing.Any], connection: LocalConnection) -> tuple[int | str, LocalCall]:
    id_, verb, params, request = value.get("id"), value.get("verb"), value.get("params", {}), value.get("request", "")
    if isinstance(id_, bool) or not isinstance(id_, int | str):
        raise Malformed("a request without an id")
    if not isinstance(verb, str) or not isinstance(request, str):
        raise Malformed("a request without a verb")
    if not isinstance(params, dict):
        raise Malformed("a request whose params are no object")
    return id_, LocalCall(verb, params, request, connection.credentials, connection)


def _credentials(sock: socket.socket) -> Credentials:
    return Credentials(*_UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)))


def _bound(path: str, mode: int, group: int) -> socket.socket:
    """A socket at this path; nobody can connect before it has its rights."""
    _unlink(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        before = os.umask(0o777 & ~mode)
        try:
            sock.bind(path)
        finally:
            os.umask(before)
        if group >= 0:
            os.chown(path, -1, group)
    except OSError:
        sock.close()
        raise
    return sock


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass  # nobody was here before
