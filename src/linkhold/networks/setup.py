"""Everything about a request before anything is touched: what it is, the document that it means, what will run then."""

import typing

from linkhold.foundation.diagnostics import Diagnostic, Diagnostics, Invalid
from linkhold.networks import reading
from linkhold.networks.configuration import Configuration
from linkhold.networks.facts import Facts
from linkhold.networks.request import Rejected, SetupRequest
from linkhold.networks.translate import document
from linkhold.networks.translating.parts import Part, Plain
from linkhold.networks.translating.situation import situation
from linkhold.planning.resolve import resolve
from linkhold.state.document import read
from linkhold.state.network import NetworkState

_CODES: typing.Final = {
    "link-aggregation": "bad-bonding",
    "ipv4": "bad-address",
    "ipv6": "bad-address",
    "vlan": "bad-vlan",
}


class Setup(typing.NamedTuple):
    """A request, ready to be planned. `document` is plain data, `desired` the same as a value; `after` is what runs when all
    was carried out."""

    request: SetupRequest
    document: dict[str, Plain]
    desired: NetworkState
    after: Configuration


def prepare(raw: typing.Mapping[str, Plain], running: Configuration, current: NetworkState, facts: Facts) -> Setup:
    """From a request as it was sent: ``{"networks": …, "bondings": …, "options": …}``.

    Raises:
        Rejected: with every mistake, coded.
    """
    return arranged(reading.read(raw, running, current, facts), running, current, facts)


def arranged(
    request: SetupRequest,
    running: Configuration,
    current: NetworkState,
    facts: Facts,
    more: typing.Iterable[Part] = (),
) -> Setup:
    """From a request that was read, with `more` parts of interfaces.

    Raises:
        Rejected: what the request says is nothing that an interface can be.
    """
    seen = situation(request, running, current, facts)
    said = document(seen, more)
    try:
        desired = read(said)
    except Invalid as invalid:
        raise Rejected(_coded(invalid.diagnostics)) from invalid
    found = Diagnostics()
    resolve(desired, current, found)  # what an entry without type says can be read only beside the host
    if found.errors():
        raise Rejected(_coded(found))
    return Setup(request, said, desired, seen.after)


def _coded(diagnostics: Diagnostics) -> Diagnostics:
    """The mistakes of the document under codes of requests: by what part of an interface they are about."""
    return Diagnostics(one.replace(code=_code(one)) for one in diagnostics)


def _code(one: Diagnostic) -> str:
    if one.severity != "error":
        return one.code
    if one.code == "unknown-type":  # of an interface that is not there
        return "bad-nic"
    return next((_CODES[step] for step in one.path if isinstance(step, str) and step in _CODES), "bad-params")
