"""The executor as a process of its own, in the namespace of the test, and an asker on its socket."""

import asyncio
import collections.abc
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import typing

from linkhold.wire.call import RpcError
from linkhold.wire.local_client import LocalClient

Plain = dict[str, typing.Any]

PATIENCE = 30.0
"""Seconds that a test waits for what takes a fraction of one."""


def boot_seconds() -> float:
    """CLOCK_BOOTTIME, by which it is told when somebody was heard."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Executor:
    """Runs it; `state` is its state directory, which outlives the process. `agent` is a user id that may ask, too."""

    def __init__(self, folder: pathlib.Path, agent: int = -1) -> None:
        (folder / "root/etc").mkdir(parents=True, exist_ok=True)
        self.state = folder / "state"
        self._open = tempfile.mkdtemp(
            prefix="executor-"
        )  # where any user can get to: pytest's own folder is ours alone
        os.chmod(self._open, 0o755)
        self.socket = os.path.join(self._open, "socket")
        self.log = folder / "log"
        self.environment = {
            **os.environ,
            "LINKHOLD_STATE_DIR": str(self.state),
            "LINKHOLD_ROOT": str(folder / "root"),
            "LINKHOLD_EXECUTOR_SOCKET": self.socket,
            "LINKHOLD_AGENT_USER": str(agent) if agent >= 0 else "",
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "linkhold.executor"]

    def start(self) -> None:
        """Start it; it listens when this returns."""
        begun = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stderr=log)
        until = time.monotonic() + PATIENCE
        while b'"event": "ready"' not in self.log.read_bytes()[begun:]:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.02)

    def lines(self) -> list[Plain]:
        """All that was logged."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def kill(self) -> None:
        """SIGKILL, as the kernel does when memory is short."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """Whatever has happened to it."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self._open)

    def history(self) -> list[str]:
        """How the transactions ended, oldest first."""
        folder = self.state / "history"
        return [path.name.split(".")[1] for path in sorted(folder.iterdir())] if folder.is_dir() else []

    def pending(self) -> list[pathlib.Path]:
        """The journals of transactions that are not over."""
        folder = self.state / "pending"
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def cli(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """The command line on the same host."""
        return subprocess.run(
            [sys.executable, "-m", "linkhold", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


class Asker:
    """Asks on a socket, as the agent does."""

    def __init__(self, socket: str) -> None:
        self.client = LocalClient(socket)

    async def __call__(self, verb: str, request: str = "r1", **params: typing.Any) -> typing.Any:
        return await self.client.call(verb, params, request=request, timeout=PATIENCE)

    async def error(self, verb: str, request: str = "r1", **params: typing.Any) -> RpcError:
        """The error that a verb is answered by."""
        try:
            result = await self(verb, request, **params)
        except RpcError as error:
            return error
        raise AssertionError(f"{verb} was answered by {result}")

    async def heard(self, requester: str = "engine") -> None:
        await self("heard", requester=requester, at=boot_seconds())

    async def networks(
        self, networks: Plain, *, seconds: float = 20, check: bool = True, **more: typing.Any
    ) -> typing.Any:
        """Set up networks."""
        options = {"connectivityCheck": check, "connectivityTimeout": seconds}
        return await self("setup-networks", networks=networks, options=options, requester="engine", **more)

    @contextlib.asynccontextmanager
    async def speaking(self, requester: str = "engine") -> typing.AsyncIterator[None]:
        """Be heard all the time."""

        async def speak() -> None:
            while True:
                await self.heard(requester)
                await asyncio.sleep(0.05)

        task = asyncio.create_task(speak())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until_waits(self) -> Plain:
        """Wait until a change waits for its requester; what is told of it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                waits = (await self("snapshot", generation=-1))["waits"]
                if waits:
                    return typing.cast("Plain", waits)
                await asyncio.sleep(0.05)

    async def until_over(self) -> None:
        """Wait until nothing waits any more."""
        async with asyncio.timeout(PATIENCE):
            while (await self("snapshot", generation=-1))["waits"]:
                await asyncio.sleep(0.05)

    async def close(self) -> None:
        await self.client.close()


def asking(
    executor: Executor, work: collections.abc.Callable[[Asker], collections.abc.Awaitable[typing.Any]]
) -> typing.Any:
    """Do something with an asker."""

    async def whole() -> typing.Any:
        asker = Asker(executor.socket)
        try:
            return await work(asker)
        finally:
            await asker.close()

    return asyncio.run(whole())
