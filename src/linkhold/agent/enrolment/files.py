"""Where key, certificate and CA are kept, and how they get there: whole or not at all, the key for nobody's eyes but ours.

A request whose certificate has not come yet waits beside the key as ``NAME.new``: until then the old pair goes on working.
"""

import contextlib
import json
import os
import typing

from linkhold.foundation.failures import NotPermitted, Permanent
from linkhold.foundation.record import Record

if typing.TYPE_CHECKING:
    from linkhold.agent.settings import Settings

PRIVATE: typing.Final = 0o600
PUBLIC: typing.Final = 0o644


class Enrolment(Record):
    """What is remembered of an enrolment: the pinned CA (SHA-256), and where to renew ('' where that is done by hand)."""

    ca: str = ""
    engine: str = ""
    name: str = ""


class Files(Record):
    """The paths."""

    certificate: str
    key: str
    ca: str
    user: str = ""

    @property
    def waiting_key(self) -> str:
        """The key of a request that was made and not answered yet."""
        return f"{self.key}.new"

    @property
    def memory(self) -> str:
        """Where the `Enrolment` stands."""
        return f"{os.path.dirname(self.key)}/enrolment.json"

    def missing(self) -> list[str]:
        """Those that an agent needs and that are not there."""
        return [path for path in (self.certificate, self.key, self.ca) if not os.path.exists(path)]


def files_of(settings: "Settings") -> Files:
    """The paths that the settings name."""
    return Files(certificate=settings.certificate, key=settings.key, ca=settings.ca, user=settings.user)


def keep(files: Files, *, certificate: bytes, key: bytes, ca: bytes, enrolment: Enrolment) -> None:
    """Put a whole enrolment in place.

    The key goes first, and back if the certificate can't follow, so that the two always fit.

    Raises:
        Failure: the disk does not take it.
    """
    with _former(files.key):
        write(files.key, key, PRIVATE, files.user)
        write(files.certificate, certificate, PUBLIC, files.user)
    write(files.ca, ca, PUBLIC, files.user)
    write(files.memory, json.dumps(enrolment.said(), indent=1).encode() + b"\n", PUBLIC, files.user)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(files.waiting_key)


@contextlib.contextmanager
def _former(path: str) -> typing.Iterator[None]:
    """Have the file that is there now back if the block fails.

    By its name, never by its content: the folder belongs to the agent's user, who may have put a link to anything there, and
    root would write for him what only root may read.
    """
    aside = f"{path}.former"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(aside)
    try:
        os.link(path, aside, follow_symlinks=False)
    except FileNotFoundError:
        yield
        return
    except OSError as error:
        raise _failure(path, error) from error
    try:
        yield
    except BaseException:
        os.rename(aside, path)
        raise
    finally:
        with contextlib.suppress(FileNotFoundError):  # renamed; not so where both are still the same file (rename(2))
            os.unlink(aside)


def remembered(files: Files) -> Enrolment:
    """What is known of the last enrolment; nothing where keys came by another way.

    Raises:
        Failure: the file can't be read.
    """
    try:
        said = json.loads(read(files.memory))
    except Permanent as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return Enrolment()
        raise
    except ValueError as error:
        raise Permanent(f"{files.memory} is no JSON: {error}") from error
    return Enrolment(**{name: str(said.get(name, "")) for name in Enrolment.field_names()})


def read(path: str) -> bytes:
    """What stands in a file.

    Raises:
        Failure: it can't be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise _failure(path, error) from error


def write(path: str, content: bytes, mode: int, user: str = "") -> None:
    """Write a file whole: a new one beside it with its final mode and owner, synced, renamed, the folder synced.

    Where root does it, the file belongs to `user`, who runs the agent and renews by itself.

    Raises:
        Failure: the disk does not take it.
    """
    folder = os.path.dirname(path) or "."
    beside = f"{path}.{os.getpid()}"
    try:
        _folder(folder, user)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            os.fchmod(handle, mode)
            _give(handle, user)
            _write_all(handle, content)
            os.fsync(handle)
            os.rename(beside, path)
        except BaseException:
            os.unlink(beside)
            raise
        finally:
            os.close(handle)
        _sync(folder)
    except OSError as error:
        raise _failure(path, error) from error


def _write_all(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]


def _folder(folder: str, user: str) -> None:
    if os.path.isdir(folder):
        return
    os.makedirs(folder, mode=0o755, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _give(handle, user)
    finally:
        os.close(handle)


def _give(handle: int, user: str) -> None:
    if os.geteuid() != 0 or not user:
        return
    import pwd

    try:
        who = pwd.getpwnam(user)
    except KeyError:
        return  # no such user here: root's own agent
    os.fchown(handle, who.pw_uid, who.pw_gid)


def _sync(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _failure(path: str, error: OSError) -> Permanent:
    kind = NotPermitted if isinstance(error, PermissionError) else Permanent
    return kind(f"{path}: {error.strerror}")
