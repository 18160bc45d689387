"""What no machine here can show: hardware, its drivers, lost answers. The kernel is a script that remembers."""

import errno
import pathlib

import pytest

from linkhold.foundation.failures import NotPermitted, Refused
from linkhold.planning.change import Change
from linkhold.providers.kernel.apply import Applier
from linkhold.providers.kernel.applying import files, hardware, ipv6_policy, virtual_functions
from linkhold.providers.kernel.applying.batch import Batch
from linkhold.providers.kernel.applying.resolving import resolv_conf
from linkhold.providers.kernel.netlink import address, ethtool, link
from linkhold.providers.kernel.netlink import virtual_function as vf
from linkhold.providers.kernel.netlink.message import attributes, mac, string, u32
from linkhold.providers.kernel.netlink.socket import Refusal
from linkhold.state.dns import DnsConfig
from linkhold.state.interfaces.dummy import Dummy
from linkhold.state.interfaces.ethernet import Ethernet, EthernetConfig, SrIov, VirtualFunction
from linkhold.state.interfaces.ethtool import Coalesce, Ethtool, Fec, Pause, Ring
from linkhold.state.interfaces.infiniband import Infiniband
from linkhold.state.interfaces.ip import IpAddress, Ipv4, Ipv6


def card(index=7, name="eth0", flags=link.IFF_UP, controller=0):
    said = string(link.IFLA_IFNAME, name) + mac(link.IFLA_ADDRESS, "02:00:00:00:00:01") + u32(link.IFLA_MTU, 1500)
    if controller:
        said += u32(link.IFLA_MASTER, controller)
    return link.header(index, flags, arphrd_type=link.ARPHRD_ETHER) + said


class Kernel:
    """Answers dumps with what it was given, and notes every request; refuses those that `refuse` says."""

    def __init__(self, links=(), addresses=(), refuse=lambda kind, payload: None):
        self.links, self.addresses, self.refuse = list(links), list(addresses), refuse
        self.asked = []

    def dump(self, kind, payload, **more):
        if kind == link.RTM_GETLINK:
            return [(link.RTM_NEWLINK, one) for one in self.links]
        if kind == address.RTM_GETADDR:
            return [(address.RTM_NEWADDR, one) for one in self.addresses]
        return []

    def batch(self, requests):
        outcomes = []
        for kind, _, payload in requests:
            refusal = self.refuse(kind, payload)
            self.asked.append((kind, payload))
            outcomes.append(refusal)
        return outcomes

    def links_changed(self):
        """Of each request for a link: what it was, flags with their mask, attributes."""
        found = []
        for kind, payload in self.asked:
            if kind in (link.RTM_NEWLINK, link.RTM_DELLINK):
                message = link.LinkMessage(payload)
                found.append((kind, message.flags, message.change, message.attributes))
        return found


def change(action="~", before=None, after=None):
    values = {key: value for key, value in (("before", before), ("after", after)) if value is not None}
    return Change(action=action, subject="interface", name=(after or before).name, **values)


def test_hardware_that_goes_loses_its_settings_and_is_not_deleted():
    held = address.add(7, "192.0.2.1", 24)[2]
    kernel = Kernel([card(controller=9)], [held])
    applier = Applier(kernel)
    gone = change("-", before=Ethernet(name="eth0"))
    for stage in ("release", "remove", "discard"):
        applier.carry_out(stage, [gone])
    kinds = [kind for kind, _ in kernel.asked]
    assert link.RTM_DELLINK not in kinds
    assert address.RTM_DELADDR in kinds
    done = kernel.links_changed()
    assert any(said.get(link.IFLA_MASTER) == bytes(4) for _, _, _, said in done)
    assert any(mask == link.IFF_UP and not flags for _, flags, mask, _ in done)


@pytest.mark.parametrize(("parent", "deleted"), [(0, False), (3, True)])
def test_of_infiniband_only_partitions_are_deleted(parent, deleted):
    said = string(link.IFLA_IFNAME, "ib0") + link.kind_info("ipoib") + (link.parent(parent) if parent else b"")
    kernel = Kernel([link.header(7, 0, arphrd_type=link.ARPHRD_INFINIBAND) + said])
    Applier(kernel).carry_out("remove", [change("-", before=Infiniband(name="ib0"))])
    assert (link.RTM_DELLINK in [kind for kind, _ in kernel.asked]) is deleted


