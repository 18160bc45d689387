"""Desired over current gives expected: the whole network as it will be, and why each thing changes."""

import typing

from linkhold.foundation.record import UNSET, Record
from linkhold.planning.membership import settle_ports
from linkhold.planning.merge_interface import new_interface, over_interface, unconfigured
from linkhold.planning.merge_routes import merge_routes
from linkhold.planning.merge_rules import merge_rules
from linkhold.planning.overlay import over
from linkhold.planning.pairs import settle_pairs, takes_away
from linkhold.planning.parents import settle_parents
from linkhold.planning.references import controller_of
from linkhold.planning.removal import settle_removals
from linkhold.planning.sizes import settle_sizes
from linkhold.planning.table import Table
from linkhold.state.dns import DnsConfig, DnsResolver
from linkhold.state.hostname import Hostname
from linkhold.state.network import NetworkState
from linkhold.state.ovs import GlobalOvsDatabase, Ovn, OvsDatabase
from linkhold.state.routes import Routes
from linkhold.state.rules import RouteRules


class Merged(typing.NamedTuple):
    """The expected network, and for each object (subject, key) the paths of the document that bear on it."""

    expected: NetworkState
    causes: dict[typing.Any, tuple[str, ...]]


def merge(desired: NetworkState, current: NetworkState) -> Merged:
    """Lay a resolved, normalised document over what a host has (nmstate, 1.3)."""
    table = Table(desired, current)
    _merge_interfaces(table)
    return Merged(_assembled(desired, current, table, known=True), table.causes)


def accumulate(stored: NetworkState, desired: NetworkState) -> NetworkState:
    """What a host has been told so far, a new document included: the one that a restore at boot applies.

    Both are documents: what is not in `stored` may well exist on the host. What a document takes away is not told any more.
    """
    table = Table(desired, stored, whole=False)
    _merge_interfaces(table)
    for one in table.desired.values():
        if one.state == "absent":
            table.expected.pop(one.key, None)
    return _assembled(desired, stored, table, known=False)


def _merge_interfaces(table: Table) -> None:
    for key, said in table.desired.items():
        now = table.current.get(key)
        path = f"interfaces[{said.name}]"
        if said.state == "absent":
            if now is not None and takes_away(said, now):
                table.remove(key, f"{path}.state")
            elif now is not None:
                table.put(unconfigured(now), f"{path}.state")
        elif now is not None and isinstance(now, type(said)):
            table.put(over_interface(now, said), path)
        elif said.virtual or not table.whole or said.wanted:
            table.put(new_interface(said, whole=table.whole), path)
    if table.causes or not table.whole:  # else all on the host is as said, and so is what belongs together
        settle_pairs(table)
        settle_removals(table)
        settle_ports(table)
    if table.whole:
        settle_parents(table)
    _copy_macs(table)
    _leave_macs_to_bonds(table)
    if table.whole:
        settle_sizes(table)
        _settle_fields(table)


def _settle_fields(table: Table) -> None:
    """Fields that follow from others, of all that changes (`Interface.settled`)."""
    for key in list(table.touched):
        interface, now = table.expected.get(key), table.current.get(key)
        if interface is None or interface is now or table.absent(key):
            continue
        settled = interface.settled(table.desired.get(key), now if isinstance(now, type(interface)) else None)
        if settled is not interface:
            table.put(settled, f"interfaces[{interface.name}]")


def _leave_macs_to_bonds(table: Table) -> None:
    """A bond gives its ports the MAC it chooses: as long as one stays in its bond, what was said of its MAC waits."""
    for key, said in table.desired.items():
        now, interface = table.current.get(key), table.expected.get(key)
        if said.mac_address is UNSET or now is None or interface is None or interface.mac_address == now.mac_address:
            continue
        bond = table.controller(controller_of(interface))
        if bond is not None and bond.kind == "bond" and controller_of(now) == bond.name:
            table.put(interface.replace(mac_address=now.mac_address), f"interfaces[{said.name}]")


def _copy_macs(table: Table) -> None:
    for key, said in table.desired.items():
        source = table.expected.get((said.copy_mac_from, "")) if isinstance(said.copy_mac_from, str) else None
        interface = table.expected.get(key)
        if source is None or interface is None or said.mac_address is not UNSET:
            continue
        mac = source.permanent_mac_address if source.permanent_mac_address is not UNSET else source.mac_address
        if mac is not UNSET and mac != interface.mac_address:
            table.put(interface.replace(mac_address=mac), f"interfaces[{said.name}].copy-mac-from")


def _assembled(desired: NetworkState, current: NetworkState, table: Table, *, known: bool) -> NetworkState:
    routes = _config(current.routes)
    gone = _without_routes(table) if known and routes else frozenset()
    told = Routes(config=merge_routes(_config(desired.routes), routes, gone))
    rules = RouteRules(config=merge_rules(_config(desired.rules), _config(current.rules), numbered=known))
    said = {
        "hostname": _hostname(desired.hostname, current.hostname),
        "dns": _dns(desired.dns, current.dns),
        "routes": told if known or told.config else UNSET,
        "rules": rules if known or rules.config else UNSET,
        "interfaces": tuple(table.expected.values()) if known or table.expected else UNSET,
        "ovs_db": _ovs_db(desired.ovs_db, current.ovs_db),
        "ovn": _ovn(desired.ovn, current.ovn),
    }
    return NetworkState(**said)


def _config(section: typing.Any) -> tuple[typing.Any, ...]:
    held = section.get("config") if isinstance(section, Record) else UNSET
    return held if isinstance(held, tuple) else ()


def _without_routes(table: Table) -> frozenset[tuple[str, bool]]:
    """(name, IPv6 or not) of what will carry no routes: interfaces that go, are down or have that family disabled."""
    lost: set[tuple[str, bool]] = set()
    for key in table.touched:
        interface = table.expected.get(key)
        for ipv6, family in ((False, "ipv4"), (True, "ipv6")):
            section: typing.Any = interface.get(family) if interface is not None else UNSET
            off = section is not UNSET and section.get("enabled") is False
            if interface is None or interface.state == "down" or off:
                lost.add((key[0], ipv6))
    return frozenset(lost)


def _hostname(desired: Hostname | typing.Any, current: typing.Any) -> typing.Any:
    if desired is UNSET or current is UNSET:
        return current if desired is UNSET else desired
    return over(current, desired)


def _dns(desired: typing.Any, current: typing.Any) -> typing.Any:
    """Each list replaces itself; an empty map takes all three away."""
    if desired is UNSET or desired.config is UNSET:
        return current
    empty = DnsConfig(server=(), search=(), options=())
    before = (
        current.config if isinstance(current, DnsResolver) and isinstance(current.config, DnsConfig) else DnsConfig()
    )
    after = empty if not desired.config.said() else over(before, desired.config)
    return current if after is before and isinstance(current, DnsResolver) else DnsResolver(config=after)


def _ovs_db(desired: typing.Any, current: typing.Any) -> typing.Any:
    """The database's own maps merge by key; an empty one, or an empty section, purges."""
    if desired is UNSET:
        return current
    before = current if isinstance(current, OvsDatabase) else GlobalOvsDatabase()
    said = desired.said() or {"external_ids": {}, "other_config": {}}
    after: dict[str, typing.Any] = before.said()
    for name, new in said.items():
        merged = {**after.get(name, {}), **new} if new else {}
        after[name] = {key: value for key, value in merged.items() if value is not None}
    return type(before)(**after)


def _ovn(desired: typing.Any, current: typing.Any) -> typing.Any:
    if desired is UNSET:
        return current
    return over(current if isinstance(current, Ovn) else Ovn(), desired)
