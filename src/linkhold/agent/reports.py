"""The reports of a host, from its last snapshot: the network part of capabilities is made once for each generation."""

import typing

from linkhold.agent.snapshots import NOTHING
from linkhold.foundation.diagnostics import Diagnostics, Invalid
from linkhold.networks.reporting import caps, host_devices, lldp, stats
from linkhold.networks.reporting.client import last_client_interface
from linkhold.networks.reporting.visible import Patterns
from linkhold.networks.traffic import Traffic
from linkhold.state.forms import read_record
from linkhold.state.interfaces.lldp import Lldp
from linkhold.state.network import NetworkState

if typing.TYPE_CHECKING:
    from linkhold.agent.settings import Settings
    from linkhold.agent.snapshots import Snapshot
    from linkhold.foundation.clock import Clock
    from linkhold.foundation.logs import Log

Plain = dict[str, typing.Any]

Counters = typing.Callable[[], typing.Iterable[Traffic]]
"""Reads the counters of all links from the kernel."""


class Reports:
    """Makes them. `counters` is the one thing that is read anew each time."""

    def __init__(self, patterns: Patterns, counters: Counters, clock: "Clock", log: "Log") -> None:
        self._patterns, self._counters, self._clock, self._log = patterns, counters, clock, log
        self._made: Plain = {}
        self._generation = NOTHING
        self._warned: tuple[str, ...] = ()
        self._clients: dict[str, str] = {}

    def capabilities(self, snapshot: "Snapshot") -> Plain:
        """The network part; shared by all who ask, so nobody changes it."""
        if self._generation != snapshot.generation:
            report = caps.capabilities(snapshot.state, snapshot.facts, snapshot.running, snapshot.dirty, self._patterns)
            self._made, self._generation, self._clients = report.maps, snapshot.generation, {}
            for warning in report.warnings:
                if warning not in self._warned:  # once, and not with each change of the host
                    self._log.warning("capabilities", warning=warning)
            self._warned = report.warnings
        return self._made

    def client_interface(self, snapshot: "Snapshot", local_address: str) -> str:
        """The interface over which somebody speaks who is connected to this address of ours."""
        if self._generation != snapshot.generation:
            return last_client_interface(snapshot.state, local_address)
        if local_address not in self._clients:
            self._clients[local_address] = last_client_interface(snapshot.state, local_address)
        return self._clients[local_address]

    def forget(self) -> None:
        """Generations count anew."""
        self._generation = NOTHING

    def statistics(self) -> Plain:
        """Counters of all links, now."""
        return stats.statistics(self._counters(), self._clock.now())

    def neighbours(self, snapshot: "Snapshot", told: Plain, names: tuple[str, ...]) -> Plain:
        """What switches announce, of some cards or of all; `told` is what was heard, by card, as documents spell it."""
        state = _with_neighbours(snapshot.state, told)
        return lldp.neighbours(state, snapshot.facts, names, self._patterns)

    def devices(self, snapshot: "Snapshot", wanted: tuple[str, ...]) -> Plain:
        """Cards and virtual functions with one of the capabilities."""
        return host_devices.host_devices(snapshot.state, snapshot.facts, wanted)


def _with_neighbours(state: NetworkState, told: Plain) -> NetworkState:
    """A snapshot's state, which is without neighbours, with them."""
    if not isinstance(state.interfaces, tuple):
        return state
    found = Diagnostics()
    heard = {name: read_record(Lldp, plain, ("neighbours", name), found) for name, plain in told.items()}
    if found.errors():
        raise Invalid(found)
    interfaces = (one.replace(lldp=heard[one.name]) if one.name in heard else one for one in state.interfaces)
    return state.replace(interfaces=tuple(interfaces))


def patterns_of(settings: "Settings") -> Patterns:
    """Which names are hidden from a centre, or shown though they are no cards."""
    return Patterns(settings.fake_cards, settings.hidden_cards, settings.hidden_bonds, settings.hidden_vlans)
