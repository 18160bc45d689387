"""The simulated host: what is there, and what a Linux kernel does by itself when something is taken away or changed.

Interfaces are kept as values by their key. The side effects imitated are those that a plan has to reckon with:

- deleting an interface takes those that ride on it, the other end of a veth pair, its addresses and the routes over it;
- setting a link down drops the routes over it and (``keep_addr_on_down`` is 0 by default) its IPv6 addresses;
- joining or leaving a bond or a VRF takes the port down for a moment, which costs the same;
- an address that goes takes no route with it, an interface that comes back gets none back.
"""

import collections
import typing

from linkhold.foundation.failures import Refused
from linkhold.foundation.record import UNSET, Record
from linkhold.planning.diff import found
from linkhold.planning.references import named, references, with_ports
from linkhold.planning.traits import traits_of
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ipv4, Ipv6
from linkhold.state.network import NetworkState
from linkhold.state.routes import Route, Routes
from linkhold.state.rules import RouteRule, RouteRules

Key = tuple[str, str]

STAGED: typing.Final = frozenset({"ipv4", "ipv6", "controller", "state", "name"})
"""The fields that have a stage of their own; all others are set by `create` and `configure`."""

FLAPPING_CONTROLLERS: typing.Final = frozenset({"bond", "vrf"})
_UNSUPPORTED: typing.Final = "Operation not supported (EOPNOTSUPP)"
_NO_IP: typing.Final[dict[str, typing.Any]] = {"ipv4": Ipv4(enabled=False), "ipv6": Ipv6(enabled=False)}
_BUILT_ON: typing.Final = frozenset({"parent", "peer"})


