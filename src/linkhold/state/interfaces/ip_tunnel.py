"""Tunnels that carry IP in IP or in GRE (IFLA_IPTUN_*, IFLA_GRE_* of `include/uapi/linux/if_tunnel.h`)."""

import typing

from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import CreateOnly, Default, Names, Range, Spelled
from linkhold.state.interfaces.common import Interface
from linkhold.state.spellings import OPTIONAL_ADDRESS

Mode = typing.Literal[
    "ipip", "sit", "gre", "gretap", "ipip6", "ip6ip6", "ip6gre", "ip6gretap", "vti", "vti6", "unknown"
]


class IpTunnelConfig(Record):
    """What is carried in what, from where to where. `ttl` 0 takes over that of the packet carried."""

    mode: typing.Annotated[Mode | Unset, CreateOnly()] = UNSET
    parent: typing.Annotated[str | Unset, Spelled("base-iface", "parent"), Names("parent"), Default("")] = UNSET
    local: typing.Annotated[str | Unset, OPTIONAL_ADDRESS, Default("")] = UNSET
    remote: typing.Annotated[str | Unset, OPTIONAL_ADDRESS, Default("")] = UNSET
    ttl: typing.Annotated[int | Unset, Range(0, 255)] = UNSET
    tos: typing.Annotated[int | Unset, Range(0, 255), Default(0)] = UNSET
    path_mtu_discovery: typing.Annotated[bool | Unset, Default(True)] = UNSET
    encapsulation_limit: typing.Annotated[int | Unset, Range(0, 255)] = UNSET
    flow_label: typing.Annotated[int | Unset, Range(0, 0xFFFFF), Default(0)] = UNSET
    input_key: int | Unset = UNSET
    output_key: int | Unset = UNSET


class IpTunnel(Interface):
    """A tunnel between two addresses."""

    kind: typing.ClassVar[str] = "ip-tunnel"
    has_own_mac: typing.ClassVar[bool] = False

    ip_tunnel: IpTunnelConfig | Unset = UNSET
