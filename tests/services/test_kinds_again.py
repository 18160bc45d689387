"""Documents that are applied twice to kinds only the lab has: the second time there is nothing to do."""

import pathlib
import typing

import pytest

from linkhold.foundation.driving import drive
from linkhold.planning import planner
from linkhold.planning.verify import verify
from linkhold.providers.contract import Scope
from linkhold.providers.kernel.provider import Kernel
from linkhold.state.document import parse
from tests.kernel.example_host import furnish
from tests.kernel.other_eyes import picture, unlike


@pytest.fixture
def kernel(netns: typing.Any, tmp_path: pathlib.Path) -> typing.Iterator[Kernel]:
    (tmp_path / "etc").mkdir()
    furnish(netns)
    made = Kernel(str(tmp_path))
    yield made
    made.close()


def reach(kernel: Kernel, text: str) -> typing.Any:
    """Apply a document; it agrees afterwards, and asks for nothing any more. The plan."""

    def outcome() -> typing.Any:
        capabilities = [drive(kernel.capabilities())]
        return planner.plan(parse(text), drive(kernel.observe(Scope())), capabilities=capabilities)

    first = outcome()
    assert not first.errors, first.errors
    for stage, changes in first.plan.steps():
        drive(kernel.apply(stage, changes))
    assert verify(first, drive(kernel.observe(Scope()))) == ()
    assert [(one.name, one.differences) for one in outcome().plan.changes] == []
    return first.plan


@pytest.mark.needs("bond")
@pytest.mark.parametrize("mode", ["802.3ad", "balance-tlb", "balance-alb", "balance-rr", "active-backup"])
def test_options_put_back_keep_the_monitoring_that_a_mode_needs(kernel: Kernel, mode: str) -> None:
    """Without it a bond would never notice that a cable was pulled."""
    text = "interfaces: [{name: bond0, type: bond, link-aggregation: {mode: %s, options: %s, port: [eth1, eth2]}}]"
    needed = mode not in ("balance-rr", "active-backup")
    for options in ("{}", "{miimon: 150}", "{}"):
        reach(kernel, text % (mode, options))
        (bond,) = [one for one in drive(kernel.observe(Scope())).interfaces if one.name == "bond0"]
        interval = 150 if options != "{}" else 100 if needed else 0
        assert bond.bond.options.miimon == interval


@pytest.mark.needs("vlan")
@pytest.mark.parametrize("flags", ["reorder-headers: false", "reorder-headers: false, loose-binding: true"])
def test_flags_of_vlans(kernel: Kernel, flags: str) -> None:
    text = "interfaces: [{name: v7, type: vlan, vlan: {base-iface: eth1, id: 7, %s}}]"
    for said in (flags, "reorder-headers: true"):
        reach(kernel, text % said)


@pytest.mark.needs("vlan", "bond")
def test_the_mtu_of_what_rides_comes_back(kernel: Kernel, netns: typing.Any) -> None:
    """The kernel lowers it along with the parent's, and never raises it again."""
    reach(
        kernel,
        "interfaces: [{name: bond0, type: bond, link-aggregation: {mode: balance-rr, port: [eth1]}},"
        " {name: bond0.7, type: vlan, vlan: {base-iface: bond0, id: 7}},"
        " {name: mv0, type: mac-vlan, mac-vlan: {base-iface: bond0.7, mode: bridge}}]",
    )
    before = picture(netns)
    plan = reach(kernel, "interfaces: [{name: bond0, type: bond, mtu: 1400}]")
    assert {one.name for one in plan.changes} >= {"bond0", "bond0.7", "mv0"}
    back = planner.restore(plan, drive(kernel.observe(Scope()))).plan
    for stage, changes in back.steps():
        drive(kernel.apply(stage, changes))
    assert unlike(before, picture(netns)) == []
