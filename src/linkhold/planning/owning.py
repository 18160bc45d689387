"""Who owns what: one ordered table decides which provider carries out the changes of an interface.

An interface belongs to one provider at a time (`Interface.provider`; the first provider of a host, the kernel, where
nothing is said). The table is asked for the interfaces that a document speaks of (also as a port), for new ones and for
those that change along with them; all others stay with whom they have. An interface that changes hands is an ordinary
change with a difference ``interfaces[NAME].provider``, and so is planned, printed, journalled and taken back like any other.
The same goes for one whose owner has stored something else than what is in force (`Interface.unstored`).
"""

import fnmatch
import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.planning.draft import Draft
from linkhold.state.interfaces.common import KERNEL, Interface
from linkhold.state.network import NetworkState


class Row(Record):
    """Interfaces whose name fits the shell pattern `name` and whose kind is one of `kinds` (empty: any) belong to
    `provider`; `why` says where the row comes from."""

    name: str = "*"
    kinds: frozenset[str] = frozenset()
    provider: str
    why: str = ""

    def fits(self, interface: Interface) -> bool:
        """Whether the row is about this interface."""
        return (not self.kinds or interface.kind in self.kinds) and fnmatch.fnmatchcase(interface.name, self.name)


class Owners(Record):
    """The table: the first row that fits decides; what fits none is the kernel's."""

    rows: tuple[Row, ...] = ()

    def owner(self, interface: Interface) -> str:
        """The provider that is to own an interface."""
        return next((row.provider for row in self.rows if row.fits(interface)), KERNEL)


def settle_owners(expected: NetworkState, current: NetworkState, desired: NetworkState, owners: Owners) -> NetworkState:
    """The expected state, in which each interface that is new, spoken of, or changed along with those, says who will own it.
    Hardware whose settings are taken away, and what is down and stays so, is left to whoever has it: there is nothing to hand
    over."""
    now, said = current.by_key, desired.by_key
    listed = {name for one in said.values() if isinstance(one.ports, tuple) for name in one.ports}
    bare = {key for key, one in said.items() if one.state == "absent"}
    settled = []
    for interface in expected.interfaces if isinstance(expected.interfaces, tuple) else ():
        before = now.get(interface.key)
        asked = interface.key in said or interface.name in listed or before is None or interface != before
        asked = (
            asked and interface.state != "ignore" and interface.key not in bare and not _stays_down(before, interface)
        )
        settled.append(_given(interface, owners.owner(interface)) if asked else interface)
    return expected.replace(interfaces=tuple(settled))


def _stays_down(before: Interface | None, after: Interface) -> bool:
    return before is not None and before.state == after.state == "down"


def _given(interface: Interface, owner: str) -> Interface:
    value = UNSET if owner == KERNEL else owner
    if interface.provider == value and interface.unstored is UNSET:
        return interface
    return interface.replace(provider=value, unstored=UNSET)


class Capabilities(typing.Protocol):
    """See `providers.contract.Capabilities`."""

    @property
    def provider(self) -> str: ...
    @property
    def kinds(self) -> dict[str, str]: ...
    @property
    def subjects(self) -> frozenset[str]: ...
    @property
    def inabilities(self) -> tuple[typing.Any, ...]: ...
    @property
    def completes(self) -> frozenset[str]: ...
    @property
    def renews(self) -> frozenset[str]: ...


class Responsible:
    """Who of the providers of a host carries out which change: the first of them is the one that is there always."""

    def __init__(self, capabilities: typing.Sequence[Capabilities], before: NetworkState, after: NetworkState) -> None:
        self.all = tuple(capabilities)
        self._sides = after.by_key, before.by_key

    def of(self, draft: Draft) -> Capabilities | None:
        """The capabilities of the provider for this change; nothing where none can do it.

        Routes go with the interface they lead over; rules, DNS and the like to the first service that keeps them.
        """
        if draft.subject == "interface":
            interface = draft.before if draft.after is UNSET else draft.after
            owner = self._named(interface.provider)
            return owner if owner is not None and owner.kinds.get(interface.kind) == "" else None
        if draft.subject == "route":
            return self._of_route(draft.before if draft.after is UNSET else draft.after)
        services_first = (*self.all[1:], *self.all[:1])
        return next((one for one in services_first if draft.subject in one.subjects), None)

    def reasons(self, interface: Interface) -> list[str]:
        """Why nobody can set up this kind of interface here, as far as anybody says."""
        owner = self._named(interface.provider)
        return [one.kinds[interface.kind] for one in self.all if one.kinds.get(interface.kind) and owner in (None, one)]

    def completed(self, owner: Capabilities) -> frozenset[str]:
        """The paths that others carry out for this owner."""
        return frozenset(path for one in self.all if one is not owner for path in one.completes)

    def _of_route(self, route: typing.Any) -> Capabilities | None:
        name = route.get("next_hop_interface")
        key = (name if isinstance(name, str) else "lo", "")  # routes to nowhere (blackhole, …) are kept at the loopback
        interface = next((side[key] for side in self._sides if key in side), None)
        owner = self._named(interface.provider) if interface is not None else self.all[0]
        chosen = owner if owner is not None and "route" in owner.subjects else self.all[0]
        return chosen if "route" in chosen.subjects else None

    def _named(self, provider: typing.Any) -> Capabilities | None:
        if not isinstance(provider, str):
            return self.all[0]
        return next((one for one in self.all if one.provider == provider), None)
