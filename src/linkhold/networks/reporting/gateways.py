"""The default gateways of interfaces, as reports tell them.

vdsm takes the default route of an interface from any table, and tells of none where two tables differ: a source route
beside another gateway made a network look out of sync for ever. Here the gateway that the network was given counts, as
soon as the kernel has a default route by it; where it has not, the kernel's own is told: the main table's first.
"""

import typing

from linkhold.foundation.record import Unset
from linkhold.networks.configuration import Configuration
from linkhold.state.network import NetworkState
from linkhold.state.routes import MAIN_TABLE, Route
from linkhold.state.spellings import is_ipv6

NONE_V4: typing.Final = ""
NONE_V6: typing.Final = "::"
_ANYWHERE: typing.Final = {"0.0.0.0/0": False, "::/0": True}
_NO_ADDRESS: typing.Final = frozenset({"", "0.0.0.0", "::"})


class Gateways:
    """Of one snapshot. `found` are, by interface and whether it is IPv6, the gateways in the order in which they count."""

    def __init__(self, state: NetworkState, running: Configuration) -> None:
        routes = sorted(_defaults(state), key=_place)
        self._found: dict[tuple[str, bool], list[str]] = {}
        for one in routes:
            self._found.setdefault(_key(one), []).append(str(one.next_hop_address))
        self._main = _main(routes)
        self._given = _given(running)

    def ipv4(self, interface: str) -> str:
        """'' if none."""
        return self._of(interface, False) or NONE_V4

    def ipv6(self, interface: str) -> str:
        """``::`` if none."""
        return self._of(interface, True) or NONE_V6

    def is_default(self, interface: str) -> bool:
        """Whether IPv4 leaves the host by it: the main table's best default route is the one by its gateway."""
        return (interface, self.ipv4(interface)) == self._main

    def _of(self, interface: str, ipv6: bool) -> str:
        found = self._found.get((interface, ipv6), [])
        given = self._given.get((interface, ipv6))
        if given in found:
            return given
        return found[0] if found else ""


def _defaults(state: NetworkState) -> typing.Iterator[Route]:
    """All default routes by a gateway, of routers and DHCP servers too."""
    routes = state.routes
    if isinstance(routes, Unset):
        return
    known = [*(routes.running if isinstance(routes.running, tuple) else ())]
    known += routes.config if isinstance(routes.config, tuple) else ()
    yield from (one for one in known if _leads_out(one))


def _leads_out(one: Route) -> bool:
    """By a gateway of its own family: an IPv4 route by an IPv6 router (RFC 8950) has none that a report could tell."""
    if one.destination not in _ANYWHERE or not isinstance(one.next_hop_interface, str):
        return False
    gateway = one.next_hop_address
    if not isinstance(gateway, str) or gateway in _NO_ADDRESS:
        return False
    return is_ipv6(gateway) is _ANYWHERE[str(one.destination)]


def _place(one: Route) -> tuple[bool, int, int, str]:
    table = one.table_id if isinstance(one.table_id, int) and one.table_id else MAIN_TABLE
    metric = one.metric if isinstance(one.metric, int) else 0
    return table != MAIN_TABLE, metric, table, str(one.next_hop_address)


def _key(one: Route) -> tuple[str, bool]:
    return str(one.next_hop_interface), _ANYWHERE[str(one.destination)]


def _main(routes: typing.Iterable[Route]) -> tuple[str, str] | None:
    for one in routes:
        if one.destination == "0.0.0.0/0" and not _place(one)[0]:
            return str(one.next_hop_interface), str(one.next_hop_address)
    return None


def _given(running: Configuration) -> dict[tuple[str, bool], str]:
    found: dict[tuple[str, bool], str] = {}
    for name, network in running.networks.items():
        hop = network.next_hop(name)
        found[hop, False] = network.gateway
        found[hop, True] = network.ipv6gateway
    return found
