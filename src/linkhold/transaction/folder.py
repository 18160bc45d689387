"""The files of all transactions of a host: `pending/`, `history/` and `lock` below one directory."""

import os
import typing

from linkhold.foundation.failures import NotPermitted, Permanent
from linkhold.transaction.journal import CLAIMED, ENDINGS, SUFFIX, Gone, JournalFailure, head_of, sync_folder
from linkhold.transaction.lock import Lock
from linkhold.transaction.states import State


class Named(typing.NamedTuple):
    """A journal as its name tells it: `name` is number and id, `state` how it ended (None while it is pending)."""

    path: str
    name: str
    number: int
    state: State | None


class Folder:
    """One state directory. All folders are for root only: journals hold secrets."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.pending_path = os.path.join(path, "pending")
        self.history_path = os.path.join(path, "history")

    def prepare(self) -> None:
        """Make what is missing.

        Raises:
            NotPermitted, Permanent: it can't be made.
        """
        if os.path.isdir(self.pending_path) and os.path.isdir(self.history_path):
            return
        try:
            for folder in (self.path, self.pending_path, self.history_path):
                os.makedirs(folder, mode=0o700, exist_ok=True)
        except PermissionError as error:
            raise NotPermitted(f"can't make {self.path}: {error.strerror}") from error
        except OSError as error:
            raise Permanent(f"can't make {self.path}: {error.strerror}") from error
        sync_folder(self.path)

    def lock(self) -> Lock:
        """The lock around all that changes the host."""
        return Lock(os.path.join(self.path, "lock"))

    def pending(self) -> list[Named]:
        """The journals of transactions that are not over, oldest first.

        Raises:
            NotPermitted: only root may look.
        """
        return [one for one in _listed(self.pending_path) if one.state is None]

    def history(self) -> list[Named]:
        """The journals of those that are, oldest first."""
        return [one for one in _listed(self.history_path) if one.state is not None]

    def new_path(self) -> str:
        """Where the journal of the next transaction goes; its number is the highest so far and one."""
        number = max((one.number for one in (*self.pending(), *self.history())), default=0) + 1
        return os.path.join(self.pending_path, f"{number:06}-{os.urandom(4).hex()}{SUFFIX}")

    def claimed(self, name: str) -> str:
        """The name by which a rollback makes sure that nobody commits any more."""
        return os.path.join(self.pending_path, name + CLAIMED)

    def ended(self, name: str, state: State) -> str:
        """Where the journal of a transaction goes that is over."""
        return os.path.join(self.history_path, f"{name}.{state}{SUFFIX}")

    def fate(self, name: str) -> Named:
        """Where the journal of a transaction stands now.

        Raises:
            Gone: nowhere: its history was cut.
        """
        for one in (*self.pending(), *self.history()):
            if one.name == name:
                return one
        raise Gone(f"there is no transaction {name}")

    def prune(self, keep: int) -> None:
        """Delete the oldest of the history, never the last that was committed (it holds what `restore` applies), nor the
        last of those with something attached."""
        history = self.history()
        committed = [one for one in history if one.state == "committed"]
        for position, one in enumerate(history[: max(0, len(history) - keep)]):
            if committed and one.name == committed[-1].name:
                continue
            if _attached(one) and not any(_attached(later) for later in reversed(history[position + 1 :])):
                continue
            os.unlink(one.path)


def _attached(one: Named) -> bool:
    try:
        return one.state == "committed" and head_of(one.path).get("attached") is not None
    except JournalFailure:  # what can't be read holds nothing for anybody
        return False


def _listed(folder: str) -> list[Named]:
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    except PermissionError as error:
        raise NotPermitted(f"can't read {folder}: {error.strerror}") from error
    return sorted(
        (one for one in (_named(folder, name) for name in names) if one), key=lambda one: (one.number, one.name)
    )


def _named(folder: str, file: str) -> Named | None:
    for suffix, state in (*ENDINGS.items(), (CLAIMED, None), (SUFFIX, None)):
        name = file.removesuffix(suffix)
        if name != file and name[:6].isdigit():
            return Named(os.path.join(folder, file), name, int(name.partition("-")[0]), state)
    return None
