"""Frames of STOMP 1.2 (https://stomp.github.io/stomp-specification-1.2.html), in the dialect that vdsm and its clients speak.

A frame is ``COMMAND\\n``, lines ``key:value\\n``, an empty line, a body and a NUL. The body is as long as ``content-length``
says, without that it ends at the first NUL. Of a repeated header the first one counts. Lines may end with ``\\r\\n``; lone
line ends between frames are heart-beats. Escapes that STOMP does not define stay as they are, for some clients escape nothing.
"""

import re
import typing
from collections.abc import Iterator, Mapping

from linkhold.wire.json_text import Malformed

COMMANDS: typing.Final = ("CONNECT", "STOMP", "SUBSCRIBE", "UNSUBSCRIBE", "SEND", "DISCONNECT")
"""What a client may send; by these a connection is known to speak STOMP."""

HEARTBEAT: typing.Final = b"\n"

_ESCAPES: typing.Final = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", ":": "\\c"}
_ESCAPED: typing.Final = re.compile(r"[\\\n\r:]")
_MEANT: typing.Final = {escape: meant for meant, escape in _ESCAPES.items()}
_ESCAPE: typing.Final = re.compile(r"\\[\\nrc]")
_COMMAND: typing.Final = re.compile(rb"[A-Z]{1,32}")
_LINE_ENDS: typing.Final = re.compile(rb"(?:\r?\n)+")
_LENGTH: typing.Final = re.compile(r"[0-9]{1,10}")


class Frame(typing.NamedTuple):
    """One frame; `headers` are unescaped, `body` is as it came."""

    command: str
    headers: Mapping[str, str]
    body: bytes = b""


class Limits(typing.NamedTuple):
    """How much of one frame is kept, in bytes (`headers`: how many)."""

    line: int = 8 * 1024
    headers: int = 64
    body: int = 4 * 1024 * 1024


USUAL: typing.Final = Limits()


def encode(frame: Frame) -> bytes:
    """The bytes of a frame. A ``content-length`` is written where the headers have it: see `message` and `control`."""
    lines = [frame.command, *(f"{_escape(key)}:{_escape(value)}" for key, value in frame.headers.items()), "", ""]
    return "\n".join(lines).encode("utf-8") + frame.body + b"\0"


def control(command: str, headers: Mapping[str, str] | None = None, body: str = "") -> bytes:
    """A small frame without a length: clients want these in one piece, so send them in one."""
    return encode(Frame(command, headers or {}, body.encode("utf-8")))


def message(destination: str, subscription: str, body: bytes) -> bytes:
    """A MESSAGE with a JSON text."""
    headers = {
        "destination": destination,
        "content-type": "application/json",
        "subscription": subscription,
        "content-length": str(len(body)),
    }
    return encode(Frame("MESSAGE", headers, body))


def begins_a_frame(data: bytes) -> bool | None:
    """Whether a connection that begins with these bytes speaks STOMP; None: too few to tell."""
    possible = [command.encode() for command in COMMANDS if command.encode().startswith(data[: len(command)])]
    if not possible:
        return False
    return True if any(len(data) >= len(command) for command in possible) else None


class Parser:
    """Takes bytes as they come and gives whole frames. Holds at most one unfinished frame within the limits."""

    def __init__(self, limits: Limits = USUAL) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._looked = 0  # how much of the buffer's start is known to hold no end
        self._command = ""
        self._headers: dict[str, str] = {}
        self._lines = 0  # of headers, repeated ones too
        self._length: int | None = None
        self._in_body = False

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete now; the good ones before a bad one are given before it raises.

        Raises:
            Malformed: this is not STOMP, or more than the limits allow. What follows can't be understood any more.
        """
        self._buffer += data
        return self._frames()

    def _frames(self) -> Iterator[Frame]:
        while self._head():
            body = self._body()
            if body is None:
                return
            frame = Frame(self._command, self._headers, body)
            self._command, self._headers, self._lines, self._in_body = "", {}, 0, False
            yield frame

    def _head(self) -> bool:
        """Read what is there of command and headers; whether the body is next."""
        while not self._in_body:
            if not self._command and (ends := _LINE_ENDS.match(self._buffer)):
                del self._buffer[: ends.end()]
                self._looked = 0
            line = self._line()
            if line is None:
                return False
            if not self._command:
                self._command = _command(line)
            elif line:
                self._add_header(line)
            else:
                self._in_body, self._length = True, self._said_length()
        return True

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\n", self._looked)
        if (len(self._buffer) if end < 0 else end) > self._limits.line:
            raise Malformed(f"a line of more than {self._limits.line} bytes")
        if end < 0:
            self._looked = len(self._buffer)
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._looked = 0
        return line.removesuffix(b"\r")

    def _add_header(self, line: bytes) -> None:
        try:
            key, colon, value = line.decode("utf-8").partition(":")
        except UnicodeDecodeError:
            raise Malformed("a header that is not UTF-8") from None
        if not colon or not key:
            raise Malformed("a header without a name")
        self._lines += 1
        if self._lines > self._limits.headers:
            raise Malformed(f"more than {self._limits.headers} headers")
        self._headers.setdefault(_unescape(key), _unescape(value))

    def _said_length(self) -> int | None:
        said = self._headers.get("content-length")
        if said is None:
            return None
        if not _LENGTH.fullmatch(said.strip()):
            raise Malformed("a content-length that is no number")
        length = int(said)
        if length > self._limits.body:
            raise Malformed(f"a body of {length} bytes; {self._limits.body} are allowed")
        return length

    def _body(self) -> bytes | None:
        if self._length is None:
            return self._body_up_to_nul()
        if len(self._buffer) <= self._length:
            return None
        if self._buffer[self._length] != 0:
            raise Malformed("a body that is longer than its content-length")
        return self._take(self._length)

    def _body_up_to_nul(self) -> bytes | None:
        end = self._buffer.find(b"\0", self._looked)
        if (len(self._buffer) if end < 0 else end) > self._limits.body:
            raise Malformed(f"a body of more than {self._limits.body} bytes")
        if end < 0:
            self._looked = len(self._buffer)
            return None
        return self._take(end)

    def _take(self, length: int) -> bytes:
        """The body, of this length; it and its NUL leave the buffer."""
        body = bytes(self._buffer[:length])
        del self._buffer[: length + 1]
        self._looked = 0
        return body


def _command(line: bytes) -> str:
    if not _COMMAND.fullmatch(line):
        raise Malformed("no STOMP command")
    return line.decode("ascii")


def _escape(text: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: _MEANT[found[0]], text) if "\\" in text else text
