"""What this kernel can do, found out without leaving a trace."""

import os
import subprocess

import pytest

from linkhold.foundation.driving import drive
from linkhold.providers.kernel import capability
from linkhold.providers.kernel.links import KINDS, leaf
from linkhold.providers.kernel.netlink.socket import Netlink
from linkhold.providers.kernel.provider import Kernel
from linkhold.state.fields import fields_of
from linkhold.state.interfaces import all_kinds, kind_class
from linkhold.state.network import NetworkState
from tests.lab.features import offers

FEATURES = {"linux-bridge": "bridge", "mac-vlan": "macvlan", "mac-vtap": "macvtap"}


@pytest.fixture
def netlink(netns):
    with Netlink() as opened:
        yield opened


def test_kinds_agree_with_what_iproute2_can_make(netlink):
    found = capability.probe(netlink, sorted(capability.PROBED))
    assert {kind: not reason for kind, reason in found.items()} == {
        kind: offers(FEATURES.get(kind, kind)) for kind in capability.PROBED
    }


def test_probing_leaves_nothing_behind(netlink, netns):
    before = netns.ip("link")
    capability.capabilities(netlink)
    assert netns.ip("link") == before


def test_schedulers_agree_with_what_tc_can_make(netlink, netns):
    netns.ip("link", "set", "lo", "up")
    before = subprocess.run(["tc", "qdisc", "show"], check=True, capture_output=True, text=True).stdout
    found = capability.capabilities(netlink)
    assert ("hfsc" in found.features) is offers("qos")
    assert ("qos" in found.completes) is offers("qos")
    assert bool([one for one in found.inabilities if one.path == "qos"]) is not offers("qos")
    assert subprocess.run(["tc", "qdisc", "show"], check=True, capture_output=True, text=True).stdout == before


def test_schedulers_are_found_where_the_loopback_has_one_already(netlink, netns):
    subprocess.run("tc qdisc add dev lo root handle 7: pfifo", shell=True, check=True)
    assert capability.has_schedulers(netlink) is offers("qos")
    said = subprocess.run(["tc", "qdisc", "show", "dev", "lo"], check=True, capture_output=True, text=True).stdout
    assert "pfifo 7:" in said


def test_a_kind_that_is_missing_says_why(netlink, monkeypatch):
    monkeypatch.setattr(leaf("dummy"), "KERNEL_KIND", "no-such-kind")
    assert "no no-such-kind driver" in capability.probe(netlink, ["dummy"])["dummy"]


def test_only_kinds_asked_for_are_probed(netlink):
    found = capability.capabilities(netlink, ["vxlan", "loopback", "xfrm"])
    assert set(found.kinds) == {"vxlan", "loopback", "xfrm"}
    assert found.kinds["loopback"] == ""
    assert found.kinds["xfrm"]


def test_every_kind_of_the_kernel_is_judged(netlink):
    kinds = capability.capabilities(netlink).kinds
    assert set(kinds) == set(KINDS.values()) | {"loopback", "unknown", "ovs-bridge", "ovs-interface"}
    assert all("Open vSwitch does not run here" in kinds[kind] for kind in ("ovs-bridge", "ovs-interface"))


@pytest.mark.needs("bridge-vlan-filtering")
def test_bridges_that_tell_vlans_apart(netlink):
    found = capability.capabilities(netlink)
    assert "bridge-vlan-filtering" in found.features
    assert not [one for one in found.inabilities if one.kind == "linux-bridge"]


@pytest.mark.needs("bridge")
def test_vlan_filtering_is_told_as_iproute2_finds_it(netlink):
    capability.probe(netlink, ["linux-bridge"])
    assert capability.has_bridge_vlans(netlink) is offers("bridge-vlan-filtering")


def test_multipath_tcp_is_told_as_iproute2_finds_it(netlink):
    assert ("mptcp" in capability.capabilities(netlink).features) is offers("mptcp")


def test_inabilities_speak_of_fields_that_exist(netlink):
    for one in capability.capabilities(netlink).inabilities:
        roots = [NetworkState] if one.path.startswith("dns-resolver") else kinds_of(one.kind)
        assert any(leads_somewhere(cls, one.path) for cls in roots), one.path


def kinds_of(kind):
    return [kind_class(kind)] if kind else list(all_kinds().values())


def leads_somewhere(cls, path):
    known = fields_of(cls)
    for step in [path] if path == "802.1x" else path.split("."):
        found = {field.key: field for field in known.values()}.get(step)
        if found is None:
            return False
        base = getattr(found.base, "__args__", (found.base,))[0]
        known = fields_of(base) if hasattr(base, "field_names") else {}
    return True


def test_without_privilege_nothing_can_be_changed(netns):
    if os.geteuid() != 0:
        pytest.fail("the session is root, if only of its own namespace")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        found = drive(Kernel().capabilities())
        os.write(write, found.kinds["vxlan"].encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        assert "CAP_NET_ADMIN" in told.read()
    os.waitpid(child, 0)


def test_a_provider_probes_once(netns):
    kernel = Kernel()
    assert drive(kernel.capabilities()) is drive(kernel.capabilities())
    kernel.close()


def test_a_module_that_could_be_loaded_is_not_loaded_for_asking(netlink, monkeypatch):
    monkeypatch.setattr(leaf("dummy"), "KERNEL_KIND", "no-such-kind")
    monkeypatch.setattr(capability, "loadable_modules", lambda: b"# comment\nalias rtnl-link-no-such-kind nothing\n")
    assert capability.probe(netlink, ["dummy"]) == {"dummy": ""}
    monkeypatch.setattr(
        capability, "loadable_modules", lambda: b"# comment\nalias rtnl-link-no-such-kind-either nothing\n"
    )
    assert capability.probe(netlink, ["dummy"])["dummy"]
