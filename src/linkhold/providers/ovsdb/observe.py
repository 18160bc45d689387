"""What only Open vSwitch knows, laid over what the kernel shows.

The kernel knows an internal interface as a link (of kind ``openvswitch``, or as a tap where the datapath is in user space)
and a port by its controller ``ovs-system``, or not at all. Bridges, patches and DPDK cards are unknown to it.
"""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.ovsdb.notation import Row, as_map, mapping
from linkhold.providers.ovsdb.snapshot import Bridge, Place, Port, Snapshot
from linkhold.providers.ovsdb.tables import bridge, interface, maps, port, root
from linkhold.providers.ovsdb.tables.bridge import HWADDR
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ovs_bridge import OvsBridge, OvsBridgePort
from linkhold.state.interfaces.ovs_interface import OvsInterface
from linkhold.state.network import NetworkState

NAME: typing.Final = "ovsdb"
_LINKS: typing.Final = frozenset({"ovs-interface", "tun", "unknown"})
"""Kinds that the link of an interface of Open vSwitch may have in the kernel."""

_SYSTEM: typing.Final = "ovs-system"
"""The link that stands for the datapath in the kernel; its ports have it as their controller there."""


def amended(state: NetworkState, snapshot: Snapshot, names: frozenset[str]) -> NetworkState:
    """The state with what the database says; of interfaces only those in `names`, where there are any."""
    listed = state.interfaces if isinstance(state.interfaces, tuple) else ()
    shown = [_over(one, snapshot.places.get(one.name)) for one in listed]
    linked = {one.name for one in listed}
    shown += [
        _unlinked(place)
        for name, place in snapshot.places.items()
        if name not in linked and interface.is_own(place.row) and place.port.shown
    ]
    shown += [_bridge(one) for one in snapshot.bridges.values()]
    wanted = [one for one in shown if not names or one.name in names]
    return state.replace(
        interfaces=tuple(sorted(wanted, key=lambda one: one.key)),
        ovs_db=root.decode(snapshot.root),
        ovn=root.decode_ovn(snapshot.root),
    )


def _over(link: Interface, place: Place | None) -> Interface:
    if place is None or not place.port.shown:
        if isinstance(link, OvsInterface):  # the datapath's own link: nobody else is to have it
            link = link.replace(provider=NAME)
        return link.replace(controller=UNSET) if link.controller == _SYSTEM else link
    if not interface.is_own(place.row):
        return link.replace(controller=place.bridge.name, ovs_db=maps.decode(place.row))
    if link.kind not in _LINKS:  # it is in the way: ovs-vswitchd can't make its own (ports that go over, half-way)
        return link.replace(controller=place.bridge.name)
    known = OvsInterface.field_names()
    said = {name: value for name, value in link.said().items() if name in known}
    linked = OvsInterface(**{**said, "driver": UNSET, "controller": place.bridge.name, "provider": NAME})
    return interface.decode(place.row, linked)


def _unlinked(place: Place) -> OvsInterface:
    """One without a link in the kernel; where it should have one, ovs-vswitchd could not make it: then it is down."""
    up = place.row["type"] != interface.INTERNAL
    name: str = place.row["name"]
    bare = OvsInterface(name=name, provider=NAME, state="up" if up else "down", controller=place.bridge.name)
    return interface.decode(place.row, bare)


def _bridge(one: Bridge) -> OvsBridge:
    """A bridge; the MAC of its own interface is told there, and not once more by the key that gives it."""
    ports = sorted((_port(each) for each in one.ports.values() if each.shown), key=lambda each: each.name)
    other = {key: text for key, text in mapping(one.row["other_config"]).items() if key != HWADDR}
    return bridge.decode({**one.row, "other_config": as_map(other)}, tuple(ports)).replace(provider=NAME)


def _port(one: Port) -> OvsBridgePort:
    return port.decode(one.row, one.members)


def words(snapshot: Snapshot, names: typing.Iterable[str]) -> dict[str, str]:
    """What ovs-vswitchd complains of, by the names of the interfaces it could not set up."""
    rows: dict[str, Row] = {name: snapshot.places[name].row for name in names if name in snapshot.places}
    return {name: row["error"] for name, row in rows.items() if isinstance(row["error"], str) and row["error"]}
