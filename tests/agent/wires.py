"""A server with TLS on the loopback of the test's own network, and what tests ask of it."""

import asyncio
import contextlib
import json
import pathlib
import ssl
from collections.abc import AsyncIterator, Callable

from linkhold.wire import stomp, tls
from linkhold.wire.call import Call, Handler, Peer, RpcError
from linkhold.wire.client import Client
from linkhold.wire.server import USUAL, Limits, Server
from tests.agent.certificates import Authority


class Place:
    """An authority, and the certificates of one host and of one centre."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.authority = Authority(folder)
        self.host = self.authority.issue("host1")
        self.centre = self.authority.issue("centre")
        self.foreign = Authority(folder / "foreign", "foreign").issue("intruder")

    @contextlib.asynccontextmanager
    async def server(
        self,
        handler: Handler,
        limits: Limits = USUAL,
        address: str = "::1",
        welcome: Callable[[Peer], bool] = lambda peer: True,
    ) -> AsyncIterator[Server]:
        """A server that runs for a while, on a port that the kernel chooses."""
        context = tls.server_context(self.host)
        server = Server(handler, context, address=address, port=0, limits=limits, welcome=welcome)
        await server.start()
        try:
            yield server
        finally:
            await server.close(grace=0)

    def context(self, files: tls.Files | None = None) -> ssl.SSLContext:
        """What a client connects with: the centre's certificate if none is given."""
        return tls.client_context(files or self.centre)

    @contextlib.asynccontextmanager
    async def client(self, server: Server, files: tls.Files | None = None, host: str = "::1") -> AsyncIterator[Client]:
        """Our own client, connected."""
        client = await Client.connect(host, server.port, self.context(files))
        try:
            yield client
        finally:
            await client.close()

    @contextlib.asynccontextmanager
    async def raw(self, server: Server, files: tls.Files | None = None) -> AsyncIterator["Raw"]:
        """A connection on which the test says every byte."""
        reader, writer = await asyncio.open_connection("::1", server.port, ssl=self.context(files))
        try:
            yield Raw(reader, writer)
        finally:
            writer.transport.abort()


class Raw:
    """Bytes to a server, frames from it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._parser = stomp.Parser()
        self._frames: list[stomp.Frame] = []

    def say(self, data: bytes) -> None:
        """Send."""
        self.writer.write(data)

    def stop_reading(self) -> None:
        """Leave everything unread from now on."""
        transport = self.writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()

    def read_again(self) -> None:
        """Read what was left."""
        transport = self.writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.resume_reading()

    async def frame(self) -> stomp.Frame:
        """The next one."""
        while not self._frames:
            data = await self.reader.read(65536)
            assert data, "the server closed the connection"
            self._frames += self._parser.feed(data)
        return self._frames.pop(0)

    async def is_closed(self) -> bool:
        """Wait for the end; False if a frame comes first."""
        try:
            while data := await self.reader.read(65536):
                if self._frames or list(self._parser.feed(data)):
                    return False
        except ConnectionError:
            pass
        return True


async def echo(call: Call) -> object:
    """A handler: gives back what it was asked; ``fail`` and ``break`` do what they say."""
    if call.method == "Test.fail":
        raise RpcError(21, "no", {"why": "asked"})
    if call.method == "Test.break":
        raise ValueError("broken")
    if call.method == "Test.none":
        return None
    return {"method": call.method, "params": call.params, "peer": call.peer.name, "correlation": call.correlation}


SUBSCRIBE = stomp.control("SUBSCRIBE", {"destination": "jms.topic.vdsm_responses", "id": "R", "ack": "auto"})


def request(method: str, id_: str, **headers: str) -> bytes:
    """The frame of a request."""
    body = json.dumps({"jsonrpc": "2.0", "method": method, "params": {}, "id": id_}).encode()
    said = {"destination": "jms.topic.vdsm_requests", **headers, "content-length": str(len(body))}
    return stomp.encode(stomp.Frame("SEND", said, body))


class Gate:
    """A handler whose calls of `Test.wait` end when the test says so."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.begun = asyncio.Event()
        self.ended: list[str] = []

    async def __call__(self, call: Call) -> object:
        if call.method == "Test.wait":
            self.begun.set()
            await self.open.wait()
        self.ended.append(call.method)
        return call.method


async def ends_soon(reader: asyncio.StreamReader) -> bool:
    """Wait for the end; whether nothing came before."""
    try:
        return await reader.read() == b""
    except ConnectionError:
        return True


async def settled(condition: Callable[[], bool]) -> bool:
    """Whether a condition comes true: waits for it for as long as the test may run."""
    while not condition():
        await asyncio.sleep(0.01)
    return True
