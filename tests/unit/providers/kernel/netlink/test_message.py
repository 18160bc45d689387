"""Messages and attributes as bytes: exact layout, round trips, and hostile lengths."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.providers.kernel.netlink import message as m

KINDS = st.integers(1, m.NLA_TYPE_MASK)
ATTRIBUTES = st.lists(st.tuples(KINDS, st.binary(max_size=64)), max_size=12)


def test_an_attribute_is_length_type_payload_and_padding():
    assert m.attribute(3, b"eth0\0") == struct.pack("=HH", 9, 3) + b"eth0\0" + b"\0\0\0"
    assert m.flag(7) == struct.pack("=HH", 4, 7)
    assert m.u32(4, 1500) == struct.pack("=HHI", 8, 4, 1500)
    assert m.be16(5, 0x8100) == struct.pack("=HH", 6, 5) + b"\x81\x00\0\0"
    assert m.i32(5, -1) == struct.pack("=HHi", 8, 5, -1)


def test_a_nested_attribute_is_marked_and_holds_its_children():
    built = m.nested(18, m.string(1, "vlan"), m.u8(2, 1))
    length, kind = struct.unpack_from("=HH", built)
    assert (length, kind) == (len(built), 18 | 0x8000)
    assert m.attributes(built) == {18: m.string(1, "vlan") + m.u8(2, 1)}
    assert m.attributes(m.attributes(built)[18]) == {1: b"vlan\0", 2: b"\1"}


def test_a_message_is_its_header_and_payload():
    assert m.message(16, 5, 7, b"ab") == struct.pack("=IHHII", 18, 16, 5, 7, 0) + b"ab\0\0"


def test_an_attribute_longer_than_its_length_field_can_say_is_refused():
    assert len(m.attribute(1, bytes(0xFFFB))) == 0x10000
    with pytest.raises(m.Malformed):
        m.attribute(1, bytes(0xFFFC))


@pytest.mark.parametrize("walk", [m.attributes, m.pairs])
@pytest.mark.parametrize(
    "data",
    [
        b"\x04",
        b"\x04\0\1",
        struct.pack("=HH", 3, 1),
        struct.pack("=HH", 0, 1),
        struct.pack("=HH", 9, 1) + b"1234",
        m.u32(1, 1) + b"\0",
    ],
    ids=["one byte", "cut header", "length below header", "length zero", "length beyond the end", "crumbs behind"],
)
def test_contradicting_lengths_are_malformed(walk, data):
    with pytest.raises(m.Malformed):
        walk(data)


@pytest.mark.parametrize("walk", [m.attributes, m.pairs])
def test_walking_ends_where_it_is_told_to(walk):
    data = m.u32(1, 1) + m.u32(2, 2)
    assert dict(walk(data, 0, 8)) == {1: struct.pack("=I", 1)}
    assert dict(walk(data, 8)) == {2: struct.pack("=I", 2)}
    with pytest.raises(m.Malformed):
        walk(data, 0, 12)
    with pytest.raises(m.Malformed):
        walk(data, 0, len(data) + 4)


@given(ATTRIBUTES)
def test_pairs_gives_back_what_was_built(given_attributes):
    data = b"".join(m.attribute(kind, payload) for kind, payload in given_attributes)
    assert m.pairs(data) == given_attributes
    assert m.attributes(data) == dict(given_attributes)


@given(ATTRIBUTES, st.sampled_from([m.NLA_F_NESTED, m.NLA_F_NET_BYTEORDER]))
def test_marks_are_not_part_of_the_type(given_attributes, mark):
    data = b"".join(m.attribute(kind | mark, payload) for kind, payload in given_attributes)
    assert m.pairs(data) == given_attributes
    assert m.attributes(data) == dict(given_attributes)


@given(st.binary(max_size=200), st.integers(0, 50), st.none() | st.integers(0, 250))
def test_any_bytes_are_walked_or_malformed(data, offset, end):
    results = []
    for walk in (m.attributes, m.pairs):
        try:
            results.append(dict(walk(data, offset, end)))
        except m.Malformed:
            results.append(None)
    assert results[0] == results[1]


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=6))
def test_messages_gives_back_what_was_built(given_messages):
    data = b"".join(m.message(kind, flags, 9, payload) for kind, flags, payload in given_messages)
    assert [(kind, flags, payload) for kind, flags, _, payload in m.messages(data)] == given_messages


@given(st.binary(max_size=200))
def test_any_datagram_is_read_or_malformed(data):
    try:
        read = list(m.messages(data))
    except m.Malformed:
        return
    assert sum(16 + len(payload) for *_, payload in read) <= len(data)


@pytest.mark.parametrize(
    ("build", "read", "low", "high"),
    [
        (m.u8, m.to_u8, 0, 0xFF),
        (m.u16, m.to_u16, 0, 0xFFFF),
        (m.u32, m.to_u32, 0, 0xFFFFFFFF),
        (m.u64, m.to_u64, 0, 2**64 - 1),
        (m.i32, m.to_i32, -(2**31), 2**31 - 1),
        (m.be16, m.to_be16, 0, 0xFFFF),
        (m.be32, m.to_be32, 0, 0xFFFFFFFF),
    ],
)
def test_numbers_come_back_and_wrong_sizes_are_malformed(build, read, low, high):
    for value in (low, 1, 0x42, high):
        payload = m.attributes(build(1, value))[1]
        assert read(payload) == value
        if low == 0 and build not in (m.be16, m.be32):
            assert m.to_number(payload) == value
    for wrong in (b"", payload + b"\0", payload[:-1]):
        with pytest.raises(m.Malformed):
            read(wrong)


def test_texts():
    assert m.to_string(b"eth0\0\0\0") == "eth0"
    assert m.to_string(b"eth0") == "eth0"
    odd = m.to_string(b"\xff\xfe\0")
    assert m.attributes(m.string(1, odd))[1] == b"\xff\xfe\0"


def test_addresses():
    assert m.attributes(m.ip(1, "10.0.0.1"))[1] == bytes([10, 0, 0, 1])
    assert m.to_ip(m.ip_bytes("FE80:0::1")) == "fe80::1"
    assert m.to_mac(m.attributes(m.mac(1, "02:00:00:00:00:0A"))[1]) == "02:00:00:00:00:0a"
    assert m.to_mac(b"") == ""
    with pytest.raises(m.Malformed):
        m.to_ip(b"12345")
    with pytest.raises(OSError, match="illegal IP"):
        m.ip_bytes("10.0.0.256")
