"""Canonical form: one way to say each thing, so that later stages compare without knowing the other ways.

What providers return is canonical already; `normalised` brings the user's words there, as far as they can be without
looking at the host. It changes nothing about what they mean.
"""

import typing

from linkhold.foundation.diagnostics import Diagnostics, Key
from linkhold.foundation.record import UNSET, Record
from linkhold.state.interfaces.common import Interface, Untyped
from linkhold.state.interfaces.ip import Ip, IpAddress
from linkhold.state.interfaces.qos import Qos
from linkhold.state.network import NetworkState
from linkhold.state.routes import MAIN_TABLE, Route, Routes
from linkhold.state.rules import RouteRule, RouteRules
from linkhold.state.spellings import ip_network, is_ipv6, is_link_local

_ANY_GATEWAY: typing.Final = ("", "0.0.0.0", "::")


def normalised(state: NetworkState, found: Diagnostics) -> NetworkState:
    """A document in canonical form.

    IPv6 link-local addresses are left out with a warning (the kernel makes them); those with a finite lifetime are left
    out silently, as `show` prints them.
    """
    changes: dict[str, typing.Any] = {}
    if isinstance(state.interfaces, tuple):
        changes["interfaces"] = tuple([_interface(one, found) for one in state.interfaces])
    if isinstance(state.routes, Routes):
        told = state.routes.config
        changes["routes"] = Routes(config=tuple([route(one) for one in told]) if isinstance(told, tuple) else UNSET)
    if isinstance(state.rules, RouteRules) and isinstance(state.rules.config, tuple):
        changes["rules"] = RouteRules(config=tuple([rule(one) for one in state.rules.config]))
    return state.replace(**changes) if changes else state


def _interface(interface: Interface, found: Diagnostics) -> Interface:
    if isinstance(interface, Untyped):
        return interface
    interface = interface.canonical()
    changes: dict[str, typing.Any] = {}
    for family in ("ipv4", "ipv6"):
        section = interface.get(family)
        if section is not UNSET:
            canonical = _ip(section, interface.name, found)
            if canonical is not section:
                changes[family] = canonical
    if isinstance(interface.qos, Qos):
        qos = interface.qos.canonical()
        if qos is not interface.qos:
            changes["qos"] = qos
    if interface.is_controller and (section := _sorted_ports(interface)):
        changes.update(section)
    return interface.replace(**changes) if changes else interface


def _ip(section: Ip, name: str, found: Diagnostics) -> Ip:
    if section.__dict__.keys() == {"enabled"}:
        return section
    changes: dict[str, typing.Any] = {}
    addresses = section.get("address")
    if addresses is not UNSET:
        kept = _as_listed([one for one in addresses if _declared(one, name, found)])
        if kept != addresses:
            changes["address"] = kept
    given = bool(changes.get("address", () if addresses is UNSET else addresses))
    asked = given or section.get("dhcp") is True or section.get("autoconf") is True
    if section.get("enabled") is UNSET and asked:
        changes["enabled"] = True  # who gives addresses wants them
    return section.replace(**changes) if changes else section


def _as_listed(addresses: list[IpAddress]) -> tuple[IpAddress, ...]:
    """In the order in which the kernel lists them: the first IPv4 address of each network comes before all that are not
    (`__inet_insert_ifa` of `net/ipv4/devinet.c` puts secondary ones at the end)."""
    if len(addresses) < 3 or any(is_ipv6(one.ip) for one in addresses):
        return tuple(addresses)
    networks: set[str] = set()
    first: list[IpAddress] = []
    others: list[IpAddress] = []
    for one in addresses:
        network = ip_network(f"{one.ip}/{one.prefix_length}")
        (others if network in networks else first).append(one)
        networks.add(network)
    return (*first, *others)


def _declared(address: IpAddress, name: str, found: Diagnostics) -> bool:
    if address.dynamic:
        return False
    if is_ipv6(address.ip) and is_link_local(address.ip):
        at = ("interfaces", Key(name), "ipv6", "address", Key(f"{address.ip}/{address.prefix_length}"))
        message = "the kernel makes IPv6 link-local addresses itself; this one is ignored"
        found.warning("link-local", at, message, hint="leave it out")
        return False
    return True


def _sorted_ports(interface: Interface) -> dict[str, typing.Any]:
    """The section of a controller with its ports sorted by name, and said in `port` where only their settings are."""
    for name, section in interface.said().items():
        if not isinstance(section, Record) or "port" not in section.field_names():
            continue
        listed: typing.Any = section.get("port")
        settings: typing.Any = section.get("ports_config") if "ports_config" in section.field_names() else UNSET
        if listed is UNSET and settings is not UNSET:
            listed = tuple(one.name for one in settings)
        if listed is UNSET:
            return {}
        changes = {"port": tuple(sorted(listed, key=_name))}
        if settings is not UNSET:
            changes["ports_config"] = tuple(sorted(settings, key=_name))
        if any(section.get(key) != value for key, value in changes.items()):
            return {name: section.replace(**changes)}
        return {}
    return {}


def _name(port: typing.Any) -> str:
    return port if isinstance(port, str) else typing.cast("str", port.name)


def route(one: Route) -> Route:
    """A route with its table said, and with neither "no gateway" nor "any metric" spelled out.

    In a filter (``state: absent``) an empty destination and table 0 are wildcards, and so is what is not said; there a
    gateway of ``0.0.0.0`` or ``::`` asks for on-link routes and stays.
    """
    changes: dict[str, typing.Any] = {}
    absent = one.state == "absent"
    if one.table_id in (UNSET, 0):
        changes["table_id"] = UNSET if absent else MAIN_TABLE
    if one.metric == -1:
        changes["metric"] = UNSET
    if one.destination == "":
        changes["destination"] = UNSET
    if one.next_hop_address == "" or (not absent and one.next_hop_address in _ANY_GATEWAY):
        changes["next_hop_address"] = UNSET
    if one.next_hop_interface == "" or (one.route_type is not UNSET and one.next_hop_interface == "lo"):
        changes["next_hop_interface"] = UNSET
    changes = {name: value for name, value in changes.items() if one.get(name) != value}
    return one.replace(**changes) if changes else one


def rule(one: RouteRule) -> RouteRule:
    """A rule with its family said, and with neither "any priority" nor "default table" left to guess."""
    changes: dict[str, typing.Any] = {}
    networks = [network for network in (one.ip_from, one.ip_to) if isinstance(network, str) and network]
    if one.family is UNSET and networks:
        changes["family"] = "ipv6" if is_ipv6(networks[0]) else "ipv4"
    if one.priority == -1:
        changes["priority"] = UNSET
    if one.state == "absent":
        if one.route_table == 0:
            changes["route_table"] = UNSET
        return one.replace(**changes) if changes else one
    if one.route_table in (UNSET, 0):
        changes["route_table"] = MAIN_TABLE if one.action is UNSET else UNSET
    for name in ("ip_from", "ip_to"):
        if one.get(name) == "":
            changes[name] = UNSET
    return one.replace(**changes) if changes else one
