"""The server that the centre talks to: JSON-RPC over STOMP over TLS, on IPv4 and IPv6."""

import asyncio
import collections
import logging
import socket
import ssl
import typing

from linkhold.wire import jsonrpc, listening
from linkhold.wire.broker import Broker, Delivery
from linkhold.wire.call import Handler, Peer
from linkhold.wire.complaints import Complaints
from linkhold.wire.connection import MOST_UNREAD, Connection
from linkhold.wire.dispatch import Bounds, Dispatcher
from linkhold.wire.session import Effect, Execute, Forward, Session, complaint

_logger: typing.Final = logging.getLogger(__name__)

PORT: typing.Final = 54321
HANDSHAKE_S: typing.Final = 10.0

_SHUTDOWN_S: typing.Final = 5.0
_PAUSE_S: typing.Final = 0.5
_FAREWELL_S: typing.Final = 1.0


class Limits(typing.NamedTuple):
    """How many there may be at the same time. `of_one_peer` counts by certificate, `handshakes_from_one` by address."""

    connections: int = 64
    of_one_peer: int = 16
    handshakes: int = 64
    handshakes_from_one: int = 16
    unread: int = MOST_UNREAD
    bounds: Bounds = Bounds()


USUAL: typing.Final = Limits()


class Server:
    """Lets in who has a certificate of the authority, hands calls to the handler, publishes events.

    A call that has begun goes on when its connection ends. With `port` 0 the kernel chooses; `port` is then which.

    Who is not `welcome` is answered by the handler as everybody (which refuses the call), but hears no events, and nothing
    that it sends reaches other clients: they would take it for ours.
    """

    def __init__(
        self,
        handler: Handler,
        context: ssl.SSLContext,
        *,
        address: str = listening.EVERYWHERE,
        port: int = PORT,
        limits: Limits = USUAL,
        welcome: typing.Callable[[Peer], bool] = lambda peer: True,
    ) -> None:
        self.address, self.port = address, port
        self._context = context
        self._limits = limits
        self._welcome = welcome
        self._dispatcher = Dispatcher(handler, _now, limits.bounds)
        self._complaints = Complaints(_logger, _now)
        self._broker = Broker()
        self._connections: dict[Session, Connection] = {}
        self._handshakes: collections.Counter[str] = collections.Counter()
        self._calls: set[asyncio.Task[None]] = set()
        self._greetings: set[asyncio.Task[None]] = set()
        self._accepting: asyncio.Task[None] | None = None

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._connections)

    @property
    def running(self) -> int:
        """How many calls are being carried out."""
        return self._dispatcher.running

    async def start(self) -> None:
        """Listen.

        Raises:
            Refused: the address or the port can't be had.
        """
        sock = listening.listen(self.address, self.port)
        self.port = sock.getsockname()[1]
        self._accepting = asyncio.create_task(self._accept(sock))
        self._accepting.add_done_callback(_tell_bug)

    async def close(self, grace: float = 5.0) -> None:
        """Stop listening, wait so many seconds for calls to end, then close the connections and cancel what still runs."""
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
        for task in self._greetings:
            task.cancel()
        if self._calls:
            await asyncio.wait(self._calls, timeout=grace)
        for task in self._calls:
            task.cancel()
        await asyncio.gather(*self._calls, *self._greetings, return_exceptions=True)
        await self._end_connections()

    def replace_context(self, context: ssl.SSLContext) -> None:
        """Use other certificates for connections to come; those that are there stay."""
        self._context = context

    def publish(self, destination: str, method: str, params: dict[str, typing.Any]) -> None:
        """Tell an event (a notification of JSON-RPC) to everybody who has subscribed to the destination."""
        self._deliver(self._wanted(self._broker.publish(destination, jsonrpc.request(method, params))))

    def opened(self, connection: Connection) -> str:
        """Of `connection.Host`: a client has shown its certificate."""
        peer = connection.peer
        if len(self._connections) >= self._limits.connections:
            return "too many connections"
        if (
            sum(one.peer.fingerprint == peer.fingerprint for one in self._connections.values())
            >= self._limits.of_one_peer
        ):
            return "too many connections of this peer"
        self._connections[connection.session] = connection
        self._broker.join(connection.session)
        _logger.info("connected: %s at %s", peer.name, peer.address)
        return ""

    def obey(self, connection: Connection, effect: Effect) -> None:
        """Of `connection.Host`: a client wants something."""
        match effect:
            case Execute():
                _begin(self._calls, self._execute(connection, effect))
            case Forward(destination, body) if self._welcome(connection.peer):
                self._deliver(self._wanted(self._broker.forward(connection.session, destination, body)))
            case Forward():
                connection.send(complaint("Not allowed"))

    def closed(self, connection: Connection) -> None:
        """Of `connection.Host`: a client is gone."""
        if self._connections.pop(connection.session, None):
            self._broker.leave(connection.session)
            _logger.info("gone: %s at %s", connection.peer.name, connection.peer.address)

    async def _end_connections(self) -> None:
        """Let clients have what was sent to them, but wait for none that does not take it."""
        connections = list(self._connections.values())
        for connection in connections:
            connection.end("the server ends")
        if connections:
            await asyncio.wait([one.gone for one in connections], timeout=_FAREWELL_S)
        for connection in connections:
            connection.abort()

    async def _execute(self, connection: Connection, execute: Execute) -> None:
        answer = await self._dispatcher.answer(execute.body, connection.peer, execute.correlation)
        if answer is not None:
            self._deliver(self._broker.reply(connection.session, execute.reply_to, answer))

    def _wanted(self, deliveries: list[Delivery]) -> list[Delivery]:
        """Those to clients that are welcome."""
        known = self._connections
        return [one for one in deliveries if one.session in known and self._welcome(known[one.session].peer)]

    def _deliver(self, deliveries: list[Delivery]) -> None:
        for session, data in deliveries:
            if connection := self._connections.get(session):
                connection.send(data)

    async def _accept(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with sock:
            while True:
                try:
                    accepted, address = await loop.sock_accept(sock)
                except ConnectionError:
                    continue  # gone before it was there
                except OSError:  # no file descriptor left, usually
                    _logger.exception("can't accept connections")
                    await asyncio.sleep(_PAUSE_S)
                    continue
                self._admit(accepted, listening.text_of(address))

    def _admit(self, sock: socket.socket, address: str) -> None:
        """Begin a handshake, unless too many are going on."""
        origin = listening.neighbourhood(address)
        if (
            self._handshakes.total() >= self._limits.handshakes
            or self._handshakes[origin] >= self._limits.handshakes_from_one
        ):
            self._complaints.about(origin, "many", f"refused a connection from {address}: too many handshakes")
            sock.close()
            return
        self._handshakes[origin] += 1
        _begin(self._greetings, self._shake_hands(sock, address, origin))

    async def _shake_hands(self, sock: socket.socket, address: str, origin: str) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: Connection(self, self._limits.unread),
                sock,
                ssl=self._context,
                ssl_handshake_timeout=HANDSHAKE_S,
                ssl_shutdown_timeout=_SHUTDOWN_S,
            )
        except ssl.SSLCertVerificationError as error:
            sentence = f"refused the certificate of {address}: {error.verify_message}"
            self._complaints.about(origin, error.verify_message, sentence)
        except OSError as error:  # of TLS, too
            self._complaints.about(origin, _told(error), f"no TLS with {address}: {_told(error)}")
        finally:
            self._handshakes[origin] -= 1
            self._handshakes += collections.Counter()


def _tell_bug(task: asyncio.Task[None]) -> None:
    """A server that has become deaf by a mistake of ours must not be so in silence."""
    if not task.cancelled() and (bug := task.exception()) is not None:
        _logger.critical("no further connections are accepted", exc_info=bug)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _begin(tasks: set[asyncio.Task[None]], work: typing.Coroutine[typing.Any, typing.Any, None]) -> None:
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


def _told(error: OSError) -> str:
    """Why there was no handshake; OpenSSL's word for it where it has one."""
    reason = error.reason if isinstance(error, ssl.SSLError) else ""
    return reason or str(error) or "the connection was closed"
