"""One structured log for daemons: a JSON object a line, with an event's name and its fields, and no secrets.

    {"at": "2026-03-01T10:00:00.123+00:00", "level": "info", "logger": "executor", "event": "setup-began", "request": "7c…"}

Where standard error is the journal of systemd, each line begins with its level as sd-daemon(3) spells it (``<6>``), so that
``journalctl -p warning`` works. A line is written by one write(2): threads and processes do not mix theirs.
"""

import json
import os
import time
import traceback
import typing

Level = typing.Literal["debug", "info", "warning", "error"]

_PRIORITIES: typing.Final[dict[str, int]] = {"debug": 7, "info": 6, "warning": 4, "error": 3}
_RANKS: typing.Final = tuple(_PRIORITIES)

HIDDEN: typing.Final = "<hidden>"

_SECRET_WORDS: typing.Final = frozenset(
    {
        *("password", "passwd", "passphrase", "psk", "secret", "token", "cak", "credentials"),
        *("private-key", "preshared-key"),
    }
)
"""Keys, or last words of keys (``mka-cak``, ``private-key-password``), whose values nobody may read in a log. Every field of
a document that is marked as a secret is among them."""


def masked(value: typing.Any) -> typing.Any:
    """A copy of plain data in which the values of secret keys are `HIDDEN`; None and '' stay as they are."""
    if isinstance(value, typing.Mapping):
        return {key: _kept(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(one) for one in value]
    return value


def _kept(key: str, value: typing.Any) -> typing.Any:
    spelled = key.lower().replace("_", "-")
    if value not in (None, "") and any(f"-{spelled}".endswith(f"-{word}") for word in _SECRET_WORDS):
        return HIDDEN
    return masked(value)


def to_stderr(line: bytes) -> None:
    """Write a line to standard error. A reader that went away, or a full disk, is nobody's failure."""
    try:
        os.write(2, line)
    except OSError:
        pass  # there is nowhere left to say so


class Log:
    """Where a daemon tells what it does. `least` is the level below which nothing is written.

    `write` takes whole lines; by default they go to standard error. `bound` gives a log whose lines all carry some fields.
    """

    def __init__(
        self,
        name: str,
        *,
        write: typing.Callable[[bytes], None] = to_stderr,
        least: Level = "info",
        now: typing.Callable[[], float] = time.time,
        journal: bool | None = None,
        fields: typing.Mapping[str, typing.Any] | None = None,
    ) -> None:
        self.name = name
        self._write, self._least, self._now = write, least, now
        self._journal = "JOURNAL_STREAM" in os.environ if journal is None else journal
        self._fields = dict(fields or {})

    def bound(self, **fields: typing.Any) -> "Log":
        """The same log, with more fields in each line."""
        return Log(
            self.name,
            write=self._write,
            least=self._least,
            now=self._now,
            journal=self._journal,
            fields={**self._fields, **fields},
        )

    def debug(self, event: str, **fields: typing.Any) -> None:
        """For those who look for a fault of ours."""
        self.say("debug", event, **fields)

    def info(self, event: str, **fields: typing.Any) -> None:
        """What happens."""
        self.say("info", event, **fields)

    def warning(self, event: str, **fields: typing.Any) -> None:
        """What somebody should look at."""
        self.say("warning", event, **fields)

    def error(self, event: str, **fields: typing.Any) -> None:
        """What did not work."""
        self.say("error", event, **fields)

    def bug(self, event: str, error: BaseException, **fields: typing.Any) -> None:
        """A mistake of ours, with its traceback."""
        self.say("error", event, **fields, error=repr(error), traceback=traceback.format_exception(error))

    def say(self, level: Level, event: str, **fields: typing.Any) -> None:
        """A line at a level that is not known beforehand."""
        if _RANKS.index(level) < _RANKS.index(self._least):
            return
        told = {"at": _spelled(self._now()), "level": level, "logger": self.name, "event": event}
        body = {**told, **masked({**self._fields, **fields})}
        text = json.dumps(body, ensure_ascii=False, default=str, separators=(", ", ": "))
        mark = f"<{_PRIORITIES[level]}>" if self._journal else ""
        self._write(f"{mark}{text}\n".encode("utf-8", "backslashreplace"))


def _spelled(at: float) -> str:
    """A moment (seconds since the epoch) in UTC, to the millisecond (RFC 3339)."""
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))
    return f"{whole}.{int(at % 1 * 1000):03}+00:00"


def take_in(log: Log) -> None:
    """Let what modules say by `logging` (the standard library's) stand in this log, too."""
    import logging  # heavy: only daemons pay for it

    def tell(record: logging.LogRecord) -> None:
        fields: dict[str, typing.Any] = {"message": record.getMessage()}
        if record.exc_info:
            fields["traceback"] = logging.Formatter().formatException(record.exc_info)
        level = "error" if record.levelno >= logging.ERROR else record.levelname.lower()
        log.bound(logger=record.name).say(typing.cast("Level", level), "message", **fields)

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            tell(record)

    root = logging.getLogger()
    root.handlers[:] = [Handler()]
    root.setLevel(logging.INFO)
