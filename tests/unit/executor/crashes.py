"""Running commands that are killed, and looking at what is left. Used for hosts in memory and on the real kernel."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import typing

from linkhold.transaction.folder import Folder
from linkhold.transaction.journal import read

CHILD = str(pathlib.Path(__file__).with_name("child.py"))


class Scene:
    """A state directory, a document and an environment for commands."""

    def __init__(self, path: pathlib.Path, text: str, environment: dict[str, str]) -> None:
        self.folder = Folder(str(path / "state"))
        self.document = path / "document.yml"
        self.document.write_text(text)
        self.environment = {**os.environ, **environment, "LINKHOLD_STATE_DIR": self.folder.path}

    def start(
        self, *, crash_at: int = 0, guard: bool = True, stop: bool = False, **options: typing.Any
    ) -> "subprocess.Popen[bytes]":
        """A command, killed (with `stop`: stopped) at a moment (0: never)."""
        environment = self.environment if guard else {**self.environment, "TEST_WITHOUT_GUARD": "1"}
        if stop:
            environment = {**environment, "TEST_SIGNAL": "SIGSTOP"}
        words = [sys.executable, CHILD, self.folder.path, str(self.document), json.dumps(options), str(crash_at)]
        return subprocess.Popen(words, stdout=subprocess.PIPE, env=environment)

    def run(self, *, crash_at: int = 0, guard: bool = True, **options: typing.Any) -> str:
        """What the command printed, '' when it was killed; anything else fails."""
        with self.start(crash_at=crash_at, guard=guard, **options) as child:
            out, _ = child.communicate(timeout=60)
        if child.returncode == -signal.SIGKILL:
            return ""
        assert child.returncode == 0, f"the command ended with {child.returncode}"
        return out.decode().strip()

    def ending(self) -> str:
        """How the only transaction ended; it must be over."""
        assert self.folder.pending() == []
        (only,) = self.folder.history()
        return str(only.state)

    def guards(self) -> tuple[int, ...]:
        """The guards of the pending transaction, as its journal names them."""
        line = read(self.folder.pending()[-1].path).last("checkpoint-taken")
        return tuple(line.data["guards"]) if line else ()

    def wait_until_over(self, seconds: float = 20.0) -> None:
        """Until the guard has ended what is pending."""
        until = time.monotonic() + seconds
        while self.folder.pending():
            assert time.monotonic() < until, f"still pending after {seconds} s: {self.folder.pending()}"
            time.sleep(0.05)


def kill_together(*pids: int) -> None:
    """So that none can start another one in between."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
