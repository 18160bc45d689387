"""JSON-RPC: what is asked for, and what is wrong with it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.wire import json_text, jsonrpc
from linkhold.wire.call import RpcError
from linkhold.wire.jsonrpc import Message, Request, Wrong


def text(*requests, **more):
    return json.dumps(list(requests) if requests else more).encode()


def asked(**more):
    return {"jsonrpc": "2.0", "method": "Host.ping2", **more}


@pytest.mark.parametrize(
    ("said", "request_"),
    [
        (asked(id="u-1", params={"a": 1}), Request("Host.ping2", {"a": 1}, "u-1")),
        (asked(id=7, params=[1, 2]), Request("Host.ping2", [1, 2], 7)),
        (asked(id=7.5), Request("Host.ping2", {}, 7.5)),
        (asked(id=""), Request("Host.ping2", {}, "")),
        (asked(id=0), Request("Host.ping2", {}, 0)),
        (asked(params=None), Request("Host.ping2", {}, None)),
        (asked(id=None), Request("Host.ping2", {}, None)),
    ],
)
def test_requests_and_notifications(said, request_):
    assert jsonrpc.read(text(**said)) == Message((request_,), listed=False)


def test_batches():
    one, two = asked(id=1), asked(id=2)
    assert jsonrpc.read(text(one)) == Message((Request("Host.ping2", {}, 1),), listed=False)
    assert [one.id for one in jsonrpc.read(text(one, two)).requests] == [1, 2]
    assert jsonrpc.read(text(one, two)).listed
    [first, second] = jsonrpc.read(text(one, 5)).requests
    assert isinstance(first, Request)
    assert isinstance(second, Wrong)


@pytest.mark.parametrize(
    ("said", "code", "id_"),
    [
        (b"{", -32700, None),
        (b"", -32700, None),
        (b"\xff", -32700, None),
        (b'{"a": NaN}', -32700, None),
        (b'{"a": 1e999}', -32700, None),
        (b'{"a": ' + b"9" * 5000 + b"}", -32700, None),
        (b"[" * 100_000, -32700, None),
        (b'{"a":' * 70 + b"1" + b"}" * 70, -32700, None),
        (b"5", -32600, None),
        (b"[]", -32600, None),
        (b"[[]]", -32600, None),
        (b'{"jsonrpc": "1.0", "method": "m", "id": 3}', -32600, 3),
        (b'{"method": "m", "id": 3}', -32600, 3),
        (b'{"jsonrpc": "2.0", "id": 3}', -32600, 3),
        (b'{"jsonrpc": "2.0", "method": 5, "id": 3}', -32600, 3),
        (b'{"jsonrpc": "2.0", "method": "", "id": 3}', -32600, 3),
        (b'{"jsonrpc": "2.0", "method": "m", "params": "x", "id": 3}', -32600, 3),
        (b'{"jsonrpc": "2.0", "method": "m", "id": {}}', -32600, None),
        (b'{"jsonrpc": "2.0", "method": "m", "id": true}', -32600, None),
        (b'{"jsonrpc": "2.0", "method": "m", "id": "' + b"x" * 1025 + b'"}', -32600, None),
        (json.dumps([asked()] * 65).encode(), -32600, None),
    ],
)
def test_what_is_wrong(said, code, id_):
    [wrong] = jsonrpc.read(said).requests
    assert isinstance(wrong, Wrong)
    assert (wrong.error.code, wrong.id) == (code, id_)


def test_answers():
    assert json_text.write(jsonrpc.success("u-1", None)) == b'{"jsonrpc":"2.0","id":"u-1","result":true}'
    assert jsonrpc.success(1, False)["result"] is False
    assert jsonrpc.failure(1, RpcError(21, "no")) == {
        "jsonrpc": "2.0",
        "id": 1,
        "error": {"code": 21, "message": "no"},
    }
    assert jsonrpc.failure(1, RpcError(21, "no", [1]))["error"] == {"code": 21, "message": "no", "data": [1]}


def test_what_is_asked_is_read_again():
    assert jsonrpc.read(jsonrpc.request("m", {"a": 1}, "x")) == Message((Request("m", {"a": 1}, "x"),))
    assert b'"id"' not in jsonrpc.request("m", [])


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ({"code": 21, "message": "no"}, 21, "no"),
        ({"code": "21"}, -32603, ""),
        ({}, -32603, ""),
        ("no", -32603, "an answer with an error that is no object"),
    ],
)
def test_errors_are_read_whatever_they_are(value, code, message):
    error = jsonrpc.read_error(value)
    assert (error.code, error.message) == (code, message)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
ODD = st.dictionaries(
    st.sampled_from(["jsonrpc", "method", "params", "id", "x"]), VALUES | st.just("2.0"), max_size=5
) | st.lists(VALUES, max_size=4)


@given(st.binary(max_size=60) | ODD.map(lambda value: json.dumps(value).encode()))
def test_nothing_breaks_the_reader(said):
    message = jsonrpc.read(said)
    assert message.requests
    for one in message.requests:
        json_text.write(jsonrpc.success(one.id, None))


@given(VALUES)
def test_json_is_read_as_written(value):
    assert json_text.read(json_text.write(value)) == value


@pytest.mark.parametrize(("depth", "good"), [(64, True), (65, False)])
def test_depth_is_bounded(depth, good):
    said = b"[" * depth + b"]" * depth
    if good:
        json_text.read(said)
    else:
        with pytest.raises(json_text.Malformed):
            json_text.read(said)
