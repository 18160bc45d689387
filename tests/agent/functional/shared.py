"""One host of its own for all tests of a module: both processes run there, five cards have their cables plugged in.

As tests/lab/alone.py, but it stays, and tests look into it from outside: starting two processes for each of some hundred
tests takes minutes in a guest. `commands` on it are carried out by its first process: ``host.do("agent", "kill")``.
"""

import collections.abc
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import traceback
import typing

from linkhold.wire import tls
from tests.agent.pair import Pair
from tests.lab import alone, namespaces
from tests.services.rigs.networkmanager import NetworkManager
from tests.services.rigs.openvswitch import OpenVSwitch

CARDS = ("eth1", "eth2", "eth3", "eth4", "eth5")
SETTINGS = 'fake_cards = ["eth*"]\n'


class SharedHost:
    """It; `services` are what runs beside the two processes: openvswitch, networkmanager."""

    def __init__(self, *services: str) -> None:
        self.services = services
        self._child = 0
        self._commands, self._answers = -1, -1

    def start(self) -> typing.Self:
        """Make it: namespaces, cards, services, both processes. AssertionError with what went wrong."""
        asked, self._commands = os.pipe()
        self._answers, answering = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            os.close(self._commands)
            os.close(self._answers)
            alone._end_with(lambda: self._outside(asked, answering))
        os.close(asked)
        os.close(answering)
        self.pid = int(self._answer())
        self.netns = namespaces.Namespace(os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC))
        self.root = pathlib.Path(f"/proc/{self.pid}/root")
        self.far = self.netns.another()
        for card in CARDS:
            self._plug_in(card)
        self.do("pair", "start")
        folder = self.root / "etc/linkhold-test"
        self.centre = tls.Files(
            *(str(folder / name) for name in ("authority.pem", "engine.example.crt", "engine.example.key"))
        )
        return self

    def _plug_in(self, card: str) -> None:
        mac = f"02:00:5e:00:00:0{card[-1]}"
        peer = ["peer", f"far{card[-1]}", "netns", self.far.path]
        self.netns.ip("link", "add", card, "address", mac, "type", "veth", *peer)
        self.netns.ip("link", "set", card, "up")
        self.far.ip("link", "set", f"far{card[-1]}", "up")

    def close(self) -> None:
        """Nothing of it stays."""
        os.kill(self._child, signal.SIGKILL)  # what is in there is told by the kernel
        os.waitpid(self._child, 0)
        os.close(self._commands)
        os.close(self._answers)
        self.netns.close()

    def do(self, what: str, how: str, *words: str) -> typing.Any:
        """Let its keeper call a method of ``pair``, ``agent``, ``executor`` or of a service; what that returned."""
        os.write(self._commands, json.dumps([what, how, *words]).encode() + b"\n")
        return json.loads(self._answer())

    def _answer(self) -> str:
        line = b""
        while not line.endswith(b"\n"):
            part = os.read(self._answers, 65536)
            assert part, "the host of the module has ended"
            line += part
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return json.dumps(answer["result"])

    def run(self, *words: str) -> str:
        """What a program prints that runs in there. AssertionError with what it complained of."""
        inside = ["nsenter", "--target", str(self.pid), "--mount", "--net", "--ipc", "--uts", "--pid", "--root", "--wd"]
        done = subprocess.run([*inside, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr or done.stdout}"
        return done.stdout

    def stored(self, name: str) -> dict[str, typing.Any]:
        """``running`` or ``safe``, as its file says."""
        path = self.root / f"var/lib/linkhold/networks/{name}.json"
        empty: dict[str, typing.Any] = {"networks": {}, "bonds": {}, "devices": {}}
        return json.loads(path.read_text())["configuration"] if path.exists() else empty

    def log(self, daemon: str) -> list[dict[str, typing.Any]]:
        """The lines that the agent or the executor has written."""
        text = (self.root / f"run/rigs/{daemon}.log").read_text()
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    # -- inside -------------------------------------------------------------------------------------------------------

    def _outside(self, asked: int, answering: int) -> int:
        alone._die_with_parent()
        flags = alone.CLONE_NEWPID | alone.CLONE_NEWUTS | alone.CLONE_NEWIPC
        namespaces.unshare(flags | namespaces.CLONE_NEWNS | namespaces.CLONE_NEWNET)
        ready, furnished = os.pipe()
        first = os.fork()
        if first == 0:
            alone._end_with(lambda: self._first(asked, answering, furnished))
        os.close(furnished)
        os.read(ready, 1)
        _tell(answering, {"result": first})
        os.close(answering)
        os.waitpid(first, 0)
        return 0

    def _first(self, asked: int, answering: int, furnished: int) -> int:
        alone._die_with_parent()
        alone.furnish()
        keeper = os.fork()
        if keeper == 0:
            alone._end_with(lambda: self._keep(asked, answering, furnished))
        os.close(furnished)
        os.close(answering)
        while os.wait()[0] != keeper:
            pass
        return 0

    def _keep(self, asked: int, answering: int, furnished: int) -> int:
        os.write(furnished, b".")
        known = _Known(self.services)
        with open(asked, encoding="utf-8") as lines:
            for line in lines:
                try:
                    _tell(answering, {"result": known.call(*json.loads(line))})
                except BaseException:
                    _tell(answering, {"error": traceback.format_exc()})
        return 0


class _Known:
    """What the keeper of a host can be told to call."""

    def __init__(self, services: collections.abc.Collection[str]) -> None:
        self.services = services
        self.things: dict[str, typing.Any] = {}

    def call(self, what: str, how: str, *words: str) -> typing.Any:
        if not self.things:
            self._begin()
        result = getattr(self.things[what], how)(*words)
        return result if isinstance(result, str | int | float | bool | list | dict) else None

    def _begin(self) -> None:
        if "openvswitch" in self.services:
            self.things["openvswitch"] = OpenVSwitch().start()
        if "networkmanager" in self.services:
            self.things["networkmanager"] = NetworkManager().start()
        own = namespaces.Namespace(os.open("/proc/self/ns/net", os.O_RDONLY))
        pair = Pair(SETTINGS, own, "auto" if self.services else "kernel")
        self.things |= {"pair": pair, "agent": pair.agent, "executor": pair.executor, "authority": pair.authority}


def _tell(descriptor: int, answer: typing.Any) -> None:
    os.write(descriptor, json.dumps(answer).encode() + b"\n")


@contextlib.contextmanager
def running(*services: str) -> collections.abc.Iterator[SharedHost]:
    """Such a host for the length of a with block."""
    host = SharedHost(*services)
    try:
        yield host.start()
    finally:
        host.close()
