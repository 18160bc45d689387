"""Killed at every moment on a real kernel: the host is as before or as asked for, never in between.

The commands and their guards live in the network namespace of the test.
"""

import asyncio
import pathlib
import subprocess
import typing

import pytest

from linkhold.executor import verbs
from linkhold.foundation.driving import drive
from linkhold.foundation.record import UNSET
from linkhold.providers.contract import Scope
from linkhold.providers.kernel.provider import Kernel
from linkhold.state.network import NetworkState
from linkhold.transaction.documents import committed
from tests.unit.executor.crashes import Scene, kill_together

SETUP = (
    "link set lo up",
    "link add eth1 type veth peer name far1",
    "link add eth2 type veth peer name far2",
    "link set eth1 up",
    "link set far1 up",
    "link set eth2 mtu 1400 up",
    "link set far2 up",
    "address add 192.0.2.10/24 dev eth1",
    "address add 2001:db8::10/64 dev eth1 nodad",
    "route add 203.0.113.0/24 via 192.0.2.1 dev eth1",
    "-6 route add 2001:db8:1::/48 via 2001:db8::1 dev eth1",
)

DOCUMENT = """
interfaces:
- name: eth1
  ipv4: {enabled: false}
  ipv6: {enabled: false}
- name: eth2
  mtu: 1300
- name: br0
  type: linux-bridge
  bridge: {options: {stp: {enabled: false}}, port: [{name: eth1}, {name: vx7}]}
  ipv4: {enabled: true, address: [{ip: 192.0.2.10, prefix-length: 24}]}
- name: vx7
  type: vxlan
  vxlan: {id: 7, remote: 192.0.2.77, destination-port: 4789}
routes:
  config:
  - {destination: 0.0.0.0/0, next-hop-interface: br0, next-hop-address: 192.0.2.1}
"""

MOMENTS = 80


class Rig(Scene):
    """A host in the network namespace of the test, set up anew for each rig."""

    def __init__(self, path: pathlib.Path) -> None:
        path.mkdir(exist_ok=True)
        (path / "etc").mkdir()
        super().__init__(path, DOCUMENT, {"LINKHOLD_PROVIDER": "kernel", "LINKHOLD_ROOT": str(path)})
        for name in ("br0", "vx7", "eth1", "eth2"):
            subprocess.run(["ip", "link", "delete", name], check=False, capture_output=True)
        for words in SETUP:
            subprocess.run(["ip", *words.split()], check=True)
        self.kernel = Kernel(str(path))
        self.before = self.state()

    def state(self) -> NetworkState:
        """The host without what the kernel gives and takes in its own time (link-local addresses)."""
        state = drive(self.kernel.observe(Scope(running=False)))
        assert isinstance(state.interfaces, tuple)
        kept = []
        for one in state.interfaces:
            changes: dict[str, typing.Any] = {}
            if one.ipv6 is not UNSET:
                changes["ipv6"] = one.ipv6.replace(address=one.ipv6.static)  # type: ignore[union-attr]
            kept.append(one.replace(**changes))
        return state.replace(interfaces=tuple(sorted(kept, key=lambda one: one.name)))

    def recover(self) -> None:
        asyncio.run(verbs.recovered(ground=verbs.standing(self.folder.path, provider=self.kernel)))

    def close(self) -> None:
        self.kernel.close()


def shape(state: NetworkState) -> object:
    """What a new bridge has is as asked for, but for its MAC and the like, which no two have in common."""
    assert isinstance(state.interfaces, tuple)
    bare = [one.replace(mac_address=UNSET, permanent_mac_address=UNSET) for one in state.interfaces]
    return state.replace(interfaces=tuple(bare))


@pytest.fixture
def wanted(netns: object, tmp_path: pathlib.Path) -> object:
    rig = Rig(tmp_path / "wanted")
    assert rig.run(guard=False) == "committed"
    state = shape(rig.state())
    rig.close()
    return state


@pytest.mark.limit(240)
@pytest.mark.parametrize("guard", [False, True])
def test_killed_at_every_line_on_the_kernel(tmp_path: pathlib.Path, wanted: object, guard: bool) -> None:
    endings = []
    for crash_at in range(1, MOMENTS):
        rig = Rig(tmp_path / str(crash_at))
        survived = rig.run(crash_at=crash_at, guard=guard)
        if not survived:
            if rig.folder.pending() and (not guard or not rig.guards()):
                rig.recover()
            rig.wait_until_over()
            endings.append(rig.ending())
            if endings[-1] == "committed":
                assert shape(rig.state()) == wanted
            else:
                assert endings[-1] == "rolled-back"
                assert rig.state() == rig.before, f"after moment {crash_at}"
            assert bool(committed(rig.folder).said()) is (endings[-1] == "committed")
        rig.close()
        if survived:
            break
    assert len(endings) > 15
    assert set(endings) == {"committed", "rolled-back"}


def test_nobody_confirms_and_the_guard_takes_back(netns: object, tmp_path: pathlib.Path) -> None:
    rig = Rig(tmp_path / "one")
    assert rig.run(confirming="later", confirm_timeout=1) == "unconfirmed"
    assert rig.state() != rig.before
    rig.wait_until_over()
    assert rig.ending() == "rolled-back"
    assert rig.state() == rig.before
    rig.close()


def test_everybody_killed_and_the_next_command_takes_back(netns: object, tmp_path: pathlib.Path) -> None:
    rig = Rig(tmp_path / "one")
    with rig.start(crash_at=9, stop=True) as child:
        while b") T " not in pathlib.Path(f"/proc/{child.pid}/stat").read_bytes():
            assert child.poll() is None
        kill_together(child.pid, *rig.guards())
        child.communicate()
    assert rig.state() != rig.before
    rig.recover()
    assert rig.ending() == "rolled-back"
    assert rig.state() == rig.before
    rig.close()
