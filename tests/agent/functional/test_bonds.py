"""Bonds: their ports, modes, options and MACs; networks on them; those of others; cards that move in and out."""

import typing

import pytest

from tests.agent.functional.flaps import stable
from tests.agent.functional.stranger import REMOVE, Stranger

pytestmark = pytest.mark.needs("namespace", "bond", "vlan")

Plain = dict[str, typing.Any]

FOUR = {"ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}
ENGINE = "mode=4 miimon=100 xmit_hash_policy=2"


def bond(*ports: str, options: str = "mode=1", **more: typing.Any) -> Plain:
    return {"bond0": {"nics": list(ports), "options": options, **more}}


@pytest.mark.parametrize(("bridged", "vlan"), [(True, None), (False, 101)])
def test_a_network_over_a_bond_comes_and_goes(stranger: Stranger, bridged: bool, vlan: int | None) -> None:
    red = {"bonding": "bond0", "bridged": bridged, **FOUR, **({"vlan": vlan} if vlan else {})}
    with stable(stranger.host.netns, "eth3"):
        stranger.setup({"red": red}, bond("eth1", "eth2", options=ENGINE))
        stranger.setup({"red": REMOVE})


def test_every_mode(stranger: Stranger) -> None:
    def modes(caps: Plain) -> dict[str, str]:
        return {name: entry["opts"]["mode"] for name, entry in caps["bondings"].items()}

    five = {f"bond{mode}": {"nics": [f"eth{mode + 1}"], "options": f"mode={mode}"} for mode in range(5)}
    assert modes(stranger.setup({}, five)) == {f"bond{mode}": str(mode) for mode in range(5)}
    others = {"bond0": "mode=balance-tlb", "bond1": "mode=6", "bond2": "mode=802.3ad", "bond3": "", "bond4": "mode=1"}
    changed = {name: {**five[name], "options": options} for name, options in others.items()}
    assert list(modes(stranger.setup({}, changed)).values()) == ["5", "6", "4", "0", "1"]


def test_ports_come_and_go(stranger: Stranger) -> None:
    stranger.setup({"red": {"bonding": "bond0", **FOUR}}, bond("eth1", "eth2"))
    with stable(stranger.host.netns, "red", "bond0", "eth1"):
        stranger.setup({}, bond("eth1", "eth2", "eth3"))
        stranger.setup({}, bond("eth3", "eth1"))
    stranger.setup({}, bond("eth4", "eth5"))


def test_options_are_those_of_the_request(stranger: Stranger) -> None:
    options = "mode=4 miimon=150 lacp_rate=1 xmit_hash_policy=1"
    opts = stranger.setup({}, bond("eth1", "eth2", options=options))["bondings"]["bond0"]["opts"]
    assert opts == {"mode": "4", "miimon": "150", "lacp_rate": "1", "xmit_hash_policy": "1"}
    words = "mode=802.3ad miimon=150 lacp_rate=fast xmit_hash_policy=layer3+4"
    with stable(stranger.host.netns, "bond0"):
        again = stranger.setup({}, bond("eth1", "eth2", options=words))
    assert again["bondings"]["bond0"]["opts"] == opts
    opts = stranger.setup({}, bond("eth1", "eth2", options="mode=4 miimon=120"))["bondings"]["bond0"]["opts"]
    assert opts == {"mode": "4", "miimon": "120"}


def test_monitoring_by_arp(stranger: Stranger) -> None:
    options = "mode=1 arp_interval=1000 arp_ip_target=192.0.2.1,192.0.2.2"
    opts = stranger.setup({}, bond("eth1", "eth2", options=options))["bondings"]["bond0"]["opts"]
    assert (opts["arp_interval"], opts["arp_ip_target"]) == ("1000", "192.0.2.1,192.0.2.2")
    opts = stranger.setup({}, bond("eth1", "eth2", options="mode=1 miimon=100"))["bondings"]["bond0"]["opts"]
    assert opts == {"mode": "1", "miimon": "100"}


def test_the_active_port_and_the_primary_one(stranger: Stranger) -> None:
    def told(options: str) -> tuple[str, str]:
        entry = stranger.setup({}, bond("eth1", "eth2", options=options))["bondings"]["bond0"]
        return entry["active_slave"], entry["opts"].get("primary", "")

    assert told("mode=1 primary=eth2 miimon=100") == ("eth2", "eth2")
    active, primary = told("mode=1 miimon=100")
    assert (active in ("eth1", "eth2"), primary) == (True, "")


def test_the_mac_of_a_bond(stranger: Stranger) -> None:
    """It is given, and kept when ports change; the bridge above has it as well."""
    mac = "02:00:5e:10:00:01"
    caps = stranger.setup({"red": {"bonding": "bond0", **FOUR}}, bond("eth1", "eth2", hwaddr=mac))
    assert caps["bondings"]["bond0"]["hwaddr"].lower() == mac
    assert stranger.host.netns.ip_json("link", "show", "red")[0]["address"] == mac
    caps = stranger.setup({}, bond("eth3", "eth2", hwaddr=mac))
    assert caps["bondings"]["bond0"]["hwaddr"].lower() == mac
    assert caps["nics"]["eth3"]["permhwaddr"].lower() == "02:00:5e:00:00:03"


def test_a_card_moves_from_a_network_into_a_bond(stranger: Stranger) -> None:
    """What a port of a bridge becomes at once; in one request, and back."""
    stranger.setup({"red": {"nic": "eth1", **FOUR}})
    stranger.setup({"red": {"bonding": "bond0", **FOUR}}, bond("eth1", "eth2"))
    stranger.setup({"red": {"nic": "eth1", **FOUR}}, {"bond0": REMOVE})


def test_a_card_moves_from_one_bond_to_another(stranger: Stranger) -> None:
    stranger.setup({}, {"bond0": {"nics": ["eth1", "eth2"]}, "bond1": {"nics": ["eth3", "eth4"]}})
    stranger.setup({}, {"bond0": {"nics": ["eth1"]}, "bond1": {"nics": ["eth2", "eth3", "eth4"]}})
    stranger.setup({}, {"bond0": REMOVE, "bond1": {"nics": ["eth1", "eth2"]}})


def test_a_network_moves_between_bonds(stranger: Stranger) -> None:
    two = {"bond0": {"nics": ["eth1"]}, "bond1": {"nics": ["eth2"]}}
    stranger.setup({"red": {"bonding": "bond0", "vlan": 101, **FOUR}, "blue": {"bonding": "bond0"}}, two)
    with stable(stranger.host.netns, "bond0", "bond1", "blue"):
        stranger.setup({"red": {"bonding": "bond1", "vlan": 101, **FOUR}})


def test_a_bond_of_others_stays_as_it_is(stranger: Stranger) -> None:
    """With its mode and options, which nobody has asked to change (vdsm made it balance-rr)."""
    netns = stranger.host.netns
    netns.ip("link", "add", "bond9", "type", "bond", "mode", "802.3ad", "miimon", "130", "lacp_rate", "fast")
    for card in ("eth1", "eth2"):
        netns.ip("link", "set", card, "down")
        netns.ip("link", "set", card, "master", "bond9")
    netns.ip("link", "set", "bond9", "up")
    stranger.foreign.add("bond9")
    opts = {"mode": "4", "miimon": "130", "lacp_rate": "1"}
    assert stranger.caps()["bondings"]["bond9"]["opts"] == opts
    with stable(netns, "eth3"):
        caps = stranger.setup({"red": {"bonding": "bond9", "vlan": 101, **FOUR}})
    assert caps["bondings"]["bond9"]["opts"] == opts
    assert caps["bondings"]["bond9"]["slaves"] == ["eth1", "eth2"]
    stranger.setup({"red": REMOVE})
    assert stranger.caps()["bondings"]["bond9"]["opts"] == opts
    netns.ip("link", "del", "bond9")
    for card in ("eth1", "eth2"):  # the kernel leaves ports down
        netns.ip("link", "set", card, "up")


def test_a_bond_below_a_network_that_somebody_deleted_comes_back(stranger: Stranger) -> None:
    stranger.setup({"red": {"bonding": "bond0", **FOUR}}, bond("eth1", "eth2", options=ENGINE))
    stranger.host.netns.ip("link", "del", "bond0")
    stranger.setup({"red": {"bonding": "bond0", **FOUR}})


def test_what_fails_for_one_leaves_all_as_it_was(stranger: Stranger) -> None:
    """What is known to be wrong, and what nobody answers to."""
    stranger.setup({"red": {"bonding": "bond0", "vlan": 101, **FOUR}, "blue": {"nic": "eth3"}}, bond("eth1", "eth2"))
    changed = {"red": {"bonding": "bond0", "vlan": 102, **FOUR}, "blue": {"nic": "eth4"}}
    assert stranger.refused({**changed, "green": {"nic": "eth9"}}).code == 23
    error = stranger.refused(
        changed, bond("eth1", "eth5", options=ENGINE), connectivityCheck=True, connectivityTimeout=1
    )
    assert error.code == 10
    stranger.agree()


def test_mtus_of_bonds(stranger: Stranger) -> None:
    """Ports follow; what several networks share has the largest; a network that is not named counts as well."""

    def sizes() -> dict[str, int]:
        return {
            name: link["mtu"] for name, link in _links(stranger).items() if name in ("bond0", "eth1", "eth2", "eth3")
        }

    stranger.setup({"untagged": {"bonding": "bond0", "mtu": 9000}}, bond("eth1", "eth2"))
    assert sizes() == {"bond0": 9000, "eth1": 9000, "eth2": 9000, "eth3": 1500}
    stranger.setup({"red": {"bonding": "bond0", "vlan": 101, "mtu": 2000}})
    assert sizes()["bond0"] == 9000, "vdsm lowered it below the network without a tag"
    stranger.setup({"untagged": REMOVE})
    assert sizes() == {"bond0": 2000, "eth1": 2000, "eth2": 2000, "eth3": 1500}
    stranger.setup({}, bond("eth2", "eth3"))
    assert sizes() == {"bond0": 2000, "eth1": 1500, "eth2": 2000, "eth3": 2000}
    stranger.setup({"red": REMOVE})
    assert sizes() == {"bond0": 1500, "eth1": 1500, "eth2": 1500, "eth3": 1500}


def test_a_card_leaves_a_bond_with_the_mtu_it_had_in_there(stranger: Stranger) -> None:
    """The kernel gives it back the one from before, which was that of a network."""
    stranger.setup({"red": {"nic": "eth1", "mtu": 1400}})
    stranger.setup({"red": {"bonding": "bond0"}}, bond("eth1"))
    stranger.setup({"red": REMOVE}, {"bond0": REMOVE})
    assert _links(stranger)["eth1"]["mtu"] == 1500


def _links(stranger: Stranger) -> dict[str, Plain]:
    return {link["ifname"]: link for link in stranger.host.netns.ip_json("link")}


def test_many_things_in_one_request(stranger: Stranger) -> None:
    networks: Plain = {
        "ovirtmgmt": {
            "nic": "eth1",
            **FOUR,
            "gateway": "192.0.2.1",
            "defaultRoute": True,
            "nameservers": ["192.0.2.53"],
        },
        "storage": {"bonding": "bond0", "bridged": False, "ipaddr": "198.51.100.7", "prefix": 25, "mtu": 9000},
        "vm1": {"bonding": "bond0", "vlan": "101", "mtu": 1500},
        "vm2": {"bonding": "bond1", "vlan": "102", "ipv6addr": "2001:db8::7/64", "ipv6gateway": "::"},
    }
    bonds = {"bond0": {"nics": ["eth2", "eth3"], "options": ENGINE}, "bond1": {"nics": ["eth4"], "options": "mode=1"}}
    stranger.setup(networks, bonds)
    with stable(stranger.host.netns, "eth1", "ovirtmgmt", "bond0", "eth2", "eth3"):
        stranger.setup({"vm2": REMOVE, "vm1": {"bonding": "bond0", "vlan": "103"}}, {"bond1": REMOVE})
    stranger.setup({"storage": REMOVE, "vm1": REMOVE}, {"bond0": REMOVE})
