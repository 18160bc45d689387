"""The profiles that stand between an OVS bridge and what is in it: one for each port, under the bridge."""

import typing

from linkhold.foundation.record import UNSET
from linkhold.providers.networkmanager.profiles.draft import Draft, Settings, Version
from linkhold.providers.networkmanager.profiles.identity import name_of, uuid_of
from linkhold.providers.networkmanager.profiles.ovs import encode_maps
from linkhold.providers.networkmanager.profiles.versions import NEWEST, worded
from linkhold.state.interfaces.bridge_vlan import PortVlan
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ovs_bridge import OvsBond, OvsBridge, OvsBridgeConfig, OvsBridgePort

KIND: typing.Final = "ovs-port"

_LACP: typing.Final = {"lacp": "active", "balance-tcp": "active"}


def ports(bridge: Interface) -> tuple[OvsBridgePort, ...]:
    """The ports that a bridge lists."""
    section = bridge.bridge if isinstance(bridge, OvsBridge) else UNSET
    listed = section.port if isinstance(section, OvsBridgeConfig) else UNSET
    return listed if isinstance(listed, tuple) else ()


def port_of(bridge: Interface, name: str) -> str:
    """The port that an interface is in: of its own name, or the bond's."""
    return next((one.name for one in ports(bridge) if name in one.interfaces), name)


def port_uuid(name: str) -> str:
    """The UUID of the profile of a port, by which those of its interfaces name it: the port's name is theirs as well."""
    return uuid_of(KIND, name)


def encode_ports(bridge: Interface, version: Version = NEWEST) -> list[Settings]:
    """A profile for each port of a bridge."""
    return [worded(_port(one, bridge), version) for one in ports(bridge)]


def _port(port: OvsBridgePort, bridge: Interface) -> Settings:
    draft = Draft()
    draft.values["connection"] = {
        "id": name_of(KIND, port.name),
        "uuid": port_uuid(port.name),
        "type": KIND,
        "interface-name": port.name,
        "autoconnect": True,
        "autoconnect-ports": 1,
        "controller": uuid_of("ovs-bridge", bridge.name),
        "port-type": "ovs-bridge",
    }
    draft.section(KIND)
    if isinstance(port.bond, OvsBond):
        _bond(port.bond, draft)
    if isinstance(port.vlan, PortVlan):
        _vlan(port.vlan, draft)
    encode_maps(port.ovs_db, draft)
    return draft.values


def _bond(bond: OvsBond, draft: Draft) -> None:
    mode = bond.mode
    if isinstance(mode, str):
        draft.put(KIND, "lacp", _LACP.get(mode, "off"))
        draft.put(KIND, "bond-mode", UNSET if mode == "lacp" else mode)
    draft.put(KIND, "bond-updelay", bond.bond_updelay)
    draft.put(KIND, "bond-downdelay", bond.bond_downdelay)
    encode_maps(bond.ovs_db, draft)


def _vlan(vlan: PortVlan, draft: Draft) -> None:
    if vlan.mode == "access":
        draft.put(KIND, "vlan-mode", "access")
        draft.put(KIND, "tag", vlan.tag)
    elif vlan.mode == "trunk":
        native = vlan.enable_native is True
        draft.put(KIND, "vlan-mode", "native-untagged" if native else "trunk")
        tags = vlan.trunk_tags if isinstance(vlan.trunk_tags, tuple) else ()
        draft.put(KIND, "trunks", [{"start": tag.span[0], "end": tag.span[1]} for tag in tags])
        if native:
            draft.put(KIND, "tag", vlan.tag)
