"""Services and commands that die in the middle of a change: the host is as before, profiles and database included."""

import contextlib
import subprocess
import sys
import time
import typing

import pytest

import linkhold
from linkhold.foundation.failures import Failure
from tests.lab import namespaces
from tests.services import moments
from tests.services.rigs.daemons import Daemon
from tests.services.rigs.networkmanager import NetworkManager
from tests.services.rigs.openvswitch import OpenVSwitch
from tests.services.whole_host import WholeHost, assert_same, unlike

BASE = """
interfaces:
- name: eth1
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
  ipv6: {enabled: true, address: [{ip: "2001:db8::1", prefix-length: 64}]}
- {name: x7, type: vxlan, vxlan: {id: 7, remote: 198.51.100.1, destination-port: 4789}}
routes:
  config: [{destination: 203.0.113.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.9, metric: 50}]
"""

CHANGE = """
interfaces:
- {name: eth1, ipv4: {enabled: false}, ipv6: {enabled: false}}
- {name: eth2, mtu: 1400}
- {name: x7, type: vxlan, state: absent}
- {name: v0, type: veth, veth: {peer: v1}}
- name: br0
  type: linux-bridge
  bridge: {options: {stp: {enabled: false}}, port: [{name: eth1}, {name: v0}]}
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
routes:
  config:
  - {state: absent, next-hop-interface: eth1}
  - {destination: 203.0.113.0/24, next-hop-interface: br0, next-hop-address: 192.0.2.9, metric: 50}
"""

SWITCHED = """
interfaces:
- name: ovs0
  type: ovs-bridge
  bridge:
    options: {datapath: DATAPATH, stp: false}
    port: [{name: eth3}, {name: i0, vlan: {mode: access, tag: 7}}]
- {name: i0, type: ovs-interface, ipv4: {enabled: true, address: [{ip: 198.51.100.1, prefix-length: 24}]}}
"""

SWITCHED_CHANGE = """
interfaces:
- name: ovs0
  type: ovs-bridge
  bridge:
    options: {datapath: DATAPATH, rstp: true}
    port: [{name: eth3, vlan: {mode: access, tag: 9}}, {name: i1}]
- {name: i0, type: ovs-interface, state: absent}
- {name: i1, type: ovs-interface, ipv4: {enabled: true, address: [{ip: 198.51.100.1, prefix-length: 24}]}}
- name: ovs1
  type: ovs-bridge
  bridge: {options: {datapath: DATAPATH}, port: [{name: eth4}]}
"""

STAGES = (1, 2, 3, 5, 8)
"""Before which stage something happens; the changes have 8 or more."""


class Scene(typing.NamedTuple):
    """A host on which `base` was applied, and is to become as `change` says."""

    host: WholeHost
    base: str
    change: str

    @property
    def victim(self) -> Daemon:
        """The service that carries most of it out."""
        if self.host.switch is not None:
            return self.host.switch.server
        assert self.host.manager is not None
        return self.host.manager

    def revive(self) -> None:
        """As systemd would."""
        if not self.victim.alive:
            self.victim.start()

    def set_up(self) -> dict[str, typing.Any]:
        """The host as it has to be again."""
        self.host.furnish()
        linkhold.apply(self.base)
        return self.host.picture()

    def becomes(self, before: dict[str, typing.Any], within: float = 20.0) -> None:
        """Wait until the host is as before, and the transaction over: who takes back may be another process."""
        deadline = time.monotonic() + within
        while (ending() != "rolled-back" or unlike(before, self.host.picture())) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert_same(before, self.host.picture())
        assert ending() == "rolled-back"


@pytest.fixture
def managed(networkmanager: NetworkManager, netns: namespaces.Namespace) -> Scene:
    """By NetworkManager."""
    return Scene(WholeHost(netns, manager=networkmanager), BASE, CHANGE)


