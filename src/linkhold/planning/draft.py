"""Changes in the making: what `compare` finds, `consequences` adds to, and `order` and `risks` judge."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.change import Action, Change, Difference, Risk, Stage, Subject
from linkhold.planning.diff import Found
from linkhold.planning.references import references


class Draft:
    """One change before it is a value; `why_flaps` says why the link goes down for a moment ('' if it does not)."""

    __slots__ = (
        "_after",
        "_before",
        "action",
        "after",
        "before",
        "found",
        "key",
        "name",
        "reasons",
        "risks",
        "stages",
        "subject",
        "why_flaps",
    )

    def __init__(
        self,
        subject: Subject,
        key: typing.Any,
        name: str,
        before: typing.Any,
        after: typing.Any,
        found: typing.Iterable[Found] = (),
    ) -> None:
        self.subject, self.key, self.name, self.before, self.after = subject, key, name, before, after
        self.action: Action = "+" if before is UNSET else "-" if after is UNSET else "~"
        self.found = list(found)
        self.reasons: list[str] = []
        self.risks: list[Risk] = []
        self.stages: tuple[Stage, ...] = ()
        self.why_flaps = ""
        self._before: dict[str, list[str]] | None = None
        self._after: dict[str, list[str]] | None = None

    @property
    def made(self) -> bool:
        """Whether it is made (again)."""
        return self.action in "+±"

    @property
    def gone(self) -> bool:
        """Whether what was there is removed, for good or to be made again."""
        return self.action in "-±"

    def needs(self, *roles: str) -> list[str]:
        """The interfaces it will name in some roles."""
        if self._after is None:
            self._after = _by_role(self.after)
        return [name for role in roles for name in self._after.get(role, ())]

    def needed(self, *roles: str) -> list[str]:
        """The interfaces it named before in some roles."""
        if self._before is None:
            self._before = _by_role(self.before)
        return [name for role in roles for name in self._before.get(role, ())]

    def because(self, reason: str) -> None:
        """Add a reason."""
        if reason not in self.reasons:
            self.reasons.append(reason)

    def differences(self) -> tuple[Difference, ...]:
        """What differs, with paths from the root of the document."""
        return tuple(one.difference for one in self.found)

    def value(self, provider: str = "") -> Change:
        """The change, finished."""
        said: dict[str, typing.Any] = {
            "action": self.action,
            "subject": self.subject,
            "name": self.name,
            "provider": provider,
        }
        said |= {"before": self.before, "after": self.after, "differences": self.differences()}
        return Change(**said, reasons=tuple(self.reasons), risks=tuple(self.risks))


def _by_role(value: typing.Any) -> dict[str, list[str]]:
    roles: dict[str, list[str]] = {}
    if value is not UNSET:
        for one in references(value):
            roles.setdefault(one.role, []).append(one.name)
    return roles
