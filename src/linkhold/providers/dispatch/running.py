"""Running one script, with what NetworkManager's dispatcher would give it (NetworkManager-dispatcher(8)): the interface and
``up`` or ``down`` as arguments, and what it is like in the environment. It has a limited time, and dies with all that it
started.
"""

import contextlib
import os
import signal
import typing

from linkhold.foundation.failures import Refused
from linkhold.state.interfaces.ip import Ip

if typing.TYPE_CHECKING:
    import subprocess

    from linkhold.planning.change import Change
    from linkhold.state.interfaces.common import Interface

PATIENCE: typing.Final = 30.0
"""Seconds; a change of the network that takes longer than this with one interface has gone wrong."""

ACTIONS: typing.Final = {"post-activation": "up", "post-deactivation": "down"}
_SHELLS: typing.Final = ("/bin/bash", "/usr/bin/bash", "/bin/sh")
_PATH: typing.Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_TOLD: typing.Final = 2000
"""Characters of its output that are told when it fails."""


def run(path: str, moment: str, change: "Change", interface: "Interface", *, patience: float = PATIENCE) -> None:
    """Run it to its end. It is given to a shell: /run, where it lies, is often mounted ``noexec``.

    Raises:
        Refused: it failed, or took too long; carries the change and the end of what it printed.
    """
    import subprocess
    import tempfile

    shell = next((one for one in _SHELLS if os.access(one, os.X_OK)), _SHELLS[-1])
    what = f"the {moment} script of {interface.name}"
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                [shell, path, interface.name, ACTIONS[moment]],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env=environment(interface, ACTIONS[moment]),
                start_new_session=True,
            )
        except OSError as error:
            raise Refused(f"{what} can't be run: {error.strerror}", change=change, answer=str(error)) from error
        wrong = _wrong(process, patience)
        output.seek(0)
        printed = output.read().decode("utf-8", "replace").strip()[-_TOLD:]
    if wrong:
        raise Refused(f"{what} {wrong}", change=change, answer=printed)


def _wrong(process: "subprocess.Popen[bytes]", patience: float) -> str:
    """Wait for its end; what was wrong with it, '' if nothing."""
    import subprocess

    try:
        code = process.wait(patience)
    except subprocess.TimeoutExpired:
        return f"did not end within {patience:g} seconds"
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left of its session
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"failed with exit code {code}" if code else ""


def environment(interface: "Interface", action: str) -> dict[str, str]:
    """The variables of a script."""
    profile = interface.profile_name if isinstance(interface.profile_name, str) else interface.name
    found = {
        "PATH": _PATH,
        "LC_ALL": "C.UTF-8",
        "DEVICE_IFACE": interface.name,
        "DEVICE_IP_IFACE": interface.name,
        "CONNECTION_ID": profile,
        "NM_DISPATCHER_ACTION": action,
    }
    for section, family in ((interface.ipv4, 4), (interface.ipv6, 6)):
        addresses = section.address if isinstance(section, Ip) and isinstance(section.address, tuple) else ()
        found[f"IP{family}_NUM_ADDRESSES"] = str(len(addresses))
        for index, one in enumerate(addresses):
            found[f"IP{family}_ADDRESS_{index}"] = f"{one.ip}/{one.prefix_length}"
    return found
