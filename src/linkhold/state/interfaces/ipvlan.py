"""IPVLAN: several interfaces with one MAC (kernel documentation: networking/ipvlan)."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import CreateOnly, Default, Names, Spelled
from linkhold.state.interfaces.common import Interface


class IpVlanConfig(Record):
    """On which parent, and at which layer frames are told apart."""

    parent: typing.Annotated[str | Unset, Spelled("base-iface"), Names("parent"), CreateOnly()] = UNSET
    mode: typing.Annotated[typing.Literal["l2", "l3", "l3s"] | Unset, Default("l3")] = UNSET
    private: typing.Annotated[bool | Unset, Default(False)] = UNSET
    vepa: typing.Annotated[bool | Unset, Default(False)] = UNSET

    def check(self, at: Path, found: Diagnostics) -> None:
        """The two ways to keep siblings apart exclude each other."""
        if self.private is True and self.vepa is True:
            message = "'private' and 'vepa' exclude each other"
            found.error("ipvlan-flags", (*at, "vepa"), message, hint="keep one of them")


class IpVlan(Interface):
    """An interface with addresses of its own and the MAC of its parent."""

    kind: typing.ClassVar[str] = "ipvlan"
    has_own_mac: typing.ClassVar[bool] = False

    ipvlan: IpVlanConfig | Unset = UNSET
