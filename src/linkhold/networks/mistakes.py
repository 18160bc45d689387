"""What is wrong with a request: every mistake, in the order in which vdsm would have come upon them.

vdsm stops at its first mistake; whoever knows its numbers expects that one to decide the number of the whole answer.
"""

import enum
import typing

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Path, did_you_mean

MOST: typing.Final = 200
"""Hints told at once, at most: finding what was meant takes time for each, and nobody reads more."""


class Stage(enum.IntEnum):
    """When vdsm looks at something: while it makes the request canonical, then rule by rule (``network/validator.py``).

    Custom properties come last: it meets them when all else is done already.
    """

    SHAPE = 0
    CANONICAL = 1
    NAMES = 2
    ADDRESSES = 3
    SWITCH = 4
    SOUTHBOUND = 5
    NETWORK = 6
    BOND = 7
    USAGE = 8
    CUSTOM = 9


class Mistakes:
    """A collector of diagnostics by stage, passed down while reading and checking."""

    def __init__(self) -> None:
        self._stages: dict[Stage, Diagnostics] = {stage: Diagnostics() for stage in Stage}
        self._hints = 0

    def error(self, stage: Stage, code: str, path: Path, message: str, *, expected: str = "", hint: str = "") -> None:
        """Add an error; `code` is one of `codes.CODES`."""
        self._stages[stage].error(code, path, message, expected=expected, hint=hint)

    def warning(self, code: str, path: Path, message: str, *, hint: str = "") -> None:
        """Add a warning: shown, but nothing is refused for it."""
        self._stages[Stage.SHAPE].warning(code, path, message, hint=hint)

    def unknown(self, path: Path, word: str, known: typing.Iterable[str]) -> None:
        """Warn of an attribute that nobody knows: vdsm ignores such, so that newer centres can talk to older hosts."""
        self.warning("unknown-attribute", path, f"unknown attribute '{word}', ignored", hint=self.hint(word, known))

    def hint(self, word: str, known: typing.Iterable[str]) -> str:
        """What may have been meant by a word that is not known."""
        self._hints += 1
        return did_you_mean(word, known) if self._hints <= MOST else ""

    def in_order(self) -> Diagnostics:
        """All of them, in vdsm's order; what is wrong in the same stage stands as it was found."""
        return Diagnostics(one for stage in Stage for one in self._stages[stage])

    def warnings(self) -> tuple[Diagnostic, ...]:
        """Those that forbid nothing."""
        return tuple(one for one in self.in_order() if one.severity == "warning")
