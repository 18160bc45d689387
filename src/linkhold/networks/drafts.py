"""What a request says of one network or bond, as far as it can be read: what the rules (`checks`) look at."""

import typing

from linkhold.foundation.diagnostics import Path
from linkhold.networks.configuration import Bonding, Network


class NetworkDraft(typing.NamedTuple):
    """A network as asked for. `said` are the attributes that were given, `unread` those that could not be used.

    `implied` are networks that nobody named, but which change with those that were: one loses the default route.
    """

    at: Path
    network: Network
    said: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    implied: bool = False


class BondDraft(typing.NamedTuple):
    """A bond as asked for; fields as those of `NetworkDraft`. `implied` bonds are those of others below a network."""

    at: Path
    bonding: Bonding
    said: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    implied: bool = False


class Asked(typing.NamedTuple):
    """All of a request: what is to be there, and the places of the words that say what is to go."""

    networks: dict[str, NetworkDraft]
    bonds: dict[str, BondDraft]
    removed_networks: dict[str, Path]
    removed_bonds: dict[str, Path]
