"""Virtual Ethernet pairs (veth(4)): two interfaces, what goes into one comes out of the other."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import CreateOnly, Described, Names
from linkhold.state.interfaces.ethernet import Ethernet


class VethConfig(Record):
    """Which interface is at the other end."""

    peer: typing.Annotated[str | Unset, Names("peer"), CreateOnly(), Described("The interface at the other end.")] = (
        UNSET
    )


class Veth(Ethernet):
    """One end of a virtual Ethernet pair. In documents it may also be called ``ethernet``."""

    kind: typing.ClassVar[str] = "veth"
    virtual: typing.ClassVar[bool] = True

    veth: VethConfig | Unset = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """Nothing is its own peer."""
        super().check(at, found)
        if isinstance(self.veth, VethConfig) and self.veth.peer == self.name:
            message = f"{self.name} can't be its own peer"
            found.error("veth-peer", (*at, "veth", "peer"), message, expected="another name")
