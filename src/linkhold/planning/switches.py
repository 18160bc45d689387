"""What a document leaves unsaid about Open vSwitch, and means all the same.

A list of ports is whole. But a bridge that is new gets a port for the host if no other is named (nmstate, 1.11); and patches
that others have plugged in stay: all of them where the document says so (``allow-extra-patch-ports``), those of OVN always.
"""

import typing

from linkhold.foundation.record import UNSET
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ovs_bridge import OvsBridge, OvsBridgeConfig, OvsBridgePort
from linkhold.state.interfaces.ovs_interface import OvsInterface
from linkhold.state.network import NetworkState

_OVN: typing.Final = "ovn"
"""How the keys begin by which ovn-controller knows its own ports again (``ovn-localnet-port``, …; ovn-controller(8))."""


def completed(desired: NetworkState, current: NetworkState) -> NetworkState:
    """The document with the ports that it means."""
    listed = desired.interfaces if isinstance(desired.interfaces, tuple) else ()
    if not any(isinstance(one, OvsBridge | OvsInterface) for one in listed):
        return desired
    interfaces = tuple(_meant(one, desired, current) for one in listed)
    return desired.replace(interfaces=interfaces)


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
