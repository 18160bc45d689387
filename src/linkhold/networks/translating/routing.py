"""Routes and rules of named networks: the default route of the host, and source routing (vdsm's `nmstate/route.py`).

What is to go is told as filters for what is there, never more than that: routes that others laid elsewhere stay.
"""

import typing

from linkhold.foundation.record import Record
from linkhold.networks.configuration import Network
from linkhold.networks.translating import tables
from linkhold.networks.translating.parts import Plain
from linkhold.networks.translating.situation import Situation, Step
from linkhold.state.routes import MAIN_TABLE
from linkhold.state.spellings import is_ipv6

_FAMILIES: typing.Final = ("0.0.0.0/0", "::/0")


class Routing(typing.NamedTuple):
    """The document's ``routes.config`` and ``route-rules.config``."""

    routes: list[Plain]
    rules: list[Plain]


def routing(situation: Situation) -> Routing:
    """Of all named networks, filters first."""
    there, gone = tables.laid(situation.current), frozenset(situation.gone)
    found = [_of(situation, step, there, gone) for step in situation.steps]
    routes = [one for each in found for one in each.routes]
    rules = [one for each in found for one in each.rules]
    return Routing(sorted(routes, key=tables.is_present), sorted(rules, key=tables.is_present))


def _of(situation: Situation, step: Step, there: tables.Laid, gone: frozenset[str]) -> Routing:
    hop = "" if step.new is None else step.new.next_hop(step.name)
    before = "" if step.old is None else step.old.next_hop(step.name)
    routes = [] if step.new is None else [one for family in _FAMILIES for one in _default(step, hop, family, there)]
    rules: list[Plain] = []
    if step.new is not None:
        own = _own(situation, there, step.new, hop, step.old)
        routes += [*tables.stale_routes(there, hop, tables.table_of(hop), own.routes), *own.routes]
        rules += [*tables.stale_rules(there, tables.table_of(hop), own.rules), *own.rules]
    if before and before != hop:
        if before not in gone:  # else its routes go with it
            routes += tables.stale_routes(there, before, tables.table_of(before), [])
        rules += tables.stale_rules(there, tables.table_of(before), [])
    return Routing(routes, rules)


def _own(situation: Situation, there: tables.Laid, network: Network, hop: str, old: Network | None) -> Routing:
    """What source routing needs: by hand for static addresses; of leased ones the rules, for the subnets known now."""
    table = tables.table_of(hop)
    ways = tables.ways(network)
    subnets = [*(one.subnet for one in ways), *tables.leased(situation.current, there, network, hop, old)]
    routes = [route for way in ways for route in tables.routes(way, hop)]
    return Routing(routes, [rule for subnet in dict.fromkeys(subnets) for rule in tables.rules(subnet, table)])


def _default(step: Step, hop: str, anywhere: str, laid: tables.Laid) -> typing.Iterator[Plain]:
    """The default route of the host through a network that has it; none through one that has not."""
    assert step.new is not None
    gateway = _gateway(step.new, anywhere)
    wanted = gateway if step.new.default_route and gateway not in tables.ON_LINK else ""
    over = {"destination": anywhere, "next-hop-interface": hop, "table-id": MAIN_TABLE}
    before = _gateway(step.old, anywhere) if step.old is not None and step.old.default_route else ""
    said = {one for one in (gateway, before) if one}
    there = {_through(one) for one in laid.routes.get(hop, ()) if _is_default(one, anywhere)}
    for address in sorted((said | there) - ({wanted} if wanted else set())):
        yield {"state": "absent", **over, **({"next-hop-address": address} if address else {})}
    if wanted:
        yield {**over, "next-hop-address": wanted}


def _gateway(network: Network, anywhere: str) -> str:
    return network.ipv6gateway if is_ipv6(anywhere) else network.gateway


def _is_default(route: Record, anywhere: str) -> bool:
    return (route.get("destination"), route.get("table_id")) == (anywhere, MAIN_TABLE)


def _through(route: typing.Any) -> str:
    address = route.get("next_hop_address")
    return address if isinstance(address, str) else ""
