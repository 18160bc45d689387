"""Capabilities of a real host, beside what `ip` and sysfs show of it, and as an engine reads them."""

import json
import pathlib
import time

import pytest

import linkhold
from linkhold.foundation.driving import drive
from linkhold.networks import facts_form
from linkhold.networks.configuration import Bonding, Configuration, Network
from linkhold.networks.reporting.caps import capabilities
from linkhold.networks.reporting.client import last_client_interface
from linkhold.networks.reporting.stats import statistics
from linkhold.providers.contract import Scope
from linkhold.providers.kernel import facts
from linkhold.providers.kernel import statistics as counters
from linkhold.providers.kernel.provider import Kernel
from linkhold.state import document
from tests.agent.engine_view import Spec, in_sync

BOND = ("bond", "mode", "802.3ad", "miimon", "150", "lacp_rate", "fast")
COMMANDS = (
    "link add veth_1 address 02:00:00:00:00:01 type veth peer name far1",
    "link add veth_2 address 02:00:00:00:00:02 type veth peer name far2",
    "link add veth_3 mtu 9000 type veth peer name far3 mtu 9000",
    f"link add bond0 type {' '.join(BOND)}",
    "link set veth_1 master bond0",
    "link set veth_2 master bond0",
    *(f"link set {name} up" for name in ("far1", "far2", "far3", "veth_3", "bond0")),
    "link add bond0.101 link bond0 type vlan id 101",
    "link add red type bridge forward_delay 0",
    "link set bond0.101 master red",
    "link add vnet0 type veth peer name guest0",
    "link set vnet0 master red",
    *(f"link set {name} up" for name in ("bond0.101", "red", "vnet0", "guest0")),
    "addr add 192.0.2.7/24 dev red",
    "addr add 192.0.2.8/32 dev red",
    "-6 addr add 2001:db8::7/64 dev red nodad",
    "route add default via 192.0.2.1 dev red table 329647082 proto static",
    "rule add from 192.0.2.0/24 lookup 329647082 priority 3200",
    "addr add 198.51.100.9/25 dev veth_3",
    "route add default via 198.51.100.1 dev veth_3 proto static",
)
RUNNING = Configuration(
    networks={
        "red": Network(
            bonding="bond0",
            vlan=101,
            ipaddr="192.0.2.7",
            prefix=24,
            gateway="192.0.2.1",
            ipv6addr="2001:db8::7/64",
            ipv6gateway="::",
        ),
        "storage": Network(
            interface="veth_3", bridged=False, mtu=9000, ipaddr="198.51.100.9", prefix=25, gateway="198.51.100.1",
            default_route=True,
        ),
        "gone": Network(interface="veth_3", vlan=9),
    },
    bondings={"bond0": Bonding(ports=("veth_1", "veth_2"), options={"mode": "4", "miimon": "150"})},
)  # fmt: skip
SCOPE = Scope(details=frozenset({"qos"}))

pytestmark = pytest.mark.needs("bond", "bridge", "policy-routing", "sysfs", "veth", "vlan")


@pytest.fixture
def told(netns):
    for command in COMMANDS:
        netns.ip(*command.split())
    return report()


def report():
    kernel = Kernel()
    try:
        state = drive(kernel.observe(SCOPE))
        return capabilities(state, facts.read(kernel.netlink), RUNNING, True)
    finally:
        kernel.close()


def sysfs(path: str) -> str:
    return pathlib.Path("/sys/class/net", path).read_text().strip()


def test_links_are_those_of_ip(netns, told):
    maps = told.maps
    assert set(maps["nics"]) == {"veth_1", "veth_2", "veth_3"}
    assert (set(maps["bondings"]), set(maps["vlans"]), set(maps["bridges"])) == ({"bond0"}, {"bond0.101"}, {"red"})
    shown = {one["ifname"]: one for one in netns.ip_json("link")}
    for table in ("nics", "bondings", "vlans", "bridges"):
        for name, entry in maps[table].items():
            assert entry["mtu"] == str(shown[name]["mtu"])
            assert entry.get("hwaddr", shown[name]["address"]) == shown[name]["address"]


def test_addresses_are_those_of_ip(netns, told):
    (shown,) = netns.ip_json("addr", "show", "red")
    ipv4 = [f"{one['local']}/{one['prefixlen']}" for one in shown["addr_info"] if one["family"] == "inet"]
    for entry in (told.maps["networks"]["red"], told.maps["bridges"]["red"]):
        assert entry["ipv4addrs"] == ipv4
        assert (entry["addr"], entry["netmask"]) == ("192.0.2.7", "255.255.255.0")
        assert entry["ipv6addrs"] == ["2001:db8::7/64"]


def test_gateways_come_from_the_tables_they_are_in(told):
    networks = told.maps["networks"]
    assert (networks["red"]["gateway"], networks["red"]["ipv4defaultroute"]) == ("192.0.2.1", False)
    assert (networks["storage"]["gateway"], networks["storage"]["ipv4defaultroute"]) == ("198.51.100.1", True)


