"""The VLAN that every port of a bridge is in by default, where NetworkManager sets up its VLANs.

The kernel puts a port into the bridge's default PVID when it joins; NetworkManager adds the VLANs of its profile and takes
that one away only as the PVID (`attach_port` of `src/core/devices/nm-device-bridge.c`, 1.42). What nobody asked for there,
and nobody can take away by a profile, is not told as the port's own (nor does nmstate).
"""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.values import Settings
from linkhold.state.interfaces.bridge_vlan import PortVlan, ranges
from linkhold.state.interfaces.common import Interface

_USUAL: typing.Final = 1


def without_default_pvid(bridge: Interface, in_force: typing.Mapping[str, Settings]) -> Interface:
    """A Linux bridge whose ports are in its default PVID only where the profile in force on them says so."""
    section: typing.Any = bridge.get("bridge")
    if section is UNSET or not isinstance(section.port, tuple):
        return bridge
    said = section.options.get("vlan_default_pvid") if section.options is not UNSET else UNSET
    default = said if isinstance(said, int) else _USUAL
    ports = tuple(one if _asked(in_force.get(one.name, {}), default) else _port(one, default) for one in section.port)
    if all(one is other for one, other in zip(ports, section.port, strict=True)):
        return bridge
    return bridge.replace(bridge=section.replace(port=ports))


def _asked(settings: Settings, tag: int) -> bool:
    listed = settings.get("bridge-port", {}).get("vlans") or ()
    return any(one.get("vid-start", 0) <= tag <= one.get("vid-end", 0) for one in listed)


def _port(port: typing.Any, default: int) -> typing.Any:
    vlan = port.get("vlan")
    if not isinstance(vlan, PortVlan) or not isinstance(vlan.trunk_tags, tuple) or vlan.tag == default:
        return port
    tags = {number for one in vlan.trunk_tags for number in range(one.span[0], one.span[1] + 1)}
    if default not in tags:
        return port
    left = tuple(ranges(tags - {default}))
    if not left and vlan.enable_native is True:
        return port.replace(vlan=PortVlan(mode="access", tag=vlan.tag))
    return port.replace(vlan=vlan.replace(trunk_tags=left)) if left else port
