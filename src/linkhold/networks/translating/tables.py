"""Source routing: what is sent from the addresses of a network leaves by this network, through a routing table of its own.

Numbers are vdsm's (`network/sourceroute.py`), which other hosts and programs know.
"""

import typing
import zlib

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.foundation.record import UNSET
from linkhold.networks.configuration import Network
from linkhold.networks.options import further_addresses
from linkhold.networks.translating.custom import text_of
from linkhold.networks.translating.parts import Plain
from linkhold.planning.compare import config
from linkhold.planning.merge_routes import route_identity
from linkhold.planning.merge_rules import rule_identity
from linkhold.state.forms import read_record, write_record
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip
from linkhold.state.network import NetworkState
from linkhold.state.routes import Route, Routes
from linkhold.state.rules import RouteRule
from linkhold.state.spellings import ip_network, is_ipv6, is_link_local

PRIORITY: typing.Final = 3200
"""The priority of our rules."""

ANY: typing.Final = ("0.0.0.0/0", "::/0")
ON_LINK: typing.Final = ("", "0.0.0.0", "::")
"""What stands for no gateway at all."""


class Laid(typing.NamedTuple):
    """What is there: configured routes by interface, rules by table, and by interface the routes that others gave."""

    routes: dict[str, list[Route]]
    rules: dict[int, list[RouteRule]]
    learned: dict[str, list[Route]]


def laid(current: NetworkState) -> Laid:
    """All of it, looked through once."""
    by_hand = config(current.routes)
    running = current.routes.running if isinstance(current.routes, Routes) else ()
    known = frozenset(by_hand)
    learned = [one for one in (running if isinstance(running, tuple) else ()) if one not in known]
    found = Laid({}, {}, {})
    for one in by_hand:
        found.routes.setdefault(one.get("next_hop_interface"), []).append(one)
    for one in config(current.rules):
        found.rules.setdefault(one.get("route_table"), []).append(one)
    for one in learned:
        found.learned.setdefault(one.get("next_hop_interface"), []).append(one)
    return found


def table_of(next_hop: str) -> int:
    """The table of the network that has its addresses on this interface."""
    return zlib.adler32(next_hop.encode())


class Way(typing.NamedTuple):
    """How a network is reached in one family: its own subnet, and the gateway from there."""

    subnet: str
    gateway: str


def ways(network: Network) -> list[Way]:
    """Of each family in which a network has an address and a gateway, by hand."""
    found = [
        Way(f"{network.ipaddr}/{network.prefix}" if network.ipaddr else "", network.gateway),
        Way(network.ipv6addr, network.ipv6gateway),
    ]
    return [Way(ip_network(one.subnet), one.gateway) for one in found if one.subnet and one.gateway not in ON_LINK]


def rules(subnet: str, table: int) -> list[Plain]:
    """The two rules by which what comes from a network, and what goes there, meets its table."""
    family = "ipv6" if is_ipv6(subnet) else "ipv4"
    return [{"family": family, key: subnet, "priority": PRIORITY, "route-table": table} for key in ("ip-from", "ip-to")]


def routes(way: Way, next_hop: str) -> list[Plain]:
    """What stands in the table: the subnet on the link, and everything else through the gateway."""
    anywhere = ANY[is_ipv6(way.subnet)]
    over = {"next-hop-interface": next_hop, "table-id": table_of(next_hop)}
    return [
        {"destination": way.subnet, **over},
        {"destination": anywhere, "next-hop-address": way.gateway, **over},
    ]


def leased(
    current: NetworkState, there: Laid, network: Network, next_hop: str, before: Network | None = None
) -> list[str]:
    """The subnets that servers and routers have put a network in by now, where its routes have a table of their own: those of
    the addresses they gave (not those that it has by hand, or had `before`), and those that a router says are on the link."""
    families = automatic(network)
    now = current.by_key.get((next_hop, ""))
    static = {ip for one in (network, before) if one is not None for ip in _by_hand(one)}
    found = [subnet for family in families for subnet in _subnets(now, family, static)]
    if not families:
        return []
    learned = [
        one.destination
        for one in there.learned.get(next_hop, ())
        if one.get("table_id") == table_of(next_hop) and one.get("next_hop_address") in (UNSET, *ON_LINK)
    ]
    near = [one for one in learned if isinstance(one, str) and ("ipv6" if is_ipv6(one) else "ipv4") in families]
    return sorted({*found, *(one for one in near if not is_link_local(one.partition("/")[0]) and one not in ANY)})


def _by_hand(network: Network) -> set[str]:
    further = text_of("ipv4_addrs", further_addresses, "", network, Diagnostics())
    return {one.partition("/")[0] for one in (network.ipaddr, network.ipv6addr, *further)}


def _subnets(now: Interface | None, family: str, static: set[str]) -> list[str]:
    section = None if now is None else now.get(family)
    if not isinstance(section, Ip) or not section.automatic or not isinstance(section.address, tuple):
        return []
    given = [one for one in section.address if one.ip not in static and not is_link_local(one.ip)]
    return [ip_network(f"{one.ip}/{one.prefix_length}") for one in given]


def automatic(network: Network) -> tuple[str, ...]:
    """The families in which servers and routers give addresses to a network whose routes have a table of their own."""
    if network.default_route:
        return ()
    families = {"ipv4": network.bootproto == "dhcp", "ipv6": network.dhcpv6 or network.ipv6autoconf}
    return tuple(family for family, wanted in families.items() if wanted)


def is_present(one: Plain) -> bool:
    """Whether an entry says what is to be there: filters come first."""
    return "state" not in one


def stale_rules(there: Laid, table: int, wanted: typing.Sequence[Plain]) -> list[Plain]:
    """Filters for the rules of a table that are there and not wanted."""
    stay = {_rule(one) for one in wanted}
    return [_absent(one) for one in there.rules.get(table, ()) if (rule_identity(one), one.priority) not in stay]


def missing_rules(there: Laid, table: int, wanted: typing.Sequence[Plain]) -> list[Plain]:
    """Those of the wanted rules that are not there."""
    known = {(rule_identity(one), one.priority) for one in there.rules.get(table, ())}
    return [one for one in wanted if _rule(one) not in known]


def _rule(plain: Plain) -> tuple[typing.Any, typing.Any]:
    rule = read_record(RouteRule, plain, (), Diagnostics())
    return rule_identity(rule), rule.priority


def stale_routes(there: Laid, next_hop: str, table: int, wanted: typing.Sequence[Plain]) -> list[Plain]:
    """Filters for the configured routes of a table over an interface that are there and not wanted."""
    stay = {route_identity(read_record(Route, one, (), Diagnostics())) for one in wanted}
    over = (one for one in there.routes.get(next_hop, ()) if one.get("table_id") == table)
    return [_absent(one) for one in over if route_identity(one) not in stay]


def _absent(one: Route | RouteRule) -> Plain:
    known = {key: value for key, value in write_record(one).items() if key not in ("metric", "kernel-details")}
    return {"state": "absent", **known}
