"""The agent's side of the unix socket: many requests at once over one connection, made again when it was lost; and events."""

import asyncio
import itertools
import logging
import typing
from collections.abc import Callable

from linkhold.foundation.failures import NotPermitted, Temporary, TimedOut
from linkhold.wire import frames, jsonrpc
from linkhold.wire.call import RpcError
from linkhold.wire.json_text import Malformed

_logger: typing.Final = logging.getLogger(__name__)

_LONGEST_PAUSE_S: typing.Final = 5.0

Heard = Callable[[str, dict[str, typing.Any]], None]
"""Takes an event: its name and its params."""


class LocalClient:
    """Speaks with who listens at `path`. Connects when first asked, and again when the connection is gone."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._ids = itertools.count(1)
        self._line: _Line | None = None
        self._connecting = asyncio.Lock()

    async def call(
        self, verb: str, params: dict[str, typing.Any] | None = None, request: str = "", timeout: float | None = None
    ) -> typing.Any:
        """Ask, and wait for the answer; with a `timeout` so many seconds.

        Raises:
            RpcError: the answer is an error.
            TimedOut: there is none yet. What was asked may still be carried out.
            Temporary: nobody listens, or the connection was lost before the answer came.
            NotPermitted: we may not ask.
            ValueError: the request is too long for a frame.
        """
        line = await self._connected()
        try:
            async with asyncio.timeout(timeout):
                return await line.ask(next(self._ids), verb, params or {}, request)
        except TimeoutError:
            raise TimedOut(f"{verb}: no answer within {timeout:g} s") from None

    async def follow(self, heard: Heard, connected: Callable[[], None] | None = None) -> typing.NoReturn:
        """Subscribe on a connection of its own and hand on each event; runs until it is cancelled.

        When the connection is lost it is made again; `connected` is called whenever events begin to come: whatever happened
        before was missed. Why there is none is logged once.
        """
        pause, told = 0.1, ""
        while True:
            try:
                line = await _Line.open(self._path, heard)
                try:
                    await line.ask(next(self._ids), "subscribe", {}, "")
                    pause, told = 0.1, ""
                    if connected:
                        connected()
                    await line.over()
                finally:
                    line.close()
            except (Temporary, NotPermitted, RpcError) as reason:  # tried again below, for ever
                if str(reason) != told:
                    _logger.warning("no events: %s", reason)
                told = str(reason)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def close(self) -> None:
        """End the connection; requests that wait for an answer fail."""
        if self._line is not None:
            self._line.close()
            await self._line.over()
            self._line = None

    async def _connected(self) -> "_Line":
        async with self._connecting:
            if self._line is None or self._line.is_over:
                self._line = await _Line.open(self._path)
            return self._line


class _Line:
    """One connection, and who waits for what on it."""

    def __init__(self, path: str, writer: asyncio.StreamWriter, heard: Heard | None) -> None:
        self._path = path
        self._writer = writer
        self._heard = heard
        self._waiting: dict[int, asyncio.Future[typing.Any]] = {}
        self._reading: asyncio.Task[None] | None = None
        self.is_over = False

    @classmethod
    async def open(cls, path: str, heard: Heard | None = None) -> typing.Self:
        """Connect.

        Raises:
            Temporary: nobody listens there.
            NotPermitted: we may not.
        """
        try:
            reader, writer = await asyncio.open_unix_connection(path)
        except PermissionError as error:
            raise NotPermitted(f"{path}: may not be spoken to", answer=str(error)) from error
        except OSError as error:
            raise Temporary(f"{path}: nobody listens", answer=str(error)) from error
        line = cls(path, writer, heard)
        line._reading = asyncio.create_task(line._read(reader))
        return line

    async def ask(self, id_: int, verb: str, params: dict[str, typing.Any], request: str) -> typing.Any:
        """The result."""
        frame = frames.encode({"id": id_, "verb": verb, "params": params, "request": request})
        if self.is_over:
            raise self._lost()
        future = self._waiting[id_] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(frame)
            return await future
        finally:
            self._waiting.pop(id_, None)

    async def over(self) -> None:
        """Wait until the connection has ended. A bug of who hears the events is raised here."""
        assert self._reading is not None  # open() begins it
        await asyncio.wait([self._reading])
        if not self._reading.cancelled():
            self._reading.result()

    def close(self) -> None:
        """End the connection."""
        if self._reading is not None:
            self._reading.cancel()
        self._end()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        decoder = frames.Decoder()
        try:
            while data := await reader.read(64 * 1024):
                for value in decoder.feed(data):
                    self._take(value)
        except (ConnectionError, Malformed):
            pass  # over, which those who wait are told
        finally:
            self._end()

    def _take(self, value: dict[str, typing.Any]) -> None:
        if "event" in value:
            if self._heard:
                self._heard(value["event"], value.get("params", {}))
            return
        future = self._waiting.get(value.get("id", 0))
        if future is None or future.done():
            return  # who asked does not wait any more
        if "error" in value:
            future.set_exception(jsonrpc.read_error(value["error"]))
        else:
            future.set_result(value.get("result"))

    def _end(self) -> None:
        self.is_over = True
        self._writer.close()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(self._lost())

    def _lost(self) -> Temporary:
        return Temporary(f"{self._path}: the connection was lost before the answer came")
