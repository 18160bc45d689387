"""TUN and TAP: interfaces whose other end is a program (IFLA_TUN_* of `include/uapi/linux/if_link.h`)."""

import typing

from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import ReadOnly
from linkhold.state.interfaces.common import Interface


class TunConfig(Record):
    """How a program set it up; shown only. `owner` and `group` are numbers."""

    mode: typing.Literal["tun", "tap", "unknown"] | Unset = UNSET
    owner: int | Unset = UNSET
    group: int | Unset = UNSET
    multi_queue: bool | Unset = UNSET
    vnet_hdr: bool | Unset = UNSET
    persist: bool | Unset = UNSET


class Tun(Interface):
    """An interface that a program made; shown, and given addresses and a controller, but not made."""

    kind: typing.ClassVar[str] = "tun"
    virtual: typing.ClassVar[bool] = False

    tun: typing.Annotated[TunConfig | Unset, ReadOnly()] = UNSET
