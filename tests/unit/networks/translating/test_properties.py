"""Whatever a centre asks for, one request after the other: each is refused with a code, or is one document that can be carried
out, means nothing twice, and leaves alone what is none of its business."""

from hypothesis import given, settings
from hypothesis import strategies as st

from linkhold.foundation.record import UNSET
from linkhold.networks import forms
from linkhold.networks.configuration import Configuration
from linkhold.networks.facts import Facts
from linkhold.networks.request import Rejected
from linkhold.networks.restoring import restoration
from linkhold.networks.setup import prepare
from linkhold.planning import planner
from linkhold.state.document import read
from tests.cases.hosts import carry_out, host, look, observed

NAMES = ("red", "blue", "green")
PLACES = ("eth0", "eth0.101", "eth0.102", "eth1", "eth1.101", "bond0", "bond0.101", "bond0.102", "bond1", "")
HOST = observed(
    {
        "interfaces": [
            {"name": f"eth{number}", "type": "ethernet", "mtu": 1500, "mac-address": f"02:00:00:00:00:0{number}"}
            for number in range(5)
        ]
        + [{"name": "vnet0", "type": "tun", "tun": {"mode": "tap"}, "mtu": 1500}]
    }
)


def _maybe(**fields):
    return st.fixed_dictionaries({}, optional=fields)


# NUMBER stands for the number of the network, so that no two have the same address
_IPV4 = st.sampled_from(
    (
        {},
        {"bootproto": "dhcp"},
        {"ipaddr": "10.0.NUMBER.7", "prefix": 24},
        {"ipaddr": "10.0.NUMBER.7", "prefix": 24, "gateway": "10.0.NUMBER.1"},
    )
)
_IPV6 = st.sampled_from(
    (
        {},
        {"dhcpv6": True},
        {"ipv6autoconf": True},
        {"ipv6addr": "2001:db8:NUMBER::7/64", "ipv6gateway": "2001:db8:NUMBER::1"},
        {"ipv6addr": "2001:db8:NUMBER::7/64", "ipv6gateway": "::"},
    )
)
_CUSTOM = st.sampled_from(
    ({"bridge_opts": "multicast_snooping=0"}, {"bridge_opts": "priority=100"}, {"ipv4_addrs": "10.9.NUMBER.9/24"})
)
_SHARE = st.integers(1, 99).map(lambda share: {"out": {"ls": {"m1": 0, "d": 0, "m2": share}}})
_OTHERS = _maybe(
    bridged=st.booleans(),
    mtu=st.sampled_from((1500, 2000, 9000)),
    STP=st.sampled_from(("yes", "no")),
    custom=_CUSTOM,
    hostQos=_SHARE,
)
_OPTIONS = st.sampled_from(("mode=4 miimon=100", "mode=1 miimon=150 updelay=300", "mode=0"))


def _numbered(said, number):
    if isinstance(said, dict):
        return {key: _numbered(value, number) for key, value in said.items()}
    return said.replace("NUMBER", str(number)) if isinstance(said, str) else said


@st.composite
def _networks(draw, name, place, switch):
    """A network on a card or bond, with or without tag; on nothing there is neither, only a bridge."""
    base, _, tag = place.partition(".")
    said = _numbered({**draw(_IPV4), **draw(_IPV6), **draw(_OTHERS)}, NAMES.index(name) + 1)
    unknown = {*(() if base else ("bridged", "hostQos")), *(() if switch == "legacy" else ("STP",))}
    below = {"bonding" if base.startswith("bond") else "nic": base} if base else {}
    attributes = {key: value for key, value in said.items() if key not in unknown}
    return {**below, **({"vlan": tag} if tag else {}), **attributes, "switch": switch}


@st.composite
def _requests(draw, running):
    """A request that has a chance on a host with this configuration."""
    runs = {one.switch for one in (*running.networks.values(), *running.bondings.values())}
    switch = draw(st.sampled_from(("legacy", "ovs", *(list(runs) * 2))))
    changes = runs not in (set(), {switch})
    names = NAMES if changes else draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    places = draw(st.permutations(PLACES if switch == "legacy" else PLACES[:-1]))
    networks = {}
    for name, place in zip(names, places, strict=False):
        goes = name in running.networks and not changes and draw(st.integers(0, 3)) == 0
        networks[name] = {"remove": True} if goes else draw(_networks(name, place, switch))
    default = draw(st.sampled_from((*NAMES, "")))
    if default in networks and "remove" not in networks[default]:
        networks[default]["defaultRoute"] = True
    cards = draw(st.permutations(("eth2", "eth3", "eth4")))
    bonds = {}
    for name, ports in (("bond0", cards[:1]), ("bond1", cards[1:])):
        if name not in running.bondings or changes:
            bonds[name] = {"nics": ports, "options": draw(_OPTIONS), "switch": switch}
        elif draw(st.integers(0, 4)) == 0:
            bonds[name] = {"remove": True}
        elif draw(st.integers(0, 2)) == 0:
            ports = running.bondings[name].ports
            bonds[name] = {"nics": list(ports), "options": draw(_OPTIONS), "switch": switch}
    return {"networks": networks, "bondings": bonds}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_requests_in_a_row(data):
    running, current = Configuration(), HOST
    for _ in range(4):
        raw = data.draw(_requests(running))
        try:
            setup = prepare(raw, running, current, Facts())
        except Rejected:
            continue
        outcome = planner.plan(setup.desired, current)
        assert outcome.errors == ()
        _check_that_others_stay(raw, setup, running, outcome.plan)
        current, running = _after(current, outcome.plan), setup.after
        assert forms.read(forms.write(running)) == running
        assert planner.plan(setup.desired, current).plan.changes == ()
        current = _with_a_port(current, running)
        _check_that_all_is_told(running, current)


def _after(current, plan):
    memory = host(current)
    carry_out(memory, plan)
    return look(memory)


def _with_a_port(current, running):
    """Somebody puts a virtual machine on the first bridge, if it is on none yet."""
    bridges = [name for name, one in running.networks.items() if one.bridged and one.switch == "legacy"]
    if not bridges or current.by_key["vnet0", ""].controller not in (UNSET, ""):
        return current
    desired = read({"interfaces": [{"name": "vnet0", "controller": bridges[0]}]})
    return _after(current, planner.plan(desired, current).plan)


def _check_that_others_stay(raw, setup, running, plan):
    named = {*setup.request.networks, *raw["networks"]}
    touched = {one.name: one for one in plan.changes if one.subject == "interface"}
    for name, network in running.networks.items():
        if name in named or network.base in setup.request.bondings:
            continue
        own = {name if network.bridged or network.switch == "ovs" else network.southbound} - {network.base}
        assert not own & touched.keys()
        assert setup.after.networks[name] == network
    bridge = setup.after.networks.get(touched["vnet0"].before.controller) if "vnet0" in touched else None
    assert bridge is None or setup.request.switches or not bridge.bridged


def _check_that_all_is_told(running, current):
    """What runs, told again in full, changes nothing; a bare host gets there in one document."""
    told = restoration(running, running, current, Facts())
    assert told.missing == ()
    assert told.setup.after == running
    assert planner.plan(told.setup.desired, current).plan.changes == ()
    restored = restoration(running, Configuration(), HOST, Facts())
    assert restored.setup.after == running
    outcome = planner.plan(restored.setup.desired, HOST)
    assert outcome.errors == ()
    there = _after(HOST, outcome.plan)
    assert planner.plan(restoration(running, running, there, Facts()).setup.desired, there).plan.changes == ()
