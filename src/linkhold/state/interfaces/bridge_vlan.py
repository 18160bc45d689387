"""VLANs of a bridge port, alike for Linux bridges and Open vSwitch."""

import itertools
import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Default, Range


class TagRange(Record):
    """VLAN tags from `min` to `max`, both included."""

    min: typing.Annotated[int, Range(1, 4094)]
    max: typing.Annotated[int, Range(1, 4094)]

    def check(self, at: Path, found: Diagnostics) -> None:
        """It is not empty."""
        if self.min > self.max:
            message = f"{self.min} is above max, {self.max}"
            found.error("vlan-range", (*at, "min"), message, expected="at most max", hint="swap them")


class TrunkTag(Record):
    """One tag, or a range of them."""

    id: typing.Annotated[int | Unset, Range(1, 4094)] = UNSET
    id_range: TagRange | Unset = UNSET

    @property
    def span(self) -> tuple[int, int]:
        """The least and the greatest tag."""
        if isinstance(self.id_range, TagRange):
            return self.id_range.min, self.id_range.max
        return (self.id, self.id) if isinstance(self.id, int) else (0, -1)

    def check(self, at: Path, found: Diagnostics) -> None:
        """It is either of both."""
        if (self.id is UNSET) is (self.id_range is UNSET):
            expected = "{id: 10} or {id-range: {min: 10, max: 20}}"
            found.error("trunk-tag", at, "needs exactly one of 'id' and 'id-range'", expected=expected)


class PortVlan(Record):
    """VLANs of one port: `access` puts all its frames into VLAN `tag`; `trunk` lets tagged ones through.

    An empty map takes all VLANs of the port away.
    """

    mode: typing.Literal["access", "trunk"] | Unset = UNSET
    tag: typing.Annotated[int | Unset, Range(0, 4094), Default(0)] = UNSET
    enable_native: typing.Annotated[bool | Unset, Default(False)] = UNSET
    trunk_tags: typing.Annotated[tuple[TrunkTag, ...] | Unset, Default(())] = UNSET

    @property
    def empty(self) -> bool:
        """Whether it says that the port has no VLANs of its own."""
        return not self.said()

    def canonical(self) -> "PortVlan":
        """The same with tags in order, and those that follow each other as a range."""
        tags = self.trunk_tags if isinstance(self.trunk_tags, tuple) else ()
        merged = tuple(ranges(number for one in tags for number in range(one.span[0], one.span[1] + 1)))
        return self if merged == tags else self.replace(trunk_tags=merged)

    def check(self, at: Path, found: Diagnostics) -> None:
        """An access port has one tag, a trunk has trunk tags that do not overlap; its own tag needs enable-native."""
        tags = self.trunk_tags if isinstance(self.trunk_tags, tuple) else ()
        if self.mode == "access":
            if tags:
                message = "an access port has no trunk tags"
                found.error("vlan-mode", (*at, "trunk-tags"), message, hint="say mode: trunk")
            if self.enable_native is True:
                message = "only a trunk has a native VLAN"
                found.error("vlan-mode", (*at, "enable-native"), message, hint="say mode: trunk")
        elif self.mode == "trunk":
            if not tags:
                found.error("vlan-mode", at, "a trunk needs 'trunk-tags'", expected="trunk-tags: [{id: 10}]")
            if self.tag not in (UNSET, 0) and self.enable_native is not True:
                message = "a trunk's tag needs enable-native: true"
                found.error("vlan-mode", (*at, "tag"), message, hint="add enable-native: true")
        elif not self.empty:
            found.error("missing-key", at, "'mode' is required", expected="mode: access or mode: trunk")
        _check_overlaps(tags, (*at, "trunk-tags"), found)


def ranges(tags: typing.Iterable[int]) -> typing.Iterator[TrunkTag]:
    """Tags in order, those that follow each other as a range."""
    numbers = sorted(tags)
    for _, group in itertools.groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        span = [number for _, number in group]
        first, last = span[0], span[-1]
        yield TrunkTag(id=first) if first == last else TrunkTag(id_range=TagRange(min=first, max=last))


def _check_overlaps(tags: tuple[TrunkTag, ...], at: Path, found: Diagnostics) -> None:
    spans = sorted((*tag.span, index) for index, tag in enumerate(tags))
    for (_, last, _), (first, _, index) in itertools.pairwise(spans):
        if first <= last:
            message = f"tag {first} is listed twice"
            found.error("vlan-overlap", (*at, index), message, expected="ranges that do not overlap")
