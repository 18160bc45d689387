"""HSR and PRP: every frame twice, over two ways (IEC 62439-3)."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import CreateOnly, Default, Names, Range, ReadOnly
from linkhold.state.interfaces.common import Interface
from linkhold.state.spellings import MAC


class HsrConfig(Record):
    """The two ways, and the protocol spoken over them."""

    port1: typing.Annotated[str | Unset, Names("parent"), CreateOnly()] = UNSET
    port2: typing.Annotated[str | Unset, Names("parent"), CreateOnly()] = UNSET
    supervision_address: typing.Annotated[str | Unset, MAC, ReadOnly()] = UNSET
    multicast_spec: typing.Annotated[int | Unset, Range(0, 255), Default(0), CreateOnly()] = UNSET
    protocol: typing.Annotated[typing.Literal["hsr", "prp"] | Unset, Default("hsr"), CreateOnly()] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """The two ways are two."""
        if self.port1 is not UNSET and self.port1 == self.port2:
            found.error("hsr-ports", (*at, "port2"), f"{self.port2} is port1 already", expected="another interface")


class Hsr(Interface):
    """An interface that survives the loss of either of its two ports without losing a frame."""

    kind: typing.ClassVar[str] = "hsr"

    hsr: HsrConfig | Unset = UNSET
