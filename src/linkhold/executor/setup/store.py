"""What this host was given: *running* (set up now) and *safe* (what a reboot brings back), below ``networks/`` of the state
directory.

The truth about *running* is the newest committed transaction that carries a configuration (`documents.attached`): it was
committed by the same rename as the change itself. ``running.json`` is a copy for people and for hosts whose history was cut.
``safe.json`` is written by `keep` alone. Each is ``{"version": 1, "boot": id, "transaction": name, "configuration": {…}}``, in
the shape of `networks.forms`.

A file that can't be understood is never written over: it is set aside under another name. *Safe* is not guessed then: until
somebody decides, whoever asks for it is told, since restoring nothing would take every network off the host.
"""

import json
import os
import typing

from linkhold.executor.setup.files import set_aside, write_whole
from linkhold.foundation.failures import Permanent
from linkhold.networks.configuration import Configuration
from linkhold.transaction import owner
from linkhold.transaction.documents import attached
from linkhold.transaction.folder import Folder

VERSION: typing.Final = 1
FOLDER: typing.Final = "networks"
NOTHING: typing.Final = Configuration()

Plain = dict[str, typing.Any]

_Stamp = tuple[int, int, int]


class Unreadable(Permanent):
    """What is stored can't be understood: broken, or of a later version."""


class Held(typing.NamedTuple):
    """A configuration, the transaction by which it came about ('' for none) and the boot in which that was."""

    configuration: Configuration
    transaction: str = ""
    boot: str = ""


class Form(typing.NamedTuple):
    """How configurations are written as plain data, and read again. `read` raises a ValueError for what is none."""

    write: typing.Callable[[Configuration], Plain]
    read: typing.Callable[[Plain], Configuration]


class Store:
    """The two of them, for one state directory."""

    def __init__(self, folder: Folder, form: Form) -> None:
        self.folder, self.form = folder, form
        self.path = os.path.join(folder.path, FOLDER)
        self._known: tuple[tuple[str, ...], Held] | None = None
        self._safe: tuple[_Stamp, Held] | None = None
        self._written: tuple[tuple[Configuration, Plain], ...] = ()

    def running(self) -> Held:
        """What is set up now; nothing where nothing ever was.

        Raises:
            Unreadable: neither the journal nor the copy can be understood.
        """
        committed = tuple(one.name for one in self.folder.history() if one.state == "committed")
        if self._known is None or self._known[0] != committed:
            self._known = committed, self._running()
        return self._known[1]

    def _running(self) -> Held:
        newest = attached(self.folder)
        if newest is None or "configuration" not in newest[1]:
            return self._read("running.json") or Held(NOTHING)
        name, data = newest
        return Held(self._understood(data["configuration"], f"transaction {name}"), name, str(data.get("boot", "")))

    def safe(self) -> Held | None:
        """What a reboot brings back; None where nothing was ever kept.

        Raises:
            Unreadable: it can't be understood.
        """
        stamp = self._stamp("safe.json")
        if stamp is None or self._safe is None or self._safe[0] != stamp:
            held = self._read("safe.json")
            if held is None or stamp is None:
                return held
            self._safe = stamp, held
        return self._safe[1]

    @property
    def dirty(self) -> bool:
        """Whether a reboot would bring back something else than what is set up now."""
        safe = self.safe()
        return self.running().configuration != (safe.configuration if safe is not None else NOTHING)

    def promote(self) -> Held:
        """Copy what was committed to ``running.json``.

        Raises:
            Failure: it can't be written; the journal tells it all the same.
        """
        held = self.running()
        self._write("running.json", held)
        return held

    def finish(self) -> Held:
        """Copy what was committed to ``running.json``, and first to ``safe.json`` where it was asked to be safe once it is
        committed: whoever finds the copy to be of an older transaction knows that neither was done yet.

        Raises:
            Failure: it can't be written; the journal tells it all the same.
        """
        held = self.running()
        if self._asked_to_be_safe() and self._copied() != held.transaction:
            self.save(held)
        return self.promote()

    def _asked_to_be_safe(self) -> bool:
        newest = attached(self.folder)
        return newest is not None and bool(newest[1].get("keep"))

    def _copied(self) -> str:
        """The transaction that was copied last, '' for none."""
        try:
            held = self._read("running.json")
        except Unreadable:
            return ""
        return "" if held is None else held.transaction

    def keep(self) -> Held:
        """Let *running* be *safe*.

        Raises:
            Failure: it can't be written; *safe* is what it was.
        """
        held = self.running()
        self.save(held)
        return held

    def save(self, held: Held) -> None:
        """Let something be *safe* (what was imported).

        Raises:
            Failure: it can't be written.
        """
        self._write("safe.json", held)

    def attachment(self, configuration: Configuration, **more: typing.Any) -> Plain:
        """What travels with a transaction (`Options.attached`) so that it becomes *running* when that is committed."""
        return {"configuration": self.form.write(configuration), "boot": owner.boot_id(), **more}

    def plain(self, configuration: Configuration) -> Plain:
        """A configuration as plain data, which nobody changes: it is made once for those that were asked for last."""
        for known, plain in self._written:
            if known is configuration:
                return plain
        plain = self.form.write(configuration)
        self._written = (*self._written[-1:], (configuration, plain))
        return plain

    def _stamp(self, name: str) -> "_Stamp | None":
        """By what it is told that a file is another one than before: each is written anew and renamed into place."""
        try:
            found = os.stat(os.path.join(self.path, name))
        except OSError:  # told when it is read
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _write(self, name: str, held: Held) -> None:
        path = os.path.join(self.path, name)
        try:
            self._read(name)
        except Unreadable:
            set_aside(path)
        body = {
            "version": VERSION,
            "boot": held.boot,
            "transaction": held.transaction,
            "configuration": self.form.write(held.configuration),
        }
        write_whole(path, json.dumps(body, indent=2, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n")

    def _read(self, name: str) -> Held | None:
        path = os.path.join(self.path, name)
        try:
            with open(path, "rb") as file:
                body = json.loads(file.read().decode("utf-8", "surrogateescape"))
            version = body["version"]
            if version != VERSION:
                raise Unreadable(f"{path} is of version {version}, which this release does not know")
            return Held(self._understood(body["configuration"], path), str(body["transaction"]), str(body["boot"]))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Permanent(f"can't read {path}: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable(f"{path} can't be understood: {error}") from error

    def _understood(self, plain: Plain, where: str) -> Configuration:
        try:
            return self.form.read(plain)
        except (ValueError, KeyError, TypeError) as error:
            raise Unreadable(f"the configuration in {where} can't be understood: {error}") from error
