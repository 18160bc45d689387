"""Each test's namespace is its own, and the machine's network is out of reach."""

import os
import pathlib

import pytest

from tests.lab import namespaces


def test_a_namespace_holds_only_its_loopback(netns: namespaces.Namespace) -> None:
    (loopback,) = netns.ip_json("link")
    assert loopback["ifname"] == "lo"
    assert "UP" in loopback["flags"]


@pytest.mark.parametrize("turn", [1, 2])
def test_nothing_is_left_of_an_earlier_test(netns: namespaces.Namespace, turn: int) -> None:
    assert len(netns.ip_json("link")) == 1
    netns.ip("link", "add", f"left{turn}", "type", "bridge")


@pytest.mark.needs("sysfs")
def test_sysfs_shows_the_namespace(netns_sysfs: namespaces.Namespace) -> None:
    netns_sysfs.ip("link", "add", "here0", "type", "bridge")
    assert set(os.listdir("/sys/class/net")) - {"bonding_masters"} == {"lo", "here0"}


def test_another_namespace_is_the_far_end_of_a_cable(netns: namespaces.Namespace) -> None:
    far = netns.another()
    netns.ip("link", "add", "near0", "type", "veth", "peer", "name", "far0")
    netns.ip("link", "set", "far0", "netns", far.path)
    assert {link["ifname"] for link in netns.ip_json("link")} == {"lo", "near0"}
    assert {link["ifname"] for link in far.ip_json("link")} == {"lo", "far0"}


def test_the_session_left_the_machines_network() -> None:
    assert namespaces.refusal() is None
    assert not namespaces.on_the_machines_network()


def test_the_session_left_the_machines_mounts() -> None:
    assert "shared:" not in pathlib.Path("/proc/self/mountinfo").read_text()