def test_hardware_cannot_be_made():
    with pytest.raises(Refused, match="eth9 can't be made: an interface of type ethernet is hardware"):
        Applier(Kernel()).carry_out("create", [change("+", after=Ethernet(name="eth9"))])


def test_lack_of_privilege_is_told_apart_from_refusals():
    kernel = Kernel([card()], refuse=lambda kind, payload: Refusal(errno.EPERM))
    with pytest.raises(NotPermitted):
        Applier(kernel).carry_out(
            "activate", [change(after=Ethernet(name="eth0", state="up"), before=Ethernet(name="eth0"))]
        )
    kernel = Kernel([card()], refuse=lambda kind, payload: Refusal(errno.EPERM, "not while it is a port"))
    with pytest.raises(Refused):
        Applier(kernel).carry_out(
            "activate", [change(after=Ethernet(name="eth0", state="up"), before=Ethernet(name="eth0"))]
        )


def test_of_very_many_refusals_some_are_spelled_out_and_the_rest_counted():
    kernel = Kernel(refuse=lambda kind, payload: Refusal(errno.EINVAL, "no"))
    batch = Batch(kernel)
    one = change(after=Dummy(name="d0"), before=Dummy(name="d0"))
    for number in range(50):
        batch.ask(one, f"do number {number}", link.set_up(number))
    with pytest.raises(Refused, match=r"do number 19 .* and 30 more") as caught:
        batch.run()
    assert "number 20 " not in str(caught.value)
    assert caught.value.answer == "EINVAL: Invalid argument: no"


def test_a_lost_answer_leads_to_a_second_attempt():
    lost = [Refusal(errno.ENOBUFS, "the kernel's answer was lost")]
    kernel = Kernel([card()], refuse=lambda kind, payload: lost.pop() if lost else None)
    Applier(kernel).carry_out(
        "activate", [change(after=Ethernet(name="eth0", state="up"), before=Ethernet(name="eth0"))]
    )
    assert len(kernel.asked) == 2


def test_a_mac_that_changes_only_while_the_link_is_down():
    def refuse(kind, payload):
        wanted = link.LinkMessage(payload).attributes.get(link.IFLA_ADDRESS)
        return Refusal(errno.EBUSY) if wanted and not down else None

    down = []
    kernel = Kernel([card()], refuse=refuse)
    plain_batch = kernel.batch

    def batch(requests):
        requests = list(requests)
        if any(link.LinkMessage(payload).change == link.IFF_UP for kind, _, payload in requests):
            down.append(True)
        return plain_batch(requests)

    kernel.batch = batch
    before = Ethernet(name="eth0", mac_address="02:00:00:00:00:01")
    Applier(kernel).carry_out(
        "configure", [change(before=before, after=before.replace(mac_address="02:00:00:00:00:02"))]
    )
    steps = [
        "mac" if link.IFLA_ADDRESS in said else "up" if flags else "down"
        for _, flags, _, said in kernel.links_changed()
    ]
    assert steps == ["mac", "down", "mac", "up"]


# ethtool


class Tool:
    """A device with some settings."""

    def __init__(self, present):
        self.present, self.written = present, []

    def pause(self, index):
        return self.present.get("pause")

    def rings(self, index):
        return self.present.get("ring")

    def coalesce(self, index):
        return self.present.get("coalesce")

    def set_pause(self, index, numbers):
        self.written.append(("pause", numbers))

    def set_rings(self, index, numbers):
        self.written.append(("ring", numbers))

    def set_coalesce(self, index, numbers):
        self.written.append(("coalesce", numbers))

    def link_modes(self, index):
        return self.present.get("modes")

    def set_link_modes(self, index, **modes):
        self.written.append(("modes", modes))

    def set_forward_error_correction(self, index, **fec):
        self.written.append(("fec", fec))


class Host:
    def __init__(self, kernel=None):
        self.netlink, self.indexes, self.generic = kernel, {"eth0": 7}, None


def configured(monkeypatch, before, after, **present):
    tool = Tool(present)
    monkeypatch.setattr(hardware, "Ethtool", lambda generic: tool)
    hardware.configure_hardware(Host(), change(before=before, after=after), before, after)
    return tool.written


