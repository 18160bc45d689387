"""LLDP neighbours, as NetworkManager tells them and as documents show them."""

from linkhold.providers.networkmanager.neighbours import neighbours

SWITCH = {
    "chassis-id-type": 4,
    "chassis-id": "00:01:30:F9:AD:A0",
    "port-id-type": 5,
    "port-id": "1/1",
    "system-name": "Summit300-48",
    "system-capabilities": 20,
    "ieee-802-1-vlans": [{"vid": 488, "name": "v2-0488"}],
    "ieee-802-1-ppvids": [{"ppvid": 0, "flags": 1}],
    "ieee-802-3-mac-phy-conf": {"autoneg": 3, "pmd-autoneg-cap": 27648, "operational-mau-type": 16},
    "ieee-802-3-max-frame-size": 1522,
    "management-addresses": [
        {"address-subtype": 1, "address": b"\xc0\x00\x02\x01", "interface-number-subtype": 2, "interface-number": 1001},
        {"address-subtype": 6, "address": b"\x00\x01\x30\xf9\xad\xa0", "interface-number": 0},
    ],
}


def test_each_announcement_is_a_map_with_its_type() -> None:
    ((name, capabilities, chassis, port, vlans, physical, ppvids, management, frame),) = neighbours([SWITCH])
    assert name == {"type": 5, "system-name": "Summit300-48"}
    assert capabilities == {"type": 7, "system-capabilities": ["MAC Bridge component", "Router"]}
    assert chassis == {
        "type": 1,
        "_description": "MAC address",
        "chassis-id": "00:01:30:F9:AD:A0",
        "chassis-id-type": 4,
    }
    assert port == {"type": 2, "_description": "Interface name", "port-id": "1/1", "port-id-type": 5}
    assert vlans["ieee-802-1-vlans"] == [{"name": "v2-0488", "vid": 488}]
    assert (vlans["oui"], vlans["subtype"]) == ("00:80:c2", 3)
    assert physical["ieee-802-3-mac-phy-conf"] == {
        "autoneg": True,
        "operational-mau-type": 16,
        "pmd-autoneg-cap": 27648,
    }
    assert ppvids["ieee-802-1-ppvids"] == [0]
    assert [one["address"] for one in management["management-addresses"]] == ["192.0.2.1", "00:01:30:F9:AD:A0"]
    assert [one["address-subtype"] for one in management["management-addresses"]] == ["IPv4", "MAC"]
    assert frame["ieee-802-3-max-frame-size"] == 1522


def test_what_was_not_announced_is_not_shown() -> None:
    ((port,),) = neighbours([{"port-id-type": 7, "port-id": "eth0"}])
    assert port["_description"] == "Locally assigned"


def test_two_looks_compare_equal() -> None:
    other = {**SWITCH, "system-name": "Another"}
    assert neighbours([SWITCH, other]) == neighbours([other, SWITCH])
