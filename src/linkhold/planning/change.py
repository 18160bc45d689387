"""The plan as a value: what is printed, approved, journalled and applied is this and nothing else."""

import typing

from linkhold.foundation.record import UNSET, Record

Action = typing.Literal["+", "~", "±", "-"]
"""create, modify in place, replace (remove and create), remove: an action *is* its printed symbol."""

Subject = typing.Literal["interface", "route", "rule", "dns", "hostname", "ovs-db", "ovn"]

Stage = typing.Literal[
    "release", "remove", "create", "attach", "configure", "activate", "address", "route", "rule", "resolve", "discard"
]
"""The phases of an application, in the order in which they come (`STAGES`); see `plan.order` for what each does."""

STAGES: typing.Final[tuple[Stage, ...]] = typing.get_args(Stage)

RiskKind = typing.Literal["flap", "replace", "address", "route", "default-route", "peer", "controller"]
"""What a change may cost: the link goes down for a moment; the interface is deleted and made again; an address or a
route is dropped; the default route, or the connection that this command came over (the SSH peer), runs through it; a
port leaves its controller."""


class Difference(Record):
    """One field that differs. `before` and `after` are plain data as a document spells them; `UNSET` means absent."""

    path: str
    before: typing.Any = UNSET
    after: typing.Any = UNSET
    secret: bool = False


class Risk(Record):
    """What a change may cost the operator, in one sentence."""

    kind: RiskKind
    message: str


class Change(Record):
    """One object that will be made, changed, replaced or removed.

    `name` is unique within its `subject` (an interface's name, with ``/kind`` for user-space kinds; for routes and rules
    a canonical one-line spelling; the subject itself where there is one only). `before` and `after` are whole values
    (`Interface`, `Route`, `Rule`, …) as read from the host and as expected; a provider carries out their difference.
    A route or rule with equal `before` and `after` is *put back*: the kernel drops it as a side effect of another change.
    `reasons` are the paths in the document that ask for it, or a sentence where no path does.
    """

    action: Action
    subject: Subject
    name: str
    before: typing.Any = UNSET
    after: typing.Any = UNSET
    differences: tuple[Difference, ...] = ()
    reasons: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()
    provider: str = ""

    def risks_of(self, kind: RiskKind) -> bool:
        """Whether it carries this kind of risk."""
        return any(risk.kind == kind for risk in self.risks)

    def inverse(self) -> "Change":
        """The change that takes this one back; order and risks are derived anew by the planner."""
        back: dict[Action, Action] = {"+": "-", "-": "+", "~": "~", "±": "±"}
        return Change(
            action=back[self.action],
            subject=self.subject,
            name=self.name,
            before=self.after,
            after=self.before,
            differences=tuple(one.replace(before=one.after, after=one.before) for one in self.differences),
            reasons=(f"takes back: {self.action} {self.subject} {self.name}",),
            provider=self.provider,
        )


class Level(Record):
    """Changes (by position in the plan) that are carried out together in one stage: none waits for another."""

    stage: Stage
    changes: tuple[int, ...]


class Plan(Record):
    """Everything that would be done, in order; empty when the host already is as desired."""

    changes: tuple[Change, ...] = ()
    levels: tuple[Level, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is to be done."""
        return not self.changes

    def steps(self) -> typing.Iterator[tuple[Stage, tuple[Change, ...]]]:
        """The stages in order with their changes, as a provider carries them out."""
        for level in self.levels:
            yield level.stage, tuple(self.changes[index] for index in level.changes)

    def interfaces(self) -> frozenset[str]:
        """The names of the interfaces that any change touches."""
        return frozenset(one.name for one in self.changes if one.subject == "interface")
