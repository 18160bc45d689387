"""No bytes, however hostile, make a decoder raise anything but Malformed."""

import inspect
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.providers.kernel.netlink import (
    address,
    bitset,
    bridge_vlan,
    ethtool,
    generic,
    link,
    macsec,
    mptcp,
    neighbour,
    qdisc,
    route,
    rule,
    virtual_function,
)
from linkhold.providers.kernel.netlink import filter as filter_
from linkhold.providers.kernel.netlink.message import Malformed, attribute, attributes, nested, string, u8, u32

DECODERS = [
    (link.LinkMessage, 16),
    (address.AddressMessage, 8),
    (route.RouteMessage, 12),
    (rule.RuleMessage, 12),
    (neighbour.NeighbourMessage, 12),
    (qdisc.QdiscMessage, 20),
    (filter_.FilterMessage, 20),
]

BODIES = st.one_of(
    st.binary(max_size=120),
    st.recursive(
        st.lists(st.builds(attribute, st.integers(0, 64), st.binary(max_size=24)), max_size=8).map(b"".join),
        lambda inner: st.lists(st.builds(attribute, st.integers(0, 64), inner), max_size=4).map(b"".join),
        max_leaves=6,
    ),
)


def read_all(decoded):
    """Ask for every property, each of which may be malformed by itself."""
    for name, _ in inspect.getmembers(type(decoded), lambda member: isinstance(member, property)):
        try:
            getattr(decoded, name)
        except Malformed:
            continue


@pytest.mark.parametrize(("decoder", "header"), DECODERS)
@given(body=BODIES, data=st.data())
def test_any_bytes_are_decoded_or_malformed(decoder, header, body, data):
    head = data.draw(st.binary(max_size=header)) if data.draw(st.booleans()) else bytes(header)
    try:
        decoded = decoder(head + body)
    except Malformed:
        return
    read_all(decoded)


@pytest.mark.parametrize(("decoder", "header"), DECODERS)
def test_a_short_header_is_malformed(decoder, header):
    decoder(bytes(header))
    with pytest.raises(Malformed):
        decoder(bytes(header - 1))


@pytest.mark.parametrize(
    "decoder",
    [
        bitset.decode_bitset,
        mptcp.decode,
        lambda body: bridge_vlan.decode(link.LinkMessage(bytes(16) + nested(link.IFLA_AF_SPEC, body))),
        lambda body: generic.answer((16, body)),
        lambda body: generic._groups(body),
        lambda body: macsec.SecureEntity(attributes(body)),
        lambda body: virtual_function.VirtualFunction(attributes(body), 6),
        lambda body: ethtool.LinkModes(attributes(body)),
        lambda body: ethtool.Features(attributes(body)),
        lambda body: ethtool.ForwardErrorCorrection(attributes(body)),
        lambda body: ethtool.decode_numbers(attributes(body)),
    ],
)
@given(body=BODIES)
def test_any_family_body_is_decoded_or_malformed(decoder, body):
    try:
        decoder(body)
    except Malformed:
        return


def test_a_link_tells_what_its_message_holds():
    data = struct.pack("=BxHiII", 0, 1, 7, link.IFF_UP | link.IFF_LOWER_UP, 0) + b"".join(
        [
            string(link.IFLA_IFNAME, "eth1.7"),
            u32(link.IFLA_MTU, 1500),
            link.parent(3),
            u32(link.IFLA_MASTER, 9),
            u8(link.IFLA_OPERSTATE, link.IF_OPER_UP),
            attribute(link.IFLA_ADDRESS, bytes([2, 0, 0, 0, 0, 10])),
            nested(
                link.IFLA_LINKINFO,
                string(link.IFLA_INFO_KIND, "vlan"),
                nested(link.IFLA_INFO_DATA, attribute(1, struct.pack("=H", 7))),
                string(link.IFLA_INFO_SLAVE_KIND, "bridge"),
                nested(link.IFLA_INFO_SLAVE_DATA, u8(1, 3)),
            ),
            nested(link.IFLA_PROP_LIST, string(link.IFLA_ALT_IFNAME, "uplink"), string(link.IFLA_ALT_IFNAME, "wan")),
            nested(link.IFLA_AF_SPEC, nested(10, u8(link.IFLA_INET6_ADDR_GEN_MODE, 1))),
        ]
    )
    read = link.LinkMessage(data)
    assert (read.index, read.arphrd_type, read.name, read.mtu) == (7, link.ARPHRD_ETHER, "eth1.7", 1500)
    assert (read.parent, read.controller, read.operstate) == (3, 9, link.IF_OPER_UP)
    assert (read.is_up, read.has_carrier) == (True, True)
    assert read.address == "02:00:00:00:00:0a"
    assert (read.kind, read.data) == ("vlan", {1: struct.pack("=H", 7)})
    assert (read.port_kind, read.port_data) == ("bridge", {1: b"\3"})
    assert read.alternative_names == ["uplink", "wan"]
    assert read.inet6 == {link.IFLA_INET6_ADDR_GEN_MODE: b"\1"}
    assert (read.permanent_address, read.alias, read.virtual_functions) == (None, None, [])
