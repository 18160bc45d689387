"""LLDP neighbours on a host without NetworkManager: frames from a hand, from lldpd, and a listener that lasts."""

import os
import pathlib
import signal
import socket
import struct
import subprocess
import typing

import pytest

from linkhold.providers.lldp.folder import Folder
from tests.kernel.command_line import CommandLine, wait_until
from tests.lab import namespaces
from tests.services.rigs.daemons import Daemon
from tests.services.rigs.peer import Peer

pytestmark = pytest.mark.needs("alone", "veth")

ON = "interfaces: [{name: eth1, type: ethernet, state: up, lldp: {enabled: true}}]"
OFF = "interfaces: [{name: eth1, type: ethernet, lldp: {enabled: false}}]"


def tlv(kind: int, value: bytes) -> bytes:
    return struct.pack("!H", kind << 9 | len(value)) + value


def frame(port: bytes = b"\x071", seconds: int = 120, *more: bytes) -> bytes:
    head = b"\x01\x80\xc2\x00\x00\x0e" + b"\x02\x00\x00\x00\x00\x77" + b"\x88\xcc"
    body = tlv(1, b"\x07switch") + tlv(2, port) + tlv(3, struct.pack("!H", seconds)) + b"".join(more) + tlv(0, b"")
    return head + body.ljust(46, b"\0")


def vlan(tag: int, name: bytes) -> bytes:
    return tlv(127, b"\x00\x80\xc2\x03" + struct.pack("!HB", tag, len(name)) + name)


class Host:
    """Our command here, and the far end of a cable on eth1."""

    def __init__(self, folder: pathlib.Path, peer: Peer) -> None:
        self.linkhold, self.peer = CommandLine(folder), peer
        peer.cable("eth1")

    def apply(self, text: str) -> None:
        done = self.linkhold("apply", "-", text=text)
        assert done.returncode == 0, done.stdout + done.stderr

    def send(self, payload: bytes, far: str = "far-eth1") -> None:
        with self.peer.there.entered(), socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as channel:
            channel.bind((far, 0))
            channel.send(payload)

    def lldp(self, name: str = "eth1", *words: str) -> dict[str, typing.Any]:
        (found,) = self.linkhold.json("show", name, *words)["interfaces"]
        return found.get("lldp", {})

    def ports(self, name: str = "eth1") -> list[str]:
        neighbours = self.lldp(name).get("neighbors", [])
        return [one["port-id"] for told in neighbours for one in told if "port-id" in one]


@pytest.fixture
def host(peer: Peer, tmp_path: pathlib.Path) -> Host:
    return Host(tmp_path, peer)


def test_a_neighbour_is_shown_until_it_leaves(host: Host) -> None:
    host.send(frame())  # nobody listens yet
    host.apply(ON)
    assert host.lldp() == {"enabled": True, "neighbors": []}
    host.send(frame(b"\x071", 120, tlv(5, b"name"), vlan(50, b"prod")))
    host.send(frame(b"\x072"))
    wait_until(lambda: host.ports() == ["1", "2"], "both are heard")
    first = host.lldp()["neighbors"][0]
    assert {"type": 5, "system-name": "name"} in first
    assert {"type": 127, "ieee-802-1-vlans": [{"name": "prod", "vid": 50}], "oui": "00:80:c2", "subtype": 3} in first
    host.send(frame(b"\x072", 0))
    wait_until(lambda: host.ports() == ["1"], "one has left")


def test_a_neighbour_that_falls_silent_is_forgotten(host: Host) -> None:
    host.apply(ON)
    host.send(frame(seconds=1))
    wait_until(lambda: host.ports() == ["1"], "it is heard")
    wait_until(lambda: host.ports() == [], "its time is over")


def test_what_was_configured_has_no_neighbours(host: Host) -> None:
    host.apply(ON)
    host.send(frame())
    wait_until(lambda: host.ports() == ["1"], "it is heard")
    assert host.lldp("eth1", "-r") == {"enabled": True}
    again = host.linkhold("plan", "-", "--exit-code", text=ON)
    assert again.returncode == 0, again.stdout


def test_off_ends_the_listener(host: Host) -> None:
    host.apply(ON)
    assert Folder(str(host.linkhold.folder / "root")).listening()
    host.apply(OFF)
    assert host.lldp() == {}
    wait_until(lambda: not Folder(str(host.linkhold.folder / "root")).listening(), "the listener ends")
    host.apply(ON)
    host.send(frame())
    wait_until(lambda: host.ports() == ["1"], "it is heard again")


def test_a_change_that_fails_leaves_no_listener(host: Host) -> None:
    probe = host.linkhold.file("probe", "#!/bin/sh\ncd $(dirname $0) && mkdir passed\n", mode=0o755)
    done = host.linkhold("apply", "-", "--probe", f"command:{probe}", "--probe-timeout", "2", text=ON)
    assert done.returncode == 1, done.stdout
    assert host.lldp() == {}
    assert listeners() == []


