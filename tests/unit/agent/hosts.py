"""A host for verbs under test: an executor that answers as told, an empty machine, a clock that stands still."""

import json
import pathlib
import typing

from linkhold.agent import service
from linkhold.agent.dispatch import Dispatcher
from linkhold.agent.host import Host
from linkhold.agent.settings import Settings
from linkhold.agent.verbs import ALL
from linkhold.foundation.failures import Temporary
from linkhold.foundation.logs import Log
from linkhold.wire.call import Call, Peer, RpcError

ENGINE = Peer("engine.example", "f" * 64, "192.0.2.1", "192.0.2.7")

STATE: dict[str, typing.Any] = {
    "interfaces": [
        {
            "name": "eth0",
            "type": "ethernet",
            "state": "up",
            "mac-address": "52:54:00:00:00:01",
            "mtu": 1500,
            "controller": "red",
        },
        {
            "name": "red",
            "type": "linux-bridge",
            "state": "up",
            "mac-address": "52:54:00:00:00:01",
            "mtu": 1500,
            "ipv4": {"enabled": True, "dhcp": False, "address": [{"ip": "192.0.2.7", "prefix-length": 24}]},
            "bridge": {"options": {"stp": {"enabled": False}}, "port": [{"name": "eth0"}]},
        },
    ]
}
RUNNING = {"networks": {"red": {"nic": "eth0", "ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}}}


def snapshot(generation: int = 1, **more: typing.Any) -> dict[str, typing.Any]:
    """What the executor's verb of that name answers."""
    whole = {"state": STATE, "facts": {}, "running": RUNNING, "safe": RUNNING, "dirty": False, "waits": None}
    return {"generation": generation, **whole, **more}


class FakeExecutor:
    """Answers by a table: a value, an exception, or a function of the params. `asked` collects (verb, params, request)."""

    def __init__(self) -> None:
        self.answers: dict[str, typing.Any] = {"snapshot": snapshot()}
        self.asked: list[tuple[str, dict[str, typing.Any], str]] = []
        self.there = True

    async def call(
        self, verb: str, params: dict[str, typing.Any] | None = None, request: str = "", timeout: float | None = None
    ) -> typing.Any:
        self.asked.append((verb, params or {}, request))
        if not self.there:
            raise Temporary("/run/linkhold/executor.sock: nobody listens")
        answer = self.answers[verb]
        if callable(answer):
            answer = answer(params)
        if hasattr(answer, "__await__"):
            answer = await answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def params(self, verb: str) -> list[dict[str, typing.Any]]:
        return [params for name, params, _ in self.asked if name == verb]


class Clock:
    """Stands still."""

    def __init__(self, at: float = 1000.0) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


class Desk:
    """A whole agent without a network: `ask` is a call of the engine's."""

    def __init__(self, folder: pathlib.Path | None = None, **said: typing.Any) -> None:
        self.executor, self.clock = FakeExecutor(), Clock()
        self.lines: list[dict[str, typing.Any]] = []
        log = Log("agent", write=lambda line: self.lines.append(json.loads(line)), journal=False)
        hooks = (f"{folder}/{{point}}.d",) if folder else ()
        self.host: Host = service.compose(Settings(hooks=hooks, **said), log, self.executor, self.clock)
        self._answer = Dispatcher(self.host, ALL)

    async def ask(self, verb: str, params: typing.Any = None, *, peer: Peer = ENGINE, flow: str = "") -> typing.Any:
        return await self._answer(Call(verb, params if params is not None else {}, peer, flow))

    async def refused(self, verb: str, params: typing.Any = None, *, peer: Peer = ENGINE) -> RpcError:
        try:
            answer = await self.ask(verb, params, peer=peer)
        except RpcError as error:
            return error
        raise AssertionError(f"{verb} was answered: {answer}")
