"""The map ``bridges``: those of the kernel (`openvswitch` adds what stands for bridges of Open vSwitch)."""

from linkhold.networks.facts import Facts
from linkhold.networks.reporting.addresses import Entry, addressing, mtu_text
from linkhold.networks.reporting.gateways import Gateways
from linkhold.networks.reporting.visible import Visible
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.linux_bridge import LinuxBridge, LinuxBridgeConfig, LinuxBridgeOptions, Stp


def bridges(shown: Visible, facts: Facts, gateways: Gateways) -> dict[str, Entry]:
    """By name."""
    return {name: _bridge(one, facts, gateways) for name, one in shown.bridges.items()}


def _bridge(one: Interface, facts: Facts, gateways: Gateways) -> Entry:
    return {
        "ports": list(ports_of(one)),
        "stp": "on" if has_stp(one) else "off",
        "opts": dict(facts.about(one.name).bridge_options),
        "mtu": mtu_text(one),
        **addressing(one, gateways),
    }


def ports_of(one: Interface) -> tuple[str, ...]:
    """The names of a bridge's ports, sorted; taps of virtual machines are among them."""
    found = one.ports
    return found if isinstance(found, tuple) else ()


def has_stp(one: Interface) -> bool:
    """Whether a Linux bridge speaks the spanning tree protocol."""
    config = one.bridge if isinstance(one, LinuxBridge) else None
    said = config.options if isinstance(config, LinuxBridgeConfig) else None
    return isinstance(said, LinuxBridgeOptions) and isinstance(said.stp, Stp) and said.stp.enabled is True
