"""What nobody is there to read at the moment: failures of the guard and at boot, in a file of the state directory."""

import contextlib
import os
import time
import traceback
import typing

FILE: typing.Final = "guard.log"
LIMIT: typing.Final = 1 << 20
"""Bytes; beyond that nothing is added."""


def write(folder: str, who: str, error: BaseException) -> None:
    """Append a failure with its traceback, if the disk lets us: there is nobody else to tell."""
    text = f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {who}:\n{''.join(traceback.format_exception(error))}\n"
    with contextlib.suppress(OSError):
        fd = os.open(os.path.join(folder, FILE), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(fd).st_size < LIMIT:
                os.write(fd, text.encode("utf-8", "replace"))
        finally:
            os.close(fd)
