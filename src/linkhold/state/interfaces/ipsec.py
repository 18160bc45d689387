"""IPsec tunnels carried out by Libreswan (ipsec.conf(5))."""

import typing

from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Secret
from linkhold.state.forms import Text
from linkhold.state.interfaces.common import Interface

_WORD = Text(numbers=True)
"""Libreswan's values are words; ``ikelifetime: 24h`` and ``dpddelay: 1`` are both usual."""


class Libreswan(Record):
    """A connection of Libreswan; keys are as in ipsec.conf(5). `right` is the other side."""

    right: str
    rightid: str | Unset = UNSET
    rightrsasigkey: str | Unset = UNSET
    rightcert: str | Unset = UNSET
    left: str | Unset = UNSET
    leftid: str | Unset = UNSET
    leftrsasigkey: str | Unset = UNSET
    leftcert: str | Unset = UNSET
    ikev2: str | Unset = UNSET
    psk: typing.Annotated[str | Unset, Secret()] = UNSET
    ikelifetime: typing.Annotated[str | Unset, _WORD] = UNSET
    salifetime: typing.Annotated[str | Unset, _WORD] = UNSET
    ike: str | Unset = UNSET
    esp: str | Unset = UNSET
    dpddelay: typing.Annotated[str | Unset, _WORD] = UNSET
    dpdtimeout: typing.Annotated[str | Unset, _WORD] = UNSET
    dpdaction: str | Unset = UNSET
    ipsec_interface: typing.Annotated[str | Unset, _WORD] = UNSET
    authby: str | Unset = UNSET
    rightsubnet: str | Unset = UNSET
    leftsubnet: str | Unset = UNSET
    leftmodecfgclient: bool | Unset = UNSET
    type: typing.Literal["tunnel", "transport"] | Unset = UNSET
    hostaddrfamily: typing.Literal["ipv4", "ipv6"] | Unset = UNSET
    clientaddrfamily: typing.Literal["ipv4", "ipv6"] | Unset = UNSET
    require_id_on_certificate: bool | Unset = UNSET


class Ipsec(Interface):
    """A tunnel or transport protected by IPsec; it exists in user space."""

    kind: typing.ClassVar[str] = "ipsec"
    userspace: typing.ClassVar[bool] = True

    libreswan: Libreswan | Unset = UNSET