def test_a_second_gateway_does_not_hide_the_one_that_was_given(netns, told):
    netns.ip("route", "add", "default", "via", "192.0.2.254", "dev", "red", "metric", "900")
    assert report().maps["networks"]["red"]["gateway"] == "192.0.2.1"
    netns.ip("route", "del", "default", "via", "192.0.2.1", "dev", "red", "table", "329647082")
    assert report().maps["networks"]["red"]["gateway"] == "192.0.2.254"


def test_the_bond_is_that_of_sysfs(told):
    bond = told.maps["bondings"]["bond0"]
    assert bond["opts"] == {"mode": "4", "miimon": "150", "lacp_rate": "1"}
    assert bond["slaves"] == ["veth_1", "veth_2"]
    assert bond["ad_aggregator_id"] == sysfs("bond0/bonding/ad_aggregator")
    assert bond["ad_partner_mac"] == sysfs("bond0/bonding/ad_partner_mac")
    assert bond["speed"] == int(sysfs("veth_1/speed")) + int(sysfs("veth_2/speed"))
    assert bond["switch"] == "legacy"
    for port in ("veth_1", "veth_2"):
        assert told.maps["nics"][port]["ad_aggregator_id"] == sysfs(f"{port}/bonding_slave/ad_aggregator_id")
        assert told.maps["nics"][port]["permhwaddr"] == sysfs(f"{port}/bonding_slave/perm_hwaddr")
    assert "permhwaddr" not in told.maps["nics"]["veth_3"]


def test_the_bridge_is_that_of_sysfs(told):
    bridge = told.maps["bridges"]["red"]
    files = {path.name for path in pathlib.Path("/sys/class/net/red/bridge").iterdir()} - {"flush"}
    assert set(bridge["opts"]) == files
    assert bridge["opts"]["forward_delay"] == sysfs("red/bridge/forward_delay") == "0"
    assert (bridge["ports"], bridge["stp"]) == (["bond0.101", "vnet0"], "off")
    assert told.maps["vlans"]["bond0.101"]["iface"] == "bond0"


def test_an_engine_finds_its_networks_in_sync(told):
    red = Spec("red", vlan=101, ipv4="192.0.2.7/24", gateway="192.0.2.1", ipv6="2001:db8::7/64")
    storage = Spec(
        "storage", bridged=False, mtu=9000, ipv4="198.51.100.9/25", gateway="198.51.100.1", default_route=True
    )
    assert (in_sync(told.maps, red), in_sync(told.maps, storage)) == ([], [])
    assert told.maps["networks"]["red"]["southbound"] == "bond0.101"


def test_a_network_that_is_gone_is_named(told):
    (warning,) = told.warnings
    assert warning.startswith("Missing network detected [gone]")
    assert "gone" not in told.maps["networks"]
    assert told.maps["netConfigDirty"] == "True"


def test_the_report_is_the_same_after_the_way_to_another_process(netns, told):
    kernel = Kernel()
    state, known = drive(kernel.observe(SCOPE)), facts.read(kernel.netlink)
    kernel.close()
    sent = json.loads(json.dumps([document.to_plain(state), facts_form.to_plain(known)]))
    here = capabilities(state, known, RUNNING, True)
    assert capabilities(document.read(sent[0]), facts_form.from_plain(sent[1]), RUNNING, True) == here


def test_a_port_without_carrier_is_told_at_once(netns, told):
    netns.ip("link", "set", "far3", "down")
    assert report().maps["nics"]["veth_3"]["speed"] == 0


def test_the_management_interface_is_found_by_its_address(netns, told):
    kernel = Kernel()
    state = drive(kernel.observe(SCOPE))
    kernel.close()
    assert last_client_interface(state, "::ffff:192.0.2.7") == "red"


def test_statistics_are_of_every_link(netns, told):
    links = statistics(counters.read(), 1.0)["network"]
    assert set(links) == {one["ifname"] for one in netns.ip_json("link")}
    until = time.monotonic() + 10  # the kernel says up to a second later that a link is up (net/core/link_watch.c)
    while (links["red"]["state"], links["bond0"]["state"]) != ("up", "up"):
        assert time.monotonic() < until, links
        time.sleep(0.1)
        links = statistics(counters.read(), 1.0)["network"]


@pytest.mark.needs("qos")
def test_host_qos_is_what_the_kernel_was_told(netns, told, tmp_path):
    shares = {"vlan": 101, "link-share": {"m2": 50}, "upper-limit": {"m2": 100_000_000}, "real-time": {"m2": 5_000_000}}
    wanted = {"interfaces": [{"name": "bond0", "qos": {"classes": [shares]}}]}
    assert linkhold.apply(wanted, state_dir=tmp_path).outcome == "committed"
    said = {"ls": {"m1": 0, "d": 0, "m2": 50}, "ul": {"m1": 0, "d": 0, "m2": 100_000_000}}
    host_qos = {"out": {**said, "rt": {"m1": 0, "d": 0, "m2": 5_000_000}}}
    maps = report().maps
    assert maps["networks"]["red"]["hostQos"] == host_qos
    assert {"hostQos": host_qos, "vlan": 101} in maps["bondings"]["bond0"]["qos"]
    red = Spec("red", vlan=101, ipv4="192.0.2.7/24", gateway="192.0.2.1", ipv6="2001:db8::7/64", host_qos=host_qos)
    assert in_sync(maps, red) == []
