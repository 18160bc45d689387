"""OVN's mappings: which bridge of Open vSwitch carries which network (vdsm's ``ovn-bridge-mappings``)."""

from linkhold.networks.translating.parts import Plain
from linkhold.networks.translating.situation import Situation
from linkhold.networks.translating.switches import bridge_name, riders


def section(situation: Situation) -> list[Plain]:
    """The document's ``ovn.bridge-mappings``: every network of Open vSwitch to its bridge, and none for those that were one.

    Mappings that others made of networks we do not know stay.
    """
    bases = sorted({one.base for one in situation.after.networks.values() if one.switch == "ovs" and one.base})
    there = [
        {"localnet": name, "bridge": bridge_name(situation.current, base)}
        for base in bases
        for name, _ in riders(situation, base)
    ]
    known = {one["localnet"] for one in there}
    gone = [{"localnet": name, "state": "absent"} for name, _ in situation.old("ovs") if name not in known]
    named = bool(situation.old("ovs") or situation.new("ovs"))
    return sorted((*there, *gone), key=lambda one: one["localnet"]) if named else []
