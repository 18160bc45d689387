"""Documents about Open vSwitch applied by the whole of Linkhold, and seen with `ovs-vsctl` and `ip`."""

import copy
import pathlib
import typing

import pytest

import linkhold
from linkhold.foundation.diagnostics import Invalid
from linkhold.state.document import to_plain
from linkhold.transaction.result import Result
from tests.kernel.example_host import all_examples, example
from tests.lab import namespaces
from tests.services.rigs.openvswitch import OpenVSwitch

Document = dict[str, typing.Any]


@pytest.fixture
def ovs(
    openvswitch: OpenVSwitch, netns: namespaces.Namespace, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> OpenVSwitch:
    """Open vSwitch, and three cards."""
    monkeypatch.setenv("LINKHOLD_STATE_DIR", str(tmp_path / "state"))
    for number in (1, 2, 3):
        netns.ip("link", "add", f"eth{number}", "type", "veth", "peer", f"far{number}")
        netns.ip("link", "set", f"far{number}", "up")
        netns.ip("link", "set", f"eth{number}", "up")
    return openvswitch


def bridge(ovs: OpenVSwitch, name: str, *ports: Document | str, **more: typing.Any) -> Document:
    """A bridge of the datapath that is to be had here."""
    listed = [{"name": one} if isinstance(one, str) else one for one in ports]
    section: Document = {"options": {"datapath": ovs.datapath, **more.pop("options", {})}, **more.pop("section", {})}
    if listed or more.pop("whole", False):
        section["port"] = listed
    return {"name": name, "type": "ovs-bridge", "state": "up", "bridge": section, **more}


def internal(name: str, *addresses: str, **more: typing.Any) -> Document:
    """An interface for the host."""
    listed = [{"ip": one.partition("/")[0], "prefix-length": int(one.partition("/")[2])} for one in addresses]
    ipv4 = {"enabled": True, "address": listed} if listed else {"enabled": False}
    return {"name": name, "type": "ovs-interface", "state": "up", "ipv4": ipv4, "ipv6": {"enabled": False}, **more}


def apply(*interfaces: Document, **more: typing.Any) -> Result:
    """Apply a document; it must end well, and be as was asked for when looked at again."""
    document = {"interfaces": list(interfaces), **more}
    result = linkhold.apply(copy.deepcopy(document))
    assert result.outcome == "committed", (result.sentence, result.reason, result.answer, result.mismatches)
    again = linkhold.apply(document)
    assert again.outcome == "unchanged", [(one.name, one.differences) for one in again.plan.changes]
    return result


def shown(name: str, kind: str) -> Document:
    """What linkhold shows of one."""
    found: list[Document] = to_plain(linkhold.show([name]))["interfaces"]
    return next(one for one in found if one["name"] == name and one["type"] == kind)


def port(name: str, port_name: str) -> Document:
    """What it shows of one port of a bridge."""
    listed: list[Document] = shown(name, "ovs-bridge")["bridge"]["port"]
    return next(one for one in listed if one["name"] == port_name)


def ports(name: str) -> list[str]:
    """The ports it shows."""
    return [one["name"] for one in shown(name, "ovs-bridge")["bridge"]["port"]]


def addresses(netns: namespaces.Namespace, name: str) -> list[str]:
    """The IPv4 addresses in the kernel."""
    found = netns.ip_json("-4", "address", "show", name)
    return [f"{one['local']}/{one['prefixlen']}" for link in found for one in link["addr_info"]]


def names(netns: namespaces.Namespace) -> set[str]:
    """The links in the kernel."""
    return {link["ifname"] for link in netns.ip_json("link")}


def configuration() -> Document:
    """All that linkhold shows, but for the addresses that the kernel makes when it gets round to it."""
    state: Document = to_plain(linkhold.show(running_config=True))
    for one in state["interfaces"]:
        listed = one.get("ipv6", {}).get("address", [])
        one.get("ipv6", {})["address"] = [each for each in listed if not each["ip"].startswith("fe80:")]
    return state


# Examples


def _for_here(ovs: OpenVSwitch, name: str) -> Document:
    """An example, with the datapath that is to be had here said where it says none."""
    from linkhold.state.document import parse

    document = to_plain(parse(example(name).text))
    for one in document["interfaces"]:
        if one["type"] == "ovs-bridge" and ovs.datapath != "system":
            one["bridge"].setdefault("options", {})["datapath"] = ovs.datapath
    return document


@pytest.mark.parametrize("name", [one.name for one in all_examples() if one.name.startswith("ovs")])
def test_an_example_is_applied_taken_back_and_applied_again(ovs: OpenVSwitch, name: str) -> None:
    document = _for_here(ovs, name)
    before = configuration()
    assert linkhold.apply(copy.deepcopy(document), commit=False).outcome == "unconfirmed"
    assert ovs.bridges()
    linkhold.rollback()
    assert ovs.bridges() == []
    assert ovs.rows("Interface", "name") == []
    assert configuration() == before
    assert linkhold.apply(copy.deepcopy(document)).outcome == "committed"
    assert linkhold.apply(document).outcome == "unchanged"


# Bridges and ports


def test_a_new_bridge_without_ports_gets_one_for_the_host(ovs: OpenVSwitch, netns: namespaces.Namespace) -> None:
    apply(bridge(ovs, "br0"))
    assert ports("br0") == ["br0"]
    assert "br0" in names(netns)
    assert shown("br0", "ovs-interface")["controller"] == "br0"
    apply({"name": "br0", "type": "ovs-bridge", "state": "absent"})
    assert ovs.bridges() == []
    assert "br0" not in names(netns)


def test_a_port_that_nobody_knows_is_one_for_the_host(ovs: OpenVSwitch, netns: namespaces.Namespace) -> None:
    apply(bridge(ovs, "br0", "eth1", "host0"))
    assert shown("host0", "ovs-interface")["state"] == "up"
    (row,) = [one for one in ovs.rows("Interface", "name", "type") if one["name"] == "host0"]
    assert row["type"] == "internal"
    assert shown("eth1", "veth")["controller"] == "br0"
    apply(bridge(ovs, "br0", "eth1"))
    assert "host0" not in names(netns)
    assert shown("eth1", "veth")["controller"] == "br0"


def test_ports_come_and_go_on_both_sides(ovs: OpenVSwitch, netns: namespaces.Namespace) -> None:
    netns.ip("address", "add", "198.51.100.1/24", "dev", "eth1")
    apply(bridge(ovs, "br0", "eth1"))
    assert addresses(netns, "eth1") == []
    apply({"name": "eth2", "type": "ethernet", "controller": "br0"})
    assert ovs.ports("br0") == ["eth1", "eth2"]
    apply({"name": "eth1", "type": "ethernet", "controller": ""})
    assert ovs.ports("br0") == ["eth2"]
    apply(bridge(ovs, "br0", whole=True))
    assert ovs.ports("br0") == []


def test_a_port_moves_between_a_bridge_of_the_kernel_and_one_of_open_vswitch(
    ovs: OpenVSwitch, netns: namespaces.Namespace
) -> None:
    linux = {"name": "lin0", "type": "linux-bridge", "bridge": {"port": [{"name": "eth1"}]}}
    apply(linux)
    apply(bridge(ovs, "br0", "eth1"))
    assert ovs.ports("br0") == ["eth1"]
    assert shown("lin0", "linux-bridge")["bridge"]["port"] == []
    apply(linux)
    assert ovs.ports("br0") == []
    (eth1,) = netns.ip_json("link", "show", "eth1")
    assert eth1["master"] == "lin0"


def test_links_that_the_same_document_makes_are_plugged_in(ovs: OpenVSwitch, netns: namespaces.Namespace) -> None:
    pair = {"name": "ve0", "type": "veth", "veth": {"peer": "ve1"}}
    apply(pair, bridge(ovs, "br0", "eth1", "ve0"))
    assert ovs.ports("br0") == ["eth1", "ve0"]
    apply({"name": "ve0", "type": "veth", "state": "absent"})
    assert ovs.ports("br0") == ["eth1"]


OPTIONS = [
    ({"stp": {"enabled": True}}, "stp_enable", True),
    ({"rstp": True}, "rstp_enable", True),
    ({"mcast-snooping-enable": True}, "mcast_snooping_enable", True),
    ({"fail-mode": "secure"}, "fail_mode", "secure"),
]


@pytest.mark.parametrize(("said", "column", "value"), OPTIONS, ids=[one[1] for one in OPTIONS])
def test_an_option_is_set_and_reset(ovs: OpenVSwitch, said: Document, column: str, value: object) -> None:
    apply(bridge(ovs, "br0", "eth1"))
    (before,) = ovs.rows("Bridge", column)
    apply(bridge(ovs, "br0", options=said))
    assert ovs.rows("Bridge", column) == [{column: value}]
    (key,) = said
    off: dict[str, object] = {"stp": False, "fail-mode": ""}
    apply(bridge(ovs, "br0", options={key: off.get(key, False)}))
    assert ovs.rows("Bridge", column) == [before]


VLANS = [
    ({"mode": "access", "tag": 7}, {"vlan_mode": "access", "tag": 7, "trunks": ["set", []]}),
    (
        {"mode": "trunk", "trunk-tags": [{"id": 5}, {"id-range": {"min": 10, "max": 12}}]},
        {"vlan_mode": "trunk", "tag": ["set", []], "trunks": ["set", [5, 10, 11, 12]]},
    ),
    (
        {"mode": "trunk", "enable-native": True, "tag": 7, "trunk-tags": [{"id": 5}]},
        {"vlan_mode": "native-untagged", "tag": 7, "trunks": 5},
    ),
]


@pytest.mark.parametrize(("vlan", "columns"), VLANS, ids=["access", "trunk", "native"])
def test_vlans_of_a_port_are_set_and_reset(ovs: OpenVSwitch, vlan: Document, columns: Document) -> None:
    apply(bridge(ovs, "br0", "eth1", "eth2"))
    apply(bridge(ovs, "br0", {"name": "eth1", "vlan": vlan}, "eth2"))
    (row,) = [one for one in ovs.rows("Port", "name", *columns) if one["name"] == "eth1"]
    assert {name: row[name] for name in columns} == columns
    assert port("br0", "eth1")["vlan"] == vlan
    assert "vlan" not in port("br0", "eth2")
    apply(bridge(ovs, "br0", "eth1"))
    assert port("br0", "eth1")["vlan"] == vlan, "what a list does not say of a port stays"
    apply(bridge(ovs, "br0", {"name": "eth1", "vlan": {}}))
    (row,) = ovs.rows("Port", "tag", "trunks", "vlan_mode")
    assert row == {"tag": ["set", []], "trunks": ["set", []], "vlan_mode": ["set", []]}


def test_tags_that_follow_each_other_are_a_range(ovs: OpenVSwitch) -> None:
    tags = [{"id": 12}, {"id": 10}, {"id": 11}]
    apply(bridge(ovs, "br0", {"name": "eth1", "vlan": {"mode": "trunk", "trunk-tags": tags}}))
    assert port("br0", "eth1")["vlan"]["trunk-tags"] == [{"id-range": {"min": 10, "max": 12}}]


MODES = {
    "active-backup": {"bond_mode": "active-backup", "lacp": "off"},
    "balance-slb": {"bond_mode": "balance-slb", "lacp": "off"},
    "balance-tcp": {"bond_mode": "balance-tcp", "lacp": "active"},
    "lacp": {"bond_mode": ["set", []], "lacp": "active"},
}


@pytest.mark.parametrize("mode", MODES)
def test_a_bond_of_each_mode(ovs: OpenVSwitch, mode: str) -> None:
    members = [{"name": "eth1"}, {"name": "eth2"}]
    bond = {"mode": mode, "port": members, "bond-updelay": 100, "bond-downdelay": 200}
    apply(bridge(ovs, "br0", {"name": "uplink", "link-aggregation": bond}))
    columns = {**MODES[mode], "bond_updelay": 100, "bond_downdelay": 200}
    assert ovs.rows("Port", *columns) == [columns]
    assert port("br0", "uplink")["link-aggregation"] == bond
    assert shown("eth1", "veth")["controller"] == "br0"


def test_a_bond_changes_its_members(ovs: OpenVSwitch) -> None:
    def uplink(*members: str) -> Document:
        return {
            "name": "uplink",
            "link-aggregation": {"mode": "active-backup", "port": [{"name": one} for one in members]},
        }

    apply(bridge(ovs, "br0", uplink("eth1", "eth2")))
    apply(bridge(ovs, "br0", uplink("eth2", "eth3")))
    assert [one["name"] for one in port("br0", "uplink")["link-aggregation"]["port"]] == ["eth2", "eth3"]
    assert "controller" not in shown("eth1", "veth")
    apply({"name": "eth3", "type": "ethernet", "controller": ""})
    assert [one["name"] for one in port("br0", "uplink")["link-aggregation"]["port"]] == ["eth2"]


def test_members_of_a_bond_become_ports_and_ports_a_bond(ovs: OpenVSwitch) -> None:
    """In one transaction, and with the settings that documents have no word for."""
    bond = {"mode": "active-backup", "port": [{"name": "eth1"}, {"name": "eth2"}]}
    uplink = {"name": "uplink", "link-aggregation": bond}
    apply(bridge(ovs, "br0", "eth1", "eth2"))
    ovs.vsctl("set", "Interface", "eth1", "ofport_request=77")
    apply(bridge(ovs, "br0", uplink))
    assert ovs.ports("br0") == ["uplink"]
    apply(bridge(ovs, "br0", {"name": "uplink", "link-aggregation": {**bond, "port": [{"name": "eth1"}]}}, "eth2"))
    assert ovs.ports("br0") == ["eth2", "uplink"]
    apply(bridge(ovs, "br0", {"name": "uplink", "link-aggregation": {**bond, "port": [{"name": "eth2"}]}}, "eth1"))
    assert ovs.ports("br0") == ["eth1", "uplink"]
    apply(bridge(ovs, "br0", "eth1", "eth2"))
    assert ovs.ports("br0") == ["eth1", "eth2"]
    assert ovs.vsctl("get", "Interface", "eth1", "ofport_request").strip() == "77"


def test_one_name_is_one_port_of_all_bridges(ovs: OpenVSwitch) -> None:
    bond = {"mode": "active-backup", "port": [{"name": "eth1"}, {"name": "eth2"}]}
    apply(bridge(ovs, "br0", {"name": "uplink", "link-aggregation": bond}))
    other = {"mode": "active-backup", "port": [{"name": "eth3"}]}
    with pytest.raises(Invalid, match="br0 has a port uplink already"):
        linkhold.apply({"interfaces": [bridge(ovs, "br1", {"name": "uplink", "link-aggregation": other})]})


# Interfaces


def test_an_interface_for_the_host_has_address_mtu_and_mac(ovs: OpenVSwitch, netns: namespaces.Namespace) -> None:
    said = internal("host0", "192.0.2.1/24", **{"mtu": 1400, "mac-address": "02:00:5E:10:00:77"})
    apply(bridge(ovs, "br0", "eth1", "host0"), said)
    (link,) = netns.ip_json("link", "show", "host0")
    assert (link["mtu"], link["address"]) == (1400, "02:00:5e:10:00:77")
    assert "UP" in link["flags"]
    assert addresses(netns, "host0") == ["192.0.2.1/24"]
    ovs.vsctl("add-port", "br0", "eth2")  # then ovs-vswitchd looks at all of them again
    (link,) = netns.ip_json("link", "show", "host0")
    assert (link["mtu"], link["address"]) == (1400, "02:00:5e:10:00:77")
    apply(internal("host0", "192.0.2.2/24", mtu=1300))
    (link,) = netns.ip_json("link", "show", "host0")
    assert link["mtu"] == 1300
    assert addresses(netns, "host0") == ["192.0.2.2/24"]


def test_the_interface_of_a_bridges_name_has_the_bridges_mac(ovs: OpenVSwitch, netns: namespaces.Namespace) -> None:
    (eth1,) = netns.ip_json("link", "show", "eth1")
    apply(bridge(ovs, "br0", "br0", "eth1"), internal("br0", "192.0.2.1/24", **{"copy-mac-from": "eth1"}))
    ovs.vsctl("add-port", "br0", "eth2")
    (link,) = netns.ip_json("link", "show", "br0")
    assert link["address"] == eth1["address"]
    apply(internal("br0", "192.0.2.1/24", **{"mac-address": "02:00:5E:10:00:78"}))
    ovs.vsctl("del-port", "br0", "eth2")
    (link,) = netns.ip_json("link", "show", "br0")
    assert link["address"] == "02:00:5e:10:00:78"


def test_an_interface_moves_to_another_bridge_with_its_addresses(ovs: OpenVSwitch, netns: namespaces.Namespace) -> None:
    apply(bridge(ovs, "br0", "host0", "eth1"), bridge(ovs, "br1", "eth2"), internal("host0", "192.0.2.1/24"))
    apply(bridge(ovs, "br1", "eth2", "host0"))
    assert ovs.ports("br0") == ["eth1"]
    assert sorted(ovs.ports("br1")) == ["eth2", "host0"]
    assert addresses(netns, "host0") == ["192.0.2.1/24"]


def test_an_interface_without_its_bridge_is_gone(ovs: OpenVSwitch, netns: namespaces.Namespace) -> None:
    apply(bridge(ovs, "br0", "host0", "eth1"), internal("host0", "192.0.2.1/24"))
    linkhold.apply({"interfaces": [{"name": "host0", "type": "ovs-interface", "controller": ""}]})
    assert "host0" not in names(netns)
    assert ovs.ports("br0") == ["eth1"]
    with pytest.raises(Invalid, match="is a port of one of its bridges"):
        linkhold.apply({"interfaces": [internal("host1")]})


def test_patches_are_paired_and_changed(ovs: OpenVSwitch) -> None:
    def patch(name: str, peer: str) -> Document:
        return {"name": name, "type": "ovs-interface", "state": "up", "patch": {"peer": peer}}

    both = bridge(ovs, "br0", "p0", "eth1"), bridge(ovs, "br1", "p1", "eth2")
    apply(*both, patch("p0", "p1"), patch("p1", "p0"))
    assert shown("p0", "ovs-interface")["patch"] == {"peer": "p1"}
    ovs.vsctl("set", "Interface", "p0", "options:kept=yes")
    apply(patch("p0", "elsewhere"))
    (row,) = [one for one in ovs.rows("Interface", "name", "options") if one["name"] == "p0"]
    assert dict(row["options"][1]) == {"peer": "elsewhere", "kept": "yes"}


def test_dpdk_is_refused_where_there_is_none(ovs: OpenVSwitch) -> None:
    dpdk = {"name": "dp0", "type": "ovs-interface", "state": "up", "dpdk": {"devargs": "0000:01:00.0"}}
    with pytest.raises(Invalid, match="started without DPDK"):
        linkhold.apply({"interfaces": [bridge(ovs, "br0", "dp0"), dpdk]})
    assert ovs.bridges() == []


def test_what_open_vswitch_can_not_do_for_its_interfaces_is_refused(ovs: OpenVSwitch) -> None:
    supplicant = {"identity": "me", "eap-methods": ["peap"], "password": "secret"}
    said = {"name": "br0", "type": "ovs-interface", "state": "up", "802.1x": supplicant}
    with pytest.raises(Invalid, match="needs a supplicant"):
        linkhold.apply({"interfaces": [bridge(ovs, "br0"), said]})


# The free maps


def test_maps_at_every_level(ovs: OpenVSwitch) -> None:
    kept = {"ovs-db": {"external_ids": {"a": "1", "b": "x"}, "other_config": {"c": "true"}}}
    bond = {"mode": "active-backup", "port": [{"name": "eth2"}, {"name": "eth3"}], **kept}
    apply(
        bridge(ovs, "br0", {"name": "eth1", **kept}, {"name": "uplink", "link-aggregation": bond}, "host0", **kept),
        internal("host0", **kept),
        {"name": "eth1", "type": "ethernet", **kept},
    )
    wanted = {"external_ids": ["map", [["a", "1"], ["b", "x"]]], "other_config": ["map", [["c", "true"]]]}
    assert ovs.rows("Bridge", *wanted) == [wanted]
    by_port = {one.pop("name"): one for one in ovs.rows("Port", "name", *wanted)}
    assert by_port["eth1"] == by_port["uplink"] == wanted
    by_name = {one.pop("name"): one for one in ovs.rows("Interface", "name", *wanted)}
    assert by_name["eth1"] == by_name["host0"] == wanted
    assert shown("eth1", "veth")["ovs-db"] == kept["ovs-db"]
    apply({"name": "eth1", "type": "ethernet", "ovs-db": {"external_ids": {"b": "y"}}})
    assert shown("eth1", "veth")["ovs-db"] == {"external_ids": {"b": "y"}, "other_config": {"c": "true"}}
    apply({"name": "br0", "type": "ovs-bridge", "ovs-db": {"external_ids": {}, "other_config": {"c": None, "d": 5}}})
    assert shown("br0", "ovs-bridge")["ovs-db"] == {"other_config": {"d": "5"}}


def test_maps_need_a_place(ovs: OpenVSwitch) -> None:
    with pytest.raises(Invalid, match="eth1 is in no bridge of Open vSwitch"):
        linkhold.apply({"interfaces": [{"name": "eth1", "type": "ethernet", "ovs-db": {"external_ids": {"a": "1"}}}]})


def test_the_global_maps_merge_by_key(ovs: OpenVSwitch) -> None:
    ovs.vsctl("set", "Open_vSwitch", ".", "external_ids:mine=1", "external_ids:ovn-bridge-mappings=net:br0")
    apply(**{"ovs-db": {"external_ids": {"a": 1, "b": True}, "other_config": {"c": "d"}}})
    maps = to_plain(linkhold.show())["ovs-db"]
    assert maps["external_ids"] == {"a": "1", "b": "True", "mine": "1"} | maps["external_ids"]
    apply(**{"ovs-db": {"external_ids": {"a": None}}})
    assert "a" not in to_plain(linkhold.show())["ovs-db"]["external_ids"]
    apply(**{"ovs-db": {}})
    assert to_plain(linkhold.show())["ovs-db"] == {"external_ids": {}, "other_config": {}}
    assert ovs.vsctl("get", "Open_vSwitch", ".", "external_ids").strip() == '{ovn-bridge-mappings="net:br0"}'


def test_ovns_mappings_merge_by_network(ovs: OpenVSwitch) -> None:
    ovs.vsctl("set", "Open_vSwitch", ".", "external_ids:mine=1")
    apply(bridge(ovs, "br0"), ovn={"bridge-mappings": [{"localnet": "net1", "bridge": "br0"}]})
    apply(ovn={"bridge-mappings": [{"localnet": "net2", "bridge": "br0"}]})
    assert ovs.vsctl("get", "Open_vSwitch", ".", "external_ids:ovn-bridge-mappings").strip() == '"net1:br0,net2:br0"'
    apply(ovn={"bridge-mappings": [{"localnet": "net1", "state": "absent"}]})
    assert to_plain(linkhold.show())["ovn"] == {"bridge-mappings": [{"localnet": "net2", "bridge": "br0"}]}
    assert ovs.vsctl("get", "Open_vSwitch", ".", "external_ids:mine").strip() == '"1"'


# What is others'


def test_what_documents_have_no_word_for_stays(ovs: OpenVSwitch) -> None:
    apply(bridge(ovs, "br0", "eth1"))
    ovs.vsctl("set", "Bridge", "br0", "protocols=OpenFlow13", "other_config:hwaddr=02:00:5e:10:00:01")
    ovs.vsctl("set-controller", "br0", "ptcp:6653:127.0.0.1")
    ovs.vsctl("set", "Interface", "eth1", "ofport_request=77", "external_ids:iface-id=guest")
    ovs.vsctl("add-port", "br0", "tun0", "--", "set", "Interface", "tun0", "type=vxlan", "options:remote_ip=192.0.2.9")
    ovs.vsctl("add-br", "br-int", "--", "set", "Bridge", "br-int", f"datapath_type={ovs.datapath}")
    others = ovs.rows("Controller", "_uuid"), [one for one in ovs.rows("Bridge") if one["name"] == "br-int"]
    apply(bridge(ovs, "br0", {"name": "eth1", "vlan": {"mode": "access", "tag": 3}}, "eth2", options={"rstp": True}))
    assert ovs.vsctl("get", "Bridge", "br0", "protocols").strip() == "[OpenFlow13]"
    assert ovs.vsctl("get", "Interface", "eth1", "ofport_request", "external_ids:iface-id").split() == ["77", "guest"]
    assert ovs.ports("br0") == ["eth1", "eth2", "tun0"]
    assert (ovs.rows("Controller", "_uuid"), [one for one in ovs.rows("Bridge") if one["name"] == "br-int"]) == others
    assert ports("br0") == ["eth1", "eth2"]


def test_patches_of_others_stay_where_that_is_said_and_those_of_ovn_always(ovs: OpenVSwitch) -> None:
    def add(name: str, *more: str) -> None:
        settings = ("type=patch", "options:peer=nowhere", *more)
        ovs.vsctl("add-port", "br0", name, "--", "set", "Interface", name, *settings)

    apply(bridge(ovs, "br0", "eth1"))
    add("extra0")
    add("ovn0", "external_ids:ovn-localnet-port=net1")
    apply(bridge(ovs, "br0", "eth1", "eth2", section={"allow-extra-patch-ports": True}))
    assert ovs.ports("br0") == ["eth1", "eth2", "extra0", "ovn0"]
    apply(bridge(ovs, "br0", "eth2"))
    assert ovs.ports("br0") == ["eth2", "ovn0"]


def test_what_is_shown_can_be_applied_as_it_is(ovs: OpenVSwitch, netns: namespaces.Namespace) -> None:
    linkhold.apply(_for_here(ovs, "ovs-bridge"))
    ovs.vsctl("add-port", "ovs0", "tun0", "--", "set", "Interface", "tun0", "type=vxlan", "options:remote_ip=192.0.2.9")
    ovs.vsctl("add-port", "ovs0", "p0", "--", "set", "Interface", "p0", "type=patch", "options:peer=p1")
    whole = to_plain(linkhold.show())
    assert linkhold.apply(copy.deepcopy(whole)).plan.empty
    host = next(one for one in whole["interfaces"] if one["name"] == "ovs-host")
    host["mtu"] = 1400
    result = linkhold.apply(whole)
    assert [change.name for change in result.plan.changes] == ["ovs-host"]
    assert ovs.ports("ovs0") == sorted(["eth1", "uplink", "ovs-host", "tun0", "p0"])


# What can't be done


def test_an_interface_that_can_not_be_set_up_is_named_and_all_is_as_before(
    ovs: OpenVSwitch, netns: namespaces.Namespace
) -> None:
    """Somebody takes its name at the last moment."""
    apply(bridge(ovs, "br0", "eth1"))

    def meddle(progress: typing.Any) -> None:
        if progress.phase == "apply" and progress.message.startswith("create"):
            netns.ip("link", "add", "host0", "type", "veth", "peer", "host1")

    document = {"interfaces": [bridge(ovs, "br0", "eth1", "host0"), internal("host0", "192.0.2.1/24")]}
    with pytest.raises(linkhold.NotApplied, match="host0 can't be set up by Open vSwitch") as refused:
        linkhold.apply(document, progress=meddle)
    assert refused.value.result.answer
    assert refused.value.result.failed == "+ interface host0"
    assert ovs.ports("br0") == ["eth1"]
    assert {"host0", "host1"} <= names(netns)


def test_a_card_that_another_datapath_holds_is_refused_and_all_is_as_before(ovs: OpenVSwitch) -> None:
    ovs.vsctl("add-br", "br9", "--", "set", "Bridge", "br9", f"datapath_type={ovs.datapath}")
    before = linkhold.show(running_config=True).interfaces
    said = {"name": "lo", "type": "loopback"}
    with pytest.raises(Invalid, match="can't be a port"):
        linkhold.apply({"interfaces": [bridge(ovs, "br0", "lo"), said]})
    assert linkhold.show(running_config=True).interfaces == before


def test_a_bridge_that_no_datapath_takes_is_refused_before_anything_is_touched(ovs: OpenVSwitch) -> None:
    version = ovs.vsctl("get", "Open_vSwitch", ".", "next_cfg")
    bare: Document = {"name": "br0", "type": "ovs-bridge", "bridge": {"port": [{"name": "eth1"}]}}
    document = {"interfaces": [bare]}
    if ovs.datapath == "system":  # this kernel has one
        assert linkhold.apply(document).outcome == "committed"
        return
    for datapath in ({}, {"datapath": "system"}):
        document["interfaces"][0]["bridge"]["options"] = datapath
        with pytest.raises(Invalid, match="this kernel has no datapath for Open vSwitch"):
            linkhold.apply(document)
    assert ovs.vsctl("get", "Open_vSwitch", ".", "next_cfg") == version


def test_without_the_switch_only_documents_that_need_it_are_refused(
    ovs: OpenVSwitch, netns: namespaces.Namespace
) -> None:
    ovs.switch.kill()
    with pytest.raises(Invalid, match="ovs-vswitchd does not run"):
        linkhold.apply({"interfaces": [bridge(ovs, "br0", "eth1")]})
    apply({"name": "eth1", "type": "ethernet", "mtu": 1400})
    ovs.server.kill()
    with pytest.raises(Invalid, match="Open vSwitch does not run here"):
        linkhold.apply({"interfaces": [bridge(ovs, "br0", "eth1")]})
    apply({"name": "eth1", "type": "ethernet", "mtu": 1300})
    (eth1,) = netns.ip_json("link", "show", "eth1")
    assert eth1["mtu"] == 1300
