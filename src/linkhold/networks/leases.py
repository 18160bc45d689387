"""Source routing of networks with leased addresses: the rules follow every lease.

The routes are laid by whoever asks for the lease, in the table that `translate` told (``auto-route-table-id``); which rules
lead there is known only when an address is.
"""

from linkhold.networks.configuration import Configuration, Network
from linkhold.networks.translating import tables
from linkhold.networks.translating.parts import Plain
from linkhold.state.network import NetworkState


def source_rules(running: Configuration, current: NetworkState) -> dict[str, Plain] | None:
    """The document with the rules that networks with leased addresses need for the addresses they have *now*, and without
    those for addresses they had; None when all is as it should be."""
    there = tables.laid(current)
    said = [one for name, network in sorted(running.networks.items()) for one in _of(name, network, current, there)]
    return {"route-rules": {"config": sorted(said, key=tables.is_present)}} if said else None


def _of(name: str, network: Network, current: NetworkState, there: tables.Laid) -> list[Plain]:
    hop = network.next_hop(name)
    if not tables.automatic(network) or (hop, "") not in current.by_key:
        return []
    table = tables.table_of(hop)
    subnets = [*(way.subnet for way in tables.ways(network)), *tables.leased(current, there, network, hop)]
    wanted = [rule for subnet in dict.fromkeys(subnets) for rule in tables.rules(subnet, table)]
    return [*tables.stale_rules(there, table, wanted), *tables.missing_rules(there, table, wanted)]
