"""Daemons that a test starts on its own host (tests/lab/alone.py), kills and starts again."""

import collections.abc
import contextlib
import os
import pathlib
import signal
import subprocess
import time
import typing

SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LOGS = pathlib.Path("/run/rigs")
_started: list[subprocess.Popen[bytes]] = []  # held, since a test that lets go of a daemon is fine: its host ends it


class Trouble(AssertionError):
    """A daemon did not do what it should have; with the end of its log."""


class Daemon:
    """One process in the foreground, whose output goes to a log of its own.

    `ready` says whether it answers; `start` returns when it does.
    """

    def __init__(
        self,
        name: str,
        command: collections.abc.Sequence[str],
        ready: collections.abc.Callable[[], bool],
        *,
        env: collections.abc.Mapping[str, str] | None = None,
        patience: float = 20.0,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.ready = ready
        self.patience = patience
        self.env = {**os.environ, "PATH": SEARCH, "LC_ALL": "C.UTF-8", **(env or {})}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self.process is not None, f"{self.name} was not started"
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Does it run?"""
        return self.process is not None and self.process.poll() is None

    def start(self) -> "typing.Self":
        """Start it and wait until it answers. Raises Trouble."""
        assert not self.alive, f"{self.name} runs already"
        LOGS.mkdir(parents=True, exist_ok=True)
        with open(LOGS / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env, start_new_session=True
            )
        _started.append(self.process)
        self.wait_until(self.ready, f"{self.name} answers")
        return self

    def stop(self, timeout: float = 20.0) -> None:
        """Let it end in its own way."""
        self._end(signal.SIGTERM, timeout)

    def kill(self) -> None:
        """SIGKILL: it can't even say goodbye."""
        self._end(signal.SIGKILL, 20.0)

    def freeze(self) -> None:
        """SIGSTOP: it is there, and does not answer."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after `freeze`."""
        os.kill(self.pid, signal.SIGCONT)

    def restart(self) -> "typing.Self":
        """Stop it if it runs, and start it anew."""
        if self.alive:
            self.stop()
        return self.start()

    def _end(self, number: int, timeout: float) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired as late:
            raise Trouble(f"{self.name} did not end within {timeout:.0f} s\n{self.log()}") from late

    def log(self, lines: int = 60) -> str:
        """The last lines it wrote."""
        path = LOGS / f"{self.name}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

    def wait_until(self, what: collections.abc.Callable[[], bool], words: str) -> None:
        """Raises Trouble when it isn't so before its patience ends, or the daemon has."""
        deadline = time.monotonic() + self.patience
        while not what():
            if not self.alive:
                raise Trouble(f"{self.name} ended before this was so: {words}\n{self.log()}")
            if time.monotonic() > deadline:
                raise Trouble(f"after {self.patience:.0f} s this is not so: {words}\n{self.log()}")
            time.sleep(0.02)


def tool(*words: str, timeout: float = 60.0, check: bool = True, text: str | None = None) -> str:
    """What a program prints, found also where only root looks. Raises Trouble with what it complained of."""
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        input=text,
        env={**os.environ, "PATH": SEARCH, "LC_ALL": "C.UTF-8"},
    )
    if check and done.returncode:
        raise Trouble(f"{' '.join(words)} ended with {done.returncode}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def succeeds(*words: str) -> bool:
    """Does a program end well?"""
    return subprocess.run(words, capture_output=True, check=False, env={**os.environ, "PATH": SEARCH}).returncode == 0
