"""What a request means beyond its words (vdsm's ``canonicalize.py``), from what runs and from what is there now.

Name servers that are kept, the default route that moves, bonds below networks that nobody named, MACs that stay.
"""

import typing

from linkhold.foundation.diagnostics import Key
from linkhold.networks import bond_options
from linkhold.networks.configuration import Bonding, Configuration, Network
from linkhold.networks.drafts import Asked, BondDraft, NetworkDraft
from linkhold.networks.seen import Host, aggregation


def complete(asked: Asked, running: Configuration, host: Host) -> Asked:
    """The request with all that it implies."""
    networks = {name: _with_nameservers(draft, host) for name, draft in asked.networks.items()}
    asked = asked._replace(networks=networks)
    asked = asked._replace(networks={**networks, **_losing_default_route(asked, running)})
    bonds = {name: _with_mac(name, draft, running, host) for name, draft in asked.bonds.items()}
    asked = asked._replace(bonds=bonds)
    return asked._replace(bonds={**bonds, **_bonds_below(asked, running, host)})


def _with_nameservers(draft: NetworkDraft, host: Host) -> NetworkDraft:
    """The network with the default route keeps the name servers in use, unless it gives its own or a lease does."""
    network = draft.network
    if network.nameservers is not None or "nameservers" in draft.unread:
        return draft
    inherited = network.default_route and network.bootproto != "dhcp"
    return draft._replace(network=network.replace(nameservers=host.nameservers if inherited else ()))


def _losing_default_route(asked: Asked, running: Configuration) -> dict[str, NetworkDraft]:
    """The networks that have the default route now, where the request gives it to another and does not name them."""
    if not any(draft.network.default_route for draft in asked.networks.values()):
        return {}
    named = asked.networks.keys() | asked.removed_networks.keys()
    return {
        name: NetworkDraft(("networks", Key(name)), network.replace(default_route=False, nameservers=()), implied=True)
        for name, network in running.networks.items()
        if network.default_route and name not in named
    }


def _with_mac(name: str, draft: BondDraft, running: Configuration, host: Host) -> BondDraft:
    """A bond that is there keeps its MAC if it was never ours, or was given one; else it takes that of a port."""
    known = running.bondings.get(name)
    if draft.bonding.hwaddr or "hwaddr" in draft.unread or (known is not None and not known.hwaddr):
        return draft
    return draft._replace(bonding=draft.bonding.replace(hwaddr=_mac_of(name, draft.bonding.options, host)))


def _mac_of(name: str, options: typing.Mapping[str, str], host: Host) -> str:
    bond = host.bonds.get(name)
    if bond is None or not isinstance(bond.mac_address, str) or bond_options.follows_port(options):
        return ""
    return bond.mac_address


def _bonds_below(asked: Asked, running: Configuration, host: Host) -> dict[str, BondDraft]:
    """The bonds below networks of the request that nobody named, but that have to be set up as well.

    One of others becomes ours just as it is. One of ours that is gone (someone deleted it) is made again.
    """
    named = asked.bonds.keys() | asked.removed_bonds.keys()
    found: dict[str, BondDraft] = {}
    for draft in asked.networks.values():
        name, at = draft.network.bonding, ("bondings", Key(draft.network.bonding))
        ours = running.bondings.get(name)
        if name in named:
            continue
        if name in host.bonds and ours is None:
            found[name] = BondDraft(at, _as_it_is(name, draft.network, host), implied=True)
        elif name not in host.interfaces and ours is not None and all(map(host.is_card, ours.ports)):
            found[name] = BondDraft(at, ours, implied=True)
    return found


def _as_it_is(name: str, network: Network, host: Host) -> Bonding:
    options = bond_options.of_kernel(aggregation(host.bonds[name]))
    ports = host.bond_ports()[name]
    return Bonding(
        ports=tuple(sorted(ports)), options=options, hwaddr=_mac_of(name, options, host), switch=network.switch
    )
