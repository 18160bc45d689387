"""What becomes of a change when Open vSwitch's daemons die in the middle of it."""

import pathlib
import subprocess
import sys
import threading
import time
import typing

import pytest

import linkhold
from linkhold.state.document import to_plain
from tests.lab import namespaces
from tests.services.rigs.daemons import Daemon
from tests.services.rigs.openvswitch import OpenVSwitch

Document = dict[str, typing.Any]
_AWAY_S = 0.4


@pytest.fixture
def ovs(
    openvswitch: OpenVSwitch, netns: namespaces.Namespace, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> OpenVSwitch:
    """A bridge of somebody's, with settings that documents have no word for, and an address on it; three cards."""
    monkeypatch.setenv("LINKHOLD_STATE_DIR", str(tmp_path / "state"))
    for number in (1, 2, 3):
        netns.ip("link", "add", f"eth{number}", "type", "veth", "peer", f"far{number}")
        netns.ip("link", "set", f"far{number}", "up")
        netns.ip("link", "set", f"eth{number}", "up")
    openvswitch.vsctl("add-br", "br0", "--", "set", "Bridge", "br0", f"datapath_type={openvswitch.datapath}")
    openvswitch.vsctl("set", "Bridge", "br0", "protocols=OpenFlow13", "external_ids:owner=somebody")
    openvswitch.vsctl("add-port", "br0", "eth1", "tag=5", "--", "set", "Interface", "eth1", "ofport_request=77")
    openvswitch.vsctl("set-controller", "br0", "ptcp:6653:127.0.0.1")
    netns.ip("address", "add", "192.0.2.1/24", "dev", "br0")
    netns.ip("link", "set", "br0", "up")
    return openvswitch


def document(ovs: OpenVSwitch) -> Document:
    """br0 loses eth1 to a new bridge, and gets another card; the host's address changes."""
    new = {"options": {"datapath": ovs.datapath}, "port": [{"name": "eth1"}, {"name": "host1"}]}
    ipv4 = {"enabled": True, "address": [{"ip": "198.51.100.1", "prefix-length": 24}]}
    br0 = {"options": {"rstp": True}, "port": [{"name": "br0"}, {"name": "eth2"}]}
    return {
        "interfaces": [
            {"name": "br0", "type": "ovs-bridge", "bridge": br0, "ovs-db": {"external_ids": {"owner": "us"}}},
            {"name": "br1", "type": "ovs-bridge", "bridge": new},
            {"name": "br0", "type": "ovs-interface", "ipv4": ipv4},
            {"name": "host1", "type": "ovs-interface"},
        ],
        "ovs-db": {"external_ids": {"ours": "1"}},
        "ovn": {"bridge-mappings": [{"localnet": "net1", "bridge": "br0"}]},
    }


def rows(ovs: OpenVSwitch) -> typing.Any:
    """All that lasts, whether documents have a word for it or not."""
    wanted = {
        "Bridge": ("name", "protocols", "rstp_enable", "external_ids", "fail_mode"),
        "Port": ("name", "tag", "trunks", "bond_mode", "external_ids"),
        "Interface": ("name", "type", "ofport_request", "mtu_request", "mac", "external_ids"),
        "Controller": ("target",),
    }
    found = {table: sorted(ovs.rows(table, *columns), key=str) for table, columns in wanted.items()}
    ports = {name: ovs.ports(name) for name in ovs.bridges()}
    return found, ports, ovs.vsctl("get", "Open_vSwitch", ".", "external_ids")


def seen() -> Document:
    """The configuration that linkhold shows."""
    shown = to_plain(linkhold.show(running_config=True))
    for one in shown["interfaces"]:  # the MAC that a bridge had by chance is asked for when it is made again
        if one["type"] == "ovs-bridge" and one.get("ovs-db", {}).get("other_config", {}).keys() == {"hwaddr"}:
            del one["ovs-db"]["other_config"]
    interfaces = [one for one in shown.pop("interfaces") if one["name"] not in ("ovs-netdev", "ovs-system")]
    return {f"{one['name']} {one['type']}": one for one in interfaces} | shown


def differing(before: Document, after: Document) -> Document:
    """What is not as before, both sides of it."""
    names = before.keys() | after.keys()
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


def killer(daemon: Daemon, phase: str, message: str = "", *, back: bool = True) -> typing.Callable[[typing.Any], None]:
    """Kills a daemon when a phase (and, in ``apply``, a stage) is reported, once; and starts it again a moment later."""
    done = threading.Event()

    def started_again() -> None:
        time.sleep(_AWAY_S)
        (pathlib.Path("/etc/openvswitch") / ".conf.db.~lock~").unlink(missing_ok=True)
        daemon.start()

    def report(progress: typing.Any) -> None:
        if done.is_set() or progress.phase != phase or not progress.message.startswith(message):
            return
        done.set()
        daemon.kill()
        if back:
            threading.Thread(target=started_again).start()

    report.done = done  # type: ignore[attr-defined]
    return report


MOMENTS = [("apply", "release"), ("apply", "create"), ("apply", "configure"), ("apply", "address"), ("verify", "")]


@pytest.mark.parametrize(("phase", "stage"), MOMENTS, ids=[f"{phase}-{stage}" for phase, stage in MOMENTS])
def test_the_servers_death_is_survived_where_it_comes_back(ovs: OpenVSwitch, phase: str, stage: str) -> None:
    report = killer(ovs.server, phase, stage)
    result = linkhold.apply(document(ovs), progress=report)
    assert report.done.is_set()  # type: ignore[attr-defined]
    assert result.outcome == "committed"
    assert ovs.ports("br0") == ["eth2"]
    assert ovs.ports("br1") == ["eth1", "host1"]
    assert linkhold.apply(document(ovs)).outcome == "unchanged"


@pytest.mark.needs("openvswitch-datapath")
def test_the_servers_death_with_the_kernels_datapath(ovs: OpenVSwitch) -> None:
    """Links that the kernel's datapath holds outlive both daemons."""
    assert ovs.datapath == "system"
    before = rows(ovs), seen()
    report = killer(ovs.server, "apply", "configure")
    linkhold.apply(document(ovs), commit=False, progress=report)
    assert report.done.is_set()  # type: ignore[attr-defined]
    assert (ovs.ports("br0"), ovs.ports("br1")) == (["eth2"], ["eth1", "host1"])
    linkhold.rollback()
    assert (rows(ovs), seen()) == before


@pytest.mark.parametrize(("phase", "stage"), [*MOMENTS, ("rollback", "")])
def test_what_is_taken_back_is_as_it_was_in_every_column(ovs: OpenVSwitch, phase: str, stage: str) -> None:
    """The probe says no, so all is taken back; the server dies on the way there, or on the way back."""
    before = rows(ovs), seen()
    report = killer(ovs.server, phase, stage)
    with pytest.raises(linkhold.NotApplied, match=r"as it was before"):
        linkhold.apply(
            document(ovs), probes=["command:test ! -e /sys/class/net/host1"], probe_timeout=1, progress=report
        )
    assert report.done.is_set()  # type: ignore[attr-defined]
    assert rows(ovs) == before[0]
    assert differing(before[1], seen()) == {}


def test_a_bridge_that_was_removed_comes_back_whole(ovs: OpenVSwitch, netns: namespaces.Namespace) -> None:
    before = rows(ovs), seen()
    gone = [{"name": "br0", "type": "ovs-bridge", "state": "absent"}]
    with pytest.raises(linkhold.NotApplied, match=r"as it was before"):
        linkhold.apply({"interfaces": gone}, probes=["command:ip link show br0"], probe_timeout=1)
    assert rows(ovs) == before[0]
    assert differing(before[1], seen()) == {}
    linkhold.apply({"interfaces": gone}, commit=False)
    assert ovs.bridges() == []
    linkhold.rollback()
    assert rows(ovs) == before[0]
    assert differing(before[1], seen()) == {}


def test_what_others_plugged_in_meanwhile_stays(ovs: OpenVSwitch) -> None:
    linkhold.apply(document(ovs), commit=False)
    ovs.vsctl("add-port", "br0", "tun0", "--", "set", "Interface", "tun0", "type=vxlan", "options:remote_ip=192.0.2.9")
    linkhold.rollback()
    assert ovs.ports("br0") == ["eth1", "tun0"]


def test_a_server_that_stays_away_is_named_and_its_file_put_back(
    ovs: OpenVSwitch, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linkhold.providers.ovsdb import provider

    monkeypatch.setattr(provider, "RESTART_S", 1.0)
    before = rows(ovs)
    with pytest.raises(linkhold.Stranded, match="Open vSwitch's database") as stranded:
        linkhold.apply(document(ovs), progress=killer(ovs.server, "apply", "address", back=False))
    assert stranded.value.result.missing
    ovs.server.start()
    assert rows(ovs) == before


def test_a_switch_that_does_not_answer_is_named(ovs: OpenVSwitch, monkeypatch: pytest.MonkeyPatch) -> None:
    from linkhold.providers.ovsdb import provider, work

    monkeypatch.setattr(work, "SETTLING_S", 1.0)
    monkeypatch.setattr(provider, "_SETTLING_BACK_S", 1.0)
    before = rows(ovs)

    def freeze(progress: typing.Any) -> None:
        if progress.phase == "apply" and progress.message.startswith("create"):
            ovs.switch.freeze()
            threading.Timer(4.0, ovs.switch.thaw).start()

    with pytest.raises(linkhold.NotApplied, match="ovs-vswitchd has not done"):
        linkhold.apply(document(ovs), progress=freeze)
    assert rows(ovs) == before


def test_the_guard_takes_back_what_nobody_confirmed(ovs: OpenVSwitch) -> None:
    before = rows(ovs), seen()
    linkhold.apply(document(ovs), commit=False, timeout=1)
    assert ovs.ports("br1") == ["eth1", "host1"]
    until = time.monotonic() + 30
    while "br1" in ovs.bridges() and time.monotonic() < until:
        time.sleep(0.1)
    while to_plain(linkhold.show(["br0"]))["interfaces"] and seen() != before[1] and time.monotonic() < until:
        time.sleep(0.1)
    assert rows(ovs) == before[0]
    assert differing(before[1], seen()) == {}


def test_after_a_power_cut_the_boot_guard_puts_back_the_file_before_the_server_reads_it(
    ovs: OpenVSwitch, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linkhold.executor import host, store, verbs
    from linkhold.foundation.driving import run
    from linkhold.state.document import read
    from linkhold.transaction import owner
    from linkhold.transaction.options import Options

    before = rows(ovs)
    ground = host.ground(store.folder(None), provider=host.provider())  # no guard: the power cut takes it, too
    with monkeypatch.context() as earlier:
        earlier.setattr(owner, "boot_id", lambda: "of the boot before")
        result = run(verbs.apply(read(document(ovs)), Options(confirming="later", confirm_timeout=600), ground=ground))
    assert result.outcome == "unconfirmed"
    ground.provider.close()
    assert rows(ovs) != before
    ovs.stop()
    words = [sys.executable, "-m", "linkhold.executor.boot"]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ovs.start()
    assert rows(ovs) == before
