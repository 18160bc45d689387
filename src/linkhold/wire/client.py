"""A client of a host's agent, or of vdsm: what a centre does, for tests and for people."""

import asyncio
import contextlib
import ssl
import typing
import uuid
from collections.abc import AsyncIterator

from linkhold.foundation.failures import Refused, Temporary, TimedOut
from linkhold.wire import heartbeat, json_text, jsonrpc, stomp
from linkhold.wire.json_text import Malformed
from linkhold.wire.session import EVENTS, REQUESTS, RESPONSES
from linkhold.wire.stomp import Frame

CONNECT_S: typing.Final = 10.0
BEAT_MS: typing.Final = 15_000
"""How often the host is asked to send something; after one and a half of it without a byte it counts as gone."""

_LIMITS: typing.Final = stomp.Limits(body=64 * 1024 * 1024)
_MOST_EVENTS: typing.Final = 10_000


class Event(typing.NamedTuple):
    """What a host told without having been asked."""

    method: str
    params: typing.Any


class Client:
    """One connection; made by `connect`. Any number of calls can wait at the same time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader = reader
        self._writer = writer
        self._host = host
        self._parser = stomp.Parser(_LIMITS)
        self._silence: float | None = None
        self._waiting: dict[str, asyncio.Future[typing.Any]] = {}
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(_MOST_EVENTS)
        self._reading: asyncio.Task[None] | None = None
        self._why_over: str = ""

    @classmethod
    async def connect(cls, host: str, port: int, context: ssl.SSLContext, *, beat_ms: int = BEAT_MS) -> typing.Self:
        """Connect, agree on heart-beats, and subscribe to answers and events, as an engine does.

        Raises:
            Temporary: nobody listens there, or not in time.
            Refused: it did not accept our certificate, we did not accept its own, or it does not speak STOMP 1.2.
        """
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(host, port, ssl=context, ssl_shutdown_timeout=2.0)
                client = cls(reader, writer, host)
                await client._greet(beat_ms)
                return client
        except TimeoutError:
            raise TimedOut(f"{host}, port {port}: no answer within {CONNECT_S:g} s") from None
        except ssl.SSLError as error:
            raise Refused(f"{host}, port {port}: no TLS", answer=_told(error)) from error
        except OSError as error:
            raise Temporary(f"{host}, port {port}: can't be reached", answer=str(error)) from error

    async def call(
        self, method: str, params: jsonrpc.Params | None = None, *, correlation: str = "", timeout: float | None = None
    ) -> typing.Any:
        """The result of a verb.

        Raises:
            RpcError: the host answered with an error.
            TimedOut: it has not answered within so many seconds.
            Temporary: the connection was lost.
        """
        self.raise_if_lost()
        id_ = str(uuid.uuid4())
        future = self._waiting[id_] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout):
                await self._request(jsonrpc.request(method, {} if params is None else params, id_), correlation)
                return await future
        except TimeoutError:
            raise TimedOut(f"{self._host}: {method}: no answer within {timeout:g} s") from None
        except OSError as error:
            raise Temporary(f"{self._host}: the connection was lost", answer=str(error)) from error
        finally:
            self._waiting.pop(id_, None)

    async def events(self) -> AsyncIterator[Event]:
        """Every event from the connection on, until the connection ends. For one reader."""
        while (event := await self._events.get()) is not None:
            yield event

    def raise_if_lost(self) -> None:
        """Tell why the connection has ended, if it has.

        Raises:
            Temporary: it was lost.
        """
        if self._why_over:
            raise self._lost()

    async def close(self) -> None:
        """Say goodbye and end the connection."""
        if not self._why_over:
            self._send("DISCONNECT", receipt=str(uuid.uuid4()))
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        self._end("closed")
        with contextlib.suppress(OSError, TimeoutError):  # it has gone first
            await self._writer.wait_closed()

    async def _greet(self, beat_ms: int) -> None:
        try:
            await self._begin(beat_ms)
        except BaseException:
            self._writer.transport.abort()
            raise

    async def _begin(self, beat_ms: int) -> None:
        beats = {"accept-version": "1.2", "host": self._host, "heart-beat": f"0,{beat_ms}"}
        self._writer.write(stomp.control("CONNECT", beats))
        connected = await self._first_frame()
        if connected.command != "CONNECTED":
            raise Refused(f"{self._host}: does not speak STOMP 1.2", answer=connected.body.decode(errors="replace"))
        every = heartbeat.agree(connected.headers.get("heart-beat")).expected_ms
        self._silence = every / 1000 * heartbeat.MARGIN if every else None
        self._send("SUBSCRIBE", destination=EVENTS, id=str(uuid.uuid4()), ack="auto")
        self._send("SUBSCRIBE", destination=RESPONSES, id=str(uuid.uuid4()), ack="auto")
        self._reading = asyncio.create_task(self._read())

    async def _first_frame(self) -> Frame:
        """What answers CONNECT. A client's certificate that is refused shows only here: with TLS 1.3 the server looks at it
        after the client is done.
        """
        while data := await self._reader.read(64 * 1024):
            for frame in _fed(self._parser, data, self._host):
                return frame
        raise Refused(f"{self._host}: closed the connection")

    async def _request(self, text: bytes, correlation: str) -> None:
        headers = {"destination": REQUESTS[0], "reply-to": RESPONSES, "content-length": str(len(text))}
        if correlation:
            headers["ovirtCorrelationId"] = correlation
        self._writer.write(stomp.encode(Frame("SEND", headers, text)))
        await self._writer.drain()

    def _send(self, command: str, **headers: str) -> None:
        self._writer.write(stomp.control(command, headers))

    async def _read(self) -> None:
        why = "the host closed the connection"
        try:
            for frame in _fed(self._parser, b"", self._host):
                self._take(frame)
            while data := await self._some():
                for frame in _fed(self._parser, data, self._host):
                    self._take(frame)
        except TimeoutError:
            why = f"nothing was heard for {self._silence:g} s"
        except (OSError, Refused, Malformed) as error:
            why = str(error)
        finally:
            self._end(why)

    async def _some(self) -> bytes:
        async with asyncio.timeout(self._silence):
            return await self._reader.read(64 * 1024)

    def _take(self, frame: Frame) -> None:
        if frame.command == "ERROR":
            raise Refused(f"{self._host}: {frame.body.decode(errors='replace')}")
        if frame.command != "MESSAGE":
            return
        value = json_text.read(frame.body, most_depth=None)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                self._take_one(one)

    def _take_one(self, value: dict[str, typing.Any]) -> None:
        if "method" in value:
            if self._events.full():
                self._events.get_nowait()  # nobody listens, or too slowly: the oldest one is lost
            self._events.put_nowait(Event(str(value["method"]), value.get("params")))
            return
        future = self._waiting.get(str(value.get("id")))
        if future is None or future.done():
            return  # of somebody else, or nobody waits any more
        if "error" in value:
            future.set_exception(jsonrpc.read_error(value["error"]))
        else:
            future.set_result(value.get("result"))

    def _end(self, why: str) -> None:
        if self._why_over:
            return
        self._why_over = why
        self._writer.close()
        if self._events.full():
            self._events.get_nowait()
        self._events.put_nowait(None)
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(self._lost())

    def _lost(self) -> Temporary:
        return Temporary(f"{self._host}: {self._why_over}")


def _fed(parser: stomp.Parser, data: bytes, host: str) -> typing.Iterator[Frame]:
    try:
        yield from parser.feed(data)
    except Malformed as malformed:
        raise Refused(f"{host}: does not speak STOMP", answer=str(malformed)) from malformed


def _told(error: ssl.SSLError) -> str:
    return getattr(error, "verify_message", "") or error.reason or str(error)
