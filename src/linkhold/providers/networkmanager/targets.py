"""What profiles there are to be: for each interface that a plan touches, its settings, and which others go."""

import typing
import uuid

from linkhold.foundation.record import UNSET
from linkhold.planning.change import Change, Plan
from linkhold.planning.placing import needs_profiles, placing
from linkhold.providers.networkmanager.capability import NAME
from linkhold.providers.networkmanager.dbus import PROFILE_EXTERNAL
from linkhold.providers.networkmanager.inventory import Inventory
from linkhold.providers.networkmanager.profiles import encode
from linkhold.providers.networkmanager.profiles.identity import TYPES
from linkhold.providers.networkmanager.unstored import as_stored
from linkhold.providers.networkmanager.values import Settings
from linkhold.state.dns import DnsConfig, DnsResolver
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState

ETHERNETS: typing.Final = frozenset({"802-3-ethernet", "veth"})
LOOPBACK_SINCE: typing.Final = (1, 42)
USERSPACE: typing.Final = frozenset({"ovs-bridge", "ovs-port", "ovs-interface", "vpn", "wifi-p2p"})
"""Types of profiles whose interface-name names no interface of the kernel, or one that is not NetworkManager's to set up."""

Held = dict[str, Settings]
"""The stored settings of profiles by object path."""


class Target(typing.NamedTuple):
    """How the profile of one interface is to be. `path` is the profile that is modified in place, '' for a new one;
    `others` are further profiles for the same interface, which go."""

    name: str
    interface: Interface
    settings: Settings
    path: str
    others: tuple[str, ...]


def owned(interface: typing.Any) -> bool:
    """Whether it is ours, and to be up."""
    return interface is not UNSET and interface.provider == NAME and interface.wanted


def given_up(interface: Interface) -> bool:
    """Whether it is to have no profile any more: hardware that was called absent."""
    return interface.profile_name == ""


def touched(plan: Plan, after: NetworkState) -> tuple[str, ...]:
    """The names of interfaces whose profile may have to change: by themselves, or for a route over them."""
    names: dict[str, None] = {}
    for change in plan.changes:
        if change.subject == "interface" and change.provider == NAME and change.after is not UNSET:
            if not given_up(change.after):
                names[change.after.name] = None
        elif change.subject == "route" and change.provider == NAME:
            name = route_carrier(change)
            if owned(after.by_key.get((name, ""), UNSET)):
                names[name] = None
    return tuple(names)


def route_carrier(change: Change) -> str:
    """The interface in whose profile a route stands; those that lead nowhere stand in that of the loopback."""
    route = change.before if change.after is UNSET else change.after
    return typing.cast("str", route.get("next_hop_interface") or "lo")


def profile_of(interface: Interface, kind: str, inventory: Inventory, held: Held) -> str:
    """The profile to modify in place: the active one, else the newest that names the interface; '' for none.

    `kind` is NetworkManager's word for the kind. A profile that is active on several devices is nobody's own; one that
    NetworkManager made up for what others have set up holds only a part of that (of a bridge no VLANs, say).
    """
    active = inventory.managing(interface.name)
    if active is not None and active.profile in held and _fits(held[active.profile], kind):
        shared = sum(one.profile == active.profile for one in inventory.actives.values()) > 1
        if not shared and not inventory.profiles[active.profile].flags & PROFILE_EXTERNAL:
            return active.profile
    named = [
        path
        for path in _named(interface.name, held)
        if _fits(held[path], kind) and not inventory.profiles[path].flags & PROFILE_EXTERNAL
    ]
    return max(named, key=lambda path: held[path]["connection"].get("timestamp", 0), default="")


def profiles_for(name: str, inventory: Inventory, held: Held) -> tuple[str, ...]:
    """All profiles for the interface of this name: those that say it, and the one in use."""
    active = inventory.managing(name)
    used = [active.profile] if active is not None and active.profile in held else []
    return tuple(dict.fromkeys([*used, *_named(name, held)]))


def _named(name: str, held: Held) -> list[str]:
    return [
        path
        for path, settings in held.items()
        if settings.get("connection", {}).get("interface-name") == name
        and settings["connection"].get("type") not in USERSPACE
    ]


