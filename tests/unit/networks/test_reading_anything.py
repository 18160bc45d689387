"""Whatever is sent, the answer is a request or coded mistakes; and what was read says the same when it is sent again."""

import typing

from hypothesis import given, settings
from hypothesis import strategies as st

from linkhold.networks import forms, reading
from linkhold.networks.codes import CODES
from linkhold.networks.configuration import Configuration
from linkhold.networks.facts import Facts
from linkhold.networks.request import Rejected, SetupRequest
from tests.unit.networks.hosts import bond, host, ran, vlan

HOST = host(bond("bond0", "ens3"), bond("bond9", "ens4"), vlan("ens1.7", "ens1", 7), dns=("192.0.2.53",))
RUNNING = ran(
    {
        "red": {"nic": "ens1", "vlan": 7, "ipaddr": "192.0.2.7", "prefix": 24, "defaultRoute": True},
        "top": {"bonding": "bond0", "bridged": False},
    },
    {"bond0": {"nics": ["ens3"]}},
)
SAID = """
ens1 ens2 ens3 ens4 ens9 bond0 bond1 bond9 red blue top true false yes dhcp none ovs legacy 7 0 4095 192.0.2.7 192.0.2.1
255.255.255.0 2001:db8::7/64 2001:db8::1 :: mode=1 mode=4 miimon=100 on -K * / .
"""
NAMED = """
nic bonding vlan bridged stp STP mtu bootproto ipaddr netmask prefix gateway ipv6addr ipv6gateway dhcpv6 ipv6autoconf
defaultRoute nameservers switch hostQos custom remove nics options hwaddr out ls ul rt m1 d m2 ovs default_route
bridge_opts ethtool_opts ipv4_addrs connectivityCheck connectivityTimeout commitOnSuccess vlna
"""
WORDS = st.sampled_from([*SAID.split(), "", "\ud800", "mode=1 miimon=5"])
ATTRIBUTES = st.sampled_from(NAMED.split())
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=6)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(ATTRIBUTES | WORDS | st.text(max_size=4), inner, max_size=5)
    ),
    max_leaves=25,
)
MAPS = st.dictionaries(
    WORDS | st.text(max_size=5), st.dictionaries(ATTRIBUTES, ANYTHING, max_size=7) | ANYTHING, max_size=4
)
REQUESTS = st.fixed_dictionaries(
    {}, optional={"networks": MAPS | ANYTHING, "bondings": MAPS | ANYTHING, "options": ANYTHING}
)


def answered(raw: object) -> SetupRequest | Rejected:
    """The request, or why it is none."""
    try:
        return reading.read(typing.cast("typing.Any", raw), RUNNING, HOST, Facts())
    except Rejected as rejected:
        return rejected


def coded(rejected: Rejected) -> bool:
    """Whether each mistake has a number of vdsm's."""
    return all(one.code in CODES and one.message for one in rejected.in_order)


@settings(deadline=None, max_examples=300)
@given(REQUESTS)
def test_anything_below_the_right_keys(raw: dict[str, object]) -> None:
    answer = answered(raw)
    assert isinstance(answer, SetupRequest) or (answer.in_order and coded(answer))


@settings(deadline=None)
@given(ANYTHING)
def test_anything_at_all(raw: object) -> None:
    answer = answered(raw)
    assert isinstance(answer, SetupRequest) or (answer.in_order and coded(answer))


NETWORKS = st.dictionaries(
    st.sampled_from(["blue", "grey", "red", "top"]),
    st.fixed_dictionaries(
        {"nic": st.sampled_from(["ens1", "ens2"])},
        optional={
            "vlan": st.integers(0, 50) | st.integers(0, 50).map(str),
            "bridged": st.booleans(),
            "mtu": st.sampled_from([1500, 9000, "2000"]),
            "bootproto": st.sampled_from(["none", "dhcp"]),
            "ipv6autoconf": st.booleans(),
            "defaultRoute": st.booleans(),
            "hostQos": st.just({"out": {"ls": {"m2": 50}}}),
            "custom": st.just({"bridge_opts": "multicast_snooping=0"}),
        },
    ),
    max_size=3,
)
BONDS = st.dictionaries(
    st.sampled_from(["bond0", "bond9"]),
    st.just({"nics": ["ens3"], "options": "mode=1"}) | st.just({"nics": ["ens4"], "options": "mode=4 lacp_rate=1"}),
    max_size=1,
)


@settings(deadline=None)
@given(NETWORKS, BONDS)
def test_what_was_read_and_written_is_read_as_the_same(
    networks: dict[str, object], bondings: dict[str, object]
) -> None:
    """A centre may send back what a host told of itself: canonical requests are read as they are."""
    answer = answered({"networks": networks, "bondings": bondings})
    if isinstance(answer, Rejected):
        return
    plain = forms.write(
        Configuration(
            networks={name: one for name, one in answer.networks.items() if one is not None},
            bondings={name: one for name, one in answer.bondings.items() if one is not None},
        )
    )
    again = answered({"networks": plain["networks"], "bondings": plain["bonds"]})
    assert isinstance(again, SetupRequest)
    assert (again.networks, again.bondings) == (answer.networks, answer.bondings)
