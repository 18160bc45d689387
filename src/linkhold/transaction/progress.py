"""What a transaction tells while it runs: values, for whoever prints or forwards them."""

import typing

from linkhold.foundation.record import Record

Phase = typing.Literal["observe", "plan", "probe", "guard", "apply", "verify", "confirm", "rollback", "done"]


class Progress(Record):
    """Where it is. `done` of `total` levels (or attempts) where the phase has several; `limit` is when it has to end at
    the latest, in seconds from now (0: it waits for nothing)."""

    phase: Phase
    message: str
    done: int = 0
    total: int = 0
    limit: float = 0.0


Report = typing.Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Nobody listens."""


class Stopwatch:
    """The seconds spent in each phase."""

    def __init__(self, now: typing.Callable[[], float]) -> None:
        self._now = now
        self._since = now()
        self.spent: dict[str, float] = {}

    def lap(self, phase: Phase) -> None:
        """What passed since the last lap belongs to this phase."""
        now = self._now()
        self.spent[phase] = round(self.spent.get(phase, 0.0) + now - self._since, 6)
        self._since = now
