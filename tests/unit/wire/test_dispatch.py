"""From the text of a message to the text of its answer."""

import asyncio
import json

import pytest

from linkhold.wire.call import Call, Peer, RpcError
from linkhold.wire.dispatch import Bounds, Dispatcher

PEER = Peer("centre", "ab", "192.0.2.1", "192.0.2.2")
OTHER = PEER._replace(fingerprint="cd")


def asked(method, id_=None, **more):
    return {"jsonrpc": "2.0", "method": method, **({} if id_ is None else {"id": id_}), **more}


class Scene:
    """A handler whose calls end when the test says so, and a clock that the test moves."""

    def __init__(self, bounds=None):
        self.now = 0.0
        self.calls = []
        self.open = asyncio.Event()
        self.dispatcher = Dispatcher(self.handle, lambda: self.now, bounds or Bounds())

    async def handle(self, call):
        self.calls.append(call)
        if call.method == "wait":
            await self.open.wait()
        if call.method == "refuse":
            raise RpcError(24, "used", {"nic": "eth0"})
        if call.method == "break":
            raise KeyError("x")
        if call.method == "odd":
            return object()
        if call.method == "odd error":
            raise RpcError(1, "odd", object())
        return call.params or None

    async def answer(self, *requests, peer=PEER, text=None):
        said = text or json.dumps(requests[0] if len(requests) == 1 else list(requests)).encode()
        answer = await self.dispatcher.answer(said, peer, "flow")
        return None if answer is None else json.loads(answer)


def test_a_call_says_all_that_is_known():
    async def scene():
        one = Scene()
        assert await one.answer(asked("m", "u-1", params=[3])) == {"jsonrpc": "2.0", "id": "u-1", "result": [3]}
        assert one.calls == [Call("m", [3], PEER, "flow")]

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("method", "code", "message"),
    [
        ("refuse", 24, "used"),
        ("break", -32603, "Internal JSON-RPC error: {'reason': \"'x'\"}"),
        ("odd", -32603, "Internal JSON-RPC error: {'reason': 'Object of type object is not JSON serializable'}"),
        ("odd error", -32603, "Internal JSON-RPC error: {'reason': 'Object of type object is not JSON serializable'}"),
    ],
)
def test_errors(method, code, message):
    async def scene():
        error = (await Scene().answer(asked(method, 1)))["error"]
        assert (error["code"], error["message"]) == (code, message)

    asyncio.run(scene())


def test_a_bug_keeps_its_traceback(caplog):
    asyncio.run(Scene().answer(asked("break", 1)))
    [record] = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[0] is KeyError


def test_notifications_are_carried_out_and_never_answered():
    async def scene():
        one = Scene()
        assert await one.answer(asked("m")) is None
        assert await one.answer(asked("break")) is None
        assert await one.answer(asked("m"), asked("m")) is None
        assert [call.method for call in one.calls] == ["m", "break", "m", "m"]

    asyncio.run(scene())


def test_batches():
    async def scene():
        one = Scene()
        single = await one.answer(text=json.dumps([asked("m", 1)]).encode())
        assert single == {"jsonrpc": "2.0", "id": 1, "result": True}
        answers = await one.answer(asked("m", 1), asked("refuse", 2), asked("m"), 5)
        assert [(answer["id"], "error" in answer) for answer in answers] == [(1, False), (2, True), (None, True)]
        assert isinstance(await one.answer(asked("m"), asked("m", 7)), list)

    asyncio.run(scene())


def test_calls_are_carried_out_at_the_same_time():
    async def scene():
        one = Scene()
        waiting = asyncio.create_task(one.answer(asked("wait", 1)))
        await asyncio.sleep(0)
        assert (await one.answer(asked("m", 2)))["result"] is True
        assert not waiting.done()
        one.open.set()
        assert (await waiting)["id"] == 1

    asyncio.run(scene())


def test_too_many_calls_of_one_peer_leave_room_for_another():
    async def scene():
        one = Scene(Bounds(calls=3, of_one_peer=2))
        waiting = [asyncio.create_task(one.answer(asked("wait", number))) for number in range(2)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        refused = await one.answer(asked("m", 9))
        assert (refused["id"], refused["error"]["code"]) == (9, 1100)
        assert (await one.answer(asked("m", 9), peer=OTHER))["result"] is True
        waiting.append(asyncio.create_task(one.answer(asked("wait", 3), peer=OTHER)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert one.dispatcher.running == 3
        assert (await one.answer(asked("m", 9), peer=OTHER))["error"]["code"] == 1100
        one.open.set()
        assert [answer["result"] for answer in await asyncio.gather(*waiting)] == [True] * 3
        assert one.dispatcher.running == 0
        assert (await one.answer(asked("m", 9)))["result"] is True

    asyncio.run(scene())


@pytest.mark.parametrize(("seconds", "logged"), [(1.0, False), (1.5, True)])
def test_slow_calls_are_logged(caplog, seconds, logged):
    caplog.set_level("INFO")

    async def scene():
        one = Scene()
        waiting = asyncio.create_task(one.answer(asked("wait", 1)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        one.now += seconds
        one.open.set()
        await waiting

    asyncio.run(scene())
    slow = [record.getMessage() for record in caplog.records if "slow call" in record.getMessage()]
    assert slow == (["slow call: wait of centre took 1.50 s"] if logged else [])
