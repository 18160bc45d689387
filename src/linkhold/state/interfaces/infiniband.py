"""IP over InfiniBand (RFC 4391)."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import CreateOnly, Default, Flaps, Names, Range, Spelled
from linkhold.state.interfaces.common import Interface

DEFAULT_PKEY: typing.Final = 0xFFFF
"""The partition of the card itself."""


class InfinibandConfig(Record):
    """Partition (`pkey`) and transport; `DEFAULT_PKEY` is the card itself, others are interfaces on it."""

    mode: typing.Annotated[typing.Literal["datagram", "connected"] | Unset, Flaps("the transport starts anew")] = UNSET
    parent: typing.Annotated[str | Unset, Spelled("base-iface"), Names("parent"), CreateOnly(), Default("")] = UNSET
    pkey: typing.Annotated[int | Unset, Range(0, 0xFFFF), CreateOnly(), Default(DEFAULT_PKEY)] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """The card itself rides on nothing; a partition does."""
        has_parent = self.parent not in (UNSET, "")
        if has_parent and self.pkey in (UNSET, DEFAULT_PKEY):
            found.error("infiniband-pkey", at, "'base-iface' needs a 'pkey' other than 0xffff", expected="pkey: 0x8001")
        elif not has_parent and self.pkey not in (UNSET, DEFAULT_PKEY):
            found.error("infiniband-pkey", (*at, "pkey"), "a partition needs 'base-iface'", expected="base-iface: ib0")


class Infiniband(Interface):
    """An InfiniBand port, or a partition of it, that speaks IP."""

    kind: typing.ClassVar[str] = "infiniband"
    virtual: typing.ClassVar[bool] = False

    infiniband: InfinibandConfig | Unset = UNSET
