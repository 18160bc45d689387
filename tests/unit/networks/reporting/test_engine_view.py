"""An engine finds in our reports what it asked for, and sees whatever differs."""

import copy

import pytest

from linkhold.networks.facts_form import from_plain
from linkhold.networks.reporting.caps import capabilities
from tests.agent.engine_view import Spec, Unreadable, in_sync
from tests.cases.hosts import observed
from tests.cases.test_reports import load, running

RED = Spec("red", vlan=101, ipv4="192.0.2.7/24", gateway="192.0.2.1")
BLUE = Spec("blue", bridged=False, ipv4="dhcp", ipv6="both", default_route=True)
SHAPED = Spec("red", vlan=101, host_qos={"out": {"ls": {"m2": 50}, "ul": {"m2": 100_000_000}, "rt": {"m2": 5_000_000}}})


def caps(case: str) -> dict:
    state = observed(load(case, "current"))
    return capabilities(state, from_plain(load(case, "facts")), running(load(case, "running")), False).maps


@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        ("vlan-over-bond", RED),
        ("bridgeless", BLUE),
        ("bridgeless", Spec("green", bridged=False, vlan=7, mtu=1400, ipv6="2001:db8:7::1/64")),
        ("bridgeless", Spec("storage", bridged=False, mtu=9000)),
        ("openvswitch", Spec("red", switch="ovs", ipv4="192.0.2.7/24", gateway="192.0.2.1", default_route=True)),
        ("openvswitch", Spec("blue", switch="ovs", vlan=20, mtu=1450, ipv6="autoconf")),
        ("openvswitch", Spec("plain", switch="ovs", bridged=False, ipv4="198.51.100.7/24")),
        ("openvswitch", Spec("tagged", switch="ovs", bridged=False, vlan=30, ipv4="203.0.113.7/24")),
        ("gateways", Spec("red", bridged=False, ipv4="198.51.100.7/24", gateway="198.51.100.1")),
        ("odd-ones", Spec("none")),
        ("qos", SHAPED),
        ("qos", Spec("plain")),
    ],
    ids=str,
)
def test_what_was_asked_for_is_in_sync(case, wanted):
    assert in_sync(caps(case), wanted) == []


@pytest.mark.parametrize(
    "change",
    [
        {"vlan": 102},
        {"vlan": None},
        {"mtu": 9000},
        {"bridged": False},
        {"switch": "ovs"},
        {"ipv4": "dhcp"},
        {"ipv4": "192.0.2.8/24"},
        {"ipv4": "192.0.2.7/25"},
        {"gateway": ""},
        {"ipv6": "autoconf"},
        {"default_route": True},
        {"host_qos": {"out": {"ls": {"m2": 50}}}},
    ],
    ids=str,
)
def test_what_differs_is_seen(change):
    (difference,) = in_sync(caps("vlan-over-bond"), RED._replace(**change))
    assert difference.startswith(next(iter(change)))


def test_name_servers_have_to_be_among_those_in_use():
    told = caps("bridgeless")
    assert in_sync(told, BLUE._replace(name_servers=("192.0.2.53",))) == ["name_servers: ['192.0.2.53'] not in use"]
    told = {**told, "nameservers": ["192.0.2.52", "192.0.2.53"]}
    assert in_sync(told, BLUE._replace(name_servers=("192.0.2.53",))) == []


def test_a_network_that_is_gone_is_not_attached():
    assert in_sync(caps("odd-ones"), Spec("gone")) == ["gone: not attached"]


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("networks", "red", "switch"), None),
        (("networks", "red", "mtu"), 1500),
        (("bridges", "red", "dhcpv4"), "False"),
        (("nics", "ens3", "speed"), "1000"),
        (("vlans", "bond0.101", "vlanid"), "101"),
        (("bondings", "bond0", "opts"), {"mode": 4}),
        (("bondings", "bond0", "ad_aggregator_id"), 1),
    ],
)
def test_an_engine_insists_on_forms(where, value):
    told = copy.deepcopy(caps("vlan-over-bond"))
    one, name, key = where
    told[one][name][key] = value
    with pytest.raises(Unreadable):
        in_sync(told, RED)
