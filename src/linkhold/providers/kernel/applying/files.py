"""Files of /etc, replaced whole: a new one is written beside the old, synced, and renamed over it.

Whoever reads at any moment, or after a power cut, finds one or the other. All functions raise OSError.
"""

from __future__ import annotations

import errno
import os

_IN_PLACE = (errno.EBUSY, errno.EROFS)
"""A file that is mounted by itself can't be renamed over, and what is around it may be read-only."""


def read(path: str) -> str:
    """The text of a file, '' when there is none."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def write(path: str, text: str) -> None:
    """Replace a file, or make it. Its mode and owner stay.

    Containers mount /etc/resolv.conf and /etc/hostname one by one: those are written in place.
    """
    data = text.encode("utf-8", "surrogateescape")
    beside = f"{path}.linkhold-{os.getpid()}"
    try:
        _write_beside(path, beside, data)
        os.rename(beside, path)
    except OSError as error:
        if os.path.exists(beside):
            remove(beside)
        if error.errno not in _IN_PLACE:
            raise
        with open(path, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return
    _sync_folder(os.path.dirname(path) or ".")


def _write_beside(path: str, beside: str, data: bytes) -> None:
    try:
        status: os.stat_result | None = os.stat(path)
    except FileNotFoundError:
        status = None
    with open(beside, "wb") as file:
        file.write(data)
        os.fchmod(file.fileno(), 0o644 if status is None else status.st_mode & 0o7777)
        if status is not None and os.geteuid() == 0:
            os.fchown(file.fileno(), status.st_uid, status.st_gid)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: str) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: str) -> None:
    """Remove a file, if it is there."""
    try:
        os.unlink(path)
    except (FileNotFoundError, NotADirectoryError):
        pass  # it is gone, which was asked for


def follow(root: str, path: str) -> str:
    """Where a path below another root leads, its symbolic links taken as being below that root too."""
    whole = root + path
    for _ in range(40):
        if not os.path.islink(whole):
            return whole
        target = os.readlink(whole)
        whole = root + target if target.startswith("/") else os.path.join(os.path.dirname(whole), target)
    return whole
