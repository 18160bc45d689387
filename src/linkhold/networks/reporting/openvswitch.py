"""Networks of Open vSwitch, told as if they were made of Linux bridges and VLANs: the only words a centre has for them.

A network's internal port holds its addresses and is called like it. In the report a bridged one has an entry in
``bridges``, a tagged one a VLAN ``BASE.TAG`` that no kernel knows, and a bridgeless one has its addresses on the entry of
what it rides on.
"""

import typing

from linkhold.foundation.record import Unset
from linkhold.networks.configuration import Network
from linkhold.networks.reporting.addresses import NOTHING, Entry
from linkhold.state.interfaces.bridge_vlan import PortVlan
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ovs_bridge import OvsBridge, OvsBridgeConfig, OvsBridgePort
from linkhold.state.network import NetworkState

_ADDRESSING: typing.Final = frozenset(NOTHING)


class StandIns(typing.NamedTuple):
    """Entries for what is not there: of `bridges`, of `vlans`; and `addressing`, to be laid over entries by name."""

    bridges: dict[str, Entry]
    vlans: dict[str, Entry]
    addressing: dict[str, Entry]


class OvsHost:
    """The bridges of Open vSwitch on one host."""

    def __init__(self, state: NetworkState) -> None:
        listed = state.interfaces if isinstance(state.interfaces, tuple) else ()
        self._internal = {one.name for one in listed if one.kind == "ovs-interface"}
        self._bridges = {one.name: _ports(one) for one in listed if isinstance(one, OvsBridge)}

    def network(self, name: str, network: Network, one: Interface) -> Entry:
        """What is special in the entry of a network, whose internal port this is."""
        bridge = self._bridges.get(one.controller, ()) if isinstance(one.controller, str) else ()
        tag = next((_tag(port) for port in bridge if port.name == name), None)
        southbound = self._southbound(network, bridge)
        below = southbound if tag is None or southbound is None else f"{southbound}.{tag}"
        entry: Entry = {"bridged": network.bridged, "southbound": below}
        if tag is not None:
            entry["vlanid"] = tag
        if not network.bridged:
            return {**entry, "iface": below or name, "interface": below or name}
        others = [port.name for port in bridge if port.name not in self._internal and _tag(port) == tag]
        taps = sorted(other for other in others if other != southbound)
        return {**entry, "iface": name, "ports": [*([below] if below else []), *taps], "stp": False}

    def _southbound(self, network: Network, bridge: tuple[OvsBridgePort, ...]) -> str | None:
        return network.base if any(network.base in port.interfaces for port in bridge) else None


def stand_ins(
    networks: typing.Mapping[str, Entry], bases: typing.Mapping[str, str], mtus: typing.Mapping[str, int]
) -> StandIns:
    """For all networks of Open vSwitch among these entries; `bases` and `mtus` are by network."""
    found = StandIns({}, {}, {})
    for name, entry in networks.items():
        if entry["switch"] != "ovs":
            continue
        mtu = {"mtu": mtus[name]} if name in mtus else {}
        address = {key: value for key, value in entry.items() if key in _ADDRESSING}
        below = entry["southbound"]
        if "vlanid" in entry and below is not None:
            found.vlans[below] = {"iface": bases[name], "vlanid": entry["vlanid"], **mtu, **NOTHING}
        if entry["bridged"]:
            ports = {"ports": list(entry["ports"]), "stp": False, "opts": {}}
            found.bridges[name] = {**ports, **mtu, **address}
        elif below is not None:
            found.addressing[below] = address
    return found


def _ports(one: OvsBridge) -> tuple[OvsBridgePort, ...]:
    config = one.bridge
    return config.port if isinstance(config, OvsBridgeConfig) and isinstance(config.port, tuple) else ()


def _tag(port: OvsBridgePort) -> int | None:
    """The VLAN of an access port."""
    vlan = port.vlan
    if not isinstance(vlan, PortVlan) or isinstance(vlan.tag, Unset) or vlan.mode != "access":
        return None
    return vlan.tag
