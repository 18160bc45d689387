"""MACVTAP: a MACVLAN whose frames a program reads and writes, usually a virtual machine."""

import typing

from linkhold.foundation.record import UNSET, Unset
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.mac_vlan import MacVlanConfig


class MacVtap(Interface):
    """As a MACVLAN, with a character device ``/dev/tapN`` beside it."""

    kind: typing.ClassVar[str] = "mac-vtap"

    mac_vtap: MacVlanConfig | Unset = UNSET
