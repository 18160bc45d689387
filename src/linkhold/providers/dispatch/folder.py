"""The scripts of interfaces, as files in /run: what lasts beyond a boot is the committed document, which brings them back.

Below `BASE` each network namespace has a folder (named by its inode), in it each interface, in it ``post-activation`` and
``post-deactivation``, exactly as the document says them.
"""

import os
import shutil
import typing

from linkhold.providers.dispatch import BASE

Moment = typing.Literal["post-activation", "post-deactivation"]
MOMENTS: typing.Final[tuple[Moment, ...]] = ("post-activation", "post-deactivation")


class Folder:
    """The scripts of the network namespace we are in; `root` is put before the path. Methods raise OSError where the disk
    does."""

    def __init__(self, root: str = "") -> None:
        self.path = f"{root}{BASE}/{os.stat('/proc/thread-self/ns/net').st_ino}"

    def interfaces(self) -> list[str]:
        """The names of those that have scripts."""
        try:
            return sorted(os.listdir(self.path))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def script(self, name: str, moment: Moment) -> str:
        """The path of one, whether it is there or not."""
        return f"{self.path}/{name}/{moment}"

    def text(self, name: str, moment: Moment) -> str:
        """What one says; '' where there is none."""
        try:
            with open(self.script(name, moment), encoding="utf-8", errors="surrogateescape", newline="") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return ""

    def settle(self, name: str, moment: Moment, text: str) -> None:
        """Keep one; '' takes it away. For root's eyes only: scripts may hold anything."""
        path = self.script(name, moment)
        if text:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            beside = f"{self.path}.{os.getpid()}"  # outside of the folder: in there stand interfaces
            with open(beside, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(text)
            os.rename(beside, path)
            return
        try:
            os.unlink(path)
        except (FileNotFoundError, NotADirectoryError):
            return
        if not os.listdir(os.path.dirname(path)):
            os.rmdir(os.path.dirname(path))

    def forget(self, name: str) -> None:
        """Take all of an interface away."""
        shutil.rmtree(f"{self.path}/{name}", ignore_errors=True)
