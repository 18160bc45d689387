"""Progress of long work: one line that is written over on a terminal, nothing elsewhere."""

import sys
import typing

from linkhold.cli.terminal import is_terminal

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
        sys.stderr.write("\r\x1b[K")
    else:
        bar = f"[{'█' * (20 * progress.done // progress.total):<20}] " if progress.total else ""
        limit = f" (at most {progress.limit:.0f} s)" if 0 < progress.limit < _SECONDS_WORTH_TELLING else ""
        sys.stderr.write(f"\r\x1b[K{progress.phase:<9}{bar}{progress.message}{limit}")
    sys.stderr.flush()
