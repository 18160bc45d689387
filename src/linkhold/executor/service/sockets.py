"""The socket that the executor listens on: systemd's, or one of its own."""

import os
import typing

PATH: typing.Final = "/run/linkhold/executor.sock"
VARIABLE: typing.Final = "LINKHOLD_EXECUTOR_SOCKET"
_FIRST: typing.Final = 3
"""The number of the first socket that systemd hands over (sd_listen_fds(3))."""


def inherited() -> int | None:
    """The socket that systemd opened for us; None when it did not.

    Raises:
        ValueError: there are several, and we would leave all but one unserved.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    count = int(os.environ.get("LISTEN_FDS", "0") or 0)
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):  # not for our children
        os.environ.pop(name, None)
    if count > 1:
        raise ValueError(f"systemd handed over {count} sockets; the executor serves one")
    if count == 0:
        return None
    os.set_inheritable(_FIRST, False)
    return _FIRST


def path() -> str:
    """Where the socket is, for those who listen and those who connect."""
    return os.environ.get(VARIABLE) or PATH
