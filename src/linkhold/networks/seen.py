"""The host as the rules of a request see it: which cards, bonds and VLANs there are."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.networks.facts import Facts
from linkhold.state.dns import DnsConfig, DnsResolver
from linkhold.state.interfaces.bond import Bond, LinkAggregation
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.vlan import Vlan, VlanConfig
from linkhold.state.network import NetworkState

_CARDS: typing.Final = frozenset({"dummy", "ethernet", "infiniband", "mac-vlan", "veth"})
"""Kinds that count as ``nics``: cards, and what stands in for them."""


class VlanSeen(typing.NamedTuple):
    """A VLAN of the host."""

    name: str
    parent: str
    tag: int


class Host(typing.NamedTuple):
    """Interfaces of the kernel by name (`bonds` among them), VLANs whose parent is known, and facts about them all."""

    interfaces: typing.Mapping[str, Interface]
    bonds: typing.Mapping[str, Bond]
    vlans: tuple[VlanSeen, ...]
    facts: Facts
    nameservers: tuple[str, ...]

    def is_card(self, name: str) -> bool:
        """Whether a network or bond may ride on it."""
        one = self.interfaces.get(name)
        return one is not None and one.kind in _CARDS

    @property
    def cards(self) -> list[str]:
        """The names of all of them."""
        return [name for name in self.interfaces if self.is_card(name)]

    def bond_ports(self) -> dict[str, tuple[str, ...]]:
        """The ports of each bond."""
        return {name: one.ports if isinstance(one.ports, tuple) else () for name, one in self.bonds.items()}


def see(current: NetworkState, facts: Facts) -> Host:
    """The host in its current state."""
    interfaces = {name: one for (name, userspace), one in current.by_key.items() if not userspace}
    bonds = {name: one for name, one in interfaces.items() if isinstance(one, Bond)}
    return Host(interfaces, bonds, tuple(_vlans(interfaces.values())), facts, _nameservers(current))


def _vlans(interfaces: typing.Iterable[Interface]) -> typing.Iterator[VlanSeen]:
    for one in interfaces:
        section = one.vlan if isinstance(one, Vlan) else UNSET
        if isinstance(section, VlanConfig) and isinstance(section.parent, str) and isinstance(section.tag, int):
            yield VlanSeen(one.name, section.parent, section.tag)


def _nameservers(current: NetworkState) -> tuple[str, ...]:
    """Those in use, or at least set."""
    resolver = current.dns if isinstance(current.dns, DnsResolver) else DnsResolver()
    for config in (resolver.running, resolver.config):
        if isinstance(config, DnsConfig) and isinstance(config.server, tuple) and config.server:
            return config.server
    return ()


def aggregation(bond: Bond) -> LinkAggregation:
    """How a bond spreads traffic, empty where that is not known."""
    return bond.bond if isinstance(bond.bond, LinkAggregation) else LinkAggregation()