def _fits(settings: Settings, kind: str) -> bool:
    said = settings.get("connection", {}).get("type", "")
    return said == kind or {said, kind} <= ETHERNETS


class Making(typing.NamedTuple):
    """What profiles are made from: the host as it was and as it will be, NetworkManager's things, the stored settings;
    whether profiles are to hold the name servers, and which interfaces have got their old profiles back; the settings in
    force on those whose profile says otherwise."""

    before: NetworkState
    after: NetworkState
    inventory: Inventory
    held: Held
    dns: bool
    kept: frozenset[str]
    in_force: Held

    def target(self, interface: Interface) -> Target:
        """The profile that an interface is to have. Of those in `kept` it is right already, and only to be put in force."""
        path = profile_of(interface, TYPES[interface.kind], self.inventory, self.held)
        if path and interface.name in self.kept:
            return Target(interface.name, interface, self.held[path], path, ())
        settings = encode(
            interface,
            host=self.after,
            was=self.before,
            stored=self._stored(interface, path),
            current=self.held[path] if path else None,
            version=self.inventory.version,
            uuid=str(uuid.uuid4()),
            dns=self.dns,
        )
        others = tuple(one for one in _named(interface.name, self.held) if one != path)
        return Target(interface.name, interface, settings, path, others)

    def _stored(self, interface: Interface, path: str) -> Interface | None:
        """The interface as its profile would make it, where that is not how it is."""
        before = self.before.by_key.get(interface.key)
        applied = self.in_force.get(interface.name)
        if before is None or applied is None or not path:
            return None
        return as_stored(before, self.held[path], applied)

    def swayed(self) -> tuple[str, ...]:
        """The interfaces whose profile does not hold yet what it is to hold of the whole host: rules, name servers."""
        names = []
        for interface in self.after.interfaces if isinstance(self.after.interfaces, tuple) else ():
            if owned(interface) or (interface.kind == "loopback" and self.inventory.version >= LOOPBACK_SINCE):
                one = self.target(interface)
                if _of_the_host(one.settings) != _of_the_host(self.held.get(one.path, {})):
                    names.append(interface.name)
        return tuple(names)


def waits_whole(interface: Interface) -> bool:
    """Whether its activation is over only when all is done: it is to wait for addresses, or it joins a controller."""
    return interface.wait_ip not in (UNSET, "any") or interface.controller not in (UNSET, "")


_OF_THE_HOST: typing.Final = ("routing-rules", "dns", "dns-data", "dns-search", "dns-options", "dns-priority")
"""Properties of an IP section that hold what belongs to the whole host."""


def _of_the_host(settings: Settings) -> dict[tuple[str, str], typing.Any]:
    return {
        (family, key): value
        for family in ("ipv4", "ipv6")
        for key in _OF_THE_HOST
        if (value := settings.get(family, {}).get(key))
    }


def dns_in_profiles(plan: Plan, after: NetworkState) -> bool:
    """Whether name servers are to be written into profiles: only where the plan is about them."""
    return any(one.subject == "dns" and one.provider == NAME for one in plan.changes) and not in_global_dns(after)


def in_global_dns(after: NetworkState) -> bool:
    """Whether the name servers are to be the host's own and no profile's: a link-local one belongs to an interface, and
    the host's own, where there is none of them, would keep those of the profiles from being asked."""
    config = after.dns.config if isinstance(after.dns, DnsResolver) else UNSET
    if not isinstance(config, DnsConfig) or needs_profiles(after):
        return False
    return bool(config.server)


def unheld_dns(after: NetworkState) -> str:
    """Why neither the host nor a profile can hold what DNS is to be; '' where one can."""
    config = after.dns.config if isinstance(after.dns, DnsResolver) else UNSET
    if not isinstance(config, DnsConfig) or not any(config.said().values()) or in_global_dns(after):
        return ""
    place = placing(after)
    if place.servers:
        return ""
    return (
        place.unplaced_dns or "search domains without name servers need an interface of NetworkManager's to stand with"
    )
