"""JSON-RPC 2.0 (https://www.jsonrpc.org/specification) as vdsm speaks it: requests, notifications, batches, answers.

A batch of one is answered by a single object, a larger one by a list. An id of null makes a notification, as none does. A
result of None is told as ``true``.
"""

import typing

from linkhold.wire import json_text
from linkhold.wire.call import RpcError
from linkhold.wire.json_text import Malformed

PARSE_ERROR: typing.Final = -32700
INVALID_REQUEST: typing.Final = -32600
UNKNOWN_METHOD: typing.Final = -32601
INVALID_PARAMS: typing.Final = -32602
INTERNAL_ERROR: typing.Final = -32603

MOST_IN_BATCH: typing.Final = 64
_LONGEST_ID: typing.Final = 1024

Id = str | int | float | None
Params = dict[str, typing.Any] | list[typing.Any]


class Request(typing.NamedTuple):
    """A request, or without an id a notification, which is never answered."""

    method: str
    params: Params
    id: Id = None


class Wrong(typing.NamedTuple):
    """What stands where a request should: the error that answers it, and its id where it had a usable one."""

    error: RpcError
    id: Id = None


class Message(typing.NamedTuple):
    """What one text asks for. `listed`: the answer is a list, if there is one at all."""

    requests: tuple[Request | Wrong, ...]
    listed: bool = False


def read(text: bytes) -> Message:
    """What a text asks for. Never raises: what is wrong with it is in the message, to be answered."""
    try:
        value = json_text.read(text)
    except Malformed as malformed:
        return Message((Wrong(RpcError(PARSE_ERROR, f"Parse error: {malformed}")),))
    if not isinstance(value, list):
        return Message((_request(value),))
    if not value:
        return Message((_invalid("an empty batch"),))
    if len(value) > MOST_IN_BATCH:
        return Message((_invalid(f"a batch of more than {MOST_IN_BATCH} requests"),))
    return Message(tuple(map(_request, value)), listed=len(value) > 1)


def request(method: str, params: Params, id: Id = None) -> bytes:  # noqa: A002 (the protocol's own word)
    """The text of a request; of a notification without an id."""
    said: dict[str, object] = {"jsonrpc": "2.0", "method": method, "params": params}
    return json_text.write(said if id is None else {**said, "id": id})


def success(id: Id, result: object) -> dict[str, object]:  # noqa: A002
    """The answer to a request that was carried out."""
    return {"jsonrpc": "2.0", "id": id, "result": True if result is None else result}


def failure(id: Id, error: RpcError) -> dict[str, object]:  # noqa: A002
    """The answer to a request that was not."""
    return {"jsonrpc": "2.0", "id": id, "error": error_object(error)}


def error_object(error: RpcError) -> dict[str, object]:
    """``code``, ``message`` and, where there is any, ``data``."""
    told: dict[str, object] = {"code": error.code, "message": error.message}
    return told if error.data is None else {**told, "data": error.data}


def read_error(value: object) -> RpcError:
    """The error in an answer; one that is no error object is told as it can be."""
    if not isinstance(value, dict):
        return RpcError(INTERNAL_ERROR, "an answer with an error that is no object")
    code, message = value.get("code"), value.get("message")
    if not isinstance(code, int) or isinstance(code, bool):
        code = INTERNAL_ERROR
    return RpcError(code, str(message or ""), value.get("data"))


def _request(value: object) -> Request | Wrong:
    if not isinstance(value, dict):
        return _invalid("not an object")
    id_ = value.get("id")
    if not _is_id(id_):
        return _invalid("id: neither a text nor a number")
    if value.get("jsonrpc") != "2.0":
        return _invalid("jsonrpc: not 2.0", id_)
    method, params = value.get("method"), value.get("params")
    if not isinstance(method, str) or not method:
        return _invalid("method: not the name of a verb", id_)
    if params is None:
        params = {}
    if not isinstance(params, dict | list):
        return _invalid("params: neither an object nor an array", id_)
    return Request(method, params, id_)


def _is_id(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_ID
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _invalid(why: str, id_: Id = None) -> Wrong:
    return Wrong(RpcError(INVALID_REQUEST, f"Invalid request: {why}"), id_)
