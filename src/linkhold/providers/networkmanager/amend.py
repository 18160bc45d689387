"""What only NetworkManager knows, laid over what the kernel shows.

Addresses, routes and links are the kernel's truth and are never taken from NetworkManager, which tells at most 100 of
them, late. What belongs to a profile (how addresses are got, for whom to wait, LLDP, 802.1X) is taken from the settings
in force on the device.
"""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.capability import NAME, sets_up
from linkhold.providers.networkmanager.dbus import DISCONNECTED, UNMANAGED
from linkhold.providers.networkmanager.default_pvid import without_default_pvid
from linkhold.providers.networkmanager.inventory import Device, Inventory
from linkhold.providers.networkmanager.neighbours import neighbours
from linkhold.providers.networkmanager.profiles import decode, kind_of
from linkhold.providers.networkmanager.reading import Running
from linkhold.providers.networkmanager.resolving import resolver
from linkhold.providers.networkmanager.unstored import unstored
from linkhold.providers.networkmanager.values import Settings
from linkhold.state.dns import DnsResolver
from linkhold.state.hostname import Hostname
from linkhold.state.interfaces import kind_class
from linkhold.state.interfaces.common import Dispatch, Interface
from linkhold.state.interfaces.ip import Ip
from linkhold.state.interfaces.lldp import Lldp
from linkhold.state.network import NetworkState

_TAKEN: typing.Final = ("profile_name", "identifier", "description", "wait_ip", "mptcp", "ieee8021x", "lldp")
_TAKEN_OF_IP: typing.Final = (
    "dhcp",
    "autoconf",
    "auto_dns",
    "auto_gateway",
    "auto_routes",
    "auto_route_table_id",
    "auto_route_metric",
    "dhcp_client_id",
    "dhcp_duid",
    "dhcp_send_hostname",
    "dhcp_custom_hostname",
    "token",
    "addr_gen_mode",
)
_IP_LESS: typing.Final = frozenset({"bond", "bridge", "ovs-port", "team"})
"""Types of ports that have no IP settings at all."""

Leaves = typing.Callable[[str], bool]


def amended(
    state: NetworkState,
    inventory: Inventory,
    running: Running,
    kept: dict[str, Settings],
    idle: typing.Sequence[Settings],
    scripts: dict[str, Dispatch],
    leaves: Leaves,
) -> NetworkState:
    """The state with NetworkManager's knowledge.

    `running` are the settings in force and what is stored instead, `kept` the stored ones of profiles that wait for a device of
    that name, `idle` those that would make an interface; `scripts` are the dispatcher's by interface; `leaves` tells which
    devices another provider has.
    """
    listed = state.interfaces if isinstance(state.interfaces, tuple) else ()
    in_force = running.in_force
    interfaces = tuple(
        interface
        if interface.userspace
        or interface.provider is not UNSET  # an earlier service has it: an interface in a bridge of Open vSwitch
        or (device := inventory.by_name.get(interface.name)) is None
        else _interface(interface, device, inventory, running, kept, leaves)
        for interface in listed
    )
    interfaces = tuple(
        one.replace(dispatch=scripts[one.name]) if one.name in scripts and not one.userspace else one
        for one in interfaces
    )
    changes: dict[str, typing.Any] = {"interfaces": (*interfaces, *_idle(interfaces, idle, leaves, inventory.version))}
    if isinstance(state.dns, DnsResolver):
        changes["dns"] = resolver(state.dns, inventory, in_force.items())
    static = inventory.settings.get("Hostname", "")
    if static and isinstance(state.hostname, Hostname):
        changes["hostname"] = state.hostname.replace(config=static)
    return state.replace(**changes)


def _interface(
    interface: Interface,
    device: Device,
    inventory: Inventory,
    running: Running,
    kept: dict[str, Settings],
    leaves: Leaves,
) -> Interface:
    in_force = running.in_force
    if device.name in in_force:
        known = _known(interface, in_force[device.name], device)
        if known.kind == "linux-bridge":
            known = without_default_pvid(known, in_force)
        if device.name in running.stored:
            paths = unstored(in_force[device.name], running.stored[device.name], device.name)
            known = known.replace(unstored=paths or UNSET)
        active = inventory.managing(device.name)  # what is in force has the name that it had when it was activated
        return known.replace(profile_name=active.name) if active is not None and active.name else known
    if leaves(device.name) or interface.kind == "loopback" or not sets_up(interface.kind, inventory.version):
        return interface
    if device.state == UNMANAGED:
        return interface.replace(state="ignore") if device.real else interface
    if device.state > DISCONNECTED or inventory.active_on(device.name) is not None:
        return interface
    changes: dict[str, typing.Any] = {} if _in_use(interface) else {"state": "down"}
    if device.name in kept:
        name = kept[device.name].get("connection", {}).get("id", UNSET)
        changes |= {"provider": NAME, "profile_name": name}
    return interface.replace(**changes) if changes else interface


def _idle(
    there: typing.Iterable[Interface], idle: typing.Sequence[Settings], leaves: Leaves, version: tuple[int, int]
) -> tuple[Interface, ...]:
    """Interfaces that would come up by their profiles: they are down, and nothing is left of them in the kernel. Their
    profiles say all else."""
    names = {one.name for one in there}
    found: dict[str, Interface] = {}
    for settings in idle:
        connection, kind = settings["connection"], kind_of(settings)
        name = connection.get("interface-name", "")
        cls = kind_class(kind)
        if not name or name in names or leaves(name) or not sets_up(kind, version) or not cls.virtual or cls.userspace:
            continue
        found[name] = cls(name=name, profile_name=connection["id"], provider=NAME, state="down")
    return tuple(found[name] for name in sorted(found))


def _in_use(interface: Interface) -> bool:
    """Whether somebody set it up behind the back of NetworkManager, which calls it disconnected."""
    if interface.controller not in (UNSET, ""):
        return True
    return any(isinstance(one, Ip) and one.static for one in (interface.ipv4, interface.ipv6))


def _known(interface: Interface, settings: Settings, device: Device) -> Interface:
    said = decode(settings, interface.name)
    connection = settings.get("connection", {})
    joins = (connection.get("port-type") or connection.get("slave-type")) in _IP_LESS
    changes: dict[str, typing.Any] = {name: said.get(name) for name in _TAKEN if said.get(name) is not UNSET}
    if not settings.get("802-3-ethernet", {}).get("mac-address"):
        changes.pop("identifier", None)  # a profile for any card is not one for the card of this MAC
    for family in ("ipv4", "ipv6"):
        changes[family] = _ip(interface.get(family), said.get(family), joins)
    if isinstance(changes.get("lldp"), Lldp) and changes["lldp"].enabled is True:
        changes["lldp"] = Lldp(enabled=True, neighbors=neighbours(device.neighbours))
    return interface.replace(provider=NAME, **changes)


def _ip(shown: typing.Any, said: typing.Any, joins: bool) -> typing.Any:
    """The kernel's section with how its addresses are got. What joins a bridge or a bond has no IP of its own, though the
    kernel's switch for IPv6 may still be on."""
    if joins and shown is not UNSET and shown.address in (UNSET, ()):
        return type(shown)(enabled=False)
    if said is UNSET:
        return shown
    told = {name: said.get(name) for name in _TAKEN_OF_IP if name in said.field_names() and said.get(name) is not UNSET}
    if shown is UNSET or shown.get("enabled") is False:
        # a family that waits for its first address has none in the kernel yet
        dynamic = told.get("dhcp") is True or told.get("autoconf") is True
        return type(said)(enabled=True, **told) if dynamic else shown
    return shown.replace(**told)
