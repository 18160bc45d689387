"""A host of its own for a test: a forked process in fresh namespaces of network, mounts, processes, names and IPC.

For tests of real daemons (NetworkManager, Open vSwitch, a DHCP client). What such a test starts sees the machine's programs
and files, yet neither its network nor its system bus, and is gone when the test ends, however it ends: the namespace's
process 1 dies, and the kernel ends the rest. What it writes to /etc, /var/lib and /run is thrown away.

A test gets there by the fixture `alone`, or by one that builds on it (tests/services/rigs). The process is forked from
pytest's, so nothing is imported or collected again: it costs some 20 ms.
"""

import collections.abc
import ctypes
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import time
import traceback
import typing

import pytest
from _pytest.runner import runtestprotocol

from tests.lab import guest, namespaces

# sched(7), prctl(2), mount(2)
CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWPID = 0x04000000, 0x08000000, 0x20000000
PR_SET_PDEATHSIG = 1
MS_RDONLY, MS_BIND = 1, 4096

THROWN_AWAY = ("/etc", "/var/lib")
"""What daemons write to, laid over by memory."""

NAMES = frozenset({"alone", "networkmanager", "openvswitch", "dnsmasq", "radvd", "dhcpcd", "lldpd"})
"""Needs (and fixtures) for which a test has to be alone."""

SLACK_S = 60.0
"""How much longer than its limit a test may take with its fixtures."""


class Sibling:
    """The next test, as far as pytest's teardown looks at it: one of the same module, so that its fixtures stay."""

    def __init__(self, item: pytest.Item) -> None:
        self._chain = item.listchain()[:-1]

    def listchain(self) -> list[pytest.Item | pytest.Collector]:
        """The collectors that stay."""
        return typing.cast("list[pytest.Item | pytest.Collector]", self._chain)


class Died(Exception):
    """The process on a host of its own ended without a word; what is known of it."""


def run(item: pytest.Item, limit: float) -> list[pytest.TestReport]:
    """Run one test in a host of its own: its reports. Raises Died."""

    def test() -> typing.Any:
        reports = runtestprotocol(item, log=False, nextitem=typing.cast("pytest.Item", Sibling(item)))
        to_plain = item.config.hook.pytest_report_to_serializable
        return [to_plain(config=item.config, report=one) for one in reports]

    from_plain = item.config.hook.pytest_report_from_serializable
    return [from_plain(config=item.config, data=one) for one in call(test, limit)]


def call(work: collections.abc.Callable[[], typing.Any], limit: float) -> typing.Any:
    """What `work` gives (plain data) when called in a host of its own, within so many seconds. Raises Died."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _end_with(lambda: _outside(work, writing))
    os.close(writing)
    try:
        written = _read(reading, time.monotonic() + limit)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)  # what is left of it; its children are told by the kernel
        _, status = os.waitpid(child, 0)
    if not written.endswith(b"\n"):
        raise Died(f"its process ended without a word (status {status}), or ran longer than {limit:.0f} s")
    return json.loads(written)


def _outside(work: collections.abc.Callable[[], typing.Any], writing: int) -> int:
    """Between the machine and the host: nothing is done here but to wait for the host's process 1."""
    _die_with_parent()
    flags = CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | namespaces.CLONE_NEWNS | namespaces.CLONE_NEWNET
    namespaces.unshare(flags)
    first = os.fork()
    if first == 0:
        _end_with(lambda: _first(work, writing))
    os.close(writing)
    os.waitpid(first, 0)
    return 0


def _first(work: collections.abc.Callable[[], typing.Any], writing: int) -> int:
    """Process 1: furnishes the host, reaps whatever daemons leave behind, ends (and with it all) when the work is done."""
    _die_with_parent()
    furnish()
    child = os.fork()
    if child == 0:
        _end_with(lambda: _inside(work, writing))
    os.close(writing)
    while os.wait()[0] != child:
        pass
    return 0


def _inside(work: collections.abc.Callable[[], typing.Any], writing: int) -> int:
    with open(writing, "wb") as file:
        file.write(json.dumps(work(), default=str).encode() + b"\n")
    return 0


def furnish() -> None:
    """Make the namespaces a host: its own /proc, /sys, /run, and files that may be written to."""
    namespaces.mount("none", "/", None, namespaces.MS_REC | namespaces.MS_PRIVATE)
    namespaces.mount("proc", "/proc", "proc", 0)
    # Read-only where udev does not run: NetworkManager waits for udev exactly where /sys can be written to.
    namespaces.mount("sysfs", "/sys", "sysfs", 0 if guest.inside() else MS_RDONLY)
    lab = os.open("/run/lab", os.O_PATH) if guest.inside() else -1
    namespaces.mount(
        "tmpfs", "/run", "tmpfs", namespaces.MS_NOSUID | namespaces.MS_NOEXEC, "mode=755"
    )  # as most hosts have it
    for folder in ("/run/lock", "/run/overlay", *(["/run/lab"] if lab >= 0 else [])):
        os.mkdir(folder)
    if lab >= 0:
        namespaces.mount(f"/proc/self/fd/{lab}", "/run/lab", None, MS_BIND)
        os.close(lab)
    for folder in THROWN_AWAY:
        _lay_over(folder)
    namespaces.loopback_up()


def _lay_over(folder: str) -> None:
    """Let what is written there go to memory: by an overlay, or a copy where there can't be one (overlays on overlays)."""
    upper, work = (f"/run/overlay/{folder.strip('/').replace('/', '-')}.{part}" for part in ("upper", "work"))
    os.mkdir(upper)
    os.mkdir(work)
    try:
        namespaces.mount("overlay", folder, "overlay", 0, f"lowerdir={folder},upperdir={upper},workdir={work}")
    except OSError:
        if folder == "/etc":
            subprocess.run(["cp", "-a", f"{folder}/.", upper], check=True)
        namespaces.mount(upper, folder, None, MS_BIND)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _end_with(work: collections.abc.Callable[[], int]) -> typing.NoReturn:
    """End this forked process with what `work` returns: never go back into pytest."""
    try:
        status = work()
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
        status = 70
    os._exit(status)


def _read(descriptor: int, deadline: float) -> bytes:
    """All that comes until the other side closes it, or the deadline passes."""
    parts: list[bytes] = []
    while (left := deadline - time.monotonic()) > 0 and select.select([descriptor], [], [], left)[0]:
        part = os.read(descriptor, 1 << 16)
        if not part:
            break
        parts.append(part)
    return b"".join(parts)


def wanted(item: pytest.Item) -> bool:
    """Must this test be alone?"""
    named = {name for mark in item.iter_markers("needs") for name in mark.args}
    return not NAMES.isdisjoint({*named, *getattr(item, "fixturenames", ())})


def is_alone() -> bool:
    """Is this process on a host of its own? Its process 1 is then ours, on the same network."""
    with open("/proc/1/cmdline", "rb") as first, open("/proc/self/cmdline", "rb") as own:
        return first.read() == own.read() and pathlib.Path("/run/overlay").is_dir()


@pytest.fixture
def alone() -> None:
    """The test runs on a host of its own, where it may start daemons and write to /etc, /var/lib and /run."""
    assert is_alone()
