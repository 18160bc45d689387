"""LLDP frames, byte by byte."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkhold.providers.lldp.tlv import parse


def tlv(kind: int, value: bytes) -> bytes:
    return struct.pack("!H", kind << 9 | len(value)) + value


def frame(
    *more: bytes, chassis: bytes = b"\x04\x00\x01\x30\xf9\xad\xa0", port: bytes = b"\x051/1", ttl: int = 120
) -> bytes:
    return b"".join([tlv(1, chassis), tlv(2, port), tlv(3, struct.pack("!H", ttl)), *more, tlv(0, b"")])


def own(oui: bytes, subtype: int, content: bytes) -> bytes:
    return tlv(127, oui + bytes([subtype]) + content)


DOT1, DOT3 = b"\x00\x80\xc2", b"\x00\x12\x0f"

SWITCH = frame(
    tlv(4, b"Summit300-48-Port 1001\0"),
    tlv(5, b"Summit300-48\0"),
    tlv(6, b"Summit300-48 - Version 7.4e.1 (Build 5) by Release_Master 05/27/05 04:53:11\0"),
    tlv(7, struct.pack("!HH", 0x14, 0x14)),
    tlv(8, b"\x07\x06\x00\x01\x30\xf9\xad\xa0\x02" + struct.pack("!I", 1001) + b"\x00"),
    own(DOT1, 2, b"\x01\x00\x00"),
    own(DOT3, 1, struct.pack("!BHH", 3, 27648, 16)),
    own(DOT3, 2, b"\x07\x01\x00"),
    own(DOT3, 3, b"\x01" + bytes(4)),
    own(DOT3, 4, struct.pack("!H", 1522)),
    own(DOT1, 3, struct.pack("!HB", 488, 16) + b"v2-0488-03-0505\0"),
    own(DOT1, 3, struct.pack("!HB", 20, 8) + b"mgmt-net"),
)
"""As an Extreme Networks Summit 300-48 says it."""


def test_a_switch() -> None:
    said = parse(SWITCH)
    assert said.seconds == 120
    assert list(said.told) == [
        {"type": 5, "system-name": "Summit300-48"},
        {
            "type": 6,
            "system-description": "Summit300-48 - Version 7.4e.1 (Build 5) by Release_Master 05/27/05 04:53:11",
        },
        {"type": 4, "port-description": "Summit300-48-Port 1001"},
        {"type": 7, "system-capabilities": ["MAC Bridge component", "Router"]},
        {"type": 1, "_description": "MAC address", "chassis-id": "00:01:30:F9:AD:A0", "chassis-id-type": 4},
        {"type": 2, "_description": "Interface name", "port-id": "1/1", "port-id-type": 5},
        {
            "type": 127,
            "ieee-802-1-vlans": [{"name": "v2-0488-03-0505", "vid": 488}, {"name": "mgmt-net", "vid": 20}],
            "oui": "00:80:c2",
            "subtype": 3,
        },
        {
            "type": 127,
            "ieee-802-3-mac-phy-conf": {"autoneg": True, "operational-mau-type": 16, "pmd-autoneg-cap": 27648},
            "oui": "00:12:0f",
            "subtype": 1,
        },
        {"type": 127, "ieee-802-1-ppvids": [0], "oui": "00:80:c2", "subtype": 2},
        {
            "type": 8,
            "management-addresses": [
                {
                    "address": "00:01:30:F9:AD:A0",
                    "address-subtype": "MAC",
                    "interface-number": 1001,
                    "interface-number-subtype": 2,
                }
            ],
        },
        {"type": 127, "ieee-802-3-max-frame-size": 1522, "oui": "00:12:0f", "subtype": 4},
    ]


@pytest.mark.parametrize(
    ("value", "told", "description"),
    [
        (b"\x07anything", "anything", "Locally assigned"),
        (b"\x05\x01\xc0\x00\x02\x01", "192.0.2.1", "Network address"),
        (b"\x05\x02" + bytes(15) + b"\x01", "::1", "Network address"),
        (b"\x05\x09ab", "09:61:62", "Network address"),
        (b"\x04\x00\x01", "\ufffd\ufffd", "MAC address"),
        (b"\x00x", "x", "Reserved"),
        (b"\xffx", "x", "Reserved"),
    ],
)
def test_names_of_a_chassis(value: bytes, told: str, description: str) -> None:
    (chassis,) = [one for one in parse(frame(chassis=value)).told if one["type"] == 1]
    assert (chassis["chassis-id"], chassis["_description"]) == (told, description)


@pytest.mark.parametrize(
    ("value", "told"),
    [(b"\x03\x00\x01\x30\xf9\xad\xa0", "00:01:30:F9:AD:A0"), (b"\x04\x01\xc0\x00\x02\x01", "192.0.2.1")],
)
def test_names_of_a_port(value: bytes, told: str) -> None:
    (port,) = [one for one in parse(frame(port=value)).told if one["type"] == 2]
    assert port["port-id"] == told


def test_addresses_for_management() -> None:
    ipv4 = tlv(8, b"\x05\x01\xc0\x00\x02\x01\x02" + struct.pack("!I", 7) + b"\x00")
    ipv6 = tlv(8, b"\x11\x02" + bytes(15) + b"\x01\x01" + struct.pack("!I", 8) + b"\x00")
    odd = tlv(8, b"\x03\x63ab\x01" + struct.pack("!I", 9) + b"\x00")
    (one,) = [one for one in parse(frame(ipv4, ipv6, odd)).told if one["type"] == 8]
    told = [(one["address"], one["address-subtype"], one["interface-number"]) for one in one["management-addresses"]]
    assert told == [("192.0.2.1", "IPv4", 7), ("::1", "IPv6", 8), ("61:62", "Unknown", 9)]


def test_who_it_is_does_not_change_with_what_is_told() -> None:
    assert parse(frame()).identity == parse(SWITCH).identity
    assert parse(frame()).identity != parse(frame(port=b"\x051/2")).identity
    # the bytes of both together are no identity: where does one end?
    assert (
        parse(frame(chassis=b"\x07ab", port=b"\x07c")).identity
        != parse(frame(chassis=b"\x07a", port=b"\x07bc")).identity
    )


def test_texts_are_made_visible() -> None:
    (one,) = [one for one in parse(frame(tlv(5, b"a\x1b[31m\xffb\r\nc\0\0"))).told if one["type"] == 5]
    assert one["system-name"] == "a\ufffd[31m\ufffdb\nc"


@pytest.mark.parametrize(
    "bad",
    [
        tlv(7, b"\x00"),
        tlv(8, b"\x05\x01\xc0"),
        tlv(8, b""),
        tlv(127, b""),
        tlv(127, DOT1),
        own(DOT1, 2, b"\x01"),
        own(DOT1, 3, struct.pack("!HB", 5, 9) + b"short"),
        own(DOT3, 4, b"\x01"),
        own(b"\xaa\xbb\xcc", 1, b"theirs"),
        tlv(99, b"of the future"),
    ],
)
def test_a_part_that_makes_no_sense_spoils_nothing_else(bad: bytes) -> None:
    assert parse(frame(bad, tlv(5, b"name"))).told == parse(frame(tlv(5, b"name"))).told


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        tlv(0, b""),
        frame()[4:],
        tlv(2, b"\x05a") + tlv(1, b"\x07b") + tlv(3, b"\x00\x78"),
        frame(tlv(3, b"\x00\x01")),
        frame(chassis=b"\x04"),
        frame(port=b""),
        tlv(1, b"\x07a") + tlv(2, b"\x07b") + tlv(3, b"\x01"),
        tlv(1, b"\x07a") + tlv(2, b"\x07b") + struct.pack("!H", 3 << 9 | 40) + b"\x00\x78",
    ],
)
def test_a_frame_that_makes_no_sense(bad: bytes) -> None:
    with pytest.raises(ValueError, match="LLDP frame"):
        parse(bad)


def test_nothing_after_the_end_counts() -> None:
    assert parse(frame() + tlv(5, b"padding")).told == parse(frame()).told


@given(st.binary(max_size=200))
def test_whatever_comes_it_is_read_or_refused(payload: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert parse(payload).identity


@given(st.lists(st.tuples(st.integers(4, 127), st.binary(max_size=40)), max_size=8))
def test_whatever_follows_the_mandatory_parts_it_is_a_frame(parts: list[tuple[int, bytes]]) -> None:
    said = parse(frame(*(tlv(kind, value) for kind, value in parts)))
    assert {one["type"] for one in said.told} >= {1, 2}
    assert all(isinstance(one["type"], int) for one in said.told)


@given(st.binary(max_size=30), st.sampled_from([DOT1, DOT3]), st.integers(0, 8))
def test_whatever_organisations_say(content: bytes, oui: bytes, subtype: int) -> None:
    assert len(parse(frame(own(oui, subtype, content))).told) <= 3
