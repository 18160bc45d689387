"""What a host was given, put back in one document: at boot, and wherever what runs has drifted away."""

import typing

from linkhold.foundation.diagnostics import Diagnostic, Path
from linkhold.networks.configuration import Bonding, Configuration, Network
from linkhold.networks.facts import Facts
from linkhold.networks.functions import card_of, part
from linkhold.networks.request import Rejected, SetupOptions, SetupRequest
from linkhold.networks.setup import Setup, arranged
from linkhold.planning import planner
from linkhold.state.network import NetworkState


class Missing(typing.NamedTuple):
    """What can't be put back: it `needs` an interface (or virtual functions of a card) that this host does not have now.

    What `needs` says of a `mistake` is what this host makes of it.
    """

    kind: typing.Literal["network", "bond", "port", "functions", "mistake"]
    name: str
    needs: str

    def __str__(self) -> str:
        if self.kind == "functions":
            return f"Card {self.name} can't have {self.needs} virtual functions, or is missing."
        if self.kind == "mistake":
            return f"Network {self.name} can't be restored: {self.needs}"
        whose = f"bond {self.name} as a port" if self.kind == "port" else f"{self.kind} {self.name}"
        return f'Nic "{self.needs}" required by {whose} is missing.'


class Restoration(typing.NamedTuple):
    """The setup, and what is left out of it.

    `again` says that virtual functions come with it, on which something that is left out may ride: whoever applies it
    looks at the host once more then.
    """

    setup: Setup
    missing: tuple[Missing, ...]
    again: bool = False


def restoration(safe: Configuration, running: Configuration, current: NetworkState, facts: Facts) -> Restoration:
    """All of `safe` that this host has the interfaces for, without what else was `running`.

    Asked again on a host that is as it says, it gives a document that changes nothing. ``setup.after`` is what runs then.

    Raises:
        Rejected: something is stored that can't be told to belong to a network.
    """
    bonds, lost = _bonds(safe, current)
    networks, without = _networks(safe, bonds, current)
    cards, short = _cards(safe, running, facts)
    request = SetupRequest(
        networks={**dict.fromkeys(running.networks), **networks},
        bondings={**dict.fromkeys(_extra(safe, running, current)), **bonds},
        options=SetupOptions(connectivity_check=False),
    )
    more = [part(name, count) for name, count in sorted(cards.items())]
    mistakes = _mistakes(request, running, current, facts)
    if mistakes:
        request = _without({one.name for one in mistakes}, request, running)
    setup = arranged(request, running, current, facts, more)
    missing = (*lost, *without, *mistakes, *short)
    grows = any(count > len(facts.about(name).virtual_functions) for name, count in cards.items())
    return Restoration(
        setup._replace(after=_after(setup.after, safe, short, current)), missing, grows and bool(missing)
    )


def _mistakes(request: SetupRequest, running: Configuration, current: NetworkState, facts: Facts) -> list[Missing]:
    """What networks say that this host can't make anything of: the others are restored all the same."""
    told: dict[str, str] = {}
    while True:
        trial = _without(set(told), request, running)
        named = ((_network_of(one.path, trial), one.message) for one in _wrong(trial, running, current, facts))
        new = {name: message for name, message in named if name and name not in told}
        if not new:
            return [Missing("mistake", name, message) for name, message in sorted(told.items())]
        told.update(new)


def _wrong(
    request: SetupRequest, running: Configuration, current: NetworkState, facts: Facts
) -> typing.Iterable[Diagnostic]:
    try:
        setup = arranged(request, running, current, facts)
    except Rejected as rejected:
        return rejected.diagnostics.errors()
    return planner.plan(setup.desired, current).errors


def _network_of(path: Path, request: SetupRequest) -> str:
    """The network that a diagnostic is about, '' where that can't be told."""
    if len(path) < 2 or path[0] not in ("networks", "interfaces"):
        return ""
    named = {name: one for name, one in request.networks.items() if one is not None}
    if path[0] == "networks":
        return str(path[1]) if path[1] in named else ""
    ranked = [
        (rank, name)
        for name, one in named.items()
        for rank, own in enumerate((name, one.southbound, one.base))
        if own == path[1]
    ]
    return min(ranked)[1] if ranked else ""


def _without(names: set[str], request: SetupRequest, running: Configuration) -> SetupRequest:
    """The request without some networks; those that run all the same go."""
    kept = {name: one for name, one in request.networks.items() if name not in names}
    return request.replace(networks={**kept, **{name: None for name in names if name in running.networks}})


def _after(after: Configuration, safe: Configuration, short: list[Missing], current: NetworkState) -> Configuration:
    """Without the bonds that were not there and could not be made, and the cards that could not be set up."""
    without = {one.name for one in short}
    made = {name for name, bond in safe.bondings.items() if _there(bond, current)}
    return after.replace(
        bondings={name: one for name, one in after.bondings.items() if name in made or (name, "") in current.by_key},
        devices={device: count for device, count in safe.devices.items() if device not in without},
    )


def _cards(safe: Configuration, running: Configuration, facts: Facts) -> tuple[dict[str, int], list[Missing]]:
    """The number of virtual functions by interface; cards that had some, and are to have none, lose them."""
    cards: dict[str, int] = {}
    short: list[Missing] = []
    for device, count in sorted({**dict.fromkeys(running.devices, 0), **safe.devices}.items()):
        name = card_of(device, facts)
        most = facts.about(name).virtual_functions_most
        if most is not None and count <= most:
            cards[name] = count
        elif device in safe.devices:
            short.append(Missing("functions", device, str(count)))
    return cards, short


def _extra(safe: Configuration, running: Configuration, current: NetworkState) -> list[str]:
    """The bonds that go: those that ran, are not to be, and are there."""
    return [name for name in running.bondings if name not in safe.bondings and (name, "") in current.by_key]


def _bonds(safe: Configuration, current: NetworkState) -> tuple[dict[str, Bonding | None], list[Missing]]:
    """The bonds with those of their ports that are there; a bond needs one at least."""
    bonds: dict[str, Bonding | None] = {}
    missing: list[Missing] = []
    for name, bond in sorted(safe.bondings.items()):
        there = _there(bond, current)
        kind: typing.Literal["bond", "port"] = "port" if there else "bond"
        missing += [Missing(kind, name, port) for port in bond.ports if port not in there]
        if there:
            bonds[name] = bond.replace(ports=there)
    return bonds, missing


def _there(bond: Bonding, current: NetworkState) -> tuple[str, ...]:
    return tuple(port for port in bond.ports if (port, "") in current.by_key)


def _networks(
    safe: Configuration, bonds: typing.Mapping[str, Bonding | None], current: NetworkState
) -> tuple[dict[str, Network | None], list[Missing]]:
    networks: dict[str, Network | None] = {}
    missing: list[Missing] = []
    for name, network in sorted(safe.networks.items()):
        if network.base and network.base not in bonds and not _is_there(network.base, safe, current):
            missing.append(Missing("network", name, network.base))
        else:
            networks[name] = network
    return networks, missing


def _is_there(base: str, safe: Configuration, current: NetworkState) -> bool:
    """A bond of ours that lost all its ports is not there, even if its interface still is."""
    return base not in safe.bondings and (base, "") in current.by_key
