"""Addresses, gateways, name servers, MTUs, and what is kept: as the verbs say them and the kernel has them."""

import asyncio
import zlib

import pytest

from linkhold.wire.client import Client
from tests.agent.functional.flaps import stable
from tests.agent.functional.stranger import REMOVE, UNCHECKED, Stranger

pytestmark = pytest.mark.needs("namespace")

FOUR = {"ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}
SIX = {"ipv6addr": "2001:db8::7/64"}
BRIDGED = pytest.mark.parametrize("bridged", [True, False])
FAMILIES = pytest.mark.parametrize("said", [FOUR, SIX, {**FOUR, **SIX}], ids=["ipv4", "ipv6", "both"])


@BRIDGED
@FAMILIES
def test_static_addresses_come_change_and_go(stranger: Stranger, said: dict[str, str], bridged: bool) -> None:
    red = {"nic": "eth1", "bridged": bridged}
    stranger.setup({"red": {**red, **said}})
    others = {"ipaddr": "198.51.100.7", "netmask": "255.255.255.128", "ipv6addr": "2001:db8:1::7/48"}
    with stable(stranger.host.netns, "eth1"):
        stranger.setup({"red": {**red, **{key: others[key] for key in said}}})
        stranger.setup({"red": red})


def test_prefix_and_netmask_are_the_same(stranger: Stranger) -> None:
    first = stranger.setup({"red": {"nic": "eth1", **FOUR}})["networks"]
    assert stranger.setup({"red": {"nic": "eth1", "ipaddr": "192.0.2.7", "prefix": "24"}})["networks"] == first
    entry = first["red"]
    told = {
        key: entry[key]
        for key in ("addr", "netmask", "ipv4addrs", "ipv6addrs", "mtu", "dhcpv4", "gateway", "ipv6gateway")
    }
    assert told == {
        "addr": "192.0.2.7",
        "netmask": "255.255.255.0",
        "ipv4addrs": ["192.0.2.7/24"],
        "ipv6addrs": [],
        "mtu": "1500",
        "dhcpv4": False,
        "gateway": "",
        "ipv6gateway": "::",
    }


def test_one_address_after_another_on_the_same_card(stranger: Stranger) -> None:
    """The address moves to another network on another card, whose place the first one takes."""
    stranger.setup({"red": {"nic": "eth1", **FOUR}, "blue": {"nic": "eth2"}})
    stranger.setup({"red": {"nic": "eth1"}, "blue": {"nic": "eth2", **FOUR}})


@BRIDGED
def test_source_routing(stranger: Stranger, bridged: bool) -> None:
    """Of a network with a gateway that is not the way out; both families."""
    red = {"nic": "eth1", "bridged": bridged}
    way = {**FOUR, "gateway": "192.0.2.1", **SIX, "ipv6gateway": "2001:db8::1"}
    caps = stranger.setup({"red": {**red, **way}})
    assert caps["networks"]["red"]["gateway"] == "192.0.2.1"
    assert caps["networks"]["red"]["ipv4defaultroute"] is False
    stranger.setup({"red": {**red, **way, "gateway": "192.0.2.254"}})
    stranger.setup({"red": {**red, **FOUR}})
    stranger.setup({"red": {**red, **way}})
    stranger.setup({"red": REMOVE})
    table = str(zlib.adler32(b"red" if bridged else b"eth1"))
    assert not [one for one in stranger.host.netns.ip_json("rule") if str(one.get("table")) == table]
    assert zlib.adler32(b"ovirtmgmt") == 329647082, "the number that other hosts know"


def test_source_routes_that_somebody_deleted_come_back(stranger: Stranger) -> None:
    red = {"nic": "eth1", **FOUR, "gateway": "192.0.2.1"}
    stranger.setup({"red": red})
    netns = stranger.host.netns
    netns.ip("route", "flush", "table", str(zlib.adler32(b"red")))
    netns.ip("rule", "del", "priority", "3200")
    stranger.setup({"red": red})


@BRIDGED
def test_the_default_route_comes_and_goes(stranger: Stranger, bridged: bool) -> None:
    red = {"nic": "eth1", "bridged": bridged, **FOUR, "gateway": "192.0.2.1", **SIX, "ipv6gateway": "2001:db8::1"}
    caps = stranger.setup({"red": {**red, "defaultRoute": True, "nameservers": ["192.0.2.53", "2001:db8::53"]}})
    assert caps["nameservers"] == ["192.0.2.53", "2001:db8::53"]
    caps = stranger.setup({"red": {**red, "defaultRoute": False, "nameservers": []}})
    assert caps["nameservers"] == []


def test_the_default_route_moves_to_another_network(stranger: Stranger) -> None:
    """Only the one that gets it is named: the other one loses it, and nothing else."""
    red = {"nic": "eth1", **FOUR, "gateway": "192.0.2.1", "defaultRoute": True, "nameservers": ["192.0.2.53"]}
    blue = {"nic": "eth2", "ipaddr": "198.51.100.7", "netmask": "255.255.255.0", "gateway": "198.51.100.1"}
    stranger.setup({"red": red, "blue": blue})
    stranger.networks["red"] = {**red, "defaultRoute": False, "nameservers": []}
    with stable(stranger.host.netns, "eth1", "red", "eth2", "blue"):
        caps = stranger.setup({"blue": {**blue, "defaultRoute": True, "nameservers": ["198.51.100.53"]}})
    assert caps["nameservers"] == ["198.51.100.53"]
    stranger.setup({"blue": REMOVE, "red": red})


def test_a_gateway_changes_on_the_way_out(stranger: Stranger) -> None:
    red = {"nic": "eth1", **FOUR, "gateway": "192.0.2.1", "defaultRoute": True}
    stranger.setup({"red": red})
    with stable(stranger.host.netns, "eth1", "red"):
        stranger.setup({"red": {**red, "gateway": "192.0.2.2"}})
        stranger.setup({"red": {**FOUR, "nic": "eth1"}})


def test_name_servers_that_are_not_said_stay(stranger: Stranger) -> None:
    red = {"nic": "eth1", **FOUR, "gateway": "192.0.2.1", "defaultRoute": True}
    stranger.setup({"red": {**red, "nameservers": ["192.0.2.53"]}})
    assert stranger.setup({"red": {**red, "mtu": 1400}})["nameservers"] == ["192.0.2.53"]
    assert stranger.setup({"red": {**red, "nameservers": ["192.0.2.54"]}})["nameservers"] == ["192.0.2.54"]


def test_the_gateway_of_an_engine_that_means_none(stranger: Stranger) -> None:
    caps = stranger.setup({"red": {"nic": "eth1", **SIX, "ipv6gateway": "::"}})
    assert caps["networks"]["red"]["ipv6gateway"] == "::"


@BRIDGED
def test_mtus(stranger: Stranger, bridged: bool) -> None:
    red = {"nic": "eth1", "bridged": bridged, **FOUR}
    for mtu in (2000, 9000, 1500, 1300):
        caps = stranger.setup({"red": {**red, "mtu": mtu}})
        assert caps["nics"]["eth1"]["mtu"] == str(mtu)
    assert stranger.setup({"red": red})["nics"]["eth1"]["mtu"] == "1500"
    stranger.setup({"red": {**red, "mtu": "2000"}})
    assert stranger.setup({"red": REMOVE})["nics"]["eth1"]["mtu"] == "1500"


def test_the_mtu_of_a_bridge_that_loses_its_port(stranger: Stranger) -> None:
    """Until somebody has set it, the kernel lets it follow the ports."""
    stranger.setup({"red": {"nic": "eth1", "mtu": 1400}})
    stranger.setup({"red": {"mtu": 1400}})
    stranger.setup({"red": {"nic": "eth2", "mtu": 1400}})


def test_further_addresses(stranger: Stranger) -> None:
    custom = {"ipv4_addrs": "192.0.2.8/24,203.0.113.7/25"}
    caps = stranger.setup({"red": {"nic": "eth1", **FOUR, "custom": custom}})
    assert caps["networks"]["red"]["addr"] == "192.0.2.7"
    assert set(caps["networks"]["red"]["ipv4addrs"]) == {"192.0.2.7/24", "192.0.2.8/24", "203.0.113.7/25"}
    assert stranger.setup({"red": {"nic": "eth1", **FOUR}})["networks"]["red"]["ipv4addrs"] == ["192.0.2.7/24"]


def test_options_of_bridges(stranger: Stranger) -> None:
    custom = {"bridge_opts": "multicast_querier=1 ageing_time=20000 forward_delay=400"}
    caps = stranger.setup({"red": {"nic": "eth1", "custom": custom}})
    opts = caps["bridges"]["red"]["opts"]
    wanted = {"multicast_querier": "1", "ageing_time": "20000", "forward_delay": "400"}
    assert {key: opts.get(key) for key in wanted} == wanted
    stranger.setup({"red": {"nic": "eth1", "custom": {"bridge_opts": "ageing_time=30000"}}})


def test_what_was_not_kept_is_told(stranger: Stranger) -> None:
    assert stranger.caps()["netConfigDirty"] == "False"
    assert stranger.setup({"red": {"nic": "eth1"}})["netConfigDirty"] == "True"
    assert stranger.host.stored("safe")["networks"] == {}
    assert stranger.call("Host.setSafeNetworkConfig") is True
    assert stranger.caps()["netConfigDirty"] == "False"
    assert stranger.host.stored("safe") == stranger.host.stored("running")
    assert stranger.setup({"red": REMOVE}, commitOnSuccess=True)["netConfigDirty"] == "False"
    assert stranger.host.stored("safe")["networks"] == {}
    assert stranger.refused({"red": REMOVE}, commitOnSuccess=True).code == 27
    assert stranger.caps()["netConfigDirty"] == "False"


def test_the_comparison_sees_what_is_wrong(stranger: Stranger) -> None:
    """Of the tests of this folder themselves: whatever somebody spoils behind the agent's back is found."""
    red = {"nic": "eth1", **FOUR, "gateway": "192.0.2.1"}
    netns = stranger.host.netns
    for spoil in (
        "address del 192.0.2.7/24 dev red",
        "link set red mtu 1400",
        "link set eth1 nomaster",
        "link del red",
        "rule del priority 3200",
        "link add other type bridge",
    ):
        stranger.setup({"red": red})
        netns.ip(*spoil.split())
        stranger.foreign.add("other")
        known, stranger.foreign = stranger.foreign, set()
        with pytest.raises(AssertionError):
            stranger.agree()
        stranger.foreign = known


def test_a_change_that_waits_is_seen_when_it_is_over(stranger: Stranger) -> None:
    """What is reported while the check goes on is what was before; the one who asked is heard by what it asks."""
    networks = {"red": {"nic": "eth1"}}
    params = {"networks": networks, "bondings": {}, "options": {"connectivityCheck": "true"}}

    async def patient(client: Client) -> None:
        task = asyncio.ensure_future(client.call("Host.setupNetworks", params))
        while not task.done():
            await client.call("Host.confirmConnectivity")
            await asyncio.sleep(0.05)
        assert await task == {"code": 0, "message": "Done"}

    stranger.during(patient)
    stranger.remember(networks, {})
    stranger.agree()


def test_nobody_is_heard(stranger: Stranger) -> None:
    """Everything comes back: addresses, MTU, options of the bridge, name servers, what is stored."""
    red = {"nic": "eth1", **FOUR, "gateway": "192.0.2.1", "defaultRoute": True, "nameservers": ["192.0.2.53"]}
    stranger.setup({"red": red, "blue": {"nic": "eth2"}})
    changed = {
        "red": {
            **red,
            "nic": "eth3",
            "ipaddr": "192.0.2.8",
            "mtu": 1400,
            "custom": {"bridge_opts": "ageing_time=20000"},
        },
        "blue": REMOVE,
        "green": {"nic": "eth4", "bridged": False, "ipaddr": "198.51.100.1", "prefix": 24},
    }
    error = stranger.refused(changed, connectivityCheck=True, connectivityTimeout=1)
    assert (error.code, error.message.startswith("connectivity check failed")) == (10, True)
    stranger.agree()


def test_an_empty_request(stranger: Stranger) -> None:
    stranger.setup({})
    assert stranger.call("Host.setupNetworks", {"networks": {}, "bondings": {}, "options": UNCHECKED})["code"] == 0
