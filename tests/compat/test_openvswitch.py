"""Open vSwitch by the words of nmstate (sections 1.11 and 1.18)."""

import typing

import pytest

import libnmstate
from libnmstate.error import NmstateDependencyError, NmstatePluginError, NmstateValueError
from libnmstate.schema import Interface
from tests.compat.checks import State, apply, gone, names, static_addresses, up
from tests.compat.conftest import Host
from tests.services.rigs.openvswitch import OpenVSwitch

IPV4 = {"enabled": True, "dhcp": False, "address": [{"ip": "192.0.2.251", "prefix-length": 24}]}


def shown(name: str, kind: str) -> State:
    """A bridge and its internal interface may have the same name."""
    found = [one for one in libnmstate.show()[Interface.KEY] if (one["name"], one["type"]) == (name, kind)]
    assert len(found) == 1, found
    return typing.cast("State", found[0])


def bridge(switch: OpenVSwitch, *ports: str | dict[str, typing.Any], **options: typing.Any) -> dict[str, typing.Any]:
    listed = [{"name": port} if isinstance(port, str) else port for port in ports]
    datapath = {} if switch.datapath == "system" else {"datapath": switch.datapath}
    return {"options": {**datapath, **options}, "port": listed}


def port_names(name: str) -> list[str]:
    return sorted(port["name"] for port in shown(name, "ovs-bridge")["bridge"]["port"])


def test_a_bridge_with_an_internal_interface(kernel_host: Host, openvswitch: OpenVSwitch) -> None:
    document = up("br0", "ovs-bridge", bridge=bridge(openvswitch, "eth1", "ovs0"))
    document[Interface.KEY] += up("ovs0", "ovs-interface", ipv4=IPV4)[Interface.KEY]
    libnmstate.apply(document)
    assert port_names("br0") == ["eth1", "ovs0"]
    assert static_addresses("ovs0", "ipv4") == [("192.0.2.251", 24)]
    assert shown("ovs0", "ovs-interface")["controller"] == "br0"
    libnmstate.apply(gone("br0"))
    assert {"br0", "ovs0"}.isdisjoint(names())
    assert openvswitch.bridges() == []


def test_a_bridge_without_ports_gets_an_interface_of_its_name(kernel_host: Host, openvswitch: OpenVSwitch) -> None:
    libnmstate.apply(up("br0", "ovs-bridge", bridge=bridge(openvswitch)))
    assert shown("br0", "ovs-interface")["controller"] == "br0"


def test_a_port_that_is_nothing_yet_becomes_internal(kernel_host: Host, openvswitch: OpenVSwitch) -> None:
    libnmstate.apply(up("br0", "ovs-bridge", bridge=bridge(openvswitch, "new0")))
    assert shown("new0", "ovs-interface")["state"] == "up"


def test_options_and_vlans(kernel_host: Host, openvswitch: OpenVSwitch) -> None:
    access = {"name": "eth1", "vlan": {"mode": "access", "tag": 7}}
    trunk = {"name": "eth2", "vlan": {"mode": "trunk", "trunk-tags": [{"id": 5}, {"id-range": {"min": 10, "max": 12}}]}}
    section = bridge(openvswitch, access, trunk, **{"rstp": True, "mcast-snooping-enable": True, "fail-mode": "secure"})
    libnmstate.apply(up("br0", "ovs-bridge", bridge=section))
    current = shown("br0", "ovs-bridge")["bridge"]
    assert {key: current["options"][key] for key in ("rstp", "mcast-snooping-enable", "fail-mode")} == {
        "rstp": True, "mcast-snooping-enable": True, "fail-mode": "secure",
    }  # fmt: skip
    assert {port["name"]: port["vlan"] for port in current["port"]} == {"eth1": access["vlan"], "eth2": trunk["vlan"]}


