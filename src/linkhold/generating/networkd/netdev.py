"""``.netdev`` files: interfaces that are made (systemd.netdev(5))."""

import typing

from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.generating.networkd import tables
from linkhold.generating.networkd.ini import Unit
from linkhold.state.interfaces.bond import Bond, LinkAggregation
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.infiniband import DEFAULT_PKEY
from linkhold.state.interfaces.linux_bridge import LinuxBridge, LinuxBridgeConfig
from linkhold.state.network import NetworkState

_TUNNELS: typing.Final = {"ip6ip6": "ip6tnl", "ipip6": "ip6tnl"}
"""Modes of tunnels whose ``Kind`` has another name; the mode itself is then said in ``Mode``."""

_KINDS: typing.Final = {
    "bond": "bond",
    "dummy": "dummy",
    "ipvlan": "ipvlan",
    "linux-bridge": "bridge",
    "mac-vlan": "macvlan",
    "mac-vtap": "macvtap",
    "macsec": "macsec",
    "veth": "veth",
    "vlan": "vlan",
    "vrf": "vrf",
    "vxlan": "vxlan",
    "wireguard": "wireguard",
}


def kind_of(interface: Interface) -> str:
    """The ``Kind`` of what networkd has to make; '' for what is there."""
    if interface.kind == "ip-tunnel":
        mode = str(_section(interface, "ip_tunnel").get("mode"))
        return _TUNNELS.get(mode, mode)
    if interface.kind == "infiniband":
        pkey = _section(interface, "infiniband").get("pkey")
        return "ipoib" if pkey not in (UNSET, DEFAULT_PKEY) else ""
    return _KINDS.get(interface.kind, "")


def _section(interface: Interface, name: str) -> Record:
    held = interface.get(name)
    return held if isinstance(held, Record) else Record()


def netdev(interface: Interface, host: NetworkState) -> str:
    """The file's text; '' where nothing is to be made, or another file makes it (the other end of a pair)."""
    kind = kind_of(interface)
    if not kind or (interface.kind == "veth" and _second_end(interface)):
        return ""
    unit = Unit()
    head = unit.begin("NetDev")
    if isinstance(interface.description, str) and interface.description:
        unit.put("NetDev", "Description", interface.description)
    head += [("Name", interface.name), ("Kind", kind)]
    if isinstance(interface.mtu, int):
        unit.put("NetDev", "MTUBytes", interface.mtu)
    if isinstance(interface.mac_address, str) and interface.has_own_mac:
        unit.put("NetDev", "MACAddress", interface.mac_address)
    write = _WRITERS.get(interface.kind)
    if write is not None:
        write(interface, host, unit)
    return unit.render()


def _second_end(interface: Interface) -> bool:
    """Of a pair, the end whose name comes first is the one that the file is called after."""
    peer = _section(interface, "veth").get("peer")
    return isinstance(peer, str) and peer < interface.name


def _bond(interface: Interface, host: NetworkState, unit: Unit) -> None:
    section = interface.bond if isinstance(interface, Bond) else UNSET
    if isinstance(section, LinkAggregation):
        unit.put("Bond", "Mode", section.mode)
        options: typing.Any = section.options
        fitting = options.fitting(section.mode) if options is not UNSET and isinstance(section.mode, str) else options
        tables.write(fitting, tables.BOND, unit.section("Bond"))


def _bridge(interface: Interface, host: NetworkState, unit: Unit) -> None:
    section = interface.bridge if isinstance(interface, LinuxBridge) else UNSET
    if not isinstance(section, LinuxBridgeConfig):
        return
    lines = unit.section("Bridge")
    if not isinstance(section.options, Unset):
        tables.write(section.options, tables.BRIDGE, lines)
        tables.write(section.options.get("stp"), tables.STP, lines)
    if section.filters_vlans:
        unit.put("Bridge", "VLANFiltering", True)
        if not any(key == "DefaultPVID" for key, _ in lines):  # else each port is in it beside its own
            unit.put("Bridge", "DefaultPVID", "none")


def _veth(interface: Interface, host: NetworkState, unit: Unit) -> None:
    name = _section(interface, "veth").get("peer")
    unit.put("Peer", "Name", name)
    peer = host.by_key.get((name, ""))
    if peer is not None and isinstance(peer.mac_address, str):
        unit.put("Peer", "MACAddress", peer.mac_address)


def _vrf(interface: Interface, host: NetworkState, unit: Unit) -> None:
    unit.put("VRF", "Table", _section(interface, "vrf").get("table"))


def _vxlan(interface: Interface, host: NetworkState, unit: Unit) -> None:
    section = _section(interface, "vxlan")
    tables.write(section, tables.VXLAN, unit.section("VXLAN"))
    if section.get("parent") in (UNSET, ""):
        unit.put("VXLAN", "Independent", True)


def _tunnel(interface: Interface, host: NetworkState, unit: Unit) -> None:
    section = _section(interface, "ip_tunnel")
    tables.write(section, tables.IP_TUNNEL, unit.section("Tunnel"))
    if section.get("mode") in _TUNNELS:
        unit.put("Tunnel", "Mode", section.get("mode"))
    if section.get("parent") in (UNSET, ""):
        unit.put("Tunnel", "Independent", True)


def _wireguard(interface: Interface, host: NetworkState, unit: Unit) -> None:
    section = _section(interface, "wireguard")
    tables.write(section, tables.WIREGUARD, unit.section("WireGuard"))
    peers = section.get("peers")
    for peer in peers if isinstance(peers, tuple) else ():
        tables.write(peer, tables.WIREGUARD_PEER, unit.begin("WireGuardPeer"))


def _partition(interface: Interface, host: NetworkState, unit: Unit) -> None:
    section = _section(interface, "infiniband")
    unit.put("IPoIB", "PartitionKey", f"{section.get('pkey'):#x}")
    if section.get("mode") is not UNSET:
        unit.put("IPoIB", "Mode", section.get("mode"))


def _plain(
    field: str, name: str, keys: tuple[tables.Key, ...]
) -> typing.Callable[[Interface, NetworkState, Unit], None]:
    def write(interface: Interface, host: NetworkState, unit: Unit) -> None:
        tables.write(_section(interface, field), keys, unit.section(name))

    return write


_WRITERS: typing.Final[dict[str, typing.Callable[[Interface, NetworkState, Unit], None]]] = {
    "bond": _bond,
    "infiniband": _partition,
    "ip-tunnel": _tunnel,
    "ipvlan": _plain("ipvlan", "IPVLAN", tables.IP_VLAN),
    "linux-bridge": _bridge,
    "mac-vlan": _plain("mac_vlan", "MACVLAN", tables.MAC_VLAN),
    "mac-vtap": _plain("mac_vtap", "MACVTAP", tables.MAC_VLAN),
    "macsec": _plain("macsec", "MACsec", tables.MACSEC),
    "veth": _veth,
    "vlan": _plain("vlan", "VLAN", tables.VLAN),
    "vrf": _vrf,
    "vxlan": _vxlan,
    "wireguard": _wireguard,
}
