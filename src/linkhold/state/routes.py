"""Routes: additive in a document, taken away only by entries with ``state: absent`` whose given fields all match."""

import typing

from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Default, Names, Range, Strict
from linkhold.state.forms import Parsed
from linkhold.state.spellings import IP_ADDRESS, IP_NETWORK, ip_address, ip_network

MAIN_TABLE: typing.Final = 254
"""RT_TABLE_MAIN (linux/rtnetlink.h)."""


class Route(Record):
    """One route with one next hop (a multipath route is one entry for each hop, told apart by weight)."""

    state: typing.Literal["absent"] | Unset = UNSET
    destination: typing.Annotated[str | Unset, Parsed("a network, as in 192.0.2.0/24", lambda text: ip_network(text) if text else "")] = UNSET
    next_hop_interface: typing.Annotated[str | Unset, Names("parent")] = UNSET
    next_hop_address: typing.Annotated[str | Unset, Parsed("an IP address", lambda text: ip_address(text) if text else "")] = UNSET
    metric: typing.Annotated[int | Unset, Range(-1, 2**32 - 1)] = UNSET
    table_id: typing.Annotated[int | Unset, Range(0, 2**32 - 1), Default(MAIN_TABLE)] = UNSET
    weight: typing.Annotated[int | Unset, Range(1, 256)] = UNSET
    route_type: typing.Literal["blackhole", "unreachable", "prohibit"] | Unset = UNSET
    cwnd: typing.Annotated[int | Unset, Range(1, 2**32 - 1), Strict()] = UNSET
    source: typing.Annotated[str | Unset, IP_ADDRESS] = UNSET


class Routes(Record):
    """`config` is what was set by hand; `running` (shown only) also what routers and DHCP servers gave."""

    running: tuple[Route, ...] | Unset = UNSET
    config: tuple[Route, ...] | Unset = UNSET
