"""A connection of the `ovs` package that reads with the JSON parser of Python's standard library.

The package's own is written in Python too, where its C extension was not built (wheels have none): it takes half a second for
a database of a thousand ports, a hundred times as long. Imported only where a connection is made.
"""

import codecs
import errno
import json

from ovs.jsonrpc import EOF, Connection, Message
from ovs.stream import Stream

_CHUNK = 65536
_DECODER = json.JSONDecoder()


class QuickConnection(Connection):  # type: ignore[misc]
    """Nothing tells where a message ends but its last brace. All that the server has said ends with one: only then it is
    worth looking for messages, so that a long one is not begun again with each piece of it."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream)
        self._text = ""
        self._utf8 = codecs.getincrementaldecoder("utf-8")()

    def recv(self) -> "tuple[int, Message | None]":
        """A message, or the error (EAGAIN: there is none yet)."""
        while not self.status:
            message = self._first()
            if message is not None:
                return (0, message) if isinstance(message, Message) else self._failed(errno.EPROTO)
            error, data = self.stream.recv(_CHUNK)
            if error == errno.EAGAIN:
                return error, None
            if error or not data:
                return self._failed(error or EOF)
            self._text += self._utf8.decode(data)
        return self.status, None

    def _first(self) -> "Message | str | None":
        """The first message of the text, taken off it; a complaint about one that is none; None where none is whole."""
        if not self._text.endswith("}"):
            return None
        try:
            value, end = _DECODER.raw_decode(self._text)
        except json.JSONDecodeError:  # the brace was one inside of it
            return None
        self._text = self._text[end:].lstrip()
        found: Message | str = Message.from_json(value)
        return found

    def _failed(self, error: int) -> "tuple[int, None]":
        self.error(error)
        return error, None
