"""What a host was told so far: the document that boot restores."""

from linkhold.planning.merge import accumulate
from linkhold.state.document import read, to_plain
from linkhold.state.network import NetworkState


def _told(*documents):
    stored = NetworkState()
    for plain in documents:
        stored = accumulate(stored, read(plain))
    return to_plain(stored, secrets=True)


def _interface(told, name):
    return next((one for one in told["interfaces"] if one["name"] == name), None)


def test_later_words_come_over_earlier_ones_field_by_field():
    told = _told(
        {"interfaces": [{"name": "d0", "type": "dummy", "mtu": 1400, "description": "x"}]},
        {"interfaces": [{"name": "d0", "type": "dummy", "mtu": 1500}]},
    )
    one = _interface(told, "d0")
    assert (one["mtu"], one["description"]) == (1500, "x")


def test_nothing_is_added_that_nobody_said():
    told = _told({"interfaces": [{"name": "eth1", "type": "ethernet", "mtu": 9000}]})
    assert set(_interface(told, "eth1")) == {"name", "type", "state", "mtu"}
    assert set(told) == {"interfaces"}


def test_absent_takes_away_what_was_told_with_all_that_rides_on_it():
    told = _told(
        {
            "interfaces": [
                {"name": "bond0", "type": "bond", "link-aggregation": {"mode": "active-backup", "port": ["eth1"]}},
                {"name": "v7", "type": "vlan", "vlan": {"base-iface": "bond0", "id": 7}},
                {"name": "eth1", "type": "ethernet", "description": "x"},
                {"name": "eth2", "type": "ethernet", "description": "y"},
            ]
        },
        {
            "interfaces": [
                {"name": "bond0", "type": "bond", "state": "absent"},
                {"name": "eth2", "type": "ethernet", "state": "absent"},
            ]
        },
    )
    assert [one["name"] for one in told["interfaces"]] == ["eth1"]
    assert _interface(told, "eth1").get("controller", "") == ""


def test_a_port_that_moves_is_told_of_by_its_new_controller_only():
    def bridge(name, *ports):
        return {"name": name, "type": "linux-bridge", "bridge": {"port": [{"name": port} for port in ports]}}

    told = _told({"interfaces": [bridge("br0", "eth1", "eth2")]}, {"interfaces": [bridge("br1", "eth2")]})
    ports = {name: [one["name"] for one in _interface(told, name)["bridge"]["port"]] for name in ("br0", "br1")}
    assert ports == {"br0": ["eth1"], "br1": ["eth2"]}
    released = _told(
        {"interfaces": [bridge("br0", "eth1", "eth2")]},
        {"interfaces": [{"name": "eth1", "type": "ethernet", "controller": ""}]},
    )
    assert [one["name"] for one in _interface(released, "br0")["bridge"]["port"]] == ["eth2"]
    gone = _told(
        {"interfaces": [bridge("br0", "eth1")]},
        {"interfaces": [{"name": "eth1", "type": "ethernet", "state": "absent"}]},
    )
    assert _interface(gone, "br0")["bridge"]["port"] == []


def test_a_card_that_becomes_a_port_is_told_no_addresses_any_more():
    address = {"enabled": True, "address": [{"ip": "192.0.2.1", "prefix-length": 24}]}
    told = _told(
        {"interfaces": [{"name": "eth1", "type": "ethernet", "ipv4": address}]},
        {
            "interfaces": [
                {"name": "br0", "type": "linux-bridge", "ipv4": address, "bridge": {"port": [{"name": "eth1"}]}}
            ]
        },
    )
    assert _interface(told, "eth1")["ipv4"] == {"enabled": False}
    assert "ipv6" not in _interface(told, "eth1")


def test_routes_and_rules_add_up_and_filters_take_away_without_being_kept():
    route = {"destination": "203.0.113.0/24", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.254"}
    told = _told(
        {"routes": {"config": [route, {**route, "destination": "198.51.100.0/24"}]}},
        {"routes": {"config": [{"state": "absent", "destination": "198.51.100.0/24"}]}},
        {"route-rules": {"config": [{"ip-from": "192.0.2.0/24", "route-table": 7}]}},
        {"route-rules": {"config": [{"ip-from": "192.0.2.0/24", "route-table": 7}]}},
    )
    assert [one["destination"] for one in told["routes"]["config"]] == ["203.0.113.0/24"]
    assert len(told["route-rules"]["config"]) == 1


def test_secrets_are_kept_when_hidden_ones_come():
    key = "A" * 43 + "="
    hidden = "<_password_hid_by_nmstate>"
    told = _told(
        {"interfaces": [{"name": "w", "type": "wireguard", "wireguard": {"private-key": key}}]},
        {"interfaces": [{"name": "w", "type": "wireguard", "wireguard": {"private-key": hidden, "listen-port": 7}}]},
    )
    assert _interface(told, "w")["wireguard"] == {"private-key": key, "listen-port": 7}


def test_dns_lists_replace_one_by_one_and_a_purge_is_told():
    config = {"server": ["192.0.2.53"], "search": ["a.example"]}
    told = _told({"dns-resolver": {"config": config}}, {"dns-resolver": {"config": {"search": []}}})
    assert told["dns-resolver"]["config"] == {"server": ["192.0.2.53"], "search": []}
    purged = _told({"dns-resolver": {"config": config}}, {"dns-resolver": {"config": {}}})
    assert purged["dns-resolver"]["config"] == {"server": [], "search": [], "options": []}
