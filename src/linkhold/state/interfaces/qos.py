"""Quality of service for what leaves an interface: the classes of a hierarchical fair service curve scheduler (HFSC).

Each VLAN that rides on a card or bond may have a class of its own, told apart by the tag of its frames; the *default class*
(without ``vlan``) takes all other frames. Sources: `include/uapi/linux/pkt_sched.h` (`struct tc_service_curve`), tc-hfsc(7).
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Default, Described, Range, ReadOnly

_U32: typing.Final = 2**32 - 1
_BITS: typing.Final = 8
"""The kernel counts bytes: a rate is a whole number of them."""

_WEIGHT: typing.Final = Range(0, _U32)
_RATE: typing.Final = Range(0, _U32 * _BITS + _BITS - 1)
_TIME: typing.Final = Range(0, _U32)


class Share(Record):
    """A curve of weights: `m1` for the first `d` microseconds after a class was idle, then `m2`."""

    m1: typing.Annotated[int | Unset, _WEIGHT, Default(0)] = UNSET
    d: typing.Annotated[int | Unset, _TIME, Default(0), Described("In microseconds.")] = UNSET
    m2: typing.Annotated[int | Unset, _WEIGHT, Default(0)] = UNSET

    @property
    def greatest(self) -> int:
        """The larger of its two slopes."""
        return max(number(self.m1), number(self.m2))

    def canonical(self) -> "Share":
        """Without what is zero."""
        return Share(**{name: value for name, value in self.said().items() if value})


class Curve(Record):
    """A curve of rates in bit/s: `m1` for the first `d` microseconds after a class was idle, then `m2`."""

    m1: typing.Annotated[int | Unset, _RATE, Default(0), Described("In bit/s.")] = UNSET
    d: typing.Annotated[int | Unset, _TIME, Default(0), Described("In microseconds.")] = UNSET
    m2: typing.Annotated[int | Unset, _RATE, Default(0), Described("In bit/s.")] = UNSET

    @property
    def greatest(self) -> int:
        """The larger of its two slopes."""
        return max(number(self.m1), number(self.m2))

    def canonical(self) -> "Curve":
        """With rates as the kernel keeps them: whole bytes each second, rounded down, at least one; without what is zero."""
        told = {"m1": _whole(number(self.m1)), "d": number(self.d), "m2": _whole(number(self.m2))}
        return Curve(**{name: value for name, value in told.items() if value})


def number(said: int | Unset) -> int:
    """A member of a curve; one that was not said is none."""
    return said if isinstance(said, int) else 0


def _whole(rate: int) -> int:
    return max(rate - rate % _BITS, _BITS) if rate else 0


class QosClass(Record):
    """What one VLAN may send, or (without `vlan`) all that has no class of its own."""

    vlan: typing.Annotated[
        int | Unset, Range(1, 4094), Described("Frames with this tag; left out: all other frames.")
    ] = UNSET
    link_share: typing.Annotated[
        Share | Unset, Described("Its part of what is left over, in proportion to the other classes: weights.")
    ] = UNSET
    upper_limit: typing.Annotated[Curve | Unset, Described("Never more than this, in bit/s.")] = UNSET
    real_time: typing.Annotated[Curve | Unset, Described("Guaranteed, in bit/s.")] = UNSET

    @property
    def _curves(self) -> tuple[tuple[str, Share | Curve | Unset], ...]:
        return ("link-share", self.link_share), ("upper-limit", self.upper_limit), ("real-time", self.real_time)

    def check(self, at: Path, found: Diagnostics) -> None:
        """The kernel needs a share or a guarantee in each class, and a share where there is a limit (`hfsc_change_class`)."""
        empty = [key for key, curve in self._curves if not isinstance(curve, Unset) and not curve.greatest]
        for key in empty:
            found.error(
                "qos", (*at, key), "this curve allows nothing", expected="m1 or m2 above 0", hint="leave it out"
            )
        if empty:
            return
        if self.link_share is UNSET and self.upper_limit is not UNSET:
            found.error("qos", (*at, "upper-limit"), "a limit needs a share to limit", hint="give 'link-share' as well")
        elif self.link_share is UNSET and self.real_time is UNSET:
            found.error("qos", at, "a class needs 'link-share' or 'real-time'", hint="give it a link-share: {m2: 50}")

    def canonical(self) -> "QosClass":
        """With curves as the kernel keeps them."""
        curves = {name: self.get(name) for name in ("link_share", "upper_limit", "real_time")}
        return self.replace(**{name: curve.canonical() for name, curve in curves.items() if curve is not UNSET})


class Qos(Record):
    """Classes of what leaves this interface (HFSC)."""

    classes: typing.Annotated[
        tuple[QosClass, ...] | Unset,
        Default(()),
        Described("All classes; [] takes the scheduler away. Where none is without 'vlan', one is made for the rest."),
    ] = UNSET
    foreign: typing.Annotated[
        str | Unset, ReadOnly(), Described("Another scheduler that somebody else has set up at the root (htb, …).")
    ] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """No tag has two classes."""
        seen: set[int | None] = set()
        for index, one in enumerate(self.classes if isinstance(self.classes, tuple) else ()):
            vlan = one.vlan if isinstance(one.vlan, int) else None
            if vlan in seen:
                message = "there are two default classes" if vlan is None else f"VLAN {vlan} has two classes"
                found.error("duplicate", (*at, "classes", index), message, hint="take one away")
            seen.add(vlan)

    def canonical(self) -> "Qos":
        """With a default class, without which all other frames would be dropped (`hfsc_enqueue`), and rates as kept."""
        if not isinstance(self.classes, tuple) or not self.classes:
            return self
        classes = tuple(sorted((one.canonical() for one in self.classes), key=_order))
        if classes[0].vlan is not UNSET:
            classes = (default_class(classes), *classes)
        return self if classes == self.classes else self.replace(classes=classes)


def default_class(classes: tuple[QosClass, ...]) -> QosClass:
    """A class for all other frames, beside these: its share is as large as the largest of them."""
    shares = [one.link_share.greatest for one in classes if isinstance(one.link_share, Share)]
    if not shares:  # those with nothing but a guarantee take no part in sharing: any weight is all of the rest
        shares = [1]
    return QosClass(link_share=Share(m2=max(shares)))


def _order(one: QosClass) -> int:
    return one.vlan if isinstance(one.vlan, int) else 0
