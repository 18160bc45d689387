"""The host with exactly the keys that programs written for nmstate know."""

import typing

from linkhold.state.as_nmstate import as_nmstate
from linkhold.state.document import read
from linkhold.state.fields import HIDDEN


def shown(*interfaces: dict[str, typing.Any], **options: typing.Any) -> dict[str, typing.Any]:
    return as_nmstate(read({"interfaces": list(interfaces)}), **options)


def entry(**said: typing.Any) -> dict[str, typing.Any]:
    interface = {
        "name": "eth1",
        "type": "ethernet",
        "state": "up",
        **{key.replace("_", "-"): said[key] for key in said},
    }
    (told,) = shown(interface)["interfaces"]
    return typing.cast("dict[str, typing.Any]", told)


def test_all_sections_are_there_of_a_whole_host() -> None:
    assert shown() == {
        "dns-resolver": {"running": {}, "config": {}},
        "route-rules": {"config": []},
        "routes": {"running": [], "config": []},
        "interfaces": [],
    }
    assert shown(whole=False) == {"interfaces": []}
    running = shown(running_config=True)
    assert "running" not in running["routes"].keys() | running["dns-resolver"].keys()


def test_what_nmstate_has_no_key_for_is_left_out() -> None:
    assert "qos" not in entry(qos={"classes": [{"link-share": {"m2": 7}}]})
    options = {"hash-max": 512, "vlan-filtering": True, "nf-call-iptables": True, "multicast-igmp-version": 3}
    (told,) = shown({"name": "br0", "type": "linux-bridge", "bridge": {"options": options, "port": []}})["interfaces"]
    assert told["bridge"] == {"options": {"hash-max": 512}, "port": []}


def test_keys_of_ours_are_left_out() -> None:
    told = entry(carrier=True, provider="networkmanager", ipv6={"enabled": True, "forwarding": True}, alt_names=[])
    assert told == {
        "name": "eth1",
        "type": "ethernet",
        "state": "up",
        "ipv6": {"enabled": True},
        "lldp": {"enabled": False},
    }


def test_what_nmstate_always_tells_is_told() -> None:
    assert entry(profile_name="uplink")["identifier"] == "name"
    assert (
        entry(profile_name="uplink", identifier="mac-address", mac_address="02:00:00:00:00:01")["identifier"]
        == "mac-address"
    )
    assert "identifier" not in entry()
    assert entry(alt_names=[{"name": "a"}])["alt-names"] == [{"name": "a"}]


def test_options_of_two_names_are_told_under_both() -> None:
    bridge = {"name": "br0", "type": "linux-bridge", "bridge": {"options": {"group-forward-mask": 8}, "port": []}}
    bond = {
        "name": "bond0",
        "type": "bond",
        "link-aggregation": {"mode": 1, "options": {"num_grat_arp": 5}, "port": []},
    }
    told = {one["name"]: one for one in shown(bridge, bond)["interfaces"]}
    assert told["br0"]["bridge"]["options"] == {"group-forward-mask": 8, "group-fwd-mask": 8}
    assert told["bond0"]["link-aggregation"]["options"] == {"num_grat_arp": 5, "num_unsol_na": 5}
    assert read({"interfaces": list(told.values())})  # and read back


def test_neighbours_are_no_configuration() -> None:
    interface = {
        "name": "eth1",
        "type": "ethernet",
        "lldp": {"enabled": True, "neighbors": [[{"type": 5, "system-name": "x"}]]},
    }
    (told,) = shown(interface)["interfaces"]
    assert told["lldp"]["neighbors"] == [[{"type": 5, "system-name": "x"}]]
    (told,) = shown(interface, running_config=True)["interfaces"]
    assert told["lldp"] == {"enabled": True, "neighbors": []}


def test_secrets_are_hidden_unless_asked_for() -> None:
    interface = {"name": "eth1", "type": "ethernet", "802.1x": {"identity": "me", "password": "word"}}
    assert shown(interface)["interfaces"][0]["802.1x"]["password"] == HIDDEN
    assert shown(interface, secrets=True)["interfaces"][0]["802.1x"]["password"] == "word"
