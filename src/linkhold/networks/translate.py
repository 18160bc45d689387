"""A request, what runs and what a host shows, to the document that carries the request out.

The document says all that named networks and bonds are to be, also what is so already: the planner finds out what differs,
and what somebody changed by hand is put right. Of what is not named it says nothing, but for what is shared (the MTU of a
card, the ports of a bridge).
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics
from linkhold.networks.configuration import Configuration
from linkhold.networks.facts import Facts
from linkhold.networks.request import Rejected, SetupRequest
from linkhold.networks.translating import (
    addresses,
    bonds,
    bridge_files,
    bridges,
    cables,
    cards,
    custom,
    mappings,
    names,
    shares,
    sizes,
    switches,
)
from linkhold.networks.translating.parts import Part, Plain, composed
from linkhold.networks.translating.routing import routing
from linkhold.networks.translating.situation import Situation, situation
from linkhold.state.network import NetworkState

_CONCERNS: typing.Final[tuple[typing.Callable[[Situation], list[Part]], ...]] = (
    cables.parts,
    bonds.parts,
    bridges.parts,
    switches.parts,
    sizes.parts,
    addresses.parts,
    shares.parts,
)
"""Each says its part of the interfaces; where two say the same field, the later one counts."""


def translate(request: SetupRequest, running: Configuration, current: NetworkState, facts: Facts) -> dict[str, Plain]:
    """The document, as plain data that `linkhold plan` accepts; ``{}`` for a request that names nothing."""
    return document(situation(request, running, current, facts))


def document(seen: Situation, more: typing.Iterable[Part] = ()) -> dict[str, Plain]:
    """The same for what was looked at before, with `more` parts of interfaces."""
    custom_parts = _customs(seen)
    parts = [*(part for concern in _CONCERNS for part in concern(seen)), *custom_parts, *more]
    ways = routing(seen)
    resolver = names.section(seen)
    mapped = mappings.section(seen)
    sections: dict[str, Plain] = {
        "dns-resolver": {"config": resolver} if resolver is not None else {},
        "route-rules": {"config": ways.rules} if ways.rules else {},
        "routes": {"config": ways.routes} if ways.routes else {},
        "interfaces": composed(parts),
        "ovn": {"bridge-mappings": mapped} if mapped else {},
    }
    return {name: section for name, section in sections.items() if section}


def _customs(seen: Situation) -> list[Part]:
    found = Diagnostics()
    custom.check_addresses(seen, found)
    parts = [*bridge_files.parts(seen, found), *cards.parts(seen, found)]
    if found.errors():
        raise Rejected(found)
    return parts
