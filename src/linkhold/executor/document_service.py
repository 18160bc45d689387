"""Applying a folder of documents at boot: each file a transaction of its own, in the order of their names.

A file that can't be applied stops none of the others, and is told: in the outcome, in the status file, by the exit code of
the command. One that was applied is renamed to ``NAME.applied``, so that the next boot leaves it alone; where files are to
be kept, a copy of that name remembers the content that was applied, and the file counts again once it differs.
"""

import contextlib
import json
import os
import typing

from linkhold.foundation.diagnostics import Diagnostic, Invalid
from linkhold.foundation.failures import Failure, Permanent, Temporary
from linkhold.foundation.record import Record

if typing.TYPE_CHECKING:
    from linkhold.foundation.clock import Clock
    from linkhold.transaction.result import Result

FOLDER: typing.Final = "/etc/linkhold/documents"
STATUS: typing.Final = "/run/linkhold/service.json"
CONFIGURATION: typing.Final = "/etc/linkhold/linkhold.toml"
SUFFIXES: typing.Final = (".yml", ".yaml")
APPLIED: typing.Final = ".applied"
NMSTATE_CONFIGURATION: typing.Final = "nmstate.conf"
"""In the folder itself, where programs written for nmstate keep it."""

_KEEP: typing.Final = "keep_state_file_after_apply"
AGAIN_AFTER: typing.Final = 2.0
"""Seconds before files are tried once more that failed for a reason that may pass."""

Outcome = typing.Literal["applied", "unchanged", "known", "failed", "stranded"]
Apply = typing.Callable[[bytes, str], typing.Awaitable["Result"]]
"""Apply the text of a document or policy; its result, good or bad. Raises Invalid, Failure."""


class Served(Record):
    """What became of one file. `known`: its content was applied before. `diagnostics` are mistakes in it, with places."""

    name: str
    outcome: Outcome
    reason: str = ""
    transaction: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def good(self) -> bool:
        """Whether the host is as the file says."""
        return self.outcome not in ("failed", "stranded")


async def serve(
    folder: str, apply: Apply, clock: "Clock", *, keep: bool | None = None, root: str = ""
) -> tuple[Served, ...]:
    """Apply the documents of a folder; what became of each, also written to `STATUS`.

    `keep` says whether files stay as they are; configuration files do where it is None.

    Raises:
        Permanent: the folder, or a configuration file, can't be read.
    """
    began = clock.now()
    kept = keeps(folder, root) if keep is None else keep
    served: dict[str, Served] = {}
    later = []
    for name in names(folder):
        served[name], passing = await _one(folder, name, apply, keep=kept)
        later += [name] if passing else []
        write_status(root + STATUS, tuple(served.values()), began=began)
    if later:
        await clock.sleep(AGAIN_AFTER)
        for name in later:
            served[name], _ = await _one(folder, name, apply, keep=kept)
    write_status(root + STATUS, tuple(served.values()), began=began, ended=clock.now())
    return tuple(served.values())


def names(folder: str) -> list[str]:
    """The files to apply, in order; none where there is no such folder.

    Raises:
        Permanent: it can't be read.
    """
    try:
        return sorted(one.name for one in os.scandir(folder) if one.name.endswith(SUFFIXES) and one.is_file())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Permanent(f"can't read {folder}: {error.strerror}") from error


def keeps(folder: str, root: str = "") -> bool:
    """Whether files stay as they are: ``[service] keep_state_file_after_apply`` of our configuration, or of nmstate's.

    Raises:
        Permanent: such a file can't be read, or says something else.
    """
    for path in (root + CONFIGURATION, os.path.join(folder, NMSTATE_CONFIGURATION)):
        if not os.path.exists(path):
            continue
        import tomllib

        try:
            with open(path, "rb") as file:
                section = tomllib.load(file).get("service", {})
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise Permanent(f"{path}: {error}") from error
        said = section.get(_KEEP) if isinstance(section, dict) else None
        if said is not None:
            if not isinstance(said, bool):
                raise Permanent(f"{path}: {_KEEP} is true or false")
            return said
    return False


async def _one(folder: str, name: str, apply: Apply, *, keep: bool) -> tuple[Served, bool]:
    """What became of one file, and whether trying again may help."""
    path = os.path.join(folder, name)
    try:
        with open(path, "rb") as file:
            text = file.read()
        if keep and _content(path + APPLIED) == text:
            return Served(name=name, outcome="known"), False
        result = await apply(text, path)
        if result.good:
            _mark(path, text, keep=keep)
    except Invalid as invalid:
        reason = "; ".join(one.message for one in invalid.diagnostics.errors())
        return Served(name=name, outcome="failed", reason=reason, diagnostics=tuple(invalid.diagnostics)), False
    except Failure as failure:
        return Served(name=name, outcome="failed", reason=str(failure)), isinstance(failure, Temporary)
    except OSError as error:
        return Served(name=name, outcome="failed", reason=f"{error.strerror} ({error.filename})"), False
    if not result.good:
        outcome: Outcome = "stranded" if result.outcome == "stranded" else "failed"
        return Served(name=name, outcome=outcome, reason=result.reason, transaction=result.transaction), False
    outcome = "unchanged" if result.outcome == "unchanged" else "applied"
    return Served(name=name, outcome=outcome, transaction=result.transaction), False


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _mark(path: str, text: bytes, *, keep: bool) -> None:
    """Remember that it was applied. Documents may hold secrets: what we write is for nobody else to read."""
    if not keep:
        os.rename(path, path + APPLIED)
        return
    beside = f"{path}{APPLIED}.new"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(handle, "wb") as file:
        file.write(text)
    os.rename(beside, path + APPLIED)


def write_status(path: str, served: tuple[Served, ...], *, began: float, ended: float | None = None) -> None:
    """Tell who asks later: times in seconds since the epoch, `ended` is null while it goes on."""
    told = {
        "began": began,
        "ended": ended,
        "failed": [one.name for one in served if not one.good],
        "files": [plain(one) for one in served],
    }
    with contextlib.suppress(OSError):  # it is no reason to apply less
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            json.dump(told, file)
        os.rename(f"{path}.new", path)


def plain(one: Served) -> dict[str, typing.Any]:
    """What became of a file, as plain data."""
    return {
        "name": one.name,
        "outcome": one.outcome,
        "reason": one.reason,
        "transaction": one.transaction,
        "diagnostics": [str(mistake) for mistake in one.diagnostics],
    }