def test_only_what_differs_is_told_to_the_driver(monkeypatch):
    before = Ethernet(
        name="eth0",
        ethtool=Ethtool(
            pause=Pause(rx=True, tx=True), ring=Ring(rx=256, tx=256, rx_max=4096), coalesce=Coalesce(rx_usecs=3)
        ),
    )
    after = before.replace(
        ethtool=Ethtool(
            pause=Pause(rx=False, tx=True),
            ring=Ring(rx=512, tx=256, rx_max=4096),
            coalesce=Coalesce(rx_usecs=3, adaptive_rx=True),
            fec=Fec(auto=False, mode="rs"),
        )
    )
    assert configured(monkeypatch, before, after) == [
        ("pause", {ethtool.ETHTOOL_A_PAUSE_RX: 0}),
        ("ring", {ethtool.ETHTOOL_A_RINGS_RX: 512}),
        ("coalesce", {ethtool.ETHTOOL_A_COALESCE_USE_ADAPTIVE_RX: 1}),
        ("fec", {"automatic": False, "modes": ["RS"]}),
    ]


def test_what_the_device_has_already_is_not_told_to_it(monkeypatch):
    after = Ethernet(name="eth0", ethtool=Ethtool(ring=Ring(rx=512, tx=256)))
    written = configured(
        monkeypatch, None, after, ring={ethtool.ETHTOOL_A_RINGS_RX: 512, ethtool.ETHTOOL_A_RINGS_TX: 1}
    )
    assert written == [("ring", {ethtool.ETHTOOL_A_RINGS_TX: 256})]


def test_link_settings(monkeypatch):
    before = Ethernet(name="eth0", ethernet=EthernetConfig(auto_negotiation=True))
    after = before.replace(ethernet=EthernetConfig(auto_negotiation=False, speed=100, duplex="full"))
    expected = {"autonegotiation": False, "speed": 100, "duplex": ethtool.DUPLEX_FULL}
    assert configured(monkeypatch, before, after) == [("modes", expected)]


# SR-IOV


@pytest.fixture
def device(tmp_path, monkeypatch):
    monkeypatch.setattr(virtual_functions, "DEVICES", str(tmp_path))
    folder = tmp_path / "eth0" / "device"
    folder.mkdir(parents=True)
    (folder / "sriov_numvfs").write_text("0")
    (folder / "sriov_drivers_autoprobe").write_text("1")
    return folder


def functions(kernel, before, after):
    one = change(before=Ethernet(name="eth0"), after=Ethernet(name="eth0"))
    virtual_functions.configure_functions(Host(kernel), one, before, after)


def test_virtual_functions(device):
    kernel = Kernel()
    old = SrIov(total_vfs=0, vfs=(VirtualFunction(id=0, trust=False, vlan_id=0), VirtualFunction(id=1, trust=True)))
    new = SrIov(
        drivers_autoprobe=False,
        total_vfs=2,
        vfs=(
            VirtualFunction(id=0, trust=True, vlan_id=7, mac_address="02:00:00:00:00:09", max_tx_rate=100),
            VirtualFunction(id=1, trust=True),
        ),
    )
    functions(kernel, old, new)
    assert (device / "sriov_numvfs").read_text() == "2"
    assert (device / "sriov_drivers_autoprobe").read_text() == "0"
    said = [
        attributes(attributes(attributes(one, 16)[link.IFLA_VFINFO_LIST])[link.IFLA_VF_INFO]) for _, one in kernel.asked
    ]
    first = {vf.IFLA_VF_MAC, vf.IFLA_VF_VLAN, vf.IFLA_VF_RATE, vf.IFLA_VF_TRUST}
    assert [one.keys() for one in said] == [first, {vf.IFLA_VF_TRUST}]  # new functions: all is said to them
    kernel.asked.clear()
    functions(
        kernel, new, new.replace(vfs=(VirtualFunction(id=0, trust=True, vlan_id=8), VirtualFunction(id=1, trust=True)))
    )
    (said,) = [
        attributes(attributes(attributes(one, 16)[link.IFLA_VFINFO_LIST])[link.IFLA_VF_INFO]) for _, one in kernel.asked
    ]
    assert said.keys() == {vf.IFLA_VF_VLAN}


