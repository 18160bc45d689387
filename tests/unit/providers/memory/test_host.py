"""The simulated host does by itself what a kernel does."""

import pytest

from linkhold.foundation.driving import drive
from linkhold.foundation.failures import Refused
from linkhold.planning.change import Change, Stage
from linkhold.providers.contract import ALL_DETAILS, Scope
from linkhold.providers.memory.faults import Fault
from linkhold.providers.memory.provider import Memory
from linkhold.state.interfaces.bond import Bond, LinkAggregation
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.dummy import Dummy
from linkhold.state.interfaces.ethernet import Ethernet
from linkhold.state.interfaces.ip import IpAddress, Ipv4, Ipv6
from linkhold.state.interfaces.veth import Veth, VethConfig
from linkhold.state.interfaces.vlan import Vlan, VlanConfig
from linkhold.state.network import NetworkState
from linkhold.state.routes import Route, Routes

ADDRESS = IpAddress(ip="192.0.2.1", prefix_length=24)
ADDRESS6 = IpAddress(ip="2001:db8::1", prefix_length=64)
ROUTE = Route(destination="198.51.100.0/24", next_hop_address="192.0.2.9", next_hop_interface="eth0", table_id=254)


def eth(name: str, **said: object) -> Ethernet:
    """A card that is up, with one address of each family."""
    ips = {"ipv4": Ipv4(enabled=True, address=(ADDRESS,)), "ipv6": Ipv6(enabled=True, address=(ADDRESS6,))}
    return Ethernet(**{"name": name, "state": "up", **ips, **said})


def host(*interfaces: Interface, routes: tuple[Route, ...] = ()) -> Memory:
    return Memory(NetworkState(interfaces=interfaces, routes=Routes(config=routes)))


def look(memory: Memory) -> dict[str, Interface]:
    return {one.name: one for one in drive(memory.observe(Scope(details=ALL_DETAILS))).interfaces}


def routes(memory: Memory) -> tuple[Route, ...]:
    return drive(memory.observe(Scope())).routes.config


def do(memory: Memory, change: Change, *stages: Stage) -> None:
    for stage in stages:
        drive(memory.apply(stage, [change]))


def removal(interface: Interface) -> Change:
    return Change(action="-", subject="interface", name=interface.name, before=interface)


def addition(interface: Interface) -> Change:
    return Change(action="+", subject="interface", name=interface.name, after=interface)


def vlan(name: str, parent: str, tag: int) -> Vlan:
    return Vlan(name=name, state="up", vlan=VlanConfig(parent=parent, tag=tag))


def modification(before: Interface, after: Interface) -> Change:
    return Change(action="~", subject="interface", name=before.name, before=before, after=after)


def test_removing_a_parent_takes_its_children_and_routes() -> None:
    bond = Bond(name="bond0", state="up")
    over = Route(destination="0.0.0.0/0", next_hop_interface="bond0.7")
    memory = host(bond, vlan("bond0.7", "bond0", 7), eth("eth0", controller="bond0"), routes=(over,))
    do(memory, removal(bond), "release", "remove")
    assert set(look(memory)) == {"eth0"}
    assert "controller" not in look(memory)["eth0"].said()
    assert routes(memory) == ()


def test_a_veth_pair_comes_and_goes_together() -> None:
    memory = host()
    one = Veth(name="v1", state="up", veth=VethConfig(peer="v2"))
    do(memory, addition(one), "create", "activate")
    assert look(memory)["v2"] == Veth(
        name="v2", state="down", ipv4=Ipv4(enabled=False), ipv6=Ipv6(enabled=False), veth=VethConfig(peer="v1")
    )
    do(memory, removal(look(memory)["v2"]), "release", "remove")
    assert look(memory) == {}


def test_down_loses_routes_and_ipv6_addresses_but_not_ipv4_ones() -> None:
    card = eth("eth0")
    memory = host(card, routes=(ROUTE,))
    do(memory, modification(card, card.replace(state="down")), "activate")
    there = look(memory)["eth0"]
    assert there.state == "down"
    assert there.ipv4.address == (ADDRESS,)
    assert there.ipv6.address == ()
    assert routes(memory) == ()


