"""Metrics over HTTP, for a Prometheus on this host: one page, loopback addresses only."""

import asyncio
import contextlib
import ipaddress
import typing

from linkhold.foundation.failures import Permanent

if typing.TYPE_CHECKING:
    from linkhold.agent.metrics import Metrics

SECONDS: typing.Final = 5.0
"""How long a client may take for its request and for reading the answer."""

LONGEST: typing.Final = 8 * 1024


def place(text: str) -> tuple[str, int]:
    """``127.0.0.1:9547`` or ``[::1]:9547`` as address and port.

    Raises:
        Permanent: it is something else, or an address that others can reach.
    """
    address, _, port = text.rpartition(":")
    address = address.strip("[]")
    try:
        loopback = ipaddress.ip_address(address).is_loopback
        number = int(port)
    except ValueError as error:
        raise Permanent(f"metrics = '{text}': write an address of this host and a port, 127.0.0.1:9547") from error
    if not loopback:
        raise Permanent(f"metrics = '{text}': only addresses of the loopback interface, 127.0.0.1 or [::1]")
    return address, number


async def serve(metrics: "Metrics", address: str, port: int) -> asyncio.Server:
    """Answer ``GET /metrics`` there, until the server that is returned is closed.

    Raises:
        Permanent: the address can't be used.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                writer.write(_response(await _path(reader), metrics))
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked went away, or speaks something else
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    try:
        return await asyncio.start_server(answer, address, port, limit=LONGEST)
    except OSError as error:
        raise Permanent(f"metrics can't be offered at {address} port {port}: {error.strerror}") from error


async def _path(reader: asyncio.StreamReader) -> str:
    head = await reader.readuntil(b"\r\n\r\n")
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    return words[1] if len(words) == 3 and words[0] in ("GET", "HEAD") else ""


def _response(path: str, metrics: "Metrics") -> bytes:
    from linkhold.agent.metrics import CONTENT_TYPE

    if path.partition("?")[0] == "/metrics":
        status, kind, body = "200 OK", CONTENT_TYPE, metrics.text().encode()
    else:
        status, kind, body = (
            "404 Not Found",
            "text/plain; charset=utf-8",
            b"There is /metrics here, and nothing else.\n",
        )
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode("ascii") + body
