"""What every profile says: the setting ``connection``, waiting for addresses, notes, MPTCP."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.planning.placing import Placing
from linkhold.providers.networkmanager.profiles import ovs_ports
from linkhold.providers.networkmanager.profiles.draft import Draft, Settings
from linkhold.providers.networkmanager.profiles.identity import PORT_TYPES, TYPES, name_of, uuid_of
from linkhold.providers.networkmanager.profiles.ip import IP_LESS
from linkhold.state.interfaces.common import Interface, Mptcp, MptcpFlag
from linkhold.state.interfaces.lldp import Lldp

NOTE: typing.Final = "nmstate.interface.description"
"""The key of ``user.data`` under which other tools, too, look for an interface's description."""

_MPTCP_OFF: typing.Final = 0x01
_MPTCP_ALSO_WITHOUT_DEFAULT_ROUTE: typing.Final = 0x08
_MPTCP: typing.Final[dict[MptcpFlag, int]] = {"signal": 0x10, "subflow": 0x20, "backup": 0x40, "fullmesh": 0x80}
"""NMMptcpFlags."""

_CARDS: typing.Final = ("802-3-ethernet", "infiniband")
"""Settings in which a profile names its card by the MAC."""

_PCI: typing.Final = "pci-"
"""Before the PCI address in udev's ID_PATH."""

_PORT_SETTINGS: typing.Final = ("bond-port", "bridge-port", "ovs-port")


def identify(interface: Interface, current: Settings, uuid: str, draft: Draft) -> None:
    """Name, UUID, type, and the interface that is meant. A profile that is there keeps its name, UUID and type."""
    held = current.get("connection", {})
    chosen = interface.profile_name
    draft.put(
        "connection",
        "id",
        chosen if isinstance(chosen, str) and chosen else held.get("id") or name_of(interface.kind, interface.name),
    )
    draft.put("connection", "uuid", held.get("uuid") or uuid or uuid_of(interface.kind, interface.name))
    draft.put("connection", "type", held.get("type") or _type(interface))
    draft.section(draft.values["connection"]["type"])
    by_mac = not held.get("interface-name") and any(current.get(one, {}).get("mac-address") for one in _CARDS)
    # a profile for whatever card comes along becomes that of this one: others must not get the same addresses
    if interface.identifier == "pci-address" and isinstance(interface.pci_address, str):
        draft.put("match", "path", [_PCI + interface.pci_address])
    elif interface.identifier != "mac-address" and not by_mac and interface.kind != "ipsec":
        draft.put("connection", "interface-name", interface.name)
    draft.put("connection", "autoconnect", interface.wanted)


def _type(interface: Interface) -> str:
    """Profiles for a veth have to name its peer: one whose other end is in another network is an Ethernet device."""
    config = interface.get("veth")
    cut_off = interface.kind == "veth" and (config is UNSET or config.get("peer") is UNSET)
    return TYPES["ethernet" if cut_off else interface.kind]


def encode(said: Interface, whole: Interface, current: Settings, place: Placing, draft: Draft) -> None:
    """What does not depend on the kind. `said` is what changed, `whole` all that is known."""
    _membership(whole, current, place, draft)
    if whole.is_controller:
        draft.put("connection", "autoconnect-ports", 1)
    if isinstance(said.lldp, Lldp) and said.lldp.enabled is not UNSET:
        draft.put("connection", "lldp", int(said.lldp.enabled is True))
    if isinstance(said.mptcp, Mptcp) and isinstance(said.mptcp.address_flags, tuple):
        draft.put("connection", "mptcp-flags", _mptcp(said.mptcp.address_flags))
    if isinstance(said.wait_ip, str):
        _wait(said.wait_ip, draft)
    if isinstance(said.description, str):
        draft.put("user", "data", {NOTE: said.description or None})


def _mptcp(flags: tuple[MptcpFlag, ...]) -> int:
    return sum((_MPTCP[one] for one in flags), _MPTCP_ALSO_WITHOUT_DEFAULT_ROUTE) if flags else _MPTCP_OFF


def _wait(which: str, draft: Draft) -> None:
    for family in ("ipv4", "ipv6"):
        draft.put(family, "may-fail", family not in which)


def is_ip_less(interface: Interface, place: Placing) -> bool:
    """Whether it is a port of what has the addresses itself; interfaces *in* an OVS bridge have their own."""
    kind = place.controller_kind(interface.controller) if isinstance(interface.controller, str) else ""
    return kind in IP_LESS and interface.kind != "ovs-interface"


def _membership(whole: Interface, current: Settings, place: Placing, draft: Draft) -> None:
    controller = whole.controller if isinstance(whole.controller, str) else ""
    kind = place.controller_kind(controller)
    if controller and kind == "ovs-bridge":
        port = ovs_ports.port_of(place.controllers[controller], whole.name)
        draft.put("connection", "controller", ovs_ports.port_uuid(port))
        draft.put("connection", "port-type", PORT_TYPES[kind])
        if whole.kind != "ovs-interface":
            draft.put("ovs-interface", "type", "system")
    elif controller and kind in PORT_TYPES:
        draft.put("connection", "controller", controller)
        draft.put("connection", "port-type", PORT_TYPES[kind])
    elif current.get("connection", {}).get("controller") and (not controller or kind):
        draft.put("connection", "controller", None)
        draft.put("connection", "port-type", None)
    if not controller:
        draft.drop(*_PORT_SETTINGS)
    if is_ip_less(whole, place):
        draft.drop("ipv4", "ipv6")


def decode(settings: Settings) -> dict[str, typing.Any]:
    """Fields of an interface that profiles of all kinds say."""
    connection = settings.get("connection", {})
    said: dict[str, typing.Any] = {"profile_name": connection.get("id", UNSET)}
    if not connection.get("interface-name") and connection.get("type") != "vpn":
        paths = settings.get("match", {}).get("path", ())
        place = paths[0] if len(paths) == 1 and paths[0].startswith(_PCI) else ""
        said["identifier"] = "pci-address" if place else "mac-address"
        said["pci_address"] = place.removeprefix(_PCI) or UNSET
    if connection.get("lldp", -1) >= 0:
        said["lldp"] = Lldp(enabled=connection["lldp"] > 0)
    flags = connection.get("mptcp-flags", 0)
    if flags:
        words = () if flags & _MPTCP_OFF else tuple(sorted(word for word, bit in _MPTCP.items() if flags & bit))
        said["mptcp"] = Mptcp(address_flags=words)
    if connection.get("controller"):
        said["controller"] = connection["controller"]
    note = settings.get("user", {}).get("data", {}).get(NOTE)
    if note:
        said["description"] = note
    waited = [
        family for family in ("ipv4", "ipv6") if family in settings and settings[family].get("may-fail", True) is False
    ]
    if "ipv4" in settings or "ipv6" in settings:
        said["wait_ip"] = "+".join(waited) or "any"
    return said
