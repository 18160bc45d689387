"""What translation looks at: the request, what runs, what will run, the host; and the questions that its parts ask of it."""

import functools
import typing

from linkhold.networks.configuration import Bonding, Configuration, Network, Switch
from linkhold.networks.facts import Facts
from linkhold.networks.request import SetupRequest
from linkhold.state.interfaces.bond import Bond
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.vlan import Vlan, VlanConfig
from linkhold.state.network import NetworkState

_Value = typing.TypeVar("_Value", Network, Bonding)


class Step(typing.NamedTuple):
    """A network that the request names: how it ran (None: it did not), and how it will (None: it goes)."""

    name: str
    old: Network | None
    new: Network | None


class _Parts(typing.NamedTuple):
    request: SetupRequest
    running: Configuration
    after: Configuration
    current: NetworkState
    facts: Facts


class Situation(_Parts):
    """One request on one host. `after` is the configuration that runs when the request was carried out.

    What follows from all networks together is asked for each of them, and so is found out once.
    """

    @functools.cached_property
    def steps(self) -> tuple[Step, ...]:
        """The networks that are named, by name."""
        named = sorted(self.request.networks.items())
        return tuple(Step(name, self.running.networks.get(name), new) for name, new in named)

    def old(self, switch: Switch) -> list[tuple[str, Network]]:
        """The named networks that ran by this switch."""
        return [(one.name, one.old) for one in self.steps if one.old is not None and one.old.switch == switch]

    def new(self, switch: Switch) -> list[tuple[str, Network]]:
        """The named networks that will run by this switch."""
        return [(one.name, one.new) for one in self.steps if one.new is not None and one.new.switch == switch]

    @property
    def bases(self) -> tuple[str, ...]:
        """The cards and bonds below named networks, before and after, and the bonds that are named."""
        below = [value.base for one in self.steps for value in (one.old, one.new) if value is not None]
        return tuple(sorted({*below, *self.request.bondings} - {""}))

    def on(self, base: str) -> list[tuple[str, Network]]:
        """All networks that will run on a base, by name; those that are not named as well."""
        return self._by_base.get(base, [])

    @functools.cached_property
    def _by_base(self) -> dict[str, list[tuple[str, Network]]]:
        found: dict[str, list[tuple[str, Network]]] = {}
        for name, one in sorted(self.after.networks.items()):
            found.setdefault(one.base, []).append((name, one))
        return found

    def left(self, base: str) -> bool:
        """Whether named networks ran on a base, and none will."""
        return base in self.left_by_some and not self.on(base)

    @functools.cached_property
    def left_by_some(self) -> frozenset[str]:
        """The bases that named networks ran on, though others may stay there."""
        return frozenset(one.old.base for one in self.steps if one.old is not None)

    def interface(self, name: str) -> Interface | None:
        """The interface of the kernel that has this name now."""
        return self.current.by_key.get((name, ""))

    def stays(self, name: str) -> bool:
        """Whether a card or bond is there afterwards, as far as this request is concerned."""
        if name in self.after.bondings:
            return True
        return name not in self.request.bondings and self.interface(name) is not None

    def ports_of(self, bond: str) -> tuple[str, ...]:
        """The ports that a bond will have; none for what is no bond."""
        if bond in self.after.bondings:
            return self.after.bondings[bond].ports
        return self.ports_now(bond) if self.stays(bond) else ()

    @functools.cached_property
    def ports(self) -> frozenset[str]:
        """The ports of all bonds of the configuration afterwards."""
        return frozenset(port for one in self.after.bondings.values() for port in one.ports)

    def ports_now(self, bond: str) -> tuple[str, ...]:
        """The ports that a bond has now; none for what is no bond."""
        now = self.interface(bond)
        return now.ports if isinstance(now, Bond) and isinstance(now.ports, tuple) else ()

    @functools.cached_property
    def made(self) -> frozenset[str]:
        """The interfaces that networks own in the kernel afterwards: bridges, VLANs, ports of Open vSwitch."""
        return frozenset(name for network in self.after.networks.items() for name in owned(*network))

    @functools.cached_property
    def gone(self) -> tuple[str, ...]:
        """The interfaces that named networks owned, and that no network will."""
        owners = ((one.name, one.old) for one in self.steps if one.old is not None)
        return tuple(sorted({name for network in owners for name in owned(*network)} - self.made))

    @functools.cached_property
    def claimed(self) -> frozenset[str]:
        """The interfaces of which the configuration says where they belong, now or afterwards."""
        networks = [*self.running.networks.values(), *self.after.networks.values()]
        below = {name for one in networks for name in (one.base, one.southbound)}
        bonds = [*self.running.bondings.values(), *self.after.bondings.values()]
        return frozenset({*below, *(port for one in bonds for port in one.ports), *self.gone, *self.made})

    @functools.cached_property
    def placed(self) -> frozenset[str]:
        """The interfaces that have a controller afterwards, by the configuration, and those that are gone by then."""
        networks = self.after.networks.values()
        bridged = {one.southbound for one in networks if one.bridged and one.switch == "legacy"}
        switched = {one.base for one in networks if one.switch == "ovs"}
        return frozenset({*bridged, *switched, *self.ports, *self.gone})

    def vlans_on(self, base: str) -> list[Vlan]:
        """The VLANs of the kernel on an interface that this request neither makes, changes nor takes away."""
        return self._vlans.get(base, [])

    @functools.cached_property
    def _vlans(self) -> dict[str, list[Vlan]]:
        ours = {*self.gone, *self.made}
        found: dict[str, list[Vlan]] = {}
        for one in self.current.by_key.values():
            if isinstance(one, Vlan) and isinstance(one.vlan, VlanConfig) and one.name not in ours:
                found.setdefault(str(one.vlan.parent), []).append(one)
        return found


def situation(request: SetupRequest, running: Configuration, current: NetworkState, facts: Facts) -> Situation:
    """All of it for one request."""
    after = running.replace(
        networks=_over(running.networks, request.networks), bondings=_over(running.bondings, request.bondings)
    )
    return Situation(request, running, after, current, facts)


def _over(before: dict[str, _Value], asked: dict[str, _Value | None]) -> dict[str, _Value]:
    return {name: value for name, value in sorted({**before, **asked}.items()) if value is not None}


def owned(name: str, network: Network) -> list[str]:
    """The interfaces of the kernel that exist for this network: not its base."""
    if network.switch == "ovs":
        return [name]
    vlan = [network.southbound] if network.southbound != network.base else []
    return [*vlan, name] if network.bridged else vlan
