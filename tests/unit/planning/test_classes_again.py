"""Classes of what is sent are set again where Open vSwitch takes them away."""

from linkhold.planning import planner
from linkhold.state.document import read
from tests.cases.hosts import observed

CLASSES = {"qos": {"classes": [{"link-share": {"m2": 50}}]}}
BRIDGE = {"name": "br0", "type": "ovs-bridge", "state": "up", "bridge": {"port": [{"name": "eth1"}]}}


def stages(card):
    current = observed({"interfaces": [{"name": "eth1", "type": "ethernet", "mtu": 1500, **card}]})
    plan = planner.plan(read({"interfaces": [BRIDGE]}), current).plan
    (index,) = [index for index, change in enumerate(plan.changes) if change.name == "eth1"]
    return [level.stage for level in plan.levels if index in level.changes]


def test_a_card_with_classes_is_set_up_again_when_it_becomes_a_port():
    assert stages(CLASSES) == ["attach", "configure"]


def test_a_card_without_is_only_attached():
    assert stages({}) == ["attach"]
