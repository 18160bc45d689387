"""Setup-networks requests on a real kernel and a real Open vSwitch: what they mean is carried out, and means nothing twice."""

import pathlib
import typing

import pytest

import linkhold
from linkhold.networks.configuration import Configuration
from linkhold.networks.restoring import restoration
from linkhold.networks.setup import prepare
from linkhold.providers.kernel import facts
from tests.lab import namespaces
from tests.services.rigs.openvswitch import OpenVSwitch

pytestmark = pytest.mark.needs("alone", "openvswitch", "veth", "bond", "vlan", "bridge", "qos", "ipv6")

Request = dict[str, typing.Any]
TABLE = "42402108"
"""adler32 of ``red``."""
RED: Request = {
    "bonding": "bond0",
    "vlan": "101",
    "ipaddr": "192.0.2.7",
    "prefix": "24",
    "gateway": "192.0.2.1",
    "ipv6addr": "2001:db8::7/64",
    "ipv6gateway": "2001:db8::1",
    "defaultRoute": True,
    "mtu": 1600,
    "hostQos": {"out": {"ls": {"m1": 0, "d": 0, "m2": 50}, "ul": {"m1": 0, "d": 0, "m2": 100_000_000}}},
}
BLUE: Request = {"bonding": "bond0", "custom": {"bridge_opts": "forward_delay=0 multicast_snooping=0"}}
GREEN: Request = {"nic": "eth3", "vlan": "5", "bridged": "false", "ipaddr": "198.51.100.7", "prefix": "24"}
BOND: Request = {"nics": ["eth1", "eth2"], "options": "mode=1 miimon=120"}
ALL: Request = {"networks": {"red": RED, "blue": BLUE, "green": GREEN}, "bondings": {"bond0": BOND}}


class Host:
    """A host that carries requests out one by one."""

    def __init__(self, netns: namespaces.Namespace) -> None:
        self.running = Configuration()
        self.netns = netns

    def follow(self, request: Request) -> None:
        """Prepare and apply; it must end well, be nothing to do a second time, and leave no drift."""
        setup = prepare(request, self.running, linkhold.show(details=True), facts.read())
        result = linkhold.apply(setup.document)
        assert result.outcome == "committed", (result.sentence, result.reason, result.answer, result.mismatches)
        self.running = setup.after
        assert self._missing(setup.document) == []
        told = restoration(self.running, self.running, linkhold.show(details=True), facts.read())
        assert told.missing == ()
        assert self._missing(told.setup.document) == []

    @staticmethod
    def _missing(document: Request) -> list[str]:
        outcome = linkhold.plan(document)
        return [f"{one.action} {one.name} {one.differences}" for one in outcome.plan.changes]

    def link(self, name: str) -> dict[str, typing.Any]:
        """As `ip` shows it; ``{}`` for none."""
        found = [one for one in self.netns.ip_json("-d", "link", "show") if one["ifname"] == name]
        return found[0] if found else {}

    def addresses(self, name: str) -> list[str]:
        """All but link-local ones."""
        (found,) = self.netns.ip_json("address", "show", "dev", name)
        return sorted(f"{one['local']}/{one['prefixlen']}" for one in found["addr_info"] if one["scope"] != "link")


@pytest.fixture
def host(
    openvswitch: OpenVSwitch, netns: namespaces.Namespace, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> Host:
    monkeypatch.setenv("LINKHOLD_STATE_DIR", str(tmp_path / "state"))
    for number in (1, 2, 3):
        netns.ip("link", "add", f"eth{number}", "type", "veth", "peer", f"far{number}")
        netns.ip("link", "set", f"far{number}", "up")
        netns.ip("link", "set", f"eth{number}", "up")
    return Host(netns)


def with_switch(request: Request, switch: str) -> Request:
    """The same with the switch said everywhere."""
    return {
        section: {name: {**one, "switch": switch} for name, one in held.items()} for section, held in request.items()
    }


def assert_legacy(host: Host) -> None:
    assert host.link("red")["linkinfo"]["info_kind"] == "bridge"
    assert host.link("bond0.101")["master"] == "red"
    assert host.link("bond0")["master"] == "blue"
    assert host.link("bond0")["mtu"] == host.link("eth1")["mtu"] == host.link("red")["mtu"] == 1600
    assert host.link("blue")["mtu"] == 1500
    assert host.addresses("red") == ["192.0.2.7/24", "2001:db8::7/64"]
    assert host.addresses("eth3.5") == ["198.51.100.7/24"]


def assert_routed(host: Host) -> None:
    for family, subnet, gateway in (("-4", "192.0.2.0/24", "192.0.2.1"), ("-6", "2001:db8::/64", "2001:db8::1")):
        table = host.netns.ip_json(family, "route", "show", "table", TABLE)
        assert {(one["dst"], one.get("gateway"), one["dev"]) for one in table} == {
            (subnet, None, "red"),
            ("default", gateway, "red"),
        }
        rules = [one for one in host.netns.ip_json(family, "rule", "show") if one.get("priority") == 3200]
        network = subnet.partition("/")[0]
        assert {(one["src"], one.get("dst")) for one in rules} == {(network, None), ("all", network)}
        assert {one["table"] for one in rules} == {TABLE}
        (default,) = host.netns.ip_json(family, "route", "show", "default")
        assert (default["gateway"], default["dev"]) == (gateway, "red")


def test_a_host_goes_over_to_open_vswitch_and_back(host: Host, openvswitch: OpenVSwitch) -> None:
    host.follow(ALL)
    assert_legacy(host)
    assert_routed(host)
    mac = host.link("red")["address"]

    host.follow(with_switch(ALL, "ovs"))
    assert host.link("red")["linkinfo"]["info_kind"] == "openvswitch"
    assert host.link("red")["address"] == mac
    assert not host.link("bond0.101")
    assert not host.link("eth3.5")
    assert host.addresses("green") == ["198.51.100.7/24"]
    assert host.link("bond0")["master"] == host.link("eth3")["master"] == "ovs-system"
    assert_routed(host)

    host.follow(with_switch(ALL, "legacy"))
    assert_legacy(host)
    assert_routed(host)
    assert openvswitch.vsctl("list-br").split() == []

    host.follow(
        {
            "networks": {name: {"remove": "true"} for name in ("red", "blue", "green")},
            "bondings": {"bond0": {"remove": "true"}},
        }
    )
    assert not any(host.link(name) for name in ("red", "blue", "bond0", "bond0.101", "eth3.5"))
    assert host.link("eth1")["mtu"] == 1500
    assert host.netns.ip_json("-4", "rule", "show", "priority", "3200") == []
    assert host.running == Configuration()


def test_a_port_of_a_bridge_moves_into_a_bond_below_it(host: Host) -> None:
    host.follow({"networks": {"red": {**RED, "bonding": "", "nic": "eth1", "vlan": ""}}})
    host.netns.ip("tuntap", "add", "vnet0", "mode", "tap")
    host.netns.ip("link", "set", "vnet0", "master", "red", "up")
    host.follow({"networks": {"red": {**RED, "vlan": ""}}, "bondings": {"bond0": BOND}})
    assert host.link("eth1")["master"] == "bond0"
    assert host.link("bond0")["master"] == host.link("vnet0")["master"] == "red"
    assert_routed(host)
