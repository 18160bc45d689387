"""What would have to be done on a host as it was seen, where nothing is done: drift, and rules that follow leases."""

from linkhold.executor.setup.snapshot import Seen
from linkhold.foundation.diagnostics import Diagnostics, Invalid
from linkhold.networks.configuration import Configuration
from linkhold.networks.leases import source_rules
from linkhold.networks.restoring import restoration
from linkhold.planning.change import Plan
from linkhold.planning.merge import accumulate
from linkhold.planning.planner import Outcome, plan
from linkhold.planning.resolve import resolve
from linkhold.providers.contract import Provider
from linkhold.state.document import read
from linkhold.state.network import NetworkState
from linkhold.state.normalise import normalised


def wanted(running: Configuration, seen: Seen) -> NetworkState:
    """What the networks that run say of this host; nothing where there are none.

    Raises:
        Invalid: what runs was never valid.
    """
    if not (running.networks or running.bondings or running.devices):
        return NetworkState()
    return restoration(running, running, seen.state, seen.facts).setup.desired


def rules(running: Configuration, seen: Seen) -> NetworkState | None:
    """The rules that networks with leases need for the addresses they have now; None when they are there."""
    document = source_rules(running, seen.state)
    return None if document is None else read(document)


async def planned(desired: NetworkState, seen: Seen, provider: Provider) -> Outcome:
    """What the core would do."""
    capabilities, owners = await provider.all_capabilities(), await provider.owners()
    return plan(desired, seen.state, capabilities=capabilities, owners=owners)


def all_wanted(committed: NetworkState, networks: NetworkState, seen: Seen) -> NetworkState:
    """What was committed as documents, with the networks over it, each of whose interfaces is then of the kind it has here.

    Raises:
        Invalid: the networks name something that is not here.
    """
    if not networks.said():
        return committed
    found = Diagnostics()
    resolved = normalised(resolve(networks, seen.state, found), found)
    if found.errors():
        raise Invalid(found)
    return accumulate(committed, resolved)


def lines(outcome: Plan) -> tuple[str, ...]:
    """A plan in a line for each change."""
    return tuple(f"{one.action} {one.subject} {one.name}" for one in outcome.changes)
