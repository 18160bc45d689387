"""Progress of long work: one line that is written over on a terminal, nothing elsewhere."""

import sys
import typing

from linkhold.cli.terminal import columns, is_terminal

if typing.TYPE_CHECKING:
    from linkhold.transaction.progress import Progress, Report

_SECONDS_WORTH_TELLING: typing.Final = 3600


def reporter(*, quiet: bool = False) -> "Report":
    """Prints to standard error what a transaction tells."""
    if quiet or not is_terminal(sys.stderr):
        return lambda progress: None
    return _draw


def _draw(progress: "Progress") -> None:
    if progress.phase == "done":
        text = ""
    else:
        bar = f"[{'█' * (20 * progress.done // progress.total):<20}] " if progress.total else ""
        limit = f" (at most {progress.limit:.0f} s)" if 0 < progress.limit < _SECONDS_WORTH_TELLING else ""
        text = f"{progress.phase:<9}{bar}{progress.message}{limit}"
    try:
        sys.stderr.write(f"\r\x1b[K{text[: max(0, columns(sys.stderr) - 1) or None]}")
        sys.stderr.flush()
    except OSError:  # the terminal was closed: the transaction goes on without an audience
        pass
