"""Links of a real kernel, as we and as iproute2 and pyroute2 tell them."""

import errno
import struct

import pytest

from linkhold.providers.kernel.netlink import group, link, message
from linkhold.providers.kernel.netlink.socket import Refusal
from tests.kernel.netlink.oracle import do, ip

pytestmark = pytest.mark.needs("veth", "bridge", "ifb", "vxlan", "macvlan")


@pytest.fixture
def zoo(netlink):
    """A few links of several kinds."""
    do("link", "add", "br0", "type", "bridge", "forward_delay", "400", "stp_state", "1")
    do("link", "add", "v0", "address", "02:00:00:00:00:01", "mtu", "1400", "type", "veth", "peer", "name", "v1")
    do("link", "set", "v0", "master", "br0", "alias", "to the lab", "promisc", "on", "up")
    do("link", "set", "v1", "up")
    do("link", "property", "add", "dev", "v0", "altname", "a-name-longer-than-fifteen-characters", "altname", "short")
    do("link", "add", "vx", "type", "vxlan", "id", "42", "dstport", "4789", "local", "10.0.0.1")
    do("link", "add", "link", "v1", "mv", "type", "macvlan", "mode", "bridge")
    do("link", "set", "vx", "group", "77", "addrgenmode", "none")
    return netlink


def test_links_agree_with_iproute2(zoo):
    ours = {each.name: each for each in link.dump(zoo)}
    theirs = {each["ifname"]: each for each in ip("link")}
    assert ours.keys() == theirs.keys() == {"lo", "br0", "v0", "v1", "vx", "mv"}
    names = {each.index: each.name for each in ours.values()}
    for name, told in theirs.items():
        each = ours[name]
        assert (each.index, each.mtu, each.address) == (told["ifindex"], told["mtu"], told["address"])
        assert (each.min_mtu, each.max_mtu) == (told.get("min_mtu"), told.get("max_mtu"))
        assert each.is_up == ("UP" in told["flags"])
        assert each.has_carrier == ("LOWER_UP" in told["flags"])
        assert each.promiscuity == told["promiscuity"]
        assert each.alternative_names == told.get("altnames", [])
        assert each.kind == told.get("linkinfo", {}).get("info_kind")
        assert each.port_kind == told.get("linkinfo", {}).get("info_slave_kind")
        assert names.get(each.controller) == told.get("master")
        assert names.get(each.parent or 0) == told.get("link")
        assert each.alias == told.get("ifalias")
        assert each.transmit_queue_length == told["txqlen"]
        assert each.inet6[link.IFLA_INET6_ADDR_GEN_MODE][0] == {"eui64": 0, "none": 1}[told["inet6_addr_gen_mode"]]


def test_data_of_kinds_and_ports(zoo):
    links = {each.name: each for each in link.dump(zoo)}
    forward_delay, stp_state, vxlan_id, port_state = 1, 5, 1, 1  # IFLA_BR_*, IFLA_VXLAN_ID, IFLA_BRPORT_STATE
    assert message.to_u32(links["br0"].data[forward_delay]) == 400
    assert message.to_u32(links["br0"].data[stp_state]) == 1
    assert message.to_u32(links["vx"].data[vxlan_id]) == 42
    assert message.to_u8(links["v0"].port_data[port_state]) in range(5)
    assert links["vx"].group == 77


def test_links_agree_with_pyroute2(zoo):
    pyroute2 = pytest.importorskip("pyroute2")
    with pyroute2.IPRoute() as other:
        theirs = {each["index"]: dict(each["attrs"]) for each in other.get_links()}
    ours = {each.index: each for each in link.dump(zoo)}
    assert ours.keys() == theirs.keys()
    for index, told in theirs.items():
        each = ours[index]
        assert each.name == told["IFLA_IFNAME"]
        assert each.mtu == told["IFLA_MTU"]
        assert each.controller == told.get("IFLA_MASTER")
        assert each.parent == told.get("IFLA_LINK")
        assert each.group == told["IFLA_GROUP"]
        assert each.kind == (told["IFLA_LINKINFO"].get("IFLA_INFO_KIND") if "IFLA_LINKINFO" in told else None)


def test_dumps_are_filtered_by_the_kernel(zoo):
    bridge = link.read(zoo, "br0")
    assert [each.name for each in link.dump(zoo, kind="vxlan")] == ["vx"]
    assert [each.name for each in link.dump(zoo, controller=bridge.index)] == ["v0"]
    payload = link.header() + message.u32(link.IFLA_MASTER, bridge.index)
    assert len([kind for kind, _ in zoo.dump(link.RTM_GETLINK, payload) if kind == link.RTM_NEWLINK]) == 1


def test_ipv6_statistics_come_only_when_asked_for(zoo):
    assert all(link.IFLA_INET6_STATS not in each.inet6 for each in link.dump(zoo))
    assert all(link.IFLA_INET6_STATS in each.inet6 for each in link.dump(zoo, statistics=True))


