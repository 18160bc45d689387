"""What is known about why the host is not as it should be."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.change import Difference, Plan
from linkhold.planning.verify import Mismatch


class Explained(Mismatch):
    """A mismatch with what is known about its cause ('' when nothing is)."""

    why: str = ""

    def __str__(self) -> str:
        return f"{super().__str__()}{f': {self.why}' if self.why else ''}"


class Witness:
    """Remembers what agreed at some reading: what differs afterwards was changed by somebody else."""

    def __init__(self, plan: Plan) -> None:
        self._planned = {one.path: one for change in plan.changes for one in change.differences}
        self._differed: frozenset[str] | None = None
        self._agreed: set[str] = set()

    def saw(self, mismatches: typing.Iterable[Mismatch]) -> None:
        """A reading of the host."""
        now = frozenset(one.path for one in mismatches)
        if self._differed is not None:
            self._agreed |= self._differed - now
        self._differed = now

    def explain(self, one: Mismatch) -> Explained:
        """The mismatch with its cause."""
        return Explained(**one.said(), why=self._why(one))

    def _why(self, one: Mismatch) -> str:
        planned = self._planned.get(one.path)
        if one.path in self._agreed:
            return "it was so for a moment: another process changed it again"
        if one.path.endswith(".state") and one.desired == "up":
            return "it did not come up: its carrier is missing (cable, peer or ports), or another process set it down"
        if planned is None:
            return "it was so before: the change of something else, or another process, changed it"
        return _fruitless(planned, one)


def _fruitless(planned: Difference, one: Mismatch) -> str:
    if one.current == planned.before:
        return "the request was accepted without effect: the driver refuses this value, or another process set it back"
    if one.current is UNSET:
        return "it was accepted and is gone again: another process removed it, or it depends on something missing"
    return "neither the old nor the desired value: the kernel adjusted it, or another process changed it"


def refused(mismatches: typing.Iterable[Mismatch], refusals: dict[str, str]) -> tuple[Explained, ...]:
    """Mismatches after a rollback, with the refusals met on the way, by the name of the change ('' for all)."""

    def why(path: str) -> str:
        return next((text for name, text in refusals.items() if name and f"[{name}]" in path), refusals.get("", ""))

    return tuple(Explained(**{**one.said(), "why": why(one.path)}) for one in mismatches)