def test_taking_back_takes_the_listener_back(host: Host) -> None:
    done = host.linkhold("apply", "-", "--no-commit", text=ON)
    assert done.returncode == 0, done.stderr
    assert host.lldp()["enabled"]
    assert host.linkhold("rollback").returncode == 0
    assert host.lldp() == {}


def test_a_listener_that_is_killed_comes_back(host: Host) -> None:
    host.apply(ON)
    parent, child = listeners()
    os.kill(child, signal.SIGKILL)
    wait_until(lambda: len(listeners()) == 2 and child not in listeners(), "there is another one")
    assert parent in listeners()

    def heard() -> bool:
        host.send(frame())
        return host.ports() == ["1"]

    wait_until(heard, "it listens")


def test_both_killed_is_drift_and_restored(host: Host) -> None:
    host.apply(ON)
    for process in listeners():
        os.kill(process, signal.SIGKILL)
    wait_until(lambda: not listeners(), "they are gone")
    assert host.lldp() == {}
    done = host.linkhold("restore")
    assert done.returncode == 0, done.stderr
    assert host.lldp()["enabled"]
    host.send(frame())
    wait_until(lambda: host.ports() == ["1"], "it is heard")


def test_an_interface_that_is_made_anew_is_listened_on_again(host: Host, netns: namespaces.Namespace) -> None:
    host.apply(ON)
    netns.ip("link", "del", "eth1")
    host.peer.cable("eth1")

    def heard() -> bool:
        host.send(frame())
        return host.ports() == ["1"]

    wait_until(heard, "it is heard on the new one")


def test_two_interfaces_share_a_listener_and_keep_apart(host: Host) -> None:
    host.peer.cable("eth2")
    host.apply(ON)
    before = listeners()
    host.apply(ON.replace("eth1", "eth2"))
    assert listeners() == before
    host.send(frame(b"\x07a"), "far-eth1")
    host.send(frame(b"\x07b"), "far-eth2")
    wait_until(lambda: (host.ports(), host.ports("eth2")) == (["a"], ["b"]), "each hears its own")
    host.apply(OFF)
    assert host.lldp() == {}
    assert host.ports("eth2") == ["b"]


def test_a_port_of_a_bridge_is_listened_on(host: Host) -> None:
    host.apply(ON.replace("}]", "}, {name: br0, type: linux-bridge, bridge: {port: [{name: eth1}]}}]"))
    host.send(frame())
    wait_until(lambda: host.ports() == ["1"], "it is heard")


def test_vlans_that_are_announced_are_proposed(host: Host) -> None:
    host.apply(ON)
    host.send(frame(b"\x071", 120, vlan(50, b"prod-net"), vlan(20, b"mgmt-net")))
    wait_until(lambda: host.ports() == ["1"], "it is heard")
    found = host.linkhold.json("autoconf", "--dry-run")["interfaces"]
    assert [(one["name"], one["vlan"]["base-iface"], one["vlan"]["id"]) for one in found] == [
        ("mgmt-net", "eth1", 20),
        ("prod-net", "eth1", 50),
    ]
    assert host.linkhold("autoconf", "--dry-run", "eth7").stdout == ""


@pytest.mark.needs("lldpd")
def test_a_real_daemon_is_heard(host: Host) -> None:
    pathlib.Path("/run/lldpd").mkdir(exist_ok=True)
    control = "/run/far-lldpd.socket"
    inside = ["nsenter", f"--net={host.peer.there.path}"]
    lldpcli = [*inside, "lldpcli", "-u", control]

    def answers() -> bool:
        return subprocess.run([*lldpcli, "show", "chassis"], capture_output=True, check=False).returncode == 0

    Daemon("lldpd", [*inside, "lldpd", "-d", "-u", control, "-I", "far-eth1", "-S", "a real switch"], answers).start()
    named = "oui 00,80,c2 subtype 3 oui-info 00,32,08,70,72,6f,64,2d,6e,65,74"
    for words in (f"configure lldp custom-tlv add {named}", "configure lldp tx-interval 1"):
        subprocess.run([*lldpcli, *words.split()], check=True, capture_output=True)
    host.apply(ON)

    def told() -> dict[str, typing.Any]:
        return {key: value for one in host.lldp().get("neighbors", [[]])[0] for key, value in one.items()}

    wait_until(lambda: bool(host.lldp().get("neighbors")), "it is heard")
    wait_until(lambda: "ieee-802-1-vlans" in told(), "the VLAN is announced")
    found = told()
    address = host.peer.there.ip_json("link", "show", "far-eth1")[0]["address"].upper()
    assert found["ieee-802-1-vlans"] == [{"vid": 50, "name": "prod-net"}]
    assert (found["port-id"], found["_description"]) == (address, "MAC address")
    assert found["system-description"] == "a real switch"
    assert found["system-name"]
    assert "Station Only" in found["system-capabilities"] or "Router" in found["system-capabilities"]


def listeners() -> list[int]:
    """The processes that listen, parent first."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"linkhold.providers.lldp.listener" in command:
            found.append(int(entry.name))
    return sorted(found)