def test_one_link_is_found_by_index_and_any_name(zoo):
    found = link.read(zoo, "v0")
    for which in (found.index, "short", "a-name-longer-than-fifteen-characters"):
        assert link.read(zoo, which).name == "v0"
    assert link.read(zoo, "nowhere") is None
    assert link.read(zoo, 9999) is None


def test_create_change_and_delete(netlink):
    netlink.request(*link.create("br0", "bridge", message.u32(link.IFLA_MTU, 1400), data=[message.u32(1, 300)]))
    netlink.request(*link.create("t0", "ifb", up=True))
    bridge, port = link.read(netlink, "br0"), link.read(netlink, "t0")
    assert (bridge.mtu, message.to_u32(bridge.data[1]), port.is_up) == (1400, 300, True)
    assert (
        netlink.batch(
            [
                link.change_data(bridge.index, "bridge", message.u32(1, 500)),
                link.set_controller(port.index, bridge.index),
                link.change_port(port.index, "bridge", message.u16(2, 7)),  # IFLA_BRPORT_PRIORITY
                link.set_down(port.index),
                link.rename(port.index, "t1"),
                link.add_alternative_names(port.index, ["one", "two"]),
                link.remove_alternative_names(port.index, ["one"]),
                link.set_up(bridge.index),
            ]
        )
        == [None] * 8
    )
    told = {each["ifname"]: each for each in ip("link")}
    assert told["br0"]["linkinfo"]["info_data"]["forward_delay"] == 500
    assert (told["t1"]["master"], told["t1"]["altnames"]) == ("br0", ["two"])
    assert told["t1"]["linkinfo"]["info_slave_data"]["priority"] == 7
    assert ("UP" in told["t1"]["flags"], "UP" in told["br0"]["flags"]) == (False, True)
    netlink.request(*link.set_controller(port.index, 0))
    assert link.read(netlink, "t1").controller is None
    assert netlink.batch([link.delete(port.index), link.delete(bridge.index)]) == [None, None]
    assert [each["ifname"] for each in ip("link")] == ["lo"]


def test_a_refusal_tells_why_and_does_not_stop_the_others(netlink):
    requests = [link.create(f"t{number}", "ifb") for number in range(600)]
    requests[300] = link.create("t0", "ifb")
    requests[301] = link.create("x0", "nosuchkind")
    requests[302] = link.change(1, message.u32(link.IFLA_MTU, 0xFFFFFFF0))
    outcomes = netlink.batch(requests)
    refused = {number: each for number, each in enumerate(outcomes) if each is not None}
    assert refused.keys() == {300, 301, 302}
    assert all(isinstance(each, Refusal) for each in refused.values())
    assert (refused[300].errno, refused[301].errno, refused[302].errno) == (
        errno.EEXIST,
        errno.EOPNOTSUPP,
        errno.EINVAL,
    )
    assert refused[301].message == "Unknown device type"
    assert "mtu" in refused[302].message
    assert len(link.dump(netlink)) == 598


def test_the_kernel_checks_requests_strictly(netlink):
    with pytest.raises(Refusal) as caught:
        netlink.dump(link.RTM_GETLINK, struct.pack("=BxHiII", 0, 0, 0, 1, 0))
    assert caught.value.errno == errno.EINVAL
    assert caught.value.message


def test_many_links_are_deleted_as_one_group(netlink):
    made = netlink.batch(link.create(f"t{number}", "ifb") for number in range(300))
    made += netlink.batch(link.create(f"v{number}", "veth") for number in range(50))
    assert set(made) == {None}
    keep = link.read(netlink, "t7")
    links = [each for each in link.dump(netlink) if each.kind and each.index != keep.index]
    netlink.request(*link.delete(links[0].index))
    assert group.delete_links(netlink, links) == [None] * len(links)
    left = link.dump(netlink)
    assert [each.name for each in left] == ["lo", "t7"]
    assert [each.group for each in left] == [0, 0]


def test_a_group_with_one_that_cannot_go_deletes_the_others(netlink):
    netlink.batch(link.create(f"t{number}", "ifb", message.u32(link.IFLA_GROUP, 5)) for number in range(3))
    outcomes = group.delete_links(netlink, sorted(link.dump(netlink), key=lambda each: each.index))
    assert isinstance(outcomes[0], Refusal)
    assert outcomes[0].errno == errno.EOPNOTSUPP
    assert outcomes[1:] == [None] * 3
    assert [(each.name, each.group) for each in link.dump(netlink)] == [("lo", 0)]


def test_a_new_group_is_not_one_in_use():
    seen = {group.free_group([]) for _ in range(50)}
    assert len(seen) > 45
    assert all(1 << 30 <= number < 1 << 31 for number in seen)


def test_after_an_interrupted_dump_the_socket_serves_on(netlink, monkeypatch):
    netlink.batch(link.create(f"t{number}", "ifb") for number in range(200))
    receive, seen = netlink._receive, []

    def interrupted(flags=0):
        seen.append(receive(flags))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(netlink, "_receive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            link.dump(netlink)
    assert len(seen) == 1
    assert len(link.dump(netlink)) == 201


def test_without_any_links_nothing_is_deleted(netlink):
    assert group.delete_links(netlink, []) == []
