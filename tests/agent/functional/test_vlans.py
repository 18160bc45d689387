"""VLANs over cards; shares of what a card sends."""

import subprocess
import typing

import pytest

from tests.agent.functional.flaps import stable
from tests.agent.functional.stranger import REMOVE, Stranger

pytestmark = pytest.mark.needs("namespace", "vlan", "qos")

Plain = dict[str, typing.Any]

FOUR = {"ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}


@pytest.mark.parametrize("bridged", [True, False])
def test_a_tagged_network_comes_and_goes(stranger: Stranger, bridged: bool) -> None:
    red = {"nic": "eth1", "vlan": "101", "bridged": bridged, **FOUR}
    with stable(stranger.host.netns, "eth1", "eth2"):
        stranger.setup({"red": red})
        stranger.setup({"red": {**red, "vlan": 102}})
    stranger.setup({"red": {key: value for key, value in red.items() if key != "vlan"}})


def test_tagged_and_untagged_on_one_card(stranger: Stranger) -> None:
    stranger.setup({"plain": {"nic": "eth1", **FOUR}, "red": {"nic": "eth1", "vlan": 101}})
    with stable(stranger.host.netns, "eth1", "plain", "red"):
        stranger.setup({"blue": {"nic": "eth1", "vlan": 102, "bridged": False, "ipaddr": "198.51.100.7", "prefix": 24}})
    with stable(stranger.host.netns, "red"):
        stranger.setup({"plain": REMOVE, "blue": REMOVE})


def test_networks_swap_their_tags(stranger: Stranger) -> None:
    stranger.setup({"red": {"nic": "eth1", "vlan": 101, **FOUR}, "blue": {"nic": "eth1", "vlan": 102}})
    stranger.setup({"red": {"nic": "eth1", "vlan": 102, **FOUR}, "blue": {"nic": "eth1", "vlan": 101}})


def test_the_edges_of_tags(stranger: Stranger) -> None:
    """0 is a tag, too; vdsm took it for none in some places."""
    stranger.setup(
        {"zero": {"nic": "eth1", "vlan": 0}, "last": {"nic": "eth1", "vlan": 4094}, "plain": {"nic": "eth1"}}
    )


def test_a_tagged_network_over_a_card_with_an_address(stranger: Stranger) -> None:
    """The card keeps what somebody gave it: the connection to the centre may go over it."""
    netns = stranger.host.netns
    netns.ip("address", "add", "203.0.113.7/24", "dev", "eth1")
    with stable(netns, "eth1"):
        stranger.setup({"red": {"nic": "eth1", "vlan": 101, **FOUR}})
        stranger.setup({"red": REMOVE})
    assert [one["local"] for one in netns.ip_json("-4", "address", "show", "eth1")[0]["addr_info"]] == ["203.0.113.7"]
    netns.ip("address", "flush", "dev", "eth1", "scope", "global")


def test_mtus_on_one_card(stranger: Stranger) -> None:
    def mtu() -> int:
        return int(stranger.host.netns.ip_json("link", "show", "eth1")[0]["mtu"])

    stranger.setup(
        {"red": {"nic": "eth1", "vlan": 101, "mtu": 2000}, "blue": {"nic": "eth1", "vlan": 102, "mtu": 3000}}
    )
    assert mtu() == 3000
    stranger.setup({"blue": {"nic": "eth1", "vlan": 102, "mtu": 1400}})
    assert mtu() == 2000
    stranger.setup({"plain": {"nic": "eth1", "mtu": 9000}})
    stranger.setup({"red": {"nic": "eth1", "vlan": 101, "mtu": 1500}})
    assert mtu() == 9000
    stranger.setup({"plain": REMOVE})
    assert mtu() == 1500


def test_the_name_of_a_vlan_that_is_something_else(stranger: Stranger) -> None:
    netns = stranger.host.netns
    netns.ip("link", "add", "link", "eth1", "name", "other", "type", "vlan", "id", "101")
    stranger.foreign.add("other")
    error = stranger.refused({"red": {"nic": "eth1", "vlan": 101}})
    assert (error.code, "other" in error.message) == (26, True)


# -- shares -----------------------------------------------------------------------------------------------------------


def out(share: int, limit: int = 0, promise: int = 0) -> Plain:
    rates = {"ls": share, **({"ul": limit} if limit else {}), **({"rt": promise} if promise else {})}
    return {"out": {name: {"m2": rate} for name, rate in rates.items()}}


def classes(stranger: Stranger, card: str) -> dict[str, str]:
    """What tc(8) says of each class."""
    with stranger.host.netns.entered():
        text = subprocess.run(["tc", "class", "show", "dev", card], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=3) for line in text.splitlines() if line.startswith("class hfsc")]
    return {words[2]: words[3] for words in lines}


def test_shares_and_limits(stranger: Stranger) -> None:
    stranger.setup({"red": {"nic": "eth1", "vlan": 101, "hostQos": out(50, 100_000_000, 10_000_000)}})
    found = classes(stranger, "eth1")
    assert "1389:65" in found, "class of VLAN 101 by its hexadecimal number"
    assert "1389:1388" in found, "the class of what is not tagged"
    with stable(stranger.host.netns, "eth1", "red"):
        caps = stranger.setup({"plain": {"nic": "eth1", "hostQos": out(30)}})
        stranger.setup({"red": {"nic": "eth1", "vlan": 101, "hostQos": out(60)}})
    assert {entry["vlan"] for entry in caps["nics"]["eth1"]["qos"]} == {-1, 101}
    stranger.setup({"red": {"nic": "eth1", "vlan": 101}})
    stranger.setup({"plain": {"nic": "eth1"}})
    assert classes(stranger, "eth1") == {}
    assert not stranger.caps()["nics"]["eth1"].get("qos")


def test_shares_are_taken_back_with_the_rest(stranger: Stranger) -> None:
    stranger.setup({"red": {"nic": "eth1", "vlan": 101, "hostQos": out(50)}})
    before = classes(stranger, "eth1")
    asked = {"red": {"nic": "eth1", "vlan": 101, "hostQos": out(70)}, "blue": {"nic": "eth2", "hostQos": out(10)}}
    assert stranger.refused(asked, connectivityCheck=True, connectivityTimeout=1).code == 10
    assert (classes(stranger, "eth1"), classes(stranger, "eth2")) == (before, {})


def test_shares_end_with_their_network(stranger: Stranger) -> None:
    stranger.setup({"red": {"nic": "eth1", "vlan": 101, "hostQos": out(50)}, "blue": {"nic": "eth1", "vlan": 102}})
    stranger.setup({"red": REMOVE})
    assert classes(stranger, "eth1") == {}
