"""IEEE 802.1Q and 802.1ad tagged interfaces."""

import typing

from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import CreateOnly, Default, Described, Names, Range, Spelled, Strict
from linkhold.state.interfaces.common import Interface


class VlanConfig(Record):
    """Which tag, on which parent."""

    parent: typing.Annotated[
        str | Unset, Spelled("base-iface"), Names("parent"), CreateOnly(), Described("The interface it rides on.")
    ] = UNSET
    tag: typing.Annotated[int | Unset, Spelled("id"), Range(0, 4095), CreateOnly(), Described("The tag.")] = UNSET
    protocol: typing.Annotated[typing.Literal["802.1q", "802.1ad"] | Unset, Default("802.1q"), CreateOnly()] = UNSET
    registration_protocol: typing.Annotated[typing.Literal["none", "gvrp", "mvrp"] | Unset, Default("none")] = UNSET
    reorder_headers: typing.Annotated[bool | Unset, Strict(), Default(True)] = UNSET
    loose_binding: typing.Annotated[bool | Unset, Strict(), Default(False)] = UNSET


class Vlan(Interface):
    """An IEEE 802.1Q or 802.1ad tagged interface."""

    kind: typing.ClassVar[str] = "vlan"

    vlan: VlanConfig | Unset = UNSET
