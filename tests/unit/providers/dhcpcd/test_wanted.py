"""What is laid on an interface, out of facts and settings."""

import typing

import pytest

from linkhold.providers.dhcpcd.facts import Facts, heard
from linkhold.providers.dhcpcd.settings import Settings
from linkhold.providers.dhcpcd.wanted import Wanted, wanted
from tests.unit.providers.dhcpcd.test_facts import ADVERT, BOUND, BOUND6, NOW

MAC = "02:00:5e:10:00:01"
NOTHING = Wanted(addresses=(), routes=(), servers=(), search=(), mtu=0, hop_limit=0)
EUI64 = "2001:db8:2::5eff:fe10:1"


def laid(environment: dict[str, str], later: float = 0.0, **settings: typing.Any) -> Wanted:
    family = "ipv4" if environment["protocol"] == "dhcp" else "ipv6"
    known: Facts | None = heard({}, environment, NOW)
    assert known is not None
    said = Settings(**{"family": family, "dhcp": True, "autoconf": family == "ipv6", **settings})
    return wanted(said, known, mac=MAC, interface="eth1", metric=1007, moment=NOW + later)


def test_a_lease() -> None:
    found = laid(BOUND, later=20)
    (address,) = found.addresses
    assert (address.key, address.valid, address.preferred, address.bare) == ("192.0.2.103/24", 100, 100, False)
    (route,) = found.routes
    assert (route.destination, route.gateway, route.metric, route.table) == ("0.0.0.0/0", "192.0.2.1", 1007, 254)
    assert (route.protocol, route.source, route.near) == ("dhcp", "192.0.2.103", False)
    assert found.servers == ("192.0.2.53", "192.0.2.54")
    assert found.search == ("lan.example",)


def test_a_lease_that_has_ended() -> None:
    assert laid(BOUND, later=121) == NOTHING


def test_a_gateway_beyond_the_network_is_on_the_link_all_the_same() -> None:
    """As clouds do it, with addresses of length 32."""
    (route,) = laid({**BOUND, "new_subnet_cidr": "32"}).routes
    assert route.near


def test_a_route_without_a_gateway() -> None:
    more = {"new_classless_static_routes": "198.51.100.0/24 0.0.0.0", "new_routers": ""}
    (route,) = laid({**BOUND, **more}).routes
    assert (route.destination, route.gateway) == ("198.51.100.0/24", "")


@pytest.mark.parametrize(
    ("settings", "destinations"),
    [
        ({}, {"::/0", "2001:db8:2::/64", "2001:db8:99::/48"}),
        ({"gateway": False}, {"2001:db8:2::/64", "2001:db8:99::/48"}),
        ({"routes": False}, {"2001:db8:2::/64"}),
    ],
)
def test_what_the_document_lets_routers_say(settings: dict[str, bool], destinations: set[str]) -> None:
    found = laid(ADVERT, **settings)
    assert {one.destination for one in found.routes} == destinations
    assert {one.protocol for one in found.routes} == {"ra"}
    assert [one.key for one in found.addresses] == [f"{EUI64}/64"]


def test_names_that_are_not_wanted() -> None:
    for told in (BOUND, BOUND6, ADVERT):
        assert laid(told).servers
        found = laid(told, dns=False)
        assert found.servers == found.search == ()


def test_names_end_by_themselves() -> None:
    """RFC 8106; a server on the link is known with its interface."""
    assert laid(ADVERT).servers == ("2001:db8:2::53", "fe80::53%eth1")
    assert laid(ADVERT, later=26).servers == ()


def test_another_table_has_the_network_too() -> None:
    found = laid(BOUND, table=77, metric=5)
    assert found.addresses[0].bare
    assert {(one.destination, one.table, one.metric, one.protocol) for one in found.routes} == {
        ("192.0.2.0/24", 77, 5, "kernel"),
        ("0.0.0.0/0", 77, 5, "dhcp"),
    }


def test_a_metric_holds_for_the_network_too() -> None:
    assert laid(BOUND, metric=5).addresses[0].metric == 5
    assert laid(BOUND).addresses[0].metric == 0


def test_dhcpv6_gives_single_addresses() -> None:
    found = laid(BOUND6)
    assert {one.length for one in found.addresses} == {128}
    assert found.routes == ()


def test_a_protocol_that_was_switched_off_gives_nothing() -> None:
    assert laid(ADVERT, autoconf=False) == NOTHING
    assert laid(BOUND6, dhcp=False) == NOTHING


def test_ways_to_make_an_address() -> None:
    def ip(**settings: typing.Any) -> str:
        found = laid(ADVERT, **settings).addresses
        return found[0].ip if found else ""

    assert ip() == EUI64
    assert ip(token="::5:6") == "2001:db8:2::5:6"
    assert ip(token="::5:6", generation="none") == "2001:db8:2::5:6"
    assert ip(generation="none") == ""
    stable = ip(generation="stable-privacy")
    assert stable == ip(generation="stable-privacy")
    assert stable not in (EUI64, "")


def test_a_stable_address_differs_with_the_network() -> None:
    """RFC 7217: the same host can't be followed from one network to another."""
    other = {**ADVERT, "nd1_prefix_information1_prefix": "2001:db8:3::"}
    here, there = (laid(one, generation="stable-privacy").addresses[0].ip for one in (ADVERT, other))
    assert here.removeprefix("2001:db8:2:") != there.removeprefix("2001:db8:3:")


def test_only_networks_of_64_bits_make_addresses() -> None:
    found = laid({**ADVERT, "nd1_prefix_information1_length": "56"})
    assert found.addresses == ()
    assert "2001:db8:2::/56" in {one.destination for one in found.routes}


def test_what_routers_ask_of_the_link() -> None:
    found = laid({**ADVERT, "nd1_mtu": "1492", "nd1_hoplimit": "32"})
    assert (found.mtu, found.hop_limit) == (1492, 32)
    assert (laid(ADVERT).mtu, laid(ADVERT).hop_limit) == (0, 0)


def test_a_router_that_is_none_by_default() -> None:
    found = laid({**ADVERT, "nd1_lifetime": "0"})
    assert "::/0" not in {one.destination for one in found.routes}
