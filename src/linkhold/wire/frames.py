"""The frames between agent and executor: four bytes of length, big-endian, and one JSON object in UTF-8."""

import struct
import typing
from collections.abc import Iterator

from linkhold.wire import json_text
from linkhold.wire.json_text import Malformed

MOST_BYTES: typing.Final = 16 * 1024 * 1024
"""Of one object. The snapshot of a host with thousands of interfaces stays far below."""

_HEAD: typing.Final = struct.Struct("!I")


def encode(value: dict[str, typing.Any]) -> bytes:
    """One frame.

    Raises:
        ValueError: it would be longer than `MOST_BYTES`, or JSON can't say it.
        TypeError: JSON can't say it.
    """
    text = json_text.write(value)
    if len(text) > MOST_BYTES:
        raise ValueError(f"a frame of {len(text)} bytes; {MOST_BYTES} are allowed")
    return _HEAD.pack(len(text)) + text


class Decoder:
    """Takes bytes as they come and gives whole objects; keeps at most one unfinished frame."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[dict[str, typing.Any]]:
        """The objects that are complete now. The good ones before a bad one are given before it raises.

        Raises:
            Malformed: a frame is too long or holds no JSON object. What follows it can't be found any more.
        """
        self._buffer += data
        return self._objects()

    def _objects(self) -> Iterator[dict[str, typing.Any]]:
        while len(self._buffer) >= _HEAD.size:
            (length,) = _HEAD.unpack_from(self._buffer)
            if length > self._most:
                raise Malformed(f"a frame of {length} bytes; {self._most} are allowed")
            end = _HEAD.size + length
            if len(self._buffer) < end:
                return
            text = bytes(self._buffer[_HEAD.size : end])
            del self._buffer[:end]
            value = json_text.read(text, most_depth=None)
            if not isinstance(value, dict):
                raise Malformed("a frame without a JSON object")
            yield value
