"""One connection to ovsdb-server: requests and their answers (JSON-RPC 1.0 as RFC 7047 uses it), with time limits.

The transport and the framing are those of the `ovs` package, imported on first use. What its replica of a whole database
(`ovs.db.idl`) would add is not needed here: a reading is one request, and what is written is worked out from a reading.
"""

import errno
import os
import typing

from linkhold.foundation.failures import Failure, NotPermitted, Refused, Temporary, TimedOut

if typing.TYPE_CHECKING:
    from ovs.jsonrpc import Connection, Message

    from linkhold.providers.ovsdb.notation import Row

DATABASE: typing.Final = "Open_vSwitch"
LIMIT_S: typing.Final = 5.0
"""How long the server may take to answer; a local one takes milliseconds."""


class Lost(Temporary):
    """The server went away, or is not there; it may be starting again."""


class Answers(typing.Protocol):
    """Who carries out transactions: the server, or where none runs the file it will read (`offline.File`)."""

    def transact(self, operations: "list[Row]", limit: float = LIMIT_S) -> "list[typing.Any]":
        """The results of one transaction, one for each operation; see `Database.transact`."""


class Database:
    """The server behind one socket; connects on first use, and again after the connection was lost."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._connection: Connection | None = None

    def transact(self, operations: "list[Row]", limit: float = LIMIT_S) -> "list[typing.Any]":
        """Carry out all operations or none; what each of them answers.

        Raises:
            Lost: the server is not there, or went away before it answered: then it is not known whether it did them.
            TimedOut: it did not answer within `limit` seconds, or an operation ``wait`` ran out of time.
            NotDone: it said no.
        """
        results = self.call("transact", [DATABASE, *operations], limit)
        refusal = refusal_in(results, len(operations))
        if refusal is not None:
            raise refusal
        return list(results)

    def call(self, method: str, parameters: list[typing.Any], limit: float = LIMIT_S) -> typing.Any:
        """The result of one request.

        Raises:
            Lost, TimedOut, Refused: as for `transact`.
        """
        from ovs.jsonrpc import Message

        request = Message.create_request(method, parameters)
        connection = self.connected()
        self._checked(connection.send(request))
        while True:
            message = self._receive(limit)
            if message.type in (Message.T_REPLY, Message.T_ERROR) and message.id == request.id:
                if message.type == Message.T_ERROR:
                    raise Refused("Open vSwitch's database did not understand", answer=str(message.error))
                return message.result
            self._answer(message)

    def connected(self) -> "Connection":
        """The connection.

        Raises:
            Lost: nobody listens.
            NotPermitted: we may not talk to whoever does.
        """
        if self._connection is None:
            from ovs.stream import Stream

            from linkhold.providers.ovsdb.framing import QuickConnection

            error, stream = Stream.open_block(Stream.open(f"unix:{self.path}"), timeout=int(LIMIT_S * 1000))
            if error in (errno.EACCES, errno.EPERM):
                raise NotPermitted(f"no access to Open vSwitch's database ({self.path})", answer=os.strerror(error))
            if error:
                raise Lost(f"Open vSwitch's database does not answer ({self.path})", answer=_words(error))
            self._connection = QuickConnection(stream)
        return self._connection

    def fileno(self) -> int:
        """The socket's descriptor: readable when the server says something."""
        return int(self.connected().stream.socket.fileno())

    def heard(self) -> "list[Message]":
        """What the server said by itself since it was last asked; never waits.

        Raises:
            Lost: it went away.
        """
        messages = []
        while (message := self._received()) is not None:
            if not self._answer(message):
                messages.append(message)
        return messages

    def close(self) -> None:
        """Close the connection; the next request opens one again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _receive(self, limit: float) -> "Message":
        from ovs.poller import Poller
        from ovs.timeval import msec

        until = msec() + int(limit * 1000)
        while (message := self._received()) is None:
            if msec() >= until:
                self.close()  # an answer that comes late must not be taken for that to another question
                raise TimedOut(f"Open vSwitch's database did not answer within {limit:g} seconds")
            connection, poller = self.connected(), Poller()
            connection.run()
            connection.wait(poller)
            connection.recv_wait(poller)
            poller.timer_wait_until(until)
            poller.block()
        return message

    def _received(self) -> "Message | None":
        error, message = self.connected().recv()
        if error == errno.EAGAIN:
            return None
        self._checked(error)
        return message

    def _answer(self, message: "Message") -> bool:
        """Say that we are alive where that is asked (RFC 7047, 4.1.11); whether it was."""
        from ovs.jsonrpc import Message as Kind

        if message.type != Kind.T_REQUEST or message.method != "echo":
            return False
        self._checked(self.connected().send(Kind.create_reply(message.params, message.id)))
        return True

    def _checked(self, error: int) -> None:
        if error:
            self.close()
            raise Lost(f"Open vSwitch's database went away ({self.path})", answer=_words(error))


def _words(error: int) -> str:
    return os.strerror(error) if error > 0 else "end of file"


class NotDone(Refused):
    """A transaction was refused, because of the operation at `position`."""

    def __init__(self, answer: str, position: int) -> None:
        super().__init__("Open vSwitch's database refused", answer=answer)
        self.position = position


def refusal_in(results: typing.Sequence[typing.Any], operations: int) -> Failure | None:
    """The refusal among the results of a transaction: of an operation, or (one more result) of all of them together."""
    for position, result in enumerate(results):
        if isinstance(result, dict) and result.get("error"):
            return _refusal(result, min(position, operations - 1))
    return None


def _refusal(result: "Row", position: int) -> Failure:
    answer = ": ".join(str(result[key]) for key in ("error", "details") if result.get(key))
    if result["error"] == "timed out":
        return TimedOut("Open vSwitch did not do in time what its database says", answer=answer)
    return NotDone(answer, position)
