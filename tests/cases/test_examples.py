"""Every example is planned for a host that has the hardware it speaks of, and carried out there."""

import pathlib

import pytest

from linkhold.planning import planner
from linkhold.planning.verify import verify, verify_restored
from linkhold.state.document import parse
from linkhold.state.interfaces import kind_class
from tests.cases.hosts import carry_out, host, look, observed, unlike

EXAMPLES = sorted((pathlib.Path(__file__).parents[2] / "examples").glob("*.yml"))
LOOPBACK = {
    "name": "lo",
    "type": "loopback",
    "mtu": 65536,
    "ipv4": {"enabled": True, "address": [{"ip": "127.0.0.1", "prefix-length": 8}]},
    "ipv6": {"enabled": True, "address": [{"ip": "::1", "prefix-length": 128}]},
}
FUNCTION = {"mac-address": "00:00:00:00:00:00", "spoof-check": True, "trust": False}
THERE = {
    "interface-by-mac": [{"name": "enp1s0", "type": "ethernet", "mac-address": "02:00:5E:10:00:02"}],
    "port-to-another-bridge": [
        {"name": "in-out", "type": "veth", "veth": {"peer": "out-in"}},
        {"name": "out-in", "type": "veth", "veth": {"peer": "in-out"}},
    ],
    "virtual-functions": [
        {
            "name": "eth1",
            "type": "ethernet",
            "mtu": 1500,
            "ethernet": {"sr-iov": {"total-vfs": 4, "vfs": [{"id": number, **FUNCTION} for number in range(4)]}},
        }
    ],
}
"""What an example counts on beside the hardware that it names itself."""


def _host_for(desired, there):
    """A host with `lo`, some cards, and whatever a document speaks of that can't be made."""
    listed = desired.interfaces if isinstance(desired.interfaces, tuple) else ()
    made = {one.name for one in listed if kind_class(one.kind).virtual} | {one["name"] for one in there} | {"lo"}
    hardware = {f"eth{number}": "ethernet" for number in range(9)} | {"ib0": "infiniband"}
    hardware |= {one.name: one.kind for one in listed if not kind_class(one.kind).virtual}
    plain = [LOOPBACK, *there]
    for number, (name, kind) in enumerate(hardware.items()):
        if name not in made:
            mac = {"mac-address": f"02:00:00:00:00:{number:02x}"} if kind == "ethernet" else {}
            plain.append({"name": name, "type": kind, "mtu": 1500, **mac})
    return observed({"interfaces": plain})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_is_planned_applied_and_taken_back(path):
    desired = parse(path.read_text(), source=path.name)
    current = _host_for(desired, THERE.get(path.stem, []))
    outcome = planner.plan(desired, current)
    assert outcome.errors == ()
    memory = host(current)
    carry_out(memory, outcome.plan)
    assert verify(outcome, look(memory)) == ()
    assert planner.plan(desired, look(memory)).plan.changes == ()
    carry_out(memory, planner.restore(outcome.plan, look(memory)).plan)
    assert verify_restored(outcome.plan, look(memory)) == ()
    assert unlike(look(memory), current) == []
