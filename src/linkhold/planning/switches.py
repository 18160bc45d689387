"""What a document leaves unsaid about Open vSwitch, and means all the same.

A list of ports is whole. But a bridge for which none is named gets a port for the host (nmstate, 1.11), or keeps it; and
patches that others have plugged in stay: all of them where the document says so (``allow-extra-patch-ports``), those of OVN
always.
"""

import typing

from linkhold.foundation.record import UNSET
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ovs_bridge import OvsBridge, OvsBridgeConfig, OvsBridgePort
from linkhold.state.interfaces.ovs_interface import OvsInterface
from linkhold.state.network import NetworkState
from linkhold.state.ovs import OvsDatabase

HWADDR: typing.Final = "hwaddr"
"""The key in ``other_config`` of a bridge that says the MAC of the interface of its name (ovs-vswitchd.conf.db(5))."""

_OVN: typing.Final = "ovn"
"""How the keys begin by which ovn-controller knows its own ports again (``ovn-localnet-port``, …; ovn-controller(8))."""


def completed(desired: NetworkState, current: NetworkState) -> NetworkState:
    """The document with the ports that it means."""
    listed = desired.interfaces if isinstance(desired.interfaces, tuple) else ()
    if not any(isinstance(one, OvsBridge | OvsInterface) for one in listed):
        return desired
    interfaces = [_meant(one, desired, current) for one in listed]
    return desired.replace(interfaces=tuple(_with_macs(interfaces, current)))


def _with_macs(listed: list[Interface], current: NetworkState) -> list[Interface]:
    """What is said of a bridge's MAC by its key for that is said of its own interface, where hosts show it."""
    macs = {one.name: mac for one in listed if isinstance(one, OvsBridge) and (mac := _mac(one, current))}
    if not macs:
        return listed
    moved: list[Interface] = []
    for one in listed:
        if isinstance(one, OvsBridge) and one.name in macs:
            moved.append(_without_mac(one))
        elif isinstance(one, OvsInterface) and one.name in macs:
            mac = macs.pop(one.name)
            moved.append(one.replace(mac_address=mac) if one.mac_address is UNSET else one)
        else:
            moved.append(one)
    return [*moved, *(OvsInterface(name=name, mac_address=mac) for name, mac in macs.items())]


def _mac(said: OvsBridge, current: NetworkState) -> str:
    """The MAC that a bridge says for the interface of its name; '' where it says none, or has no such interface."""
    other = said.ovs_db.other_config if isinstance(said.ovs_db, OvsDatabase) else UNSET
    listed = said.ports if isinstance(said.ports, tuple) else ()
    there = isinstance(current.by_key.get((said.name, "")), OvsInterface)
    if not isinstance(other, dict) or not (said.name in listed or (there and not listed)):
        return ""
    return (other.get(HWADDR) or "").upper()


def _without_mac(said: OvsBridge) -> OvsBridge:
    kept: typing.Any = said.ovs_db
    rest = {key: text for key, text in kept.other_config.items() if key != HWADDR}
    return said.replace(ovs_db=kept.replace(other_config=rest))


def _meant(said: Interface, desired: NetworkState, current: NetworkState) -> Interface:
    if isinstance(said, OvsBridge):
        return _completed(said, desired, current)
    if isinstance(said, OvsInterface) and said.controller == "" and said.key in current.by_key:
        return OvsInterface(name=said.name, state="absent")  # it lives in a bridge or not at all
    return said


def _completed(said: OvsBridge, desired: NetworkState, current: NetworkState) -> OvsBridge:
    if said.state == "absent":
        return said
    config = said.bridge if isinstance(said.bridge, OvsBridgeConfig) else OvsBridgeConfig()
    now = current.by_key.get(said.key)
    if isinstance(now, OvsBridge):
        added = _kept(said, config, now, desired, current) if isinstance(config.port, tuple) else []
        told = desired.by_key.get((said.name, ""))
        leaves = told is not None and (told.state == "absent" or told.controller == "")
        own = isinstance(now.ports, tuple) and said.name in now.ports and not leaves
        if config.port == () and own:  # what a new one would get stays
            added.append(OvsBridgePort(name=said.name))
    else:
        joins = any(one.controller == said.name and one.state != "absent" for one in desired.by_key.values())
        added = [] if config.port not in (UNSET, ()) or joins else [OvsBridgePort(name=said.name)]
    if not added:
        return said
    ports = (*(config.port if isinstance(config.port, tuple) else ()), *added)
    return said.replace(bridge=config.replace(port=tuple(sorted(ports, key=lambda one: one.name))))


def _kept(
    said: OvsBridge, config: OvsBridgeConfig, now: OvsBridge, desired: NetworkState, current: NetworkState
) -> list[OvsBridgePort]:
    """The patches in a bridge that its list does not name, and that stay."""
    named = frozenset(said.ports if isinstance(said.ports, tuple) else ())
    there = current.by_key
    found = []
    for name in now.ports if isinstance(now.ports, tuple) else ():
        patch = there.get((name, ""))
        if name in named or not isinstance(patch, OvsInterface) or patch.patch is UNSET or (name, "") in desired.by_key:
            continue
        if config.allow_extra_patch_ports is True or _is_of_ovn(patch):
            found.append(OvsBridgePort(name=name))
    return found


def _is_of_ovn(patch: Interface) -> bool:
    kept: typing.Any = patch.ovs_db
    ids = kept.external_ids if kept is not UNSET else UNSET
    return ids is not UNSET and any(key.startswith(_OVN) for key in ids)
