"""What dhcpcd tells its script, as facts."""

import typing

import pytest

from linkhold.providers.dhcpcd.facts import Facts, heard

NOW = 1000.0

BOUND = {
    "interface": "eth1",
    "protocol": "dhcp",
    "reason": "BOUND",
    "ifcarrier": "up",
    "new_ip_address": "192.0.2.103",
    "new_subnet_cidr": "24",
    "new_broadcast_address": "192.0.2.255",
    "new_dhcp_lease_time": "120",
    "new_routers": "192.0.2.1 192.0.2.2",
    "new_domain_name_servers": "192.0.2.53 192.0.2.54",
    "new_domain_name": "lan.example",
}

BOUND6 = {
    "protocol": "dhcp6",
    "reason": "BOUND6",
    "new_dhcp6_ia_na1_ia_addr1": "2001:db8:1::191",
    "new_dhcp6_ia_na1_ia_addr1_pltime": "60",
    "new_dhcp6_ia_na1_ia_addr1_vltime": "120",
    "new_dhcp6_ia_na1_ia_addr2": "2001:db8:1::192",
    "new_dhcp6_ia_na2_ia_addr1": "2001:db8:2::1",
    "new_dhcp6_name_servers": "2001:db8:1::53",
}

ADVERT = {
    "protocol": "ra",
    "reason": "ROUTERADVERT",
    "nd1_from": "fe80::1",
    "nd1_acquired": "70",
    "nd1_now": "75",
    "nd1_flags": "h",
    "nd1_lifetime": "600",
    "nd1_prefix_information1_flags": "LA",
    "nd1_prefix_information1_length": "64",
    "nd1_prefix_information1_prefix": "2001:db8:2::",
    "nd1_prefix_information1_vltime": "86400",
    "nd1_prefix_information1_pltime": "4294967295",
    "nd1_rdnss1_lifetime": "30",
    "nd1_rdnss1_servers": "2001:db8:2::53 fe80::53",
    "nd1_dnssl1_lifetime": "30",
    "nd1_dnssl1_search": "ra.example b.example",
    "nd1_route_information1_flags": "24",
    "nd1_route_information1_length": "48",
    "nd1_route_information1_lifetime": "500",
    "nd1_route_information1_prefix": "20010db800990000",
}


def told(environment: dict[str, str], known: Facts | None = None) -> Facts:
    found = heard(known or {}, environment, NOW)
    assert found is not None
    return found


def test_a_lease() -> None:
    assert told(BOUND) == {
        "dhcp": {
            "address": "192.0.2.103",
            "length": 24,
            "broadcast": "192.0.2.255",
            "until": NOW + 120,
            "routes": [["0.0.0.0/0", "192.0.2.1"]],
            "servers": ["192.0.2.53", "192.0.2.54"],
            "search": ["lan.example"],
        }
    }


def test_classless_routes_come_instead_of_all_others() -> None:
    """RFC 3442."""
    more = {"new_classless_static_routes": "0.0.0.0/0 192.0.2.9", "new_static_routes": "10.0.0.0 192.0.2.8"}
    assert told({**BOUND, **more})["dhcp"]["routes"] == [["0.0.0.0/0", "192.0.2.9"]]


def test_a_router_counts_where_classless_routes_know_no_default() -> None:
    more = {"new_classless_static_routes": "198.51.100.0/24 192.0.2.9", "new_static_routes": "10.0.0.0 192.0.2.8"}
    assert told({**BOUND, **more})["dhcp"]["routes"] == [["198.51.100.0/24", "192.0.2.9"], ["0.0.0.0/0", "192.0.2.1"]]


