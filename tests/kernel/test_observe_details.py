"""What is read only when it is asked for, compared with ethtool and iproute2."""

import shutil
import subprocess

import pytest

from linkhold.foundation.driving import drive
from linkhold.foundation.record import UNSET
from linkhold.providers.contract import ALL_DETAILS, Scope
from linkhold.providers.kernel.observe.virtual_functions import sr_iov
from linkhold.providers.kernel.provider import Kernel
from linkhold.state.interfaces.common import Mptcp
from linkhold.state.interfaces.ethernet import EthernetConfig, SrIov


@pytest.fixture
def pair(netns):
    netns.ip("link", "add", "v0", "type", "veth", "peer", "name", "v1")
    netns.ip("link", "set", "v0", "up")
    return netns


@pytest.fixture
def kernel(netns):
    provider = Kernel()
    yield provider
    provider.close()


def seen(kernel, name, *details):
    state = drive(kernel.observe(Scope(details=frozenset(details))))
    return next(one for one in state.interfaces if one.name == name)


@pytest.mark.needs("veth")
def test_nothing_of_it_unless_asked(kernel, pair):
    found = seen(kernel, "v0")
    assert found.ethtool is found.ethernet is found.mptcp is UNSET
    assert seen(kernel, "v0", *ALL_DETAILS).ethtool is not UNSET


@pytest.mark.needs("veth")
def test_features_agree_with_ethtool(kernel, pair):
    assert shutil.which("ethtool"), "Debian package ethtool"
    subprocess.run(["ethtool", "-K", "v0", "gro", "on", "tso", "off"], check=True, capture_output=True)
    printed = subprocess.run(["ethtool", "-k", "v0"], check=True, capture_output=True, text=True).stdout
    theirs = dict(line.strip().split(": ") for line in printed.splitlines()[1:])
    ours = seen(kernel, "v0", "ethtool").ethtool.feature
    assert (ours["rx-gro"], ours["tx-tcp-segmentation"]) == (True, False)
    same = {name: on for name, on in ours.items() if name in theirs}
    assert len(same) > 20
    assert {name: value.split()[0] for name, value in theirs.items() if name in same} == {
        name: "on" if on else "off" for name, on in same.items()
    }


@pytest.mark.needs("veth")
def test_link_settings(kernel, pair):
    assert seen(kernel, "v0", "ethtool").ethernet == EthernetConfig(auto_negotiation=False, speed=10000, duplex="full")


@pytest.mark.needs("tun")
def test_ring_sizes_and_coalescing_are_numbers_and_switches(kernel, netns):
    netns.ip("tuntap", "add", "dev", "t0", "mode", "tap")
    found = seen(kernel, "t0", "ethtool").ethtool
    assert found.coalesce is UNSET or isinstance(found.coalesce.rx_frames, int)
    assert found.ring is UNSET or not isinstance(found.ring.rx, bool)


@pytest.mark.needs("mptcp", "veth")
def test_endpoints_of_multipath_tcp(kernel, pair):
    for address in ("192.0.2.1/24", "192.0.2.2/24", "192.0.2.3/24"):
        pair.ip("address", "add", address, "dev", "v0")
    pair.ip("mptcp", "endpoint", "add", "192.0.2.1", "dev", "v0", "signal", "backup")
    pair.ip("mptcp", "endpoint", "add", "192.0.2.2", "subflow")
    pair.ip("mptcp", "endpoint", "add", "198.51.100.1", "signal")
    found = seen(kernel, "v0", "mptcp")
    assert found.mptcp == Mptcp(address_flags=("backup", "signal", "subflow"))
    assert [one.mptcp_flags for one in found.ipv4.address] == [("backup", "signal"), ("subflow",), UNSET]
    assert seen(kernel, "v1", "mptcp").mptcp == Mptcp(address_flags=())


def test_a_card_without_virtual_functions_and_one_that_shows_none(kernel, tmp_path):
    folder = tmp_path / "eth0" / "device"
    folder.mkdir(parents=True)
    assert sr_iov(kernel.netlink, "eth0", str(tmp_path)) is None
    (folder / "sriov_numvfs").write_text("0\n")
    (folder / "sriov_drivers_autoprobe").write_text("1\n")
    assert sr_iov(kernel.netlink, "eth0", str(tmp_path)) == SrIov(drivers_autoprobe=True, total_vfs=0, vfs=())
