"""What a centre is told of networks that Open vSwitch carries: the same words as of Linux bridges, and in sync."""

import pathlib
import typing

import pytest

import linkhold
from linkhold.networks.configuration import Configuration, Network
from linkhold.networks.reporting.caps import capabilities
from linkhold.networks.reporting.report import Report
from linkhold.networks.reporting.visible import Patterns
from linkhold.providers.kernel import facts
from tests.agent.engine_view import Spec, in_sync
from tests.lab import namespaces
from tests.services.rigs.openvswitch import OpenVSwitch

pytestmark = pytest.mark.needs("alone", "openvswitch", "veth")

RED = Network(interface="eth1", vlan=101, switch="ovs", ipaddr="192.0.2.7", prefix=24, gateway="192.0.2.1")
BLUE = Network(interface="eth1", switch="ovs", ipv6addr="2001:db8::7/64")
PLAIN = Network(interface="eth1", vlan=102, bridged=False, switch="ovs", ipaddr="198.51.100.7", prefix=24)
RUNNING = Configuration(networks={"red": RED, "blue": BLUE, "plain": PLAIN})


def document(datapath: str) -> dict[str, typing.Any]:
    access = {"mode": "access", "tag": 101}
    ports = [{"name": "eth1"}, {"name": "red", "vlan": access}, {"name": "blue"}, {"name": "tap1", "vlan": access}]
    ports.append({"name": "plain", "vlan": {"mode": "access", "tag": 102}})
    ipv4 = {name: [{"ip": ip, "prefix-length": 24}] for name, ip in (("red", "192.0.2.7"), ("plain", "198.51.100.7"))}
    internal = {"type": "ovs-interface", "state": "up"}
    six = {"enabled": True, "address": [{"ip": "2001:db8::7", "prefix-length": 64}]}
    return {
        "interfaces": [
            {
                "name": "vdsmbr_1",
                "type": "ovs-bridge",
                "bridge": {"options": {"datapath": datapath}, "port": ports},
            },
            *({"name": name, **internal, "ipv4": {"enabled": True, "address": held}} for name, held in ipv4.items()),
            {"name": "blue", **internal, "ipv6": six},
            {"name": "eth1", "type": "ethernet", "state": "up"},
            {"name": "tap1", "type": "veth", "state": "up", "veth": {"peer": "guest1"}},
        ],
        "routes": {
            "config": [
                {
                    "destination": "0.0.0.0/0",
                    "next-hop-address": "192.0.2.1",
                    "next-hop-interface": "red",
                    "table-id": 329647082,
                }
            ]
        },
    }


@pytest.fixture
def told(
    openvswitch: OpenVSwitch, netns: namespaces.Namespace, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> Report:
    monkeypatch.setenv("LINKHOLD_STATE_DIR", str(tmp_path / "state"))
    netns.ip("link", "add", "eth1", "type", "veth", "peer", "far1")
    netns.ip("link", "set", "far1", "up")
    result = linkhold.apply(document(openvswitch.datapath))
    assert result.outcome == "committed", (result.sentence, result.reason, result.answer, result.mismatches)
    patterns = Patterns(fake_cards=("eth*",))
    return capabilities(linkhold.show(), facts.read(), RUNNING, False, patterns)


def test_an_engine_finds_them_in_sync(told: Report) -> None:
    wanted = (
        Spec("red", switch="ovs", vlan=101, ipv4="192.0.2.7/24", gateway="192.0.2.1"),
        Spec("blue", switch="ovs", ipv6="2001:db8::7/64"),
        Spec("plain", switch="ovs", bridged=False, vlan=102, ipv4="198.51.100.7/24"),
    )
    assert [in_sync(told.maps, one) for one in wanted] == [[], [], []]
    assert told.warnings == ()


def test_what_stands_for_vlans_and_bridges(told: Report) -> None:
    maps = told.maps
    assert set(maps["nics"]) == {"eth1"}
    assert {name: (one["iface"], one["vlanid"]) for name, one in maps["vlans"].items()} == {
        "eth1.101": ("eth1", 101),
        "eth1.102": ("eth1", 102),
    }
    assert {name: one["ports"] for name, one in maps["bridges"].items()} == {
        "red": ["eth1.101", "tap1"],
        "blue": ["eth1"],
    }
    assert maps["vlans"]["eth1.102"]["addr"] == "198.51.100.7"
    assert isinstance(maps["bridges"]["red"]["mtu"], int)
    assert maps["networks"]["red"]["mtu"] == "1500"