@pytest.mark.parametrize(
    ("said", "destination"),
    [
        ("10.0.0.0", "10.0.0.0/8"),
        ("172.16.0.0", "172.16.0.0/16"),
        ("198.51.100.0", "198.51.100.0/24"),
        ("198.51.100.7", "198.51.100.7/32"),
        ("198.51.100.0/25", "198.51.100.0/25"),
    ],
)
def test_routes_with_classes(said: str, destination: str) -> None:
    found = told({**BOUND, "new_static_routes": f"{said} 192.0.2.8"})["dhcp"]["routes"]
    assert found == [[destination, "192.0.2.8"], ["0.0.0.0/0", "192.0.2.1"]]


def test_an_endless_lease() -> None:
    assert told({**BOUND, "new_dhcp_lease_time": "4294967295"})["dhcp"]["until"] is None


def test_all_addresses_of_all_associations() -> None:
    found = told(BOUND6)["dhcp6"]
    assert [one["address"] for one in found["addresses"]] == ["2001:db8:1::191", "2001:db8:1::192", "2001:db8:2::1"]
    assert found["addresses"][0] == {"address": "2001:db8:1::191", "until": NOW + 120, "preferred": NOW + 60}
    assert found["servers"] == ["2001:db8:1::53"]


def test_an_advertisement() -> None:
    (router,) = told(ADVERT)["ra"]["routers"]
    heard_at = NOW - 5
    assert router["from"] == "fe80::1"
    assert router["until"] == heard_at + 600
    assert router["preference"] == 1
    assert router["prefixes"] == [
        {
            "prefix": "2001:db8:2::",
            "length": 64,
            "on-link": True,
            "autonomous": True,
            "until": heard_at + 86400,
            "preferred": None,
        }
    ]
    assert router["routes"] == [
        {"prefix": "2001:db8:99::", "length": 48, "until": heard_at + 500, "preference": 3},
    ]
    assert router["servers"] == [{"names": ["2001:db8:2::53", "fe80::53"], "until": heard_at + 30}]
    assert router["search"] == [{"names": ["ra.example", "b.example"], "until": heard_at + 30}]


def test_two_routers() -> None:
    second = {name.replace("nd1_", "nd2_"): value for name, value in ADVERT.items() if name.startswith("nd1_")}
    found = told({**ADVERT, **second, "nd2_from": "fe80::2"})["ra"]["routers"]
    assert [one["from"] for one in found] == ["fe80::1", "fe80::2"]


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        (86400, 0, 7200),  # cut to two hours, not to nothing
        (3600, 0, 3600),  # less than two hours were left: they stay
        (3600, 90000, 90000),  # longer is fine
        (86400, 7300, 7300),  # and so is more than two hours
    ],
)
def test_nobody_takes_an_address_away_at_once(before: int, said: int, after: int) -> None:
    """RFC 4862, section 5.5.3 e."""

    def advert(seconds: int) -> dict[str, str]:
        return {**ADVERT, "nd1_now": "70", "nd1_prefix_information1_vltime": str(seconds)}

    known = told(advert(before))
    (router,) = told(advert(said), known)["ra"]["routers"]
    assert router["prefixes"][0]["until"] == NOW + after


def test_other_protocols_stay() -> None:
    known = told(BOUND6, told(ADVERT))
    assert known.keys() == {"ra", "dhcp6"}


def test_what_expires_is_gone() -> None:
    known = told(BOUND)
    for reason in ("EXPIRE", "NAK"):
        assert heard(known, {"protocol": "dhcp", "reason": reason, "ifcarrier": "up"}, NOW) == {}


@pytest.mark.parametrize(
    "event",
    [
        {"protocol": "dhcp", "reason": "EXPIRE", "ifcarrier": "down"},
        {"protocol": "link", "reason": "NOCARRIER", "ifcarrier": "down"},
        {"protocol": "link", "reason": "STOPPED"},
        {"protocol": "ra", "reason": "ROUTERADVERT"},
        {"protocol": "link", "reason": "CARRIER"},
    ],
)
def test_neither_a_pulled_cable_nor_the_end_of_a_client_take_a_lease_away(event: dict[str, typing.Any]) -> None:
    assert heard(told(BOUND), event, NOW) is None