class Host:
    """One host. Methods raise `Refused` where a kernel would say no, and are quiet when there is nothing to do."""

    def __init__(self, state: NetworkState) -> None:
        self.interfaces: dict[Key, Interface] = {}
        self._kinds: dict[str, list[Key]] = collections.defaultdict(list)
        self._riders: dict[str, set[Key]] = collections.defaultdict(set)
        self._members: dict[str, set[Key]] = collections.defaultdict(set)
        self._over: dict[str, dict[Route, None]] = collections.defaultdict(dict)
        self.others = state.replace(interfaces=UNSET, routes=UNSET, rules=UNSET)
        self.routes: dict[Route, None] = {}
        self.learned: dict[Route, None] = {}
        self.rules: dict[RouteRule, None] = dict.fromkeys(_listed(state, "rules", "config"))
        for interface in state.interfaces if isinstance(state.interfaces, tuple) else ():
            self.put(interface)
        for route in _listed(state, "routes", "config"):
            self._keep(self.routes, route)
        for route in _listed(state, "routes", "running"):
            if route not in self.routes:
                self._keep(self.learned, route)

    def state(self) -> NetworkState:
        """Everything, in canonical form: membership on both sides, routes in order of their text."""
        return self.others.replace(
            interfaces=tuple(self._whole(one) for one in self.interfaces.values()),
            routes=Routes(
                running=(*self.routes, *self.learned),
                config=tuple(self.routes),
            ),
            rules=RouteRules(config=tuple(self.rules)),
        )

    def find(self, name: str, like: Interface | None = None) -> Interface | None:
        """The interface of this name; with `like`, of its kind of name space (user-space kinds have their own)."""
        if like is not None:
            return self.interfaces.get(like.key)
        keys = self._kinds.get(name)
        return self.interfaces[keys[0]] if keys else None

    def put(self, interface: Interface) -> None:
        """Keep a value, new or instead of the one of the same key."""
        old = self.interfaces.get(interface.key)
        if old is None:
            self._kinds[interface.name].append(interface.key)
        else:
            self._forget(old)
        self.interfaces[interface.key] = interface
        for one in references(interface):
            if one.role in _BUILT_ON:
                self._riders[one.name].add(interface.key)
            elif one.role == "controller":
                self._members[one.name].add(interface.key)

    def _forget(self, interface: Interface) -> None:
        for one in references(interface):
            if one.role in _BUILT_ON:
                self._riders[one.name].discard(interface.key)
            elif one.role == "controller":
                self._members[one.name].discard(interface.key)

    def _whole(self, interface: Interface) -> Interface:
        """With the ports that it has rather than those that were asked for."""
        if not interface.is_controller:
            return interface
        return with_ports(interface, {key[0] for key in self._members.get(interface.name, ())})

    def make(self, wanted: Interface) -> None:
        """A new interface, down, without addresses and controller; or the settings of one that a dead process made.

        Raises:
            Refused: what it rides on is not there.
        """
        for parent in named(wanted, "parent"):
            if not self._kinds.get(parent):
                raise Refused(f"can't make {wanted.name}: {parent} is not there", answer="No such device (ENODEV)")
        existing = self.find(wanted.name, wanted)
        if existing is not None and type(existing) is not type(wanted):
            raise Refused(f"{wanted.name} is there already, as {existing.kind}", answer="File exists (EEXIST)")
        bare = {name: value for name, value in wanted.said().items() if name not in STAGED}
        self.put(type(wanted)(name=wanted.name, state="down", **_NO_IP, **bare))
        self._make_peer(wanted)

    def _make_peer(self, wanted: Interface) -> None:
        for way in references(wanted):
            if way.role == "peer" and not self._kinds.get(way.name):
                section, field = way.path.split(".")[0], way.path.split(".")[-1]
                mirrored = type(wanted.get(section))(**{field: wanted.name})
                self.put(type(wanted)(name=way.name, state="down", **_NO_IP, **{section: mirrored}))

    def delete(self, name: str, like: Interface) -> None:
        """Take an interface away with all that can't be without it; hardware only loses its settings."""
        interface = self.find(name, like)
        if interface is None:
            return
        for key in list(self._members[name]):
            self.detach(self.interfaces[key])
        if not interface.virtual:
            self._strip(interface)
            return
        self._forget(interface)
        del self.interfaces[interface.key]
        self._kinds[name].remove(interface.key)
        self._drop_routes(name)
        for key in list(self._riders.pop(name, ())):
            if key in self.interfaces:
                self.delete(key[0], self.interfaces[key])

    def _strip(self, interface: Interface) -> None:
        self.set_down(interface)
        self.put(self.interfaces[interface.key].replace(controller=UNSET, **_NO_IP))

    def set_up(self, interface: Interface) -> None:
        """Up."""
        if interface.state != "up":
            self.put(interface.replace(state="up"))

    def set_down(self, interface: Interface) -> None:
        """Down, with what that costs."""
        if interface.state != "down":
            self._lose(interface)
            self.put(self.interfaces[interface.key].replace(state="down"))

    def flap(self, interface: Interface) -> None:
        """Down and up again: what was lost on the way stays lost."""
        if interface.state == "up":
            self._lose(interface)

    def _lose(self, interface: Interface) -> None:
        self._drop_routes(interface.name)
        if isinstance(interface.ipv6, Ipv6) and interface.ipv6.address not in (UNSET, ()):
            self.put(interface.replace(ipv6=interface.ipv6.replace(address=())))

    def attach(self, interface: Interface, controller: str) -> None:
        """Make it a port.

        Raises:
            Refused: the controller is not there, or can't have ports.
        """
        found_one = self.find(controller)
        if found_one is None:
            raise Refused(f"can't attach {interface.name}: {controller} is not there", answer="No such device (ENODEV)")
        if not found_one.is_controller:
            raise Refused(f"can't attach {interface.name}: {controller} has no ports", answer=_UNSUPPORTED)
        if interface.controller == controller:
            return
        self.detach(interface)
        interface = self.interfaces[interface.key]
        if found_one.kind in FLAPPING_CONTROLLERS:
            self.flap(interface)
        self.put(self.interfaces[interface.key].replace(controller=controller))

    def detach(self, interface: Interface) -> None:
        """Take it from its controller, if it has one."""
        if interface.controller in (UNSET, ""):
            return
        controller = self.find(str(interface.controller))
        if controller is not None and controller.kind in FLAPPING_CONTROLLERS:
            self.flap(interface)
        self.put(self.interfaces[interface.key].replace(controller=UNSET))

    def configure(self, interface: Interface, wanted: Interface) -> None:
        """Every setting that has no stage of its own.

        Raises:
            Refused: it is of another kind, or a setting can be given only while it is made.
        """
        if type(interface) is not type(wanted):
            raise Refused(f"{wanted.name} is a {interface.kind}, no {wanted.kind}", answer=_UNSUPPORTED)
        disagreements = found(wanted, interface)
        for one in disagreements:
            if one.fixed and one.difference.before is not UNSET:
                raise Refused(f"{wanted.name}: {one.difference.path} is fixed once made", answer=_UNSUPPORTED)
        if any(one.flaps for one in disagreements):
            self.flap(interface)
            interface = self.interfaces[interface.key]
        staged = {name: value for name, value in interface.said().items() if name in STAGED}
        self.put(type(wanted)(**staged, **_telling(interface, wanted)))

    def address(self, interface: Interface, wanted: Interface) -> None:
        """The addresses and what else belongs to IP."""
        self.put(interface.replace(ipv4=wanted.ipv4, ipv6=wanted.ipv6))

    def add_route(self, route: Route) -> None:
        """Raises:
        Refused: the interface it leads through is not there or not up."""
        name = route.next_hop_interface
        if isinstance(name, str) and name and route.route_type is UNSET:
            through = self.find(name)
            if through is None:
                raise Refused(f"no route to {route.destination}: {name} is not there", answer="No such device (ENODEV)")
            if through.state != "up":
                raise Refused(f"no route to {route.destination}: {name} is down", answer="Network is down (ENETDOWN)")
        self._keep(self.routes, route)

    def delete_route(self, route: Route) -> None:
        """Configured or learned."""
        for kept in (self.routes, self.learned):
            kept.pop(route, None)
        self._over[_through(route)].pop(route, None)

    def _keep(self, where: dict[Route, None], route: Route) -> None:
        where[route] = None
        self._over[_through(route)][route] = None

    def _drop_routes(self, name: str) -> None:
        for route in self._over.pop(name, {}):
            self.routes.pop(route, None)
            self.learned.pop(route, None)


def _telling(interface: Interface, wanted: Interface) -> dict[str, typing.Any]:
    """The settings of the stage `configure`; one that comes to its default is not shown any more."""
    traits = traits_of(type(wanted))
    return {
        name: value
        for name, value in wanted.said().items()
        if name not in STAGED and (value != traits[name].default or interface.get(name) == value)
    }


def _through(route: Route) -> str:
    return route.next_hop_interface if isinstance(route.next_hop_interface, str) else ""


def _listed(state: NetworkState, section: str, part: str) -> tuple[typing.Any, ...]:
    held: Record | typing.Any = state.get(section)
    values = held.get(part) if isinstance(held, Record) else UNSET
    return values if isinstance(values, tuple) else ()
