"""Files that are there in full or not at all, whatever moment the power goes."""

import os

from linkhold.foundation.failures import NotPermitted, Permanent
from linkhold.transaction.journal import sync_folder


def write_whole(path: str, content: bytes) -> None:
    """Write a file for root's eyes: beside it, onto the disk, then into its place by rename(2), and that onto the disk too.

    Raises:
        NotPermitted, Permanent: it can't be written; what was there before still is.
    """
    folder, name = os.path.split(path)
    beside = os.path.join(folder, f".{name}.new")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        _write_down(beside, content)
        os.rename(beside, path)
    except PermissionError as error:
        raise NotPermitted(f"can't write {path}: {error.strerror}") from error
    except OSError as error:
        raise Permanent(f"can't write {path}: {error.strerror}") from error
    sync_folder(folder)


def _write_down(path: str, content: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        written = 0
        while written < len(content):
            written += os.write(fd, content[written:])
        os.fsync(fd)
    finally:
        os.close(fd)


def set_aside(path: str) -> str:
    """Give a file that nobody understands another name, so that nobody writes over it; that name.

    Raises:
        Permanent: it can't be renamed.
    """
    number = 1
    while os.path.exists(aside := f"{path}.unreadable-{number}"):
        number += 1
    try:
        os.rename(path, aside)
    except OSError as error:
        raise Permanent(f"can't set {path} aside: {error.strerror}") from error
    sync_folder(os.path.dirname(path))
    return aside
