"""What needs no host: files for NetworkManager, differences, policies (sections 2.8 to 2.10)."""

import configparser
import typing

import pytest

import libnmstate
from libnmstate.error import NmstateError, NmstateValueError

HOST: dict[str, typing.Any] = {
    "interfaces": [
        {
            "name": "eth1", "type": "ethernet", "state": "up", "mtu": 1500, "mac-address": "02:00:00:00:00:01",
            "ipv4": {"enabled": True, "dhcp": True, "address": [{"ip": "192.0.2.9", "prefix-length": 24}]},
        },
        {"name": "eth2", "type": "ethernet", "state": "up", "mtu": 1500},
    ],
    "routes": {
        kind: [{"destination": "0.0.0.0/0", "next-hop-interface": "eth1", "next-hop-address": "192.0.2.1", "table-id": 254}]
        for kind in ("running", "config")
    },
}  # fmt: skip


def bridge_over(name: str) -> dict[str, typing.Any]:
    return {"name": "br1", "type": "linux-bridge", "state": "up", "bridge": {"port": [{"name": name}]}}


def test_files_are_lists_of_names_and_contents() -> None:
    generated = libnmstate.generate_configurations({"interfaces": [HOST["interfaces"][1], bridge_over("eth2")]})
    assert list(generated) == ["NetworkManager"]
    files = dict(generated["NetworkManager"])  # type: ignore[arg-type]
    assert files.keys() == {"br1.nmconnection", "eth2.nmconnection"}
    parsed = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    parsed.read_string(files["eth2.nmconnection"])
    assert parsed["connection"]["interface-name"] == "eth2"
    again = libnmstate.generate_configurations({"interfaces": [HOST["interfaces"][1], bridge_over("eth2")]})
    assert again == generated


def test_files_of_a_wrong_document() -> None:
    with pytest.raises(NmstateValueError):
        libnmstate.generate_configurations({"interfaces": [{"name": "eth1", "type": "ethernet", "foo": 1}]})


def test_differences_are_what_changes() -> None:
    desired = {
        "interfaces": [{"name": "eth2", "type": "ethernet", "state": "up", "mtu": 1400}, *HOST["interfaces"][:1]]
    }
    differing = libnmstate.generate_differences(desired, HOST)
    assert differing == {"interfaces": [{"name": "eth2", "type": "ethernet", "state": "up", "mtu": 1400}]}


def test_differences_of_what_is_new() -> None:
    desired = {"interfaces": [bridge_over("eth2")]}
    (entry,) = libnmstate.generate_differences(desired, HOST)["interfaces"]
    assert (entry["name"], entry["bridge"]) == ("br1", {"port": [{"name": "eth2"}]})


def test_differences_of_routes() -> None:
    other = {**HOST["routes"]["config"][0], "next-hop-address": "192.0.2.2"}
    desired = {"routes": {"config": [{"state": "absent", "destination": "0.0.0.0/0"}, other]}}
    listed = libnmstate.generate_differences(desired, HOST)["routes"]["config"]
    assert {(route.get("state"), route["next-hop-address"]) for route in listed} == {
        ("absent", "192.0.2.1"),
        (None, "192.0.2.2"),
    }


def test_differences_of_nothing() -> None:
    assert libnmstate.generate_differences(HOST, HOST) in ({}, {"interfaces": []})
    with pytest.raises(NmstateValueError):
        libnmstate.generate_differences({"interfaces": [{"name": "eth9", "state": "up"}]}, HOST)


POLICY: dict[str, typing.Any] = {
    "capture": {
        "gw": 'routes.running.destination=="0.0.0.0/0"',
        "gw-if": "interfaces.name==capture.gw.routes.running.0.next-hop-interface",
    },
    "desiredState": {
        "interfaces": [
            {
                "name": "br1", "type": "linux-bridge", "state": "up",
                "ipv4": "{{ capture.gw-if.interfaces.0.ipv4 }}",
                "bridge": {"port": [{"name": "{{ capture.gw-if.interfaces.0.name }}"}]},
            }
        ]
    },
}  # fmt: skip


def test_a_bridge_over_the_way_out() -> None:
    (entry,) = libnmstate.gen_net_state_from_policy(POLICY, HOST)["interfaces"]
    assert [port["name"] for port in entry["bridge"]["port"]] == ["eth1"]
    assert entry["ipv4"]["dhcp"] is True


def test_a_policy_without_captures_is_its_state() -> None:
    wanted = {"interfaces": [{"name": "eth1", "type": "ethernet", "state": "up", "mtu": 1500}]}
    assert libnmstate.gen_net_state_from_policy({"desired": wanted}, {}) == wanted


def test_a_capture_of_nothing_is_told_with_its_place() -> None:
    policy = {**POLICY, "capture": {**POLICY["capture"], "gw": 'routes.running.destination=="9.9.9.9/32"'}}
    with pytest.raises(NmstateError) as caught:
        libnmstate.gen_net_state_from_policy(policy, HOST)
    assert not isinstance(caught.value, NmstateValueError)
    assert str(caught.value).startswith("PolicyError: ")
    lines = str(caught.value).splitlines()
    assert any(line.startswith("| ") and line.rstrip().endswith("^") for line in lines)
