"""Running one script: a process group of its own, a limited time, what it says on its error output kept up to a bound."""

import asyncio
import contextlib
import os
import signal
import typing

MOST_SAID: typing.Final = 64 * 1024
"""Bytes of error output that are kept of one script; the rest is read and thrown away."""


class Ran(typing.NamedTuple):
    """How one script ended. `code` is its exit code (negative: the signal that ended it; None: it took too long)."""

    path: str
    code: int | None
    said: str

    @property
    def good(self) -> bool:
        """Whether it succeeded."""
        return self.code == 0

    def __str__(self) -> str:
        how = "took too long" if self.code is None else f"rc={self.code}"
        return f"{self.path}: {how}{f' err={self.said}' if self.said else ''}"


async def run(path: str, environment: typing.Mapping[str, str], seconds: float) -> Ran:
    """Run a script to its end, or to the end of its time; then it and all it started are killed."""
    try:
        process = await asyncio.create_subprocess_exec(
            path,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=dict(environment),
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        return Ran(path, 127, f"it can't be started: {error.strerror}")
    assert process.stderr is not None
    listening = asyncio.ensure_future(_listen(process.stderr))
    try:
        async with asyncio.timeout(seconds):
            code: int | None = await process.wait()
    except TimeoutError:
        code = None
    finally:
        # also what a script left behind in the background: it would hold our pipe, and outlive the moment it was for
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    try:
        async with asyncio.timeout(1):
            said = await listening
    except TimeoutError:  # a grandchild in a session of its own holds the pipe
        said = b""
    return Ran(path, code, said.decode("utf-8", "replace").strip())


async def _listen(pipe: asyncio.StreamReader) -> bytes:
    kept = bytearray()
    while piece := await pipe.read(4096):
        kept += piece[: MOST_SAID - len(kept)]
    return bytes(kept)
