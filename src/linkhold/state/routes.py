"""Routes: additive in a document, taken away only by entries with ``state: absent`` whose given fields all match."""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Path
from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.state.fields import Default, Described, Names, Range, ReadOnly, Spelled, Strict
from linkhold.state.spellings import IP_ADDRESS, OPTIONAL_ADDRESS, OPTIONAL_NETWORK, is_ipv6

MAIN_TABLE: typing.Final = 254
"""RT_TABLE_MAIN (linux/rtnetlink.h)."""


class Route(Record):
    """One route with one next hop (a multipath route is one entry for each hop, told apart by weight).

    In an entry with ``state: absent`` what is not given (or given as '', or 0 for the table) matches anything.
    """

    state: typing.Annotated[
        typing.Literal["absent"] | Unset, Described("absent: take away every configured route that matches.")
    ] = UNSET
    destination: typing.Annotated[str | Unset, OPTIONAL_NETWORK] = UNSET
    next_hop_interface: typing.Annotated[str | Unset, Names("parent")] = UNSET
    next_hop_address: typing.Annotated[str | Unset, OPTIONAL_ADDRESS] = UNSET
    metric: typing.Annotated[int | Unset, Range(-1, 2**32 - 1)] = UNSET
    table_id: typing.Annotated[int | Unset, Default(MAIN_TABLE)] = UNSET
    weight: typing.Annotated[int | Unset, Range(1, 256)] = UNSET
    route_type: typing.Literal["blackhole", "unreachable", "prohibit"] | Unset = UNSET
    cwnd: typing.Annotated[int | Unset, Range(1, 2**32 - 1), Strict()] = UNSET
    source: typing.Annotated[str | Unset, IP_ADDRESS] = UNSET
    details: typing.Annotated[
        str | Unset,
        Spelled("kernel-details"),
        ReadOnly(),
        Described("What else the kernel knows of it, in the words of `ip route`; kept when the route is put back."),
    ] = UNSET

    @property
    def absent(self) -> bool:
        """Whether it says which routes are to go."""
        return self.state == "absent"

    def check(self, at: Path, found: Diagnostics) -> None:
        """A route leads somewhere, all in one family."""
        _check_family(self, at, found)
        if self.destination == "0.0.0.0/8":
            hint = "the default route is 0.0.0.0/0"
            found.error("destination", (*at, "destination"), "0.0.0.0/8 can't be routed", hint=hint)
        if self.absent:
            return
        if self.destination in (UNSET, ""):
            found.error("missing-key", at, "'destination' is required", expected="a network, or 0.0.0.0/0 or ::/0")
        if self.route_type is UNSET and self.next_hop_interface in (UNSET, ""):
            found.error("missing-key", at, "'next-hop-interface' is required", expected="the name of an interface")
        if self.route_type is not UNSET and self.next_hop_address not in (UNSET, "", "0.0.0.0", "::"):
            message = f"a route of type {self.route_type} leads nowhere"
            found.error(
                "route-type", (*at, "next-hop-address"), message, hint="leave out next-hop-address or route-type"
            )


def _check_family(route: Route, at: Path, found: Diagnostics) -> None:
    if not isinstance(route.destination, str) or not route.destination:
        return
    ipv6 = is_ipv6(route.destination)
    for key, address in (("next-hop-address", route.next_hop_address), ("source", route.source)):
        if isinstance(address, str) and address and is_ipv6(address) is not ipv6:
            message = f"{address} and {route.destination} are not of one family"
            found.error("family", (*at, key), message, expected="IPv6" if ipv6 else "IPv4")


class Routes(Record):
    """`config` is what was set by hand; `running` (shown only) also what routers and DHCP servers gave."""

    running: typing.Annotated[tuple[Route, ...] | Unset, ReadOnly()] = UNSET
    config: tuple[Route, ...] | Unset = UNSET
