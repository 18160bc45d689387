"""What follows from the changes that were asked for: who has to be made again, reattached, or put back."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.compare import change_name, config, route_draft
from linkhold.planning.draft import Draft
from linkhold.planning.merge_routes import route_ipv6
from linkhold.planning.pairs import peer_of
from linkhold.planning.references import controller_of, named, ports_of
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip
from linkhold.state.network import NetworkState

_DETACHING: typing.Final = frozenset({"bond", "vrf"})
"""Controllers whose ports go down for a moment when they join or leave (bond_enslave, cycle_netdev in drivers/net/vrf.c)."""


class Consequences:
    """Adds to `drafts`, in place, until nothing more follows."""

    def __init__(self, drafts: list[Draft], before: NetworkState, after: NetworkState) -> None:
        self.before, self.after, self.drafts = before, after, drafts
        self.old, self.new = before.by_key, after.by_key
        self.by_key = {draft.key: draft for draft in drafts if draft.subject == "interface"}
        self._children: dict[str, list[Interface]] | None = None

    def follow(self) -> None:
        """All of them."""
        if not self.by_key:
            return
        self._replace_dependants()
        self._reattach_ports()
        self._mark_flaps()
        flapping = self._flapping()
        self._put_back_addresses(flapping)
        self._put_back_routes(flapping)

    def children(self, name: str) -> list[Interface]:
        """What will ride on an interface."""
        if self._children is None:
            self._children = {}
            for interface in self.new.values():
                for parent in named(interface, "parent"):
                    self._children.setdefault(parent, []).append(interface)
        return self._children.get(name, [])

    def _replace_dependants(self) -> None:
        """Whatever rode on something that is removed went with it, and so did the other end of a pair."""
        waiting = [draft for draft in self.by_key.values() if draft.gone]
        rode: dict[str, list[Draft]] = {}
        for draft in self.by_key.values() if waiting else ():
            for parent in draft.needed("parent") if draft.action == "~" else ():
                rode.setdefault(parent, []).append(draft)
        while waiting:
            gone = waiting.pop()
            others = [*self.children(gone.key[0]), *self._inside(gone)]
            if gone.action == "-":
                others = [draft.after for draft in rode.get(gone.key[0], ()) if draft.action == "~"]
            peer = self.new.get((peer_of(gone.after if gone.after is not UNSET else None), ""))
            for other in [*others, *([peer] if peer is not None else [])]:
                draft = self._draft(other)
                if draft.action == "~" and other.virtual:
                    draft.action = "±"
                    draft.because(
                        f"goes with {gone.name}, which is {'replaced' if gone.after is not UNSET else 'removed'}"
                    )
                    waiting.append(draft)

    def _inside(self, gone: Draft) -> list[Interface]:
        """What lives in a bridge of Open vSwitch, and nowhere else, goes with it."""
        ports = ports_of(gone.after) or () if gone.after is not UNSET and gone.after.userspace else ()
        found = (self.new.get((name, "")) for name in ports)
        return [one for one in found if one is not None and one.kind == "ovs-interface"]

    def _reattach_ports(self) -> None:
        """Ports of a replaced controller are attached again; a controller sets its options of a replaced port again."""
        for draft in list(self.by_key.values()):
            if draft.action != "±":
                continue
            for port in ports_of(draft.after) or ():
                interface = self.new.get((port, ""))
                if interface is not None:
                    self._draft(interface).because(f"attached again: {draft.name} is replaced")
            controller = self.controller(self.new, draft.after)
            if controller is not None:
                self._draft(controller).because(f"options of port {draft.name} are set again: it is replaced")

    def controller(self, table: typing.Mapping[tuple[str, str], Interface], interface: typing.Any) -> Interface | None:
        """The controller of an interface in one of the two states."""
        name = controller_of(interface)
        if not name:
            return None
        return table.get((name, "ovs-bridge")) or table.get((name, ""))

    def _mark_flaps(self) -> None:
        for draft in self.by_key.values():
            if draft.action != "~" or draft.after.state == "down":
                continue
            for one in draft.found:
                if one.flaps:
                    draft.why_flaps = one.flaps
            sides = self.controller(self.old, draft.before), self.controller(self.new, draft.after)
            moved = controller_of(draft.before), controller_of(draft.after)
            for side, name in zip(sides, moved, strict=True):
                again = side is not None and self.by_key.get(side.key)
                if (
                    side is not None
                    and side.kind in _DETACHING
                    and (moved[0] != moved[1] or (again and again.action == "±"))
                ):
                    draft.why_flaps = f"{'joins' if name == moved[1] else 'leaves'} {side.kind} {name}"

    def _flapping(self) -> dict[str, str]:
        """The interfaces that lose what hangs on the link being up, with the one that causes it: those that flap or are
        replaced, and what rides on them."""
        flapping = {
            draft.key[0]: draft.name for draft in self.by_key.values() if draft.why_flaps or draft.action == "±"
        }
        waiting = list(flapping)
        while waiting:
            name = waiting.pop()
            for child in self.children(name):
                if child.name not in flapping:
                    flapping[child.name] = flapping[name]
                    waiting.append(child.name)
        return flapping

    def _put_back_addresses(self, flapping: dict[str, str]) -> None:
        """The kernel drops IPv6 addresses when a link goes down (addrconf_ifdown)."""
        for name, cause in flapping.items():
            interface = self.new.get((name, ""))
            if (
                interface is not None
                and interface.key not in self.by_key
                and isinstance(interface.ipv6, Ip)
                and interface.ipv6.static
            ):
                self._draft(interface).because(f"IPv6 addresses are put back: {cause} goes down for a moment")

    def _put_back_routes(self, flapping: dict[str, str]) -> None:
        """The kernel drops the routes of a link that goes down, or that loses its last address of the family."""
        lost = {
            (name, ipv6): f"{cause} goes down for a moment"
            for name, cause in flapping.items()
            for ipv6 in (False, True)
        }
        for draft in self.by_key.values():
            if draft.action == "~":
                for ipv6, family in ((False, "ipv4"), (True, "ipv6")):
                    if _loses_all(draft.before.get(family), draft.after.get(family)):
                        lost.setdefault((draft.key[0], ipv6), f"the addresses of {draft.name} change")
        if not lost:
            return
        there = {id(route) for route in config(self.before.routes)}
        for route in config(self.after.routes):
            if id(route) in there and (why := lost.get((route.get("next_hop_interface"), route_ipv6(route)))):
                draft = route_draft(route, route)
                draft.because(f"put back: {why}")
                self.drafts.append(draft)

    def _draft(self, interface: Interface) -> Draft:
        """The draft for an interface; a new one (put back, so far) when nothing about it differs."""
        draft = self.by_key.get(interface.key)
        if draft is None:
            draft = Draft(
                "interface", interface.key, change_name(interface), self.old.get(interface.key, interface), interface
            )
            self.by_key[interface.key] = draft
            self.drafts.append(draft)
        return draft


def _loses_all(before: typing.Any, after: typing.Any) -> bool:
    """Whether there may be a moment without any address.

    The kernel keeps IPv4 addresses in the order in which they came, and deletes those of a network along with the first
    one in it (unless ``promote_secondaries`` is set): when another comes first, all may have to go and come back.
    """
    if not isinstance(before, Ip) or not isinstance(after, Ip) or before is after or not before.static:
        return False
    old, new = ([(one.ip, one.prefix_length) for one in section.static] for section in (before, after))
    kept = [key for key in old if key in new]
    if before.ipv6:
        return not kept
    return not kept or kept[0] != old[0] or new[: len(kept)] != kept
