"""XFRM interfaces: where IPsec policies send their traffic (IFLA_XFRM_* of `include/uapi/linux/if_link.h`)."""

import typing

from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Names, ReadOnly, Spelled
from linkhold.state.interfaces.common import Interface


class XfrmConfig(Record):
    """On which parent, and the number by which policies know it; shown only."""

    parent: typing.Annotated[str | Unset, Spelled("base-iface"), Names("parent")] = UNSET
    id: int | Unset = UNSET


class Xfrm(Interface):
    """An interface that stands for IPsec policies; shown, not made."""

    kind: typing.ClassVar[str] = "xfrm"
    virtual: typing.ClassVar[bool] = False
    has_own_mac: typing.ClassVar[bool] = False

    xfrm: typing.Annotated[XfrmConfig | Unset, ReadOnly()] = UNSET