def test_joining_a_bond_flaps_the_port_and_both_sides_say_so() -> None:
    card, bond = eth("eth0"), Bond(name="bond0", state="up", bond=LinkAggregation(mode="active-backup"))
    memory = host(card, bond, routes=(ROUTE,))
    do(memory, modification(card, card.replace(controller="bond0")), "attach")
    there = look(memory)
    assert there["eth0"].controller == "bond0"
    assert there["bond0"].bond.port == ("eth0",)
    assert there["eth0"].ipv6.address == ()
    assert routes(memory) == ()


def test_a_setting_put_back_to_its_default_is_not_shown_any_more() -> None:
    card = eth("eth0")
    memory = host(card)
    do(memory, modification(card, card.replace(description="new")), "configure")
    assert look(memory)["eth0"].description == "new"
    do(memory, modification(look(memory)["eth0"], card.replace(description="")), "configure")
    assert look(memory)["eth0"] == card


def test_hardware_that_is_removed_stays_bare() -> None:
    card = eth("eth0")
    memory = host(card)
    do(memory, removal(card), "release", "remove")
    assert look(memory)["eth0"].state == "down"
    assert look(memory)["eth0"].ipv4 == Ipv4(enabled=False)


@pytest.mark.parametrize(
    ("change", "stage", "answer"),
    [
        (addition(vlan("v", "gone", 1)), "create", "ENODEV"),
        (modification(Dummy(name="gone"), Dummy(name="gone")), "activate", "ENODEV"),
        (modification(eth("eth0"), eth("eth0", controller="eth1")), "attach", "EOPNOTSUPP"),
        (modification(eth("eth0"), eth("eth0", controller="gone")), "attach", "ENODEV"),
        (Change(action="+", subject="route", name="r", after=ROUTE.replace(next_hop_interface="down0")), "route", "ENETDOWN"),
        (Change(action="+", subject="route", name="r", after=ROUTE.replace(next_hop_interface="gone")), "route", "ENODEV"),
        (modification(vlan("eth0.1", "eth0", 1), vlan("eth0.1", "eth0", 2)), "configure", "EOPNOTSUPP"),
    ],
)  # fmt: skip
def test_refusals_of_the_kernel(change: Change, stage: Stage, answer: str) -> None:
    memory = host(eth("eth0"), eth("eth1"), eth("down0", state="down"), vlan("eth0.1", "eth0", 1))
    before = look(memory)
    with pytest.raises(Refused) as refused:
        do(memory, change, stage)
    assert answer in refused.value.answer
    assert refused.value.change == change
    assert look(memory) == before


def test_a_stage_done_twice_is_done_once() -> None:
    memory = host(eth("eth0"))
    vlan = Vlan(
        name="eth0.1",
        state="up",
        mtu=1400,
        ipv4=Ipv4(enabled=True, address=(ADDRESS,)),
        vlan=VlanConfig(parent="eth0", tag=1),
    )
    change = Change(action="+", subject="interface", name="eth0.1", after=vlan)
    stages: tuple[Stage, ...] = ("release", "remove", "create", "attach", "configure", "activate", "address")
    do(memory, change, *stages)
    once = look(memory)
    for stage in stages:
        do(memory, change, stage, *stages[stages.index(stage) :])
    assert look(memory) == once
    assert once["eth0.1"].mtu == 1400
    assert once["eth0.1"].ipv4.address == (ADDRESS,)


def test_faults_are_counted() -> None:
    card = eth("eth0")
    memory = host(card)
    memory.refuse(Fault(stage="activate", name="eth0", skip=1, times=1))
    off = modification(card, card.replace(state="down"))
    do(memory, off, "address", "activate")
    with pytest.raises(Refused, match="can't activate eth0"):
        do(memory, off, "activate")
    do(memory, off, "activate")


def test_ten_thousand_interfaces_in_a_moment() -> None:
    import time

    parent = eth("eth0")
    vlans = tuple(
        Vlan(name=f"v{tag}", state="up", vlan=VlanConfig(parent="eth0", tag=tag % 4095)) for tag in range(10_000)
    )
    memory = host(parent)
    start = time.process_time()
    additions = [addition(one) for one in vlans]
    for stage in ("create", "configure", "activate", "address"):
        drive(memory.apply(stage, additions))
    assert len(look(memory)) == 10_001
    do(memory, removal(parent.replace()), "release")
    drive(memory.apply("remove", [removal(one) for one in vlans]))
    assert len(look(memory)) == 1
    assert time.process_time() - start < 10  # about 1 s; quadratic work would take minutes
