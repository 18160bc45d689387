"""``.network`` files: what is set on interfaces that are there or were made (systemd.network(5))."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.generating.networkd import routing, tables
from linkhold.generating.networkd.ini import Unit
from linkhold.generating.networkd.netdev import kind_of
from linkhold.planning.references import named
from linkhold.state.interfaces.bond import Bond, BondOptions, LinkAggregation
from linkhold.state.interfaces.bridge_vlan import PortVlan
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ethernet import EthernetConfig, SrIov
from linkhold.state.interfaces.ip import Ip, Ipv6
from linkhold.state.interfaces.linux_bridge import LinuxBridge, LinuxBridgeConfig
from linkhold.state.interfaces.lldp import Lldp
from linkhold.state.network import NetworkState

_CONTROLLERS: typing.Final = {"bond": "Bond", "linux-bridge": "Bridge", "vrf": "VRF"}
_RIDERS: typing.Final = {
    "ipvlan": "IPVLAN",
    "mac-vlan": "MACVLAN",
    "mac-vtap": "MACVTAP",
    "macsec": "MACsec",
    "vlan": "VLAN",
    "vxlan": "VXLAN",
    "ip-tunnel": "Tunnel",
    "infiniband": "IPoIB",
}
"""The key in the file of the parent that names what rides on it."""

_FAMILIES: typing.Final = {"ipv4": "ipv4", "ipv6": "ipv6", "ipv4+ipv6": "both", "any": "any"}
_ADDRESS_MODES: typing.Final = frozenset({"eui64", "none", "stable-privacy", "random"})


class Subject(typing.NamedTuple):
    """An interface whose file is written, and the host it is on."""

    interface: Interface
    host: NetworkState
    controller: Interface | None
    riders: tuple[Interface, ...]


def network(subject: Subject) -> str:
    """The file's text."""
    interface, unit = subject.interface, Unit()
    unit.begin("Match").append(found_by(interface, "Name"))
    unit.begin("Link")
    unit.begin("Network")
    _link(interface, unit)
    if isinstance(interface.description, str) and interface.description:
        unit.put("Network", "Description", interface.description)
    _membership(subject, unit)
    for rider in subject.riders:
        unit.put("Network", _RIDERS[rider.kind], rider.name)
    if isinstance(interface.lldp, Lldp) and interface.lldp.enabled is not UNSET:
        unit.put("Network", "LLDP", interface.lldp.enabled)
    _ip(interface, unit)
    _functions(interface, unit)
    routing.write(interface, subject.host, unit)
    return unit.render()


def found_by(interface: Interface, name: str) -> tuple[str, str]:
    """The line that finds an interface: by an address, or by its name under the key `name`."""
    if interface.identifier == "mac-address" and isinstance(interface.mac_address, str):
        return "PermanentMACAddress", interface.mac_address
    if interface.identifier == "pci-address" and isinstance(interface.pci_address, str):
        return "Path", f"pci-{interface.pci_address}"
    return name, interface.name


def _link(interface: Interface, unit: Unit) -> None:
    """What a .netdev file says already is not said again."""
    made = bool(kind_of(interface))
    if isinstance(interface.mtu, int) and (not made or interface.kind == "veth"):
        unit.put("Link", "MTUBytes", interface.mtu)
    by_mac = interface.identifier == "mac-address"
    if isinstance(interface.mac_address, str) and not by_mac and not made and interface.has_own_mac:
        unit.put("Link", "MACAddress", interface.mac_address)
    if interface.accept_all_mac_addresses is not UNSET:
        unit.put("Link", "Promiscuous", interface.accept_all_mac_addresses)
    if interface.state == "down":
        unit.put("Link", "ActivationPolicy", "always-down")
        unit.put("Link", "RequiredForOnline", False)
    elif isinstance(interface.wait_ip, str) and interface.wait_ip != "any":
        unit.put("Link", "RequiredFamilyForOnline", _FAMILIES[interface.wait_ip])


def _membership(subject: Subject, unit: Unit) -> None:
    controller, name = subject.controller, subject.interface.name
    if controller is None:
        return
    unit.put("Network", _CONTROLLERS[controller.kind], controller.name)
    if isinstance(controller, Bond) and isinstance(controller.bond, LinkAggregation):
        options = controller.bond.options
        if isinstance(options, BondOptions) and options.primary == name:
            unit.put("Network", "PrimarySlave", True)
    if isinstance(controller, LinuxBridge) and isinstance(controller.bridge, LinuxBridgeConfig):
        ports = controller.bridge.port
        for port in ports if isinstance(ports, tuple) else ():
            if port.name == name:
                tables.write(port, tables.BRIDGE_PORT, unit.section("Bridge"))
                _vlans(controller.bridge.vlan_of(port), unit)


