"""Starting the listener so that it outlives the command: by systemd where that runs, else in a session of its own."""

import os
import sys
import typing

from linkhold.foundation.failures import Refused
from linkhold.foundation.machine import systemd_is_ours

UNIT: typing.Final = "linkhold-lldp"
_PATIENCE: typing.Final = 10.0
_MODULE: typing.Final = "linkhold.providers.lldp.listener"


def start(root: str) -> None:
    """Start it; it ends by itself if there is one already.

    Raises:
        Refused: it can't be started.
    """
    import subprocess

    environment = {**os.environ, "PYTHONPATH": _path()}
    command = [sys.executable, "-m", _MODULE, root]
    try:
        if systemd_is_ours():
            done = subprocess.run(_by_systemd(command), capture_output=True, timeout=_PATIENCE, check=False)
            if done.returncode:
                answer = done.stderr.decode("utf-8", "replace").strip()
                raise Refused("LLDP can't be listened to", answer=f"systemd-run: {answer}")
            return
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(
            command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True, cwd="/", env=environment
        )
        process.returncode = 0  # it outlives us: nobody is to wait for it, nor to complain that nobody did
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused("LLDP can't be listened to", answer=str(error)) from error


def _by_systemd(command: list[str]) -> list[str]:
    # Without default dependencies: restoring the network at boot may wait for this
    properties = ("Restart=on-failure", "RestartSec=1", "StartLimitIntervalSec=0", "DefaultDependencies=no")
    words = ["systemd-run", "--quiet", "--collect", f"--unit={UNIT}", "--description=LLDP neighbours for Linkhold"]
    words += [f"--property={one}" for one in properties]
    return [*words, f"--setenv=PYTHONPATH={_path()}", *command]


def _path() -> str:
    """The way to this very package, wherever it was imported from, before what was known."""
    path = os.path.abspath(__file__)
    for _ in range(4):  # out of starting.py, lldp/, providers/ and linkhold/
        path = os.path.dirname(path)
    known = os.environ.get("PYTHONPATH")
    return path + (os.pathsep + known if known else "")