@pytest.fixture
def switched(openvswitch: OpenVSwitch, netns: namespaces.Namespace) -> Scene:
    """By Open vSwitch and the kernel."""
    words = [one.replace("DATAPATH", openvswitch.datapath) for one in (SWITCHED, SWITCHED_CHANGE)]
    return Scene(WholeHost(netns, switch=openvswitch), *words)


@pytest.fixture(params=["managed", "switched"])
def scene(request: pytest.FixtureRequest) -> Scene:
    """Each of them; its rig is started by the fixture of its name."""
    found: Scene = request.getfixturevalue(request.param)
    return found


def ending() -> str:
    """How the last transaction ended, so far."""
    return linkhold.history()[-1].state


def apply_or_not(document: str) -> None:
    """Apply without keeping; where that works despite of all (what died was not needed any more), take it back."""
    try:
        linkhold.apply(document, commit=False)
    except linkhold.NotApplied:
        return
    linkhold.rollback()


@pytest.mark.needs("networkmanager", "openvswitch", "alone")
class TestServices:
    """The same for the service of each scene."""

    def test_the_change_has_as_many_stages_as_something_happens_before(self, scene: Scene) -> None:
        before = scene.set_up()
        with moments.before_stage(0, lambda: None) as stages:
            linkhold.apply(scene.change, commit=False)
        assert len(stages) >= max(STAGES) - 2, stages
        assert unlike(before, scene.host.picture())
        linkhold.rollback()
        assert_same(before, scene.host.picture())

    @pytest.mark.parametrize("number", STAGES)
    def test_killed_and_restarted_at_once(self, scene: Scene, number: int) -> None:
        before = scene.set_up()

        def kill() -> None:
            scene.victim.kill()
            scene.revive()

        with moments.before_stage(number, kill):
            apply_or_not(scene.change)
        scene.becomes(before)

    @pytest.mark.parametrize("number", STAGES)
    def test_killed_and_restarted_in_a_while(self, scene: Scene, number: int) -> None:
        before = scene.set_up()
        restarts = contextlib.ExitStack()

        def kill() -> None:
            scene.victim.kill()
            restarts.enter_context(moments.soon(1.5, scene.revive))

        with restarts, moments.before_stage(number, kill):
            apply_or_not(scene.change)
        scene.becomes(before)

    def test_killed_while_a_change_waits_for_confirmation(self, scene: Scene) -> None:
        before = scene.set_up()
        linkhold.apply(scene.change, commit=False)
        scene.victim.kill()
        with moments.soon(1.5, scene.revive):
            linkhold.rollback()
        scene.becomes(before)

    def test_nobody_confirms(self, scene: Scene) -> None:
        """The guard takes back, by the deadline, with no process of ours in the foreground."""
        before = scene.set_up()
        linkhold.apply(scene.change, commit=False, timeout=3)
        assert unlike(before, scene.host.picture())
        scene.becomes(before)

    @pytest.mark.parametrize("number", STAGES)
    def test_our_process_is_killed(self, scene: Scene, number: int, tmp_path: typing.Any) -> None:
        before = scene.set_up()
        document = tmp_path / "change.yml"
        document.write_text(scene.change)
        done = subprocess.run([sys.executable, moments.__file__, str(document), str(number)], check=False, timeout=60)
        if done.returncode == 0:
            pytest.fail(f"there is no stage {number}")
        scene.becomes(before)
        linkhold.apply(scene.change)
        assert linkhold.apply(scene.change).outcome == "unchanged"


@pytest.mark.needs("networkmanager")
def test_networkmanager_stays_dead_and_finds_its_old_profiles_when_it_starts(managed: Scene) -> None:
    before = managed.set_up()
    linkhold.apply(managed.change, commit=False)
    managed.victim.kill()
    try:
        linkhold.rollback()
    except Failure:
        pass  # what only NetworkManager can do is left to it
    managed.revive()
    managed.becomes(before, 30.0)
