"""Rules about Open vSwitch."""

from linkhold.foundation.record import UNSET, Record, Unset
from linkhold.planning.checks.context import Context
from linkhold.planning.switches import HWADDR
from linkhold.state.interfaces.ovs_bridge import OvsBridge, OvsBridgeConfig, OvsBridgePort
from linkhold.state.ovs import OvsDatabase

_INSIDE = "ovs-interface"
_BRIDGE = "ovs-bridge"


def switched_ones_have_a_bridge(context: Context) -> None:
    """What lives in Open vSwitch lives in one of its bridges."""
    for said in context.judged():
        interface = context.expected.get(said.key)
        if said.kind != _INSIDE or (interface is not None and context.current.get(said.key) is interface):
            continue  # the link that stands for the datapath is shown as one, too, and is in no bridge
        name = interface.controller if interface is not None else ""
        owner = context.controller(name) if isinstance(name, str) else None
        if owner is None or owner.kind != _BRIDGE:
            message = "an interface of Open vSwitch is a port of one of its bridges"
            hint = f"list {said.name} among the ports of an ovs-bridge, or say its controller"
            context.error("missing-controller", said.name, "controller", message, expected="an ovs-bridge", hint=hint)


def maps_have_a_place(context: Context) -> None:
    """Only what is in Open vSwitch's database has its free maps."""
    for said in context.wanted():
        interface = context.expected.get(said.key)
        if interface is None or said.kind in (_BRIDGE, _INSIDE) or not _says(said.ovs_db):
            continue
        owner = context.controller(interface.controller) if isinstance(interface.controller, str) else None
        if owner is None or owner.kind != _BRIDGE:
            message = f"{said.name} is in no bridge of Open vSwitch, which keeps these maps"
            context.error("ovs-db", said.name, "ovs-db", message, hint="make it a port of an ovs-bridge")


def _says(section: Record | Unset) -> bool:
    return isinstance(section, Record) and any(section.said().values())


def macs_have_an_interface(context: Context) -> None:
    """A bridge's MAC is that of the interface of its name (`switches.completed` says it there)."""
    for said in context.wanted():
        kept = said.ovs_db if said.kind == _BRIDGE else UNSET
        other = kept.other_config if isinstance(kept, OvsDatabase) else UNSET
        if isinstance(other, dict) and HWADDR in other:
            message = f"gives a MAC to the interface {said.name}, which this bridge does not have"
            context.error("ovs-db", said.name, f"ovs-db.other_config.{HWADDR}", message, hint=f"add a port {said.name}")


def port_names_are_unique(context: Context) -> None:
    """One name is one port, in all bridges of Open vSwitch together (the index of the table Port, vswitch.ovsschema)."""
    seen: dict[str, OvsBridge] = {}
    bridges = [one for one in context.expected.values() if isinstance(one, OvsBridge)]
    for bridge in sorted(bridges, key=lambda one: one.key in context.desired):  # the document is to blame, not the host
        for port in _ports(bridge):
            other = seen.setdefault(port.name, bridge)
            if other is bridge or all(context.current.get(one.key) is one for one in (bridge, other)):
                continue
            message = f"{other.name} has a port {port.name} already, and Open vSwitch knows ports by their names alone"
            at = f"bridge.port[{port.name}].name"
            context.error("duplicate", bridge.name, at, message, hint="give one of them another name")


def _ports(bridge: OvsBridge) -> tuple[OvsBridgePort, ...]:
    section = bridge.bridge
    return section.port if isinstance(section, OvsBridgeConfig) and isinstance(section.port, tuple) else ()
