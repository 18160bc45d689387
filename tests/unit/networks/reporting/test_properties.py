"""Whatever a host looks like, a report of it can be made, sent and read."""

import json

import hypothesis
from hypothesis import strategies as st

from linkhold.networks.configuration import Bonding, Configuration, Network
from linkhold.networks.facts import Facts, InterfaceFacts
from linkhold.networks.reporting.caps import capabilities
from linkhold.networks.reporting.host_devices import host_devices
from linkhold.networks.reporting.lldp import neighbours
from linkhold.networks.reporting.visible import Patterns
from linkhold.state.network import NetworkState
from linkhold.state.routes import Route, Routes
from tests.agent import engine_view
from tests.strategies import NAMES, states

TAGS = st.none() | st.integers(0, 4094)
GATEWAYS = st.sampled_from(["", "192.0.2.1", "198.51.100.1"])
KINDS = ("bond", "dummy", "ethernet", "linux-bridge", "mac-vtap", "ovs-bridge", "ovs-interface", "veth", "vlan")
EVERYTHING = Patterns(("*",), (), (), ())


@st.composite
def hosts(draw: st.DrawFn) -> tuple[NetworkState, Configuration, Facts]:
    state = draw(states(KINDS, most=5))
    listed = [one.name for one in state.by_key.values()]
    names = st.sampled_from(listed) if listed else NAMES
    networks = st.builds(
        Network,
        interface=names,
        vlan=TAGS,
        bridged=st.booleans(),
        switch=st.sampled_from(["legacy", "ovs"]),
        gateway=GATEWAYS,
    )
    routes = st.builds(
        Route,
        destination=st.sampled_from(["0.0.0.0/0", "192.0.2.0/24"]),
        next_hop_interface=names,
        next_hop_address=st.sampled_from(["192.0.2.1", "0.0.0.0", "2001:db8::1"]),
        table_id=st.sampled_from([0, 254, 77]),
        metric=st.integers(-1, 9),
    )
    known = st.builds(InterfaceFacts, speed=st.integers(0, 10), aggregator=st.sampled_from(["", "1"]))
    running = Configuration(
        networks=draw(st.dictionaries(names, networks, max_size=3)),
        bondings=draw(st.dictionaries(names, st.builds(Bonding, ports=st.just(())), max_size=2)),
    )
    facts = Facts(interfaces=draw(st.dictionaries(names, known, max_size=4)))
    return state.replace(routes=Routes(running=tuple(draw(st.lists(routes, max_size=3))))), running, facts


@hypothesis.settings(max_examples=40)
@hypothesis.given(hosts(), st.booleans())
def test_a_report_is_json_and_an_engine_can_read_it(host, dirty):
    state, running, facts = host
    report = capabilities(state, facts, running, dirty, EVERYTHING)
    assert json.loads(json.dumps(report.maps)) == report.maps
    told = report.maps["networks"]
    warned = [one for one in report.warnings if one.startswith("Missing network")]
    assert len(told) + len(warned) == len(running.networks)
    for name, entry in told.items():
        holders = report.maps["bridges"] if entry["bridged"] else _devices(report.maps)
        if entry["iface"] in holders:
            one = {**report.maps, "networks": {name: entry}}
            assert engine_view.read(one)[name].switch == running.networks[name].switch


def _devices(maps):
    return {**maps["nics"], **maps["bondings"], **maps["vlans"]}


@hypothesis.settings(max_examples=40)
@hypothesis.given(hosts())
def test_the_same_snapshot_gives_the_same_report(host):
    state, running, facts = host
    assert capabilities(state, facts, running, False) == capabilities(state, facts, running, False)


@hypothesis.settings(max_examples=40)
@hypothesis.given(hosts())
def test_neighbours_and_devices_are_json(host):
    state, _, facts = host
    assert json.dumps(neighbours(state, facts))
    assert json.dumps(host_devices(state, facts))
