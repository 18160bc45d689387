"""Beside NetworkManager, which manages all cards and has profiles of its own for them."""

import pytest

from tests.agent.functional.flaps import stable
from tests.agent.functional.stranger import REMOVE, Stranger

pytestmark = pytest.mark.needs("namespace")

FOUR = {"ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}


def nmcli(stranger: Stranger, words: str) -> str:
    return str(stranger.host.do("networkmanager", "nmcli", words))


@pytest.mark.parametrize("bridged", [True, False])
def test_a_network_comes_changes_and_goes(managed: Stranger, bridged: bool) -> None:
    red = {"nic": "eth1", "bridged": bridged, **FOUR, "gateway": "192.0.2.1"}
    with stable(managed.host.netns, "eth2"):
        managed.setup({"red": {**red, "defaultRoute": True}})
        managed.setup({"red": {**red, "ipaddr": "192.0.2.8", "mtu": 1400}})
        managed.setup({"red": REMOVE})


def test_silence_takes_everything_back_with_the_profiles(managed: Stranger) -> None:
    nmcli(managed, "connection add type ethernet con-name office ifname eth2 ip4 198.51.100.9/24 ipv6.method disabled")
    managed.host.do("networkmanager", "wait_for_state", "eth2", "connected")
    managed.setup({"red": {"nic": "eth1", **FOUR}})
    before = nmcli(managed, "-g NAME,DEVICE connection")
    changed = {"red": {"nic": "eth2", "bridged": False, **FOUR}, "blue": {"nic": "eth1", "mtu": 1400}}
    assert managed.refused(changed, connectivityCheck=True, connectivityTimeout=1).code == 10
    assert nmcli(managed, "-g NAME,DEVICE connection") == before
    nmcli(managed, "connection delete office")


@pytest.mark.needs("bond", "vlan")
def test_vlans_over_a_bond(managed: Stranger) -> None:
    bond = {"bond0": {"nics": ["eth1", "eth2"], "options": "mode=1 miimon=100"}}
    networks = {"red": {"bonding": "bond0", "vlan": 101, **FOUR}, "blue": {"bonding": "bond0", "bridged": False}}
    managed.setup(networks, bond)
    with stable(managed.host.netns, "bond0", "red"):
        managed.setup({"blue": {**networks["blue"], "ipaddr": "198.51.100.7", "prefix": 24}})
    managed.setup({"red": {"nic": "eth1", **FOUR}, "blue": REMOVE}, {"bond0": REMOVE})
