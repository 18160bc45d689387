"""The map ``networks``: each network of the running configuration as it is attached to the host.

What the kernel has decides: a network whose interface is not there is left out, with a warning; its tag and its ports are
those of the interfaces. Bridges that nobody called a network are none.
"""

import typing

from linkhold.networks.configuration import Configuration, Network
from linkhold.networks.reporting import shaping
from linkhold.networks.reporting.addresses import Entry, addressing, mtu_text
from linkhold.networks.reporting.bridges import has_stp, ports_of
from linkhold.networks.reporting.gateways import Gateways
from linkhold.networks.reporting.openvswitch import OvsHost
from linkhold.networks.reporting.report import missing
from linkhold.networks.reporting.visible import Visible, is_there
from linkhold.networks.reporting.vlans import parent_of, tag_of
from linkhold.state.interfaces.common import Interface
from linkhold.state.network import NetworkState

Found = tuple[dict[str, Entry], list[str]]
"""The entries by name, and warnings."""


def attached(
    state: NetworkState, shown: Visible, running: Configuration, gateways: Gateways, switches: OvsHost
) -> Found:
    """All networks, sorted by name."""
    entries: dict[str, Entry] = {}
    warnings: list[str] = []
    for name, network in sorted(running.networks.items()):
        one = state.by_key.get((network.next_hop(name), ""))
        if one is None or not is_there(one):
            warnings.append(missing(name, network))
            continue
        if network.switch == "ovs":
            entry = switches.network(name, network, one)
        elif network.bridged:
            entry = _bridged(one, shown, warnings)
        else:
            entry = _bridgeless(one, shown)
        wanted = _host_qos(state, shown, network, entry)
        entries[name] = {**entry, "switch": network.switch, "mtu": mtu_text(one), **addressing(one, gateways), **wanted}
    return entries, warnings


def _bridged(one: Interface, shown: Visible, warnings: list[str]) -> Entry:
    ports = ports_of(one)
    below = [port for port in ports if shown.holds(port)]
    if len(below) > 1:
        warnings.append(f"Multiple southbound ports per network detected [{one.name}]: {', '.join(below)}")
    southbound = below[0] if len(below) == 1 else None
    return {
        "iface": one.name,
        "bridged": True,
        "ports": list(ports),
        "stp": "on" if has_stp(one) else "off",
        "southbound": southbound,
        **_tagged(shown.vlans.get(southbound or "")),
    }


def _bridgeless(one: Interface, shown: Visible) -> Entry:
    return {
        "iface": one.name,
        "bridged": False,
        "interface": one.name,
        "southbound": one.name,
        **_tagged(shown.vlans.get(one.name)),
    }


def _tagged(one: Interface | None) -> Entry:
    tag = None if one is None else tag_of(one)
    return {} if tag is None else {"vlanid": tag}


def _host_qos(state: NetworkState, shown: Visible, network: Network, entry: Entry) -> Entry:
    """What the network may send. The class for untagged frames is told only of a network that asked for one: beside
    tagged networks the kernel needs that class for itself, and nobody asked for it."""
    tag: typing.Final = entry.get("vlanid", shaping.UNTAGGED)
    if tag == shaping.UNTAGGED and network.host_qos is None:
        return {}
    base = state.by_key.get((_base(shown, network, entry), ""))
    found = None if base is None else shaping.classes(base).get(tag)
    return {} if found is None else {"hostQos": found}


def _base(shown: Visible, network: Network, entry: Entry) -> str:
    vlan = shown.vlans.get(entry["southbound"] or "")
    if vlan is not None:
        return parent_of(vlan)
    return network.base if network.switch == "ovs" else entry["southbound"] or ""
