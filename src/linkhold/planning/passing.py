"""Ports that come and go by themselves while a document is carried out: taps of virtual machines, ends of containers.

The list of a controller's ports is whole, so a document repeats those of others that are to stay. One of these that is gone
when the host is looked at again was not ours to keep, and one that has come since planning was not ours to refuse.
"""

import typing

from linkhold.planning.references import ports_of, with_ports
from linkhold.state.interfaces.common import Interface

if typing.TYPE_CHECKING:
    from linkhold.planning.planner import Outcome
    from linkhold.state.network import NetworkState


class Passing:
    """What came and went between planning (`outcome`) and looking again (`observed`)."""

    def __init__(self, outcome: "Outcome", observed: "NetworkState") -> None:
        self._there = {name for name, _ in observed.by_key}
        self._expected = {name for name, _ in outcome.expected.by_key}
        self._named = {name for name, _ in outcome.desired.by_key}
        self._changed = outcome.plan.interfaces()

    def allowed_for(self, said: Interface, now: Interface) -> Interface:
        """What was said of a controller, with its ports as far as anybody could have meant them."""
        listed, held = ports_of(said), ports_of(now)
        if listed is None or held is None or set(listed) == set(held):
            return said
        kept = {port for port in listed if not self._went(port)}
        come = {port for port in held if said.allows_extra_ports or port not in self._expected}
        return with_ports(said, kept | come)

    def _went(self, port: str) -> bool:
        """Whether a port is gone of which nothing was asked but to stay."""
        return port not in self._there and port not in self._changed and port not in self._named
