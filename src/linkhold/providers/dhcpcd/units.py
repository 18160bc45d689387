"""Clients as transient units of systemd, gone with the next boot."""

import os
import typing

from linkhold.foundation.failures import Refused, TimedOut

if typing.TYPE_CHECKING:
    from linkhold.providers.dhcpcd.folder import Client

PATIENCE: typing.Final = 10.0
"""Seconds for an answer of systemd."""


def unit(client: "Client") -> str:
    """The name of its unit, as `systemctl status` knows it."""
    name = "".join(
        one if (one.isalnum() and one.isascii()) or one in "_.-" else _escaped(one) for one in client.interface
    )
    return f"linkhold-lease-{name}-{client.family}.service"


def _escaped(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def start(client: "Client", command: list[str], polite: float) -> None:
    """Have systemd keep a command running; asked to end, it has so many seconds for that.

    Raises:
        Refused: systemd says no.
    """
    import subprocess

    words = ["systemd-run", "--quiet", "--collect", f"--unit={unit(client)}"]
    words += [f"--description=Addresses of {client.interface} ({client.family}) by dhcpcd"]
    # Without default dependencies: an early restore may wait for this, and the network stays until all others are down
    properties = (
        *("Restart=always", "RestartSec=1", "StartLimitIntervalSec=0"),
        *("DefaultDependencies=no", f"TimeoutStopSec={polite:.0f}"),
    )
    words += [f"--property={one}" for one in properties]
    client.write("unit", unit(client))
    try:
        done = subprocess.run([*words, *command], capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(f"the client of {client.interface} can't be started", answer=f"systemd-run: {error}") from error
    if done.returncode:
        answer = done.stderr.decode("utf-8", "replace").strip()
        raise Refused(f"the client of {client.interface} can't be started", answer=f"systemd-run: {answer}")


def is_known(client: "Client") -> bool:
    """Whether a unit was ever made for it."""
    return os.path.exists(client.file("unit"))


def systemctl(verb: str, name: str) -> int:
    """How `systemctl` ended. Raises TimedOut."""
    import subprocess

    try:
        return subprocess.run(
            ["systemctl", "--quiet", verb, name], capture_output=True, timeout=PATIENCE, check=False
        ).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TimedOut(f"systemctl {verb} {name}", answer=str(error)) from error
