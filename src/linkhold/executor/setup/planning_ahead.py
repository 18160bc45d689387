"""What would have to be done on a host as it was seen, where nothing is done: drift, and rules that follow leases."""

import typing

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


class Wanted(typing.NamedTuple):
    """What the networks that run say of a host, as far as it can be so; and what of them is `missing`, in words."""

    desired: NetworkState = NetworkState()
    missing: tuple[str, ...] = ()


class Drift(typing.NamedTuple):
    """What would be done to get a host to be as it was given, and what of that it can't be: a card is gone, say."""

    outcome: Outcome
    missing: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Each change and everything that is missing in a line; none where nothing has drifted."""
        wrong = (one.message for one in self.outcome.errors)
        return (*lines(self.outcome.plan), *(f"! {one}" for one in (*self.missing, *wrong)))


def wanted(running: Configuration, seen: Seen) -> Wanted:
    """What the networks that run say of this host; nothing where there are none.

    Raises:
        Invalid: what runs can't be said of this host at all.
    """
    if not (running.networks or running.bondings or running.devices):
        return Wanted()
    found = restoration(running, running, seen.state, seen.facts)
    return Wanted(found.setup.desired, tuple(str(one) for one in found.missing))


async def drift(running: Configuration, seen: Seen, provider: Provider, committed: NetworkState | None = None) -> Drift:
    """How far the host is from its networks, and from what was committed as documents where that is given.

    Raises:
        Invalid: what runs can't be said of this host at all.
    """
    desired, missing = wanted(running, seen)
    if committed is not None:
        desired = all_wanted(committed, desired, seen)
    if not desired.said():
        return Drift(Outcome(plan=Plan(), desired=desired, expected=seen.state), missing)
    return Drift(await planned(desired, seen, provider), missing)


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
