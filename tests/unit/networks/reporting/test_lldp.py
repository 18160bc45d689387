"""What neighbours say, from a frame of the wire to lldptool's words."""

import struct

import pytest

from linkhold.networks.facts import Facts
from linkhold.networks.reporting.lldp import neighbours
from linkhold.providers.lldp.tlv import parse
from linkhold.state.interfaces.ethernet import Ethernet
from linkhold.state.interfaces.lldp import Lldp
from linkhold.state.network import NetworkState


def tlv(kind: int, value: bytes) -> bytes:
    return struct.pack("!H", kind << 9 | len(value)) + value


HEAD = tlv(1, b"\x04\x52\x54\x00\x00\x00\x01") + tlv(2, b"\x07588") + tlv(3, struct.pack("!H", 120))
CHASSIS = {
    "type": 1,
    "name": "Chassis ID",
    "properties": {"chassis ID": "52:54:00:00:00:01", "chassis ID subtype": "MAC"},
}
PORT = {"type": 2, "name": "Port ID", "properties": {"port ID": "588", "port ID subtype": "Local"}}


def told(*more: bytes) -> list[dict]:
    heard = parse(HEAD + b"".join(more) + tlv(0, b""))
    card = Ethernet(name="eth0", lldp=Lldp(enabled=True, neighbors=(heard.told + heard.further,)))
    return neighbours(NetworkState(interfaces=(card,)), Facts())["eth0"]["tlvs"]


def test_the_mandatory_ones():
    lifetime = {"type": 3, "name": "Time to Live", "properties": {"time to live": "120"}}
    assert told() == [CHASSIS, PORT, lifetime]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (
            tlv(4, b"to rack 3"),
            {"type": 4, "name": "Port Description", "properties": {"port description": "to rack 3"}},
        ),
        (tlv(5, b"switch1"), {"type": 5, "name": "System Name", "properties": {"system name": "switch1"}}),
        (tlv(6, b"OS 1.2"), {"type": 6, "name": "System Description", "properties": {"system description": "OS 1.2"}}),
        (
            tlv(7, struct.pack("!HH", 0x14, 0x04)),
            {
                "type": 7,
                "name": "System Capabilities",
                "properties": {"system capabilities": "Bridge, Router", "enabled capabilities": "Bridge"},
            },
        ),
        (
            tlv(8, b"\x05\x01\xc0\x00\x02\x01\x02" + struct.pack("!I", 36) + b"\0"),
            {
                "type": 8,
                "name": "Management Address",
                "properties": {
                    "management address": "192.0.2.1",
                    "management address subtype": "IPv4",
                    "interface numbering": "36",
                    "interface numbering subtype": "Ifindex",
                },
            },
        ),
        (
            tlv(127, b"\x00\x80\xc2\x01" + struct.pack("!H", 2345)),
            {"type": 127, "name": "Port VLAN Id", "oui": 0x80C2, "subtype": 1, "properties": {"port vlan id": "2345"}},
        ),
        (
            tlv(127, b"\x00\x80\xc2\x07\x03" + struct.pack("!I", 600)),
            {
                "type": 127,
                "name": "Link Aggregation",
                "oui": 0x80C2,
                "subtype": 7,
                "properties": {
                    "aggregation status": "Aggregation capable, Currently aggregated",
                    "aggregated port id": "600",
                },
            },
        ),
        (
            tlv(127, b"\x00\x12\x0f\x04" + struct.pack("!H", 9236)),
            {"type": 127, "name": "MTU", "oui": 0x120F, "subtype": 4, "properties": {"mtu": "9236"}},
        ),
    ],
)
def test_what_may_come_beside_them(sent, said):
    assert said in told(sent)


def test_what_makes_no_sense_is_left_out():
    assert [one["type"] for one in told(tlv(7, b"\0"), tlv(127, b"\x00\x80\xc2\x07\x03"), tlv(127, b"\0"))] == [1, 2, 3]


def test_what_documents_show_is_enough():
    heard = parse(HEAD + tlv(7, struct.pack("!HH", 0x14, 0x04)) + tlv(0, b"")).told
    card = Ethernet(name="eth0", lldp=Lldp(enabled=True, neighbors=(heard,)))
    told = neighbours(NetworkState(interfaces=(card,)), Facts())["eth0"]["tlvs"]
    assert [one["type"] for one in told] == [1, 2, 7]
    assert told[-1]["properties"] == {"system capabilities": "Bridge, Router"}


def test_each_vlan_is_one():
    names = [tlv(127, b"\x00\x80\xc2\x03" + struct.pack("!HB", tag, 3) + b"v" + f"{tag}".encode()) for tag in (10, 20)]
    found = [one["properties"] for one in told(*names) if one.get("subtype") == 3]
    assert found == [{"vlan id": "10", "vlan name": "v10"}, {"vlan id": "20", "vlan name": "v20"}]


def test_where_nobody_listens_nothing_is_heard():
    cards = (Ethernet(name="eth0"), Ethernet(name="eth1", lldp=Lldp(enabled=True, neighbors=())))
    state = NetworkState(interfaces=cards)
    assert neighbours(state, Facts()) == {"eth0": {"enabled": False, "tlvs": []}, "eth1": {"enabled": True, "tlvs": []}}


def test_only_cards_that_are_asked_for_and_exist():
    state = NetworkState(interfaces=(Ethernet(name="eth0"), Ethernet(name="eth1")))
    assert set(neighbours(state, Facts(), ["eth1", "eth9"])) == {"eth1"}