def _vlans(vlan: PortVlan, unit: Unit) -> None:
    for tag in vlan.trunk_tags if isinstance(vlan.trunk_tags, tuple) else ():
        first, last = tag.span
        unit.begin("BridgeVLAN").append(("VLAN", str(first) if first == last else f"{first}-{last}"))
    if isinstance(vlan.tag, int) and vlan.tag and (vlan.mode == "access" or vlan.enable_native is True):
        lines = unit.begin("BridgeVLAN")
        lines += [("PVID", str(vlan.tag)), ("EgressUntagged", str(vlan.tag))]


def _on(section: typing.Any, field: str) -> bool:
    return isinstance(section, Ip) and section.enabled is not False and section.get(field) is True


def _ip(interface: Interface, unit: Unit) -> None:
    ipv4, ipv6 = interface.ipv4, interface.ipv6
    dhcp4, dhcp6, routers = _on(ipv4, "dhcp"), _on(ipv6, "dhcp"), _on(ipv6, "autoconf")
    has_ipv6 = isinstance(ipv6, Ipv6) and ipv6.enabled is not False
    unit.put("Network", "DHCP", "yes" if dhcp4 and dhcp6 else "ipv4" if dhcp4 else "ipv6" if dhcp6 else "no")
    unit.put("Network", "LinkLocalAddressing", "ipv6" if has_ipv6 else "no")
    unit.put("Network", "IPv6AcceptRA", routers)
    for section in (ipv4, ipv6):
        if isinstance(section, Ip) and section.enabled is not False:
            _addresses(section, interface, unit)
    if isinstance(ipv6, Ipv6) and has_ipv6 and ipv6.addr_gen_mode in _ADDRESS_MODES:
        unit.put("Network", "IPv6LinkLocalAddressGenerationMode", ipv6.addr_gen_mode)
    if dhcp4:
        tables.write(ipv4, tables.DHCP4, unit.section("DHCPv4"))
    if dhcp6:
        tables.write(ipv6, tables.DHCP6, unit.section("DHCPv6"))
        if not routers:
            unit.put("DHCPv6", "WithoutRA", "solicit")
    if routers:
        tables.write(ipv6, tables.ROUTERS, unit.section("IPv6AcceptRA"))
        unit.put("IPv6AcceptRA", "DHCPv6Client", dhcp6)


def _addresses(section: Ip, interface: Interface, unit: Unit) -> None:
    kernels = ("127.0.0.1", "::1") if interface.kind == "loopback" else ()
    for one in section.static:
        if one.ip in kernels:
            continue
        lines = unit.begin("Address")
        lines.append(("Address", f"{one.ip}/{one.prefix_length}"))
        if section.prefix_route_metric not in (UNSET, 0):
            lines.append(("RouteMetric", str(section.prefix_route_metric)))


def _functions(interface: Interface, unit: Unit) -> None:
    config = interface.get("ethernet")
    functions = config.sr_iov if isinstance(config, EthernetConfig) else UNSET
    listed = functions.vfs if isinstance(functions, SrIov) else UNSET
    for one in listed if isinstance(listed, tuple) else ():
        tables.write(one, tables.VIRTUAL_FUNCTION, unit.begin("SR-IOV"))


def riders(host: NetworkState) -> dict[str, tuple[Interface, ...]]:
    """By name of the parent: what rides on it and has to be named in its file."""
    table: dict[str, list[Interface]] = {}
    for one in host.interfaces if isinstance(host.interfaces, tuple) else ():
        if one.kind in _RIDERS:
            for parent in named(one, "parent"):
                table.setdefault(parent, []).append(one)
    return {name: tuple(found) for name, found in table.items()}


def controller_of(interface: Interface, host: NetworkState) -> Interface | None:
    """What it is a port of, where networkd knows such."""
    name = interface.controller
    found = host.by_key.get((name, "")) if isinstance(name, str) and name else None
    return found if found is not None and found.kind in _CONTROLLERS else None
