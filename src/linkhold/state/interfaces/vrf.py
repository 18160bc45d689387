"""VRF: routing tables of their own for some interfaces (kernel documentation: networking/vrf)."""

import typing

from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import CreateOnly, Default, Described, Names, Range, Spelled, Unordered
from linkhold.state.interfaces.common import Interface


class VrfConfig(Record):
    """Which interfaces use which table; a table of 0 means: keep the one there is."""

    port: typing.Annotated[
        tuple[str, ...] | Unset, Spelled("port", "ports"), Names("port"), Unordered(), Default(())
    ] = UNSET
    table: typing.Annotated[
        int | Unset,
        Spelled("route-table-id"),
        Range(0, 2**32 - 1),
        CreateOnly(),
        Described("The routing table of this VRF; 0 keeps the one there is."),
    ] = UNSET


class Vrf(Interface):
    """A device whose ports route by a table of their own."""

    kind: typing.ClassVar[str] = "vrf"
    has_own_mac: typing.ClassVar[bool] = False
    is_controller: typing.ClassVar[bool] = True

    vrf: VrfConfig | Unset = UNSET

    @property
    def ports(self) -> tuple[str, ...] | Unset:
        """The names of its ports, where it lists them."""
        return self.vrf.port if isinstance(self.vrf, VrfConfig) else UNSET

    def canonical(self) -> typing.Self:
        """A table of 0 is one that was not said."""
        if isinstance(self.vrf, VrfConfig) and self.vrf.table == 0:
            return self.replace(vrf=self.vrf.replace(table=UNSET))
        return self