def test_a_bond_of_ports(kernel_host: Host, openvswitch: OpenVSwitch) -> None:
    bond = {
        "name": "bond0",
        "link-aggregation": {"mode": "active-backup", "port": [{"name": "eth1"}, {"name": "eth2"}]},
    }
    libnmstate.apply(up("br0", "ovs-bridge", bridge=bridge(openvswitch, bond, "ovs0")))
    (found,) = [port for port in shown("br0", "ovs-bridge")["bridge"]["port"] if port["name"] == "bond0"]
    assert found["link-aggregation"]["mode"] == "active-backup"
    assert sorted(port["name"] for port in found["link-aggregation"]["port"]) == ["eth1", "eth2"]


def test_patches_between_bridges(kernel_host: Host, openvswitch: OpenVSwitch) -> None:
    document = {
        Interface.KEY: [
            *up("br0", "ovs-bridge", bridge=bridge(openvswitch, "patch0"))[Interface.KEY],
            *up("patch0", "ovs-interface", patch={"peer": "patch1"})[Interface.KEY],
            *up("br1", "ovs-bridge", bridge=bridge(openvswitch, "patch1"))[Interface.KEY],
            *up("patch1", "ovs-interface", patch={"peer": "patch0"})[Interface.KEY],
        ]
    }
    libnmstate.apply(document)
    assert shown("patch0", "ovs-interface")["patch"] == {"peer": "patch1"}


def test_global_settings_merge_and_are_removed_by_null(kernel_host: Host, openvswitch: OpenVSwitch) -> None:
    apply({"ovs-db": {"external_ids": {"a": "1", "b": 2}}})
    libnmstate.apply({"ovs-db": {"external_ids": {"a": None, "c": True}}})
    ids = libnmstate.show()["ovs-db"]["external_ids"]
    assert {key: ids.get(key) for key in "abc"} == {"a": None, "b": "2", "c": "true"}


def test_mappings_of_ovn(kernel_host: Host, openvswitch: OpenVSwitch) -> None:
    libnmstate.apply(
        {"ovn": {"bridge-mappings": [{"localnet": "net1", "bridge": "br0"}, {"localnet": "net2", "bridge": "br0"}]}}
    )
    libnmstate.apply({"ovn": {"bridge-mappings": [{"localnet": "net1", "state": "absent"}]}})
    assert libnmstate.show()["ovn"]["bridge-mappings"] == [{"localnet": "net2", "bridge": "br0"}]


def test_settings_of_an_interface_in_the_database(kernel_host: Host, openvswitch: OpenVSwitch) -> None:
    document = up("br0", "ovs-bridge", bridge=bridge(openvswitch, "ovs0"))
    document[Interface.KEY] += up("ovs0", "ovs-interface", ovs_db={"external_ids": {"who": "me"}})[Interface.KEY]
    libnmstate.apply(document)
    assert shown("ovs0", "ovs-interface")["ovs-db"]["external_ids"]["who"] == "me"


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "br0", "type": "ovs-bridge", "mac-address": "02:00:00:00:00:01"},
        {"name": "br0", "type": "ovs-bridge", "bridge": {"foo": 1}},
        {"name": "br0", "type": "ovs-bridge", "bridge": {"options": {"fail-mode": "sideways"}}},
        {"name": "patch0", "type": "ovs-interface", "patch": {"peer": "patch1"}, "mtu": 1400},
        {"name": "d0", "type": "ovs-interface", "dpdk": {"devargs": "000:18:00.2", "n_rxq_desc": 1000}},
    ],
    ids=str,
)
def test_mistakes(kernel_host: Host, openvswitch: OpenVSwitch, entry: dict[str, typing.Any]) -> None:
    with pytest.raises(NmstateValueError):
        libnmstate.apply({Interface.KEY: [entry]})


@pytest.mark.parametrize("expected", [NmstateDependencyError, NmstatePluginError])
def test_without_open_vswitch(kernel_host: Host, expected: type[Exception]) -> None:
    libnmstate.apply(up("eth1", "ethernet", mtu=1400))
    with pytest.raises(expected):
        libnmstate.apply(
            {Interface.KEY: [{"name": "br0", "type": "ovs-bridge", "state": "up", "bridge": {"port": []}}]}
        )
    with pytest.raises(expected):
        libnmstate.apply({"ovs-db": {"external_ids": {"a": "1"}}})
