"""Networks over cards: made, changed, moved, removed, several at once."""

import typing

import pytest

from tests.agent.functional.flaps import stable
from tests.agent.functional.stranger import REMOVE, Stranger

pytestmark = pytest.mark.needs("namespace")

STATIC = {"ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}


@pytest.mark.parametrize("bridged", [True, False])
def test_a_network_comes_and_goes(stranger: Stranger, bridged: bool) -> None:
    with stable(stranger.host.netns, "eth2", "eth3"):
        stranger.setup({"red": {"nic": "eth1", "bridged": bridged}})
        stranger.setup({"red": REMOVE})


@pytest.mark.parametrize("bridged", [True, False])
def test_said_again_nothing_happens(stranger: Stranger, bridged: bool) -> None:
    red = {"red": {"nic": "eth1", "bridged": bridged, **STATIC}}
    first = stranger.setup(red)
    with stable(stranger.host.netns, "eth1", *(["red"] if bridged else [])):
        assert stranger.setup(red)["networks"] == first["networks"]


def test_removed_twice(stranger: Stranger) -> None:
    stranger.setup({"red": {"nic": "eth1"}})
    stranger.setup({"red": REMOVE})
    error = stranger.refused({"red": REMOVE})
    assert (error.code, error.message) == (27, "Cannot delete network red: It doesn't exist in the system")


def test_a_bridge_over_nothing(stranger: Stranger) -> None:
    stranger.setup({"red": {"bridged": True}})
    stranger.setup({"red": {"bridged": True, **STATIC}})
    stranger.setup({"red": {"bridged": True, "nic": "eth1"}})
    stranger.setup({"red": {"bridged": True}})


def test_from_bridged_to_bridgeless_and_back(stranger: Stranger) -> None:
    for bridged in (True, False, True):
        with stable(stranger.host.netns, "eth2"):
            stranger.setup({"red": {"nic": "eth1", "bridged": bridged, **STATIC}})


@pytest.mark.parametrize("bridged", [True, False])
def test_from_one_card_to_another(stranger: Stranger, bridged: bool) -> None:
    red = {"nic": "eth1", "bridged": bridged, **STATIC}
    stranger.setup({"red": red})
    with stable(stranger.host.netns, "eth3"):
        stranger.setup({"red": {**red, "nic": "eth2"}})
    assert stranger.host.netns.ip_json("address", "show", "eth1")[0]["addr_info"] == []


def test_cards_change_places(stranger: Stranger) -> None:
    other = {"ipaddr": "198.51.100.7", "netmask": "255.255.255.0"}
    stranger.setup({"red": {"nic": "eth1", **STATIC}, "blue": {"nic": "eth2", **other}})
    stranger.setup({"red": {"nic": "eth2", **STATIC}, "blue": {"nic": "eth1", **other}})


def test_a_card_changes_hands_in_one_request(stranger: Stranger) -> None:
    stranger.setup({"red": {"nic": "eth1", **STATIC}})
    stranger.setup({"red": REMOVE, "blue": {"nic": "eth1", "bridged": False, **STATIC}})
    stranger.setup({"blue": REMOVE, "red": {"nic": "eth1", **STATIC}})


def test_several_networks_in_one_request(stranger: Stranger) -> None:
    many: dict[str, typing.Any] = {
        f"net{number}": {
            "nic": f"eth{number}",
            "bridged": number % 2 == 0,
            "ipaddr": f"198.51.100.{16 * number + 1}",
            "prefix": 28,
            "mtu": 1400 + number,
        }
        for number in range(1, 6)
    }
    stranger.setup(many)
    with stable(stranger.host.netns, "eth1", "eth3", "eth5", "net4"):
        stranger.setup({"net2": REMOVE})
    stranger.setup(dict.fromkeys(stranger.networks, REMOVE))


def test_over_a_card_with_an_address_that_somebody_gave_it(stranger: Stranger) -> None:
    """The network takes the place of what was set up by hand: the same address, now on the bridge, by the same MAC."""
    netns = stranger.host.netns
    mac = netns.ip_json("link", "show", "eth1")[0]["address"]
    netns.ip("address", "add", "192.0.2.7/24", "dev", "eth1")
    stranger.setup({"red": {"nic": "eth1", **STATIC}})
    assert netns.ip_json("link", "show", "red")[0]["address"] == mac


def test_a_bridge_that_was_there_is_taken_over(stranger: Stranger) -> None:
    netns = stranger.host.netns
    netns.ip("link", "add", "red", "type", "bridge")
    netns.ip("link", "set", "eth1", "master", "red")
    assert stranger.caps()["networks"] == {}
    assert stranger.caps()["bridges"]["red"]["ports"] == ["eth1"]
    stranger.setup({"red": {"nic": "eth1"}})


def test_ports_of_others_stay(stranger: Stranger) -> None:
    netns = stranger.host.netns
    stranger.setup({"red": {"nic": "eth1"}})
    netns.ip("link", "add", "vnet0", "type", "veth", "peer", "name", "guest0")
    netns.ip("link", "set", "vnet0", "up", "master", "red")
    stranger.foreign |= {"vnet0", "guest0"}
    with stable(netns, "eth1", "red"):
        caps = stranger.setup({"red": {"nic": "eth1", **STATIC}})
    assert caps["networks"]["red"]["ports"] == ["eth1", "vnet0"]
    stranger.setup({"red": {"nic": "eth2", **STATIC}})
    assert stranger.caps()["bridges"]["red"]["ports"] == ["eth2", "vnet0"]
    stranger.setup({"red": REMOVE})


def test_a_removed_network_whose_bridge_is_gone_already(stranger: Stranger) -> None:
    stranger.setup({"red": {"nic": "eth1"}})
    stranger.host.netns.ip("link", "del", "red")
    assert stranger.caps()["networks"] == {}
    stranger.setup({"red": REMOVE})


def test_a_bridge_that_was_deleted_is_made_again(stranger: Stranger) -> None:
    stranger.setup({"red": {"nic": "eth1", **STATIC}})
    stranger.host.netns.ip("link", "del", "red")
    stranger.setup({"red": {"nic": "eth1", **STATIC}})


def test_spanning_tree(stranger: Stranger) -> None:
    for said in ("yes", "no", "on", "off", True, False):
        caps = stranger.setup({"red": {"nic": "eth1", "STP": said}})
        assert caps["bridges"]["red"]["stp"] == ("on" if said in ("yes", "on", True) else "off")


def test_texts_as_an_engine_sends_them(stranger: Stranger) -> None:
    red = {"nic": "eth1", "bridged": "false", "mtu": "1400", "defaultRoute": "false", "bootproto": "none", "vlan": ""}
    stranger.setup({"red": red})
    stranger.setup({"red": {"remove": "true"}})
    stranger.setup({"red": {"nic": "eth1", "bridged": "yes"}})
    stranger.setup({"red": {"nic": "eth1", "remove": False}})


def test_custom_properties_are_kept(stranger: Stranger) -> None:
    stranger.setup({"red": {"nic": "eth1", "custom": {"mine": "yours"}}})
    assert stranger.host.stored("running")["networks"]["red"]["custom"] == {"mine": "yours"}
    stranger.setup({"red": {"remove": True, "custom": {"mine": "yours"}}})
