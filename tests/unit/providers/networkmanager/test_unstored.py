"""Profiles that say otherwise than what is in force."""

import typing

import pytest

from linkhold.providers.networkmanager.unstored import as_stored, unstored
from linkhold.state.interfaces.bond import Bond
from linkhold.state.interfaces.common import Interface
from linkhold.state.interfaces.ip import Ip, IpAddress, Ipv4
from linkhold.state.interfaces.veth import Veth

Settings = dict[str, dict[str, typing.Any]]


def card(*addresses: str, **connection: typing.Any) -> Settings:
    """A profile with static addresses."""
    listed = [{"address": one, "prefix": 24} for one in addresses]
    named = {"id": "eth1", "type": "802-3-ethernet", "interface-name": "eth1", **connection}
    return {"connection": named, "ipv4": {"method": "manual", "address-data": listed}, "ipv6": {"method": "disabled"}}


def bond(**options: str) -> Settings:
    """A profile of a bond."""
    return {"connection": {"id": "bond0", "type": "bond", "interface-name": "bond0"}, "bond": {"options": options}}


@pytest.mark.parametrize(
    ("stored", "paths"),
    [
        (card("192.0.2.1"), ()),
        (card("192.0.2.1", timestamp=7, zone="dmz", id="office"), ()),
        (card("192.0.2.7"), ("ipv4.address[192.0.2.1/24]", "ipv4.address[192.0.2.7/24]")),
        ({**card("192.0.2.1"), "ipv6": {"method": "auto"}}, ("ipv6.enabled", "ipv6.dhcp", "ipv6.autoconf")),
        ({**card("192.0.2.1"), "802-3-ethernet": {"mtu": 1400}}, ("mtu",)),
        ({**card("192.0.2.1"), "802-1x": {"identity": "me"}}, ()),
    ],
)
def test_what_is_told_apart(stored: Settings, paths: tuple[str, ...]) -> None:
    assert set(unstored(card("192.0.2.1"), stored, "eth1")) == set(paths)


def test_routes_and_rules_are_told_by_their_sections() -> None:
    stored = card("192.0.2.1")
    stored["ipv4"]["route-data"] = [{"dest": "203.0.113.0", "prefix": 24, "next-hop": "192.0.2.9"}]
    stored["ipv6"]["routing-rules"] = [{"priority": 7}]
    assert unstored(card("192.0.2.1"), stored, "eth1") == ("routes", "route-rules")


def section(interface: Interface) -> Ip:
    assert isinstance(interface.ipv4, Ip)
    return interface.ipv4


def test_addresses_of_others_are_neither_in_force_nor_stored_and_stay() -> None:
    """The profile may be that of a card, and the interface be a veth."""
    mine, virtual = (IpAddress(ip=one, prefix_length=24) for one in ("192.0.2.1", "192.0.2.200"))
    before = Veth(name="eth1", mtu=1500, ipv4=Ipv4(enabled=True, address=(mine, virtual)))
    found = as_stored(before, card("192.0.2.7"), card("192.0.2.1"))
    assert [one.ip for one in section(found).static] == ["192.0.2.7", "192.0.2.200"]
    assert found.mtu == before.mtu


def test_only_what_differs_is_taken_from_the_profile() -> None:
    before = Bond(name="bond0", mtu=1500, ipv4=Ipv4(enabled=False))
    found = as_stored(before, bond(mode="802.3ad", miimon="100"), bond(mode="active-backup", miimon="100"))
    assert found.bond.mode == "802.3ad"
    assert (found.mtu, found.ipv4) == (before.mtu, before.ipv4)
