"""The rigs themselves: namespaces are fresh, guests have what the machine's kernel lacks, and a power cut is one."""

import os
import pathlib
import time

import pytest

from tests.lab import guest, namespaces

KINDS = ["bond", "vlan", "vrf", "dummy", "bridge-vlan-filtering", "ipvlan", "hsr", "macsec", "vxlan", "macvtap"]


@pytest.mark.needs(*KINDS)
def test_the_lab_has_what_the_machine_lacks(netns: namespaces.Namespace) -> None:
    netns.ip("link", "add", "d0", "type", "dummy")
    netns.ip("link", "add", "bond0", "type", "bond", "mode", "802.3ad")
    netns.ip("link", "set", "d0", "master", "bond0")
    netns.ip("link", "add", "link", "bond0", "name", "bond0.7", "type", "vlan", "id", "7")
    netns.ip("link", "add", "red", "type", "vrf", "table", "100")
    netns.ip("link", "set", "bond0.7", "master", "red")
    links = {link["ifname"]: link for link in netns.ip_json("link")}
    assert set(links) == {"lo", "d0", "bond0", "bond0.7", "red"}
    assert links["bond0.7"]["master"] == "red"
    assert links["bond0.7"]["linkinfo"]["info_data"]["id"] == 7
    assert links["d0"]["master"] == "bond0"


def test_the_lab_shows_a_namespace_its_own_sysfs(netns_sysfs: namespaces.Namespace) -> None:
    netns_sysfs.ip("link", "add", "here0", "type", "dummy")
    assert sorted(os.listdir("/sys/class/net")) == ["bonding_masters", "here0", "lo"]


@pytest.mark.needs("uml")
def test_a_persistent_folder_holds_what_was_written_when_the_guest_was_killed(tmp_path: pathlib.Path) -> None:
    kept = tmp_path / "kept"
    with guest.Guest(
        "echo yes >/var/lib/linkhold/file; echo written; sleep 60", persistent_dir=kept, timeout=60
    ) as first:
        first.wait_for("written")
        first.kill()
        assert not first.alive
        assert first.status() is None
    assert (kept / "file").read_text() == "yes\n"
    assert guest.Guest("grep yes /var/lib/linkhold/file && exit 7", persistent_dir=kept, timeout=60).run() == 7


@pytest.mark.needs("uml")
def test_of_a_disk_only_what_was_synced_survives_the_power_cut(tmp_path: pathlib.Path) -> None:
    disk = tmp_path / "disk"
    script = (
        "import os, time\n"
        "f = open('/var/lib/linkhold/synced', 'w'); f.write('yes'); f.flush(); os.fsync(f.fileno())\n"
        "g = open('/var/lib/linkhold/unsynced', 'w'); g.write('yes'); g.flush()\n"
        "print('now cut', flush=True); time.sleep(60)\n"
    )
    with guest.Guest(["/usr/bin/python3", "-c", script], disk=disk, timeout=60) as first:
        first.wait_for("now cut")
        first.kill()
    with guest.Guest(
        "cd /var/lib/linkhold && grep . synced && ! grep . unsynced && exit 7", disk=disk, timeout=60
    ) as again:
        assert again.wait() == 7, again.tail()


@pytest.mark.needs("uml")
def test_a_killed_guest_leaves_no_process_behind() -> None:
    with guest.Guest("echo up; sleep 60", timeout=60) as one:
        one.wait_for("up")
        assert _processes_of(one.work)
        one.kill()
        deadline = time.monotonic() + 5
        while _processes_of(one.work) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert _processes_of(one.work) == []


@pytest.mark.needs("uml")
def test_a_guest_that_takes_too_long_is_killed_and_its_console_is_shown() -> None:
    with guest.Guest("echo stuck here; sleep 60", timeout=60) as slow:
        slow.wait_for("stuck here")
        slow.timeout = 2
        with pytest.raises(guest.GuestFailed, match=r"longer than 2 s(.|\n)*stuck here"):
            slow.wait()
        assert not slow.alive


@pytest.mark.needs("uml")
def test_what_a_guest_writes_elsewhere_is_thrown_away(tmp_path: pathlib.Path) -> None:
    mark = pathlib.Path("/etc") / f"lab-mark-{tmp_path.name}"
    assert guest.Guest(f"touch {mark} && test -e {mark}", timeout=60).run() == 0
    assert not mark.exists()


@pytest.mark.needs("uml")
def test_real_systemd_runs_early_units_before_the_command() -> None:
    unit = """\
[Unit]
DefaultDependencies=no
After=local-fs.target
Before=network-pre.target
Wants=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=ip link add early0 type dummy
[Install]
WantedBy=sysinit.target
"""
    command = "test -d /run/systemd/system && systemctl is-active early.service && ip link show early0 && exit 9"
    with guest.Guest(command, units={"early.service": unit}, timeout=90) as host:
        assert host.wait() == 9, host.tail()


UNDO = """\
[Unit]
DefaultDependencies=no
After=local-fs.target
Before=network-pre.target
Wants=network-pre.target
ConditionPathExists=/var/lib/linkhold/pending
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'mv /var/lib/linkhold/pending /var/lib/linkhold/undone && sync'
[Install]
WantedBy=sysinit.target
"""


@pytest.mark.needs("uml")
def test_a_host_with_systemd_boots_again_from_its_disk(tmp_path: pathlib.Path) -> None:
    disk, units = tmp_path / "disk", {"undo.service": UNDO}
    begin = "test ! -e /var/lib/linkhold/undone && touch /var/lib/linkhold/pending && sync && echo begun && sleep 60"
    with guest.Guest(begin, disk=disk, units=units, timeout=90) as first:
        first.wait_for("begun")
        first.kill()
    with guest.Guest("test -e /var/lib/linkhold/undone && exit 7", disk=disk, units=units, timeout=90) as again:
        assert again.wait() == 7, again.tail()


def _processes_of(work: pathlib.Path) -> list[int]:
    """Processes that have the guest's work folder on their command line and are not just waiting to be reaped."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        if f"lab.work={work}".encode() in line:
            found.append(int(entry.name))
    return found
