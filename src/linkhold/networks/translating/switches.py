"""Networks of Open vSwitch: one of its bridges on each base, with one internal port for each network (vdsm's `nmstate/ovs`)."""

import hashlib
import typing

from linkhold.networks.configuration import Network
from linkhold.networks.translating.bridges import mac_of
from linkhold.networks.translating.parts import OVS_BRIDGE, Part, Plain
from linkhold.networks.translating.situation import Situation
from linkhold.state.forms import write_record
from linkhold.state.interfaces.ovs_bridge import OvsBridge, OvsBridgeConfig, OvsBridgePort
from linkhold.state.interfaces.ovs_interface import OvsInterface
from linkhold.state.network import NetworkState

PREFIX: typing.Final = "vdsmbr_"
"""How the bridges begin that exist for networks alone (vdsm's own name for them, which programs look for)."""


def parts(situation: Situation) -> list[Part]:
    """The bridges on all bases of named networks of this switch, and the ports of these networks."""
    bases = {one.base for _, one in (*situation.old("ovs"), *situation.new("ovs"))} - {""}
    bridges = [part for base in sorted(bases) for part in _bridge(situation, base)]
    return [*bridges, *(part for name, network in situation.new("ovs") for part in _links(situation, name, network))]


def bridge_name(current: NetworkState, base: str) -> str:
    """The bridge that has a base as its port, or the one that will: always the same name for the same base."""
    for one in bridges(current):
        if base in (one.ports if isinstance(one.ports, tuple) else ()):
            return one.name
    return PREFIX + hashlib.sha256(base.encode()).hexdigest()[:8]


def bridges(current: NetworkState) -> list[OvsBridge]:
    """The bridges of Open vSwitch that are there, by name."""
    found = [one for one in current.by_key.values() if isinstance(one, OvsBridge)]
    return sorted(found, key=lambda one: one.name)


def riders(situation: Situation, base: str) -> list[tuple[str, Network]]:
    """The networks that have a port in the bridge on a base afterwards; those that are not named as far as they have one."""
    return [
        (name, one)
        for name, one in situation.on(base)
        if one.switch == "ovs" and (name in situation.request.networks or _is_there(situation, name))
    ]


def _is_there(situation: Situation, name: str) -> bool:
    return isinstance(situation.interface(name), OvsInterface)


def _bridge(situation: Situation, base: str) -> typing.Iterator[Part]:
    name = bridge_name(situation.current, base)
    now = situation.current.by_key.get((name, OVS_BRIDGE))
    others = _of_others(situation, now) if isinstance(now, OvsBridge) else []
    inside = riders(situation, base)
    if not inside and now is not None and (not others or name.startswith(PREFIX)):
        yield Part(name, {"type": OVS_BRIDGE, "state": "absent"})
    elif inside or now is not None:
        own = [{"name": base}] if inside or not name.startswith(PREFIX) else []
        ports = [*own, *(_port(network, rider) for rider, network in inside), *others]
        listed = sorted(ports, key=lambda one: str(one["name"]))
        yield Part(name, {"type": OVS_BRIDGE, "state": "up", "bridge": {"port": listed}})


def _port(network: Network, name: str) -> dict[str, Plain]:
    return {"name": name, "vlan": {} if network.vlan is None else {"mode": "access", "tag": network.vlan}}


def _of_others(situation: Situation, now: OvsBridge) -> list[dict[str, Plain]]:
    """The ports that others plugged in, as they are: they stay."""
    ours = situation.claimed
    held = now.bridge.port if isinstance(now.bridge, OvsBridgeConfig) else ()
    return [write_record(port) for port in (held if isinstance(held, tuple) else ()) if not _is_ours(port, ours)]


def _is_ours(port: OvsBridgePort, ours: frozenset[str]) -> bool:
    return port.name in ours or any(one in ours for one in port.interfaces)


def _links(situation: Situation, name: str, network: Network) -> typing.Iterator[Part]:
    yield Part(network.base, {"state": "up"})
    mac = mac_of(situation, network)
    yield Part(name, {"type": "ovs-interface", "state": "up", **({"mac-address": mac} if mac else {})})
