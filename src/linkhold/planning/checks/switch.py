"""Rules about Open vSwitch."""

from linkhold.foundation.record import Record, Unset
from linkhold.planning.checks.context import Context

_INSIDE = "ovs-interface"
_BRIDGE = "ovs-bridge"


def switched_ones_have_a_bridge(context: Context) -> None:
    """What lives in Open vSwitch lives in one of its bridges."""
    for said in context.judged():
        interface = context.expected.get(said.key)
        if said.kind != _INSIDE or interface is None:
            continue
        owner = context.controller(interface.controller) if isinstance(interface.controller, str) else None
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
