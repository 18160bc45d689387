"""What is built is what the decoders read, and has the bytes the kernel expects."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.providers.kernel.netlink import (
    address,
    bitset,
    bridge_vlan,
    link,
    message,
    mptcp,
    neighbour,
    route,
    rule,
    virtual_function,
)
from linkhold.providers.kernel.netlink.bridge_vlan import VlanRange
from linkhold.providers.kernel.netlink.route import NextHop

IPV4 = st.ip_addresses(v=4).map(str)
IPV6 = st.binary(min_size=16, max_size=16).map(message.to_ip)
WORD = st.integers(0, 0xFFFFFFFF)


@given(
    family=st.sampled_from([4, 6]),
    data=st.data(),
    table=st.integers(1, 0xFFFFFFFF),
    protocol=st.integers(0, 255),
    metric=st.none() | st.integers(1, 0xFFFFFFFF),
    oif=st.none() | st.integers(1, 2**31 - 1),
    metrics=st.dictionaries(st.sampled_from([route.RTAX_MTU, route.RTAX_CWND, route.RTAX_INITCWND]), WORD),
)
def test_a_built_route_reads_back(family, data, table, protocol, metric, oif, metrics):
    texts = IPV4 if family == 4 else IPV6
    length = data.draw(st.integers(1, 32 if family == 4 else 128))
    destination, gateway = data.draw(texts), data.draw(IPV4 | IPV6)
    payload = route.build(
        destination,
        length,
        table=table,
        protocol=protocol,
        metric=metric,
        oif=oif,
        gateway=gateway,
        metrics=metrics,
        congestion_control="bbr",
    )
    read = route.RouteMessage(payload)
    assert (read.destination, read.destination_length, read.gateway) == (destination, length, gateway)
    assert (read.table, read.protocol, read.metric, read.oif) == (table, protocol, metric or 0, oif)
    assert (read.metrics, read.congestion_control) == (metrics, "bbr")
    again = route.RouteMessage(route.same(read))
    assert again.attributes == read.attributes
    assert (again.table, again.protocol, again.scope, again.type) == (read.table, read.protocol, read.scope, read.type)


@given(
    st.lists(
        st.builds(NextHop, st.integers(1, 99), st.none() | IPV4 | IPV6, st.integers(1, 256), st.sampled_from([0, 4])),
        min_size=1,
        max_size=5,
    )
)
def test_the_ways_of_a_multipath_route_read_back(hops):
    read = route.RouteMessage(route.build("0.0.0.0", 0, next_hops=hops))
    assert read.next_hops == hops
    assert (read.destination, read.destination_length, read.gateway, read.oif) == ("0.0.0.0", 0, None, None)


@pytest.mark.parametrize(
    ("destination", "options", "scope"),
    [
        ("10.0.0.0", {}, route.RT_SCOPE_LINK),
        ("10.0.0.0", {"gateway": "10.1.0.1"}, route.RT_SCOPE_UNIVERSE),
        ("10.0.0.0", {"route_type": route.RTN_LOCAL}, route.RT_SCOPE_HOST),
        ("10.0.0.0", {"route_type": route.RTN_BLACKHOLE}, route.RT_SCOPE_UNIVERSE),
        ("fd00::", {}, route.RT_SCOPE_UNIVERSE),
        ("10.0.0.0", {"scope": 200}, 200),
    ],
)
def test_the_scope_of_a_route_follows_from_what_it_is(destination, options, scope):
    assert route.RouteMessage(route.build(destination, 24, **options)).scope == scope


def test_a_small_table_stands_in_the_header_too():
    assert route.build("10.0.0.0", 8, table=254)[4] == 254
    assert route.build("10.0.0.0", 8, table=256)[4] == route.RT_TABLE_UNSPEC


@given(
    priority=WORD,
    table=st.integers(1, 0xFFFFFFFF),
    source=IPV4,
    length=st.integers(1, 32),
    mark=WORD,
    ports=st.tuples(st.integers(1, 0xFFFF), st.integers(1, 0xFFFF)),
    users=st.tuples(WORD, WORD),
    invert=st.booleans(),
)
def test_a_built_rule_reads_back(priority, table, source, length, mark, ports, users, invert):
    payload = rule.build(
        rule.AF_INET,
        priority=priority,
        table=table,
        source=source,
        source_length=length,
        iif="eth0",
        mark=mark,
        mask=0xFF,
        destination_ports=ports,
        users=users,
        ip_protocol=6,
        invert=invert,
    )
    read = rule.RuleMessage(payload)
    assert (read.priority, read.table, read.source, read.source_length) == (priority, table, source, length)
    assert (read.iif, read.oif, read.mark, read.mask, read.ip_protocol) == ("eth0", None, mark, 0xFF, 6)
    assert (read.span(rule.FRA_DPORT_RANGE), read.span(rule.FRA_UID_RANGE)) == (ports, users)
    assert (read.is_inverted, read.protocol, read.action) == (invert, rule.RTPROT_STATIC, rule.FR_ACT_TO_TBL)
    assert rule.RuleMessage(rule.same(read)).attributes == read.attributes


def test_what_a_rule_does_not_suppress_is_not_said_again():
    told = rule.build(2, priority=9, table=7, suppress_prefix_length=0xFFFFFFFF, suppress_group=3)
    again = rule.RuleMessage(rule.same(rule.RuleMessage(told)))
    assert (again.suppress_prefix_length, again.suppress_group) == (None, 3)
    assert rule.FRA_SUPPRESS_PREFIXLEN not in again.attributes


@given(IPV4 | IPV6, st.integers(0, 32), st.integers(1, 99))
def test_a_built_address_reads_back(text, length, index):
    kind, flags, payload = address.add(
        index, text, length, flags=address.IFA_F_NOPREFIXROUTE, preferred_lifetime=60, valid_lifetime=120, protocol=9
    )
    read = address.AddressMessage(payload)
    assert (kind, flags) == (address.RTM_NEWADDR, message.NLM_F_CREATE | message.NLM_F_EXCL)
    assert (read.address, read.prefix_length, read.index, read.peer) == (text, length, index, None)
    assert (read.flags, read.preferred_lifetime, read.valid_lifetime) == (address.IFA_F_NOPREFIXROUTE, 60, 120)
    assert read.protocol == 9


def test_a_point_to_point_address_has_a_peer():
    read = address.AddressMessage(address.add(1, "10.0.0.1", 32, peer="10.0.0.2")[2])
    assert (read.address, read.peer) == ("10.0.0.1", "10.0.0.2")
    assert (read.preferred_lifetime, read.valid_lifetime) == (address.FOREVER, address.FOREVER)


def test_a_neighbour_of_a_bridge_has_the_bridge_family():
    read = neighbour.NeighbourMessage(neighbour.add(4, address="fe80::1", hardware_address="02:00:00:00:00:01")[2])
    assert (read.family, read.address, read.hardware_address) == (10, "fe80::1", "02:00:00:00:00:01")
    entry = neighbour.add(4, hardware_address="02:00:00:00:00:01", flags=neighbour.NTF_MASTER, vlan=5)
    read = neighbour.NeighbourMessage(entry[2])
    assert (read.family, read.index, read.vlan, read.address) == (neighbour.AF_BRIDGE, 4, 5, None)


def test_vlans_of_a_port_as_the_kernel_wants_them():
    kind, _, payload = bridge_vlan.add(5, [VlanRange(10, pvid=True, untagged=True), VlanRange(20, 29)])
    assert kind == link.RTM_SETLINK
    assert payload[:16] == struct.pack("=BxHiII", 7, 0, 5, 0, 0)
    entries = message.pairs(message.attributes(payload, 16)[link.IFLA_AF_SPEC])
    assert entries == [(2, struct.pack("=HH", 6, 10)), (2, struct.pack("=HH", 8, 20)), (2, struct.pack("=HH", 16, 29))]
    of_bridge = bridge_vlan.remove(5, [VlanRange(10)], bridge=True)
    entries = message.pairs(message.attributes(of_bridge[2], 16)[link.IFLA_AF_SPEC])
    assert of_bridge[0] == link.RTM_DELLINK
    assert entries[0] == (bridge_vlan.IFLA_BRIDGE_FLAGS, struct.pack("=H", bridge_vlan.BRIDGE_FLAGS_SELF))


@given(
    st.lists(
        st.builds(
            lambda first, more, pvid, untagged: VlanRange(first, first + more, pvid=pvid, untagged=untagged),
            st.integers(1, 4000),
            st.integers(0, 94),
            st.booleans(),
            st.booleans(),
        ),
        max_size=6,
    )
)
def test_vlan_ranges_read_back(ranges):
    assert bridge_vlan.decode(link.LinkMessage(bridge_vlan.add(5, ranges)[2])) == ranges


def test_a_range_that_ends_without_a_beginning_is_malformed():
    body = message.attribute(2, struct.pack("=HH", bridge_vlan.BRIDGE_VLAN_INFO_RANGE_END, 9))
    with pytest.raises(message.Malformed, match="begins nowhere"):
        bridge_vlan.decode(link.LinkMessage(link.header() + message.nested(link.IFLA_AF_SPEC, body)))


@given(st.dictionaries(st.text("abc-", min_size=1, max_size=6), st.booleans(), max_size=6))
def test_bitsets_read_back(bits):
    assert bitset.decode_bitset(message.attributes(bitset.encode_bitset(3, bits))[3]) == bits
    whole = bitset.decode_bitset(message.attributes(bitset.encode_bitset(3, bits, whole=True))[3])
    assert whole == {name: True for name, on in bits.items() if on}


@given(IPV4 | IPV6, st.integers(0, 255), st.integers(0, 31), st.integers(0, 99), st.integers(0, 0xFFFF))
def test_endpoints_read_back(text, number, flags, index, port):
    endpoint = mptcp.Endpoint(text, id=number, flags=flags, index=index, port=port)
    built = message.attributes(mptcp.encode(endpoint))[mptcp.MPTCP_PM_ATTR_ADDR]
    assert mptcp.decode(built) == endpoint


def test_a_new_link_says_its_name_kind_and_data():
    kind, flags, payload = link.create("v7", "vlan", link.parent(3), data=[message.u16(1, 7)], up=True)
    assert (kind, flags) == (link.RTM_NEWLINK, message.NLM_F_CREATE | message.NLM_F_EXCL)
    read = link.LinkMessage(payload)
    assert (read.name, read.kind, read.parent, read.data, read.is_up) == ("v7", "vlan", 3, {1: b"\7\0"}, True)
    assert read.change == link.IFF_UP


def test_set_down_clears_only_the_flag_it_names():
    read = link.LinkMessage(link.set_down(4)[2])
    assert (read.index, read.flags, read.change) == (4, 0, link.IFF_UP)


@pytest.mark.parametrize("protocol", [virtual_function.ETH_P_8021Q, virtual_function.ETH_P_8021AD])
def test_a_virtual_function_reads_back(protocol):
    kind, _, payload = virtual_function.change_function(
        4,
        9,
        address="02:00:00:00:00:09",
        vlan=7,
        qos=3,
        vlan_protocol=protocol,
        rates=(100, 1000),
        spoof_check=False,
        trust=True,
        link_state=virtual_function.IFLA_VF_LINK_STATE_DISABLE,
    )
    assert kind == link.RTM_NEWLINK
    (read,) = virtual_function.decode(link.LinkMessage(payload))
    assert (read.number, read.address, read.vlan_protocol) == (9, "02:00:00:00:00:09", protocol)
    assert (read.min_rate, read.max_rate, read.spoof_check, read.trust) == (100, 1000, False, True)
    assert read.link_state == virtual_function.IFLA_VF_LINK_STATE_DISABLE
    if protocol == virtual_function.ETH_P_8021Q:
        assert (read.vlan, read.qos) == (7, 3)


def test_what_a_driver_does_not_report_of_a_function_is_none():
    mac = message.attribute(virtual_function.IFLA_VF_MAC, struct.pack("=I", 2) + bytes(32))
    spoof = message.attribute(virtual_function.IFLA_VF_SPOOFCHK, struct.pack("=II", 2, 0xFFFFFFFF))
    read = virtual_function.VirtualFunction(message.attributes(mac + spoof), 6)
    assert (read.number, read.address, read.vlan) == (2, "00:00:00:00:00:00", 0)
    assert (read.spoof_check, read.trust, read.link_state) == (None, None, None)
