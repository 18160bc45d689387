"""Networks of the Linux bridge switch: the VLAN on the base, the bridge on that (vdsm's `nmstate/linux_bridge_network.py`)."""

import typing

from linkhold.networks.configuration import Network
from linkhold.networks.translating.parts import Part, Plain
from linkhold.networks.translating.situation import Situation
from linkhold.state.interfaces.linux_bridge import LinuxBridge
from linkhold.state.interfaces.tun import Tun

_OURS: typing.Final = frozenset({"linux-bridge", "vlan", "ovs-interface"})
"""The kinds of interfaces that networks are made of."""


def parts(situation: Situation) -> list[Part]:
    """The links of all named networks of this switch, and of what goes with those that go."""
    going = [Part(name, {"type": kind, "state": "absent"}) for name, kind in _going(situation)]
    links = [part for name, network in situation.new("legacy") for part in _links(situation, name, network)]
    return [*going, *links]


def _going(situation: Situation) -> typing.Iterator[tuple[str, str]]:
    """What no network owns any more, with its kind; what somebody else made by that name is let be."""
    for name in situation.gone:
        now = situation.interface(name)
        if now is not None and now.kind in _OURS:
            yield name, now.kind


def _links(situation: Situation, name: str, network: Network) -> typing.Iterator[Part]:
    if network.base:
        yield Part(network.base, {"state": "up"})
    if network.southbound != network.base:
        tagged = {"base-iface": network.base, "id": network.vlan}
        yield Part(network.southbound, {"type": "vlan", "state": "up", "vlan": tagged})
    if network.bridged:
        yield Part(name, _bridge(situation, network))
        for port in sorted(_leaving(situation, name, network)):
            yield Part(port, {"controller": ""})


def _bridge(situation: Situation, network: Network) -> dict[str, Plain]:
    """Ports that others attached (virtual machines, say) stay, those as well that come while the request is carried out."""
    ports = [{"name": network.southbound}] if network.base else []
    mac = mac_of(situation, network)
    return {
        "type": "linux-bridge",
        "state": "up",
        **({"mac-address": mac} if mac else {}),
        "bridge": {"options": {"stp": {"enabled": network.stp}}, "allow-extra-ports": True, "port": ports},
    }


def _leaving(situation: Situation, name: str, network: Network) -> set[str]:
    """The ports of a bridge that are of the configuration, and whose place is there no more, nor in another controller."""
    now = situation.interface(name)
    listed = now.ports if isinstance(now, LinuxBridge) and isinstance(now.ports, tuple) else ()
    ports = {one for one in listed if one != network.southbound and not isinstance(situation.interface(one), Tun)}
    if not ports:
        return set()
    return (ports & situation.claimed) - situation.placed


def mac_of(situation: Situation, network: Network) -> str:
    """The MAC that the interface with the network's addresses gets: that of what it rides on, so that servers know the host
    again when its addresses move there; '' where nothing is known of that yet."""
    asked = situation.after.bondings.get(network.base)
    if asked is not None and asked.hwaddr:
        return asked.hwaddr.upper()
    for name in (network.southbound if network.switch == "legacy" else network.base, network.base):
        now = situation.interface(name)
        if now is not None and isinstance(now.mac_address, str):
            return now.mac_address
    return ""
