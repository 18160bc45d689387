"""The connection, against a server that answers as it was told to."""

import json
import pathlib
import socket
import threading
import typing

import pytest

from linkhold.foundation.failures import Refused, TimedOut
from linkhold.providers.ovsdb.connection import Database, Lost, NotDone
from linkhold.providers.ovsdb.presence import listens

Talk = typing.Callable[[socket.socket], None]


@pytest.fixture
def served(tmp_path: pathlib.Path) -> typing.Iterator[typing.Callable[..., Database]]:
    """Starts a server: each connection is given to the next of some functions."""
    path = str(tmp_path / "db.sock")
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(path)
    listening.listen()
    databases = [Database(path)]

    def serve(*talks: Talk) -> Database:
        def run() -> None:
            for talk in talks:
                with listening.accept()[0] as connection:
                    talk(connection)

        threading.Thread(target=run, daemon=True).start()
        return databases[0]

    yield serve
    databases[0].close()
    listening.close()


def heard(connection: socket.socket) -> dict[str, typing.Any]:
    """The next message, which comes alone."""
    text = ""
    while True:
        text += connection.recv(65536).decode()
        try:
            return typing.cast("dict[str, typing.Any]", json.loads(text))
        except json.JSONDecodeError:
            continue


def reply(request: dict[str, typing.Any], result: typing.Any) -> bytes:
    """The answer to a request."""
    return json.dumps({"id": request["id"], "result": result, "error": None}, ensure_ascii=False).encode()


def test_messages_are_found_however_they_are_cut(served: typing.Callable[..., Database]) -> None:
    """In pieces of one byte (also of one letter), two at once, with braces in texts, with a question in between."""

    def talk(connection: socket.socket) -> None:
        request = heard(connection)
        for byte in reply(request, [{"rows": [{"name": '}{é"}'}]}]):
            connection.sendall(bytes([byte]))
        request = heard(connection)
        update = json.dumps({"id": None, "method": "update", "params": [None, {}]}).encode()
        connection.sendall(b'{"id":"echo","method":"echo","params":["x"]}' + update + reply(request, [{"count": 1}]))
        assert heard(connection) == {"id": "echo", "result": ["x"], "error": None}
        connection.sendall(reply(heard(connection), []))

    database = served(talk)
    assert database.transact([{"op": "select"}]) == [{"rows": [{"name": '}{é"}'}]}]
    assert database.transact([{"op": "update"}]) == [{"count": 1}]
    assert database.transact([]) == []


def test_a_refusal_says_which_operation(served: typing.Callable[..., Database]) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(reply(heard(connection), [{}, {"error": "constraint violation", "details": "why"}, None]))
        connection.sendall(reply(heard(connection), [{}, {}, {"error": "referential integrity violation"}]))
        connection.sendall(reply(heard(connection), [{"error": "timed out"}]))
        request = heard(connection)
        connection.sendall(json.dumps({"id": request["id"], "result": None, "error": "unknown method"}).encode())
        heard(connection)

    database = served(talk)
    with pytest.raises(NotDone) as refused:
        database.transact([{}, {}, {}])
    assert (refused.value.position, refused.value.answer) == (1, "constraint violation: why")
    with pytest.raises(NotDone) as refused:
        database.transact([{}, {}])
    assert refused.value.position == 1
    with pytest.raises(TimedOut):
        database.transact([{}])
    with pytest.raises(Refused, match="did not understand"):
        database.call("dance", [])


def test_silence_has_an_end_and_a_late_answer_is_not_taken_for_another(served: typing.Callable[..., Database]) -> None:
    late = threading.Event()

    def silent(connection: socket.socket) -> None:
        request = heard(connection)
        late.wait(5)
        try:
            connection.sendall(reply(request, ["late"]))
        except OSError:
            return

    def talk(connection: socket.socket) -> None:
        connection.sendall(reply(heard(connection), ["new"]))
        heard(connection)

    database = served(silent, talk)
    with pytest.raises(TimedOut):
        database.transact([{}], limit=0.1)
    late.set()
    assert database.transact([{}]) == ["new"]


def test_a_server_that_goes_away_is_lost_and_found_again(served: typing.Callable[..., Database]) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(reply(heard(connection), ["again"]))
        heard(connection)

    database = served(lambda connection: typing.cast("None", heard(connection)), talk)
    with pytest.raises(Lost):
        database.transact([{}])
    assert database.transact([{}]) == ["again"]


def test_a_socket_that_was_left_behind_is_nobody(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "db.sock")
    assert not listens(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(path)
        assert not listens(path)
        left.listen()
        assert listens(path)
    assert not listens(path)
    with pytest.raises(Lost):
        Database(path).transact([{}])
