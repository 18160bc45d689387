"""Refusals on order: a simulated host says no where a test (or a rehearsal of an outage) wants it to."""

import typing

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import Record
from linkhold.planning.change import Change


class Fault(Record):
    """The host refuses a change.

    It holds for the changes of one `stage` and one `name` ('' is any of them), lets the first `skip` of those pass, and
    refuses `times` of them after that (-1: for ever).
    """

    stage: str = ""
    name: str = ""
    skip: int = 0
    times: int = 1
    message: str = "Device or resource busy (EBUSY)"

    def matches(self, stage: str, change: Change) -> bool:
        """Whether this one is meant."""
        return self.times != 0 and self.stage in ("", stage) and self.name in ("", change.name)

    def spent(self) -> "Fault":
        """What is left of it after one more change that was meant."""
        if self.skip:
            return self.replace(skip=self.skip - 1)
        return self if self.times < 0 else self.replace(times=self.times - 1)


def check(faults: list[Fault], stage: str, change: Change) -> None:
    """Count a change against the faults.

    Raises:
        Refused: one of them is due.
    """
    for index, fault in enumerate(faults):
        if fault.matches(stage, change):
            faults[index] = fault.spent()
            if not fault.skip:
                raise Refused(f"can't {_verb(stage)} {change.name}", change=change, answer=fault.message)


def _verb(stage: str) -> str:
    words: typing.Final = {"address": "give addresses to", "route": "route", "rule": "add the rule", "resolve": "set"}
    return words.get(stage, stage)
