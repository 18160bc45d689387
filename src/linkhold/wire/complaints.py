"""Warnings that a peer can cause: a flood of connections must not become a flood of lines in the log."""

import logging
import typing
from collections.abc import Callable

EVERY_S: typing.Final = 10.0
_MOST_CAUSES: typing.Final = 1024


class Complaints:
    """Logs the first complaint about something of an origin at once; counts further ones, and tells how many with the next."""

    def __init__(self, logger: logging.Logger, clock: Callable[[], float], every: float = EVERY_S) -> None:
        self._logger = logger
        self._clock = clock
        self._every = every
        self._told: dict[tuple[str, str], tuple[float, int]] = {}

    def about(self, origin: str, what: str, sentence: str) -> None:
        """Log a sentence, unless one about the same thing of the same origin was logged just now."""
        now = self._clock()
        since, silent = self._told.get((origin, what), (-self._every, 0))
        if now - since < self._every:
            self._told[origin, what] = since, silent + 1
            return
        if len(self._told) >= _MOST_CAUSES:
            self._told.clear()
        self._told[origin, what] = now, 0
        more = f" (and {silent} times since the last such line)" if silent else ""
        self._logger.warning("%s%s", sentence, more)
