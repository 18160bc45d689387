"""Both processes on a host of their own: the executor as root, the agent as its own user, and a centre that calls over TLS."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import sys
import typing

from linkhold.wire import tls
from linkhold.wire.client import Client
from tests.agent.certificates import Authority
from tests.lab import namespaces, public
from tests.services.rigs.daemons import LOGS, Daemon

USER = 990
"""Number of the user and the group ``linkhold``, as packaging/sysusers.d makes them on a real host."""
PKI = pathlib.Path("/etc/pki/linkhold")
SOCKET = pathlib.Path("/run/linkhold/executor.sock")
CONFIGURATION = pathlib.Path("/etc/linkhold/linkhold.toml")
HOOKS = pathlib.Path("/etc/linkhold/hooks")
PORT = 54321


def _for_everybody() -> tuple[str, dict[str, str]]:
    """A Python with which every user can run the package, and the environment for that: a copy where only root may enter
    this checkout."""
    private = [one for one in (*public.ROOT.parents, *pathlib.Path(sys.prefix).parents) if not one.stat().st_mode & 1]
    if not private:
        return sys.executable, {}
    folder = pathlib.Path("/var/lib/public")  # not /run: many hosts allow no programs there
    folder.mkdir()
    interpreter, environment = public.publish(folder)
    return interpreter, {"PYTHONPATH": environment["PYTHONPATH"]}


class Pair:
    """An enrolled host. `centre` are the files of a centre that may call, `far` is where the host's cable ends;
    `provider` as for ``--provider``."""

    def __init__(self, settings: str, far: namespaces.Namespace, provider: str = "kernel") -> None:
        self.far = far
        _add_user()
        self.authority = Authority(pathlib.Path("/etc/linkhold-test"))
        self.centre = self.authority.issue("engine.example")
        self._enrol(self.authority.issue("host1"))
        CONFIGURATION.parent.mkdir(exist_ok=True)
        CONFIGURATION.write_text(f'[agent]\nmetrics = "127.0.0.1:9547"\nhook_seconds = 10\n{settings}')
        environment = {
            "LINKHOLD_PROVIDER": provider,
            "LINKHOLD_AGENT_USER": str(USER),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.executor = Daemon("executor", [sys.executable, "-m", "linkhold.executor"], answers, env=environment)
        unprivileged = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs"]
        python, reachable = _for_everybody()
        command = [*unprivileged, python, "-m", "linkhold.agent"]
        self.agent = Daemon("agent", command, listens, env={**environment, **reachable})

    def _enrol(self, files: tls.Files) -> None:
        PKI.mkdir(parents=True, exist_ok=True)
        for source, name in zip(files, ("ca.crt", "agent.crt", "agent.key"), strict=True):
            shutil.copyfile(source, PKI / name)
            os.chmod(PKI / name, 0o600 if name.endswith("key") else 0o644)
            os.chown(PKI / name, USER, USER)
        os.chown(PKI, USER, USER)

    def start(self) -> typing.Self:
        """Both."""
        self.executor.start()
        self.agent.start()
        return self

    def stop(self) -> None:
        """Both, politely."""
        for daemon in (self.agent, self.executor):
            if daemon.alive:
                daemon.stop()

    @contextlib.asynccontextmanager
    async def engine(self, host: str = "::1", files: tls.Files | None = None) -> typing.AsyncIterator[Client]:
        """The centre, connected."""
        client = await Client.connect(host, PORT, tls.client_context(files or self.centre, check_name=False))
        try:
            yield client
        finally:
            await client.close()

    def told(self, daemon: str, event: str) -> list[dict[str, typing.Any]]:
        """The lines of a daemon's log about an event."""
        found = []
        for line in (LOGS / f"{daemon}.log").read_text().splitlines():
            if line.startswith("{"):
                fields = json.loads(line)
                if fields["event"] == event:
                    found.append(fields)
        return found


def _add_user() -> None:
    for path, line in {
        "/etc/passwd": f"linkhold:x:{USER}:{USER}::/:/usr/sbin/nologin",
        "/etc/group": f"linkhold:x:{USER}:",
    }.items():
        with open(path, "a", encoding="ascii") as file:
            file.write(f"{line}\n")


def answers() -> bool:
    """Whether the executor takes connections."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(SOCKET))
        except OSError:
            return False
    return True


def listens() -> bool:
    """Whether somebody listens on the agent's port (proc_net_tcp(5); 0A is LISTEN)."""
    for path in ("/proc/net/tcp6", "/proc/net/tcp"):
        for line in pathlib.Path(path).read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            if state == "0A" and local.rpartition(":")[2] == f"{PORT:04X}":
                return True
    return False


def put_hook(point: str, name: str, text: str) -> None:
    """A script of the operator's."""
    path = HOOKS / f"{point}.d" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