def test_a_number_of_functions_changes_by_way_of_none(device, monkeypatch):
    written = []
    monkeypatch.setattr(
        virtual_functions, "_write", lambda change, path, number: written.append((pathlib.Path(path).name, number))
    )
    (device / "sriov_numvfs").write_text("4")
    functions(Kernel(), None, SrIov(total_vfs=2))
    assert written == [("sriov_numvfs", 0), ("sriov_numvfs", 2)]
    functions(Kernel(), None, SrIov(total_vfs=4))
    assert len(written) == 2


def test_a_card_without_virtual_functions_is_told_with_its_change(device):
    (device / "sriov_numvfs").unlink()
    functions(Kernel(), None, SrIov(total_vfs=0))
    with pytest.raises(Refused, match="refused to show 3 virtual functions") as caught:
        functions(Kernel(), None, SrIov(total_vfs=3))
    assert caught.value.answer.startswith("ENOENT")


# IPv6 policy, names


def test_settings_that_only_files_have():
    new = Dummy(name="d0", ipv6=Ipv6(enabled=False), ipv4=Ipv4(forwarding=True))
    assert ipv6_policy.settings(None, new) == [("ipv6/conf/{}/disable_ipv6", "1"), ("ipv4/conf/{}/forwarding", "1")]
    assert ipv6_policy.settings(new, new) == []
    on = new.replace(ipv6=Ipv6(enabled=True, autoconf=False))
    assert ipv6_policy.settings(new, on) == [
        ("ipv6/conf/{}/disable_ipv6", "0"),
        ("ipv6/conf/{}/accept_ra", "0"),
        ("ipv6/conf/{}/autoconf", "0"),
    ]
    assert ipv6_policy.settings(None, Dummy(name="d0")) == []


def test_an_interface_that_does_not_speak_ipv6_makes_no_addresses():
    assert ipv6_policy.mode_of(Dummy(name="d0")) == link.IN6_ADDR_GEN_MODE_NONE
    assert ipv6_policy.mode_of(Dummy(name="d0", ipv6=Ipv6(enabled=False))) == link.IN6_ADDR_GEN_MODE_NONE
    assert ipv6_policy.mode_of(Dummy(name="d0", ipv6=Ipv6(enabled=True))) == link.IN6_ADDR_GEN_MODE_EUI64
    assert ipv6_policy.mode_of(Dummy(name="d0", ipv6=Ipv6(enabled=True, addr_gen_mode="odd"))) is None


def test_resolv_conf_says_no_more_than_was_asked_for():
    assert resolv_conf("", DnsConfig()) == ""
    assert resolv_conf("", DnsConfig(server=("192.0.2.1",))) == "nameserver 192.0.2.1\n"
    assert resolv_conf("# mine\nnameserver 192.0.2.1\n", DnsConfig()) == "# mine\n"


def test_a_file_that_cannot_be_renamed_over_is_written_in_place(tmp_path, monkeypatch):
    path = tmp_path / "resolv.conf"
    path.write_text("old")
    number = path.stat().st_ino

    def rename(old, new):
        raise OSError(errno.EBUSY, "mounted", new)

    monkeypatch.setattr(files.os, "rename", rename)
    files.write(str(path), "new")
    assert (path.read_text(), path.stat().st_ino) == ("new", number)
    assert [one.name for one in tmp_path.iterdir()] == ["resolv.conf"]


def test_a_file_that_cannot_be_written_keeps_its_text(tmp_path, monkeypatch):
    path = tmp_path / "resolv.conf"
    path.write_text("old")

    def fsync(handle):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(files.os, "fsync", fsync)
    with pytest.raises(OSError, match="full"):
        files.write(str(path), "new")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["resolv.conf"]


def test_ipv4_addresses_of_a_leased_family_stay_out_of_the_way():
    leased = IpAddress(ip="192.0.2.9", prefix_length=24, valid_life_time="100sec")
    before = Ethernet(name="eth0", ipv4=Ipv4(enabled=True, address=(leased,)))
    kernel = Kernel([card()])
    static = IpAddress(ip="192.0.2.1", prefix_length=24)
    after = before.replace(ipv4=Ipv4(enabled=True, address=(leased, static)))
    Applier(kernel).carry_out("address", [change(before=before, after=after)])
    assert [kind for kind, _ in kernel.asked] == [address.RTM_NEWADDR]
    assert address.AddressMessage(kernel.asked[0][1]).address == "192.0.2.1"
