"""The real command in a process of its own, in the namespace of the test, with a state directory of its own."""

import contextlib
import fcntl
import json
import os
import pathlib
import pty
import select
import struct
import subprocess
import sys
import termios
import time
import typing

BRIDGE = """\
interfaces:
- name: br0
  type: linux-bridge
  state: up
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
"""

GONE = "interfaces: [{name: br0, state: absent}]"

SLOW_THE_SECOND_TIME = """\
#!/bin/sh
# A probe that passes before the change and hangs after it, which `hanging` then tells.
cd "$(dirname "$0")" || exit 1
if [ -e passed ]; then touch hanging; exec sleep 60; fi
touch passed
"""

PATIENCE = 20.0
"""Seconds that a test waits for what takes a fraction of one."""


class CommandLine:
    """Runs `linkhold`."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        (folder / "root/etc").mkdir(parents=True)
        self.state = folder / "state"
        kept = {name: value for name, value in os.environ.items() if name not in ("SSH_CONNECTION", "SUDO_USER")}
        self.environment = {
            **kept,
            "LINKHOLD_STATE_DIR": str(self.state),
            "LINKHOLD_ROOT": str(folder / "root"),
            "USER": "alice",
        }

    def command(self, *words: str) -> list[str]:
        """What is executed."""
        return [sys.executable, "-m", "linkhold", *words]

    def __call__(self, *words: str, text: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run it to its end, with `text` on standard input."""
        return subprocess.run(
            self.command(*words),
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env={**self.environment, **environment},
            timeout=60,
        )

    def json(self, *words: str, text: str = "") -> typing.Any:
        """What it prints with ``--json``: exactly one value."""
        return json.loads(self(*words, "--json", text=text).stdout)

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start it."""
        return subprocess.Popen(
            self.command(*words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env=self.environment,
        )

    def file(self, name: str, text: str, *, mode: int = 0o644) -> str:
        """A file in its folder."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    def hanging_probe(self) -> str:
        """A probe that hangs after the change; `wait_for("hanging")` returns when it does."""
        for name in ("passed", "hanging"):
            (self.folder / name).unlink(missing_ok=True)
        return "command:" + self.file("probe", SLOW_THE_SECOND_TIME, mode=0o755)

    def wait_for(self, name: str) -> None:
        """Until a file is there."""
        wait_until(lambda: (self.folder / name).exists(), f"{name} appears")


def wait_until(condition: typing.Callable[[], bool], what: str) -> None:
    """Until something is so; AssertionError when it never is."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain until {what}"
        time.sleep(0.02)


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, linkhold: CommandLine, *words: str, width: int = 100, **environment: str) -> None:
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.chdir(linkhold.folder)
            given = {**linkhold.environment, "TERM": "xterm", **environment}
            os.execvpe(sys.executable, linkhold.command(*words), given)
        fcntl.ioctl(self.handle, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        self.text = ""

    def read_until(self, words: str) -> None:
        """Until the command has written these words."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.text:
            more = time.monotonic() < deadline and self._read()
            assert more, f"no '{words}' in {self.text!r}"

    def type(self, text: str) -> None:
        """What a person types."""
        os.write(self.handle, text.encode())

    def end(self) -> int:
        """Everything to the end; the exit code."""
        while self._read():
            pass
        return self.close()

    def close(self) -> int:
        """The terminal goes away; the exit code of what ran on it."""
        os.close(self.handle)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self) -> bool:
        if not select.select([self.handle], [], [], PATIENCE)[0]:
            return False
        with contextlib.suppress(OSError):  # EIO: the other side is closed
            data = os.read(self.handle, 65536)
            self.text += data.decode(errors="replace").replace("\r\n", "\n")
            return bool(data)
        return False
