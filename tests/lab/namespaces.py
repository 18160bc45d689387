"""Network namespaces for tests: the whole session in one of its own, and a fresh one for each test that asks.

No test can touch the machine's own network: before the first test runs, the pytest process leaves it for good. Where the
process is not root, it becomes root of a user namespace of its own.
"""

import collections.abc
import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import socket
import struct
import subprocess
import typing

import pytest

# sched(7) and mount(2); Python 3.11 has no names for them.
CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 0x4000, 0x40000
MNT_DETACH = 2
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1

_libc = ctypes.CDLL(None, use_errno=True)
_machine = os.readlink("/proc/self/ns/net")
_refused: OSError | None = OSError("the session was not isolated")


def isolate() -> None:
    """Leave the machine's network and mounts for good; `refusal()` tells why where the kernel forbids it."""
    global _refused
    flags = CLONE_NEWNS | CLONE_NEWNET
    user, group = os.geteuid(), os.getegid()
    try:
        unshare(flags if user == 0 else flags | CLONE_NEWUSER)
    except OSError as error:
        _refused = error
        return
    if user != 0:
        pathlib.Path("/proc/self/setgroups").write_text("deny")
        pathlib.Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        pathlib.Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    loopback_up()
    _refused = None


def refusal() -> OSError | None:
    """Why there are no namespaces here; None where there are."""
    return _refused


def on_the_machines_network() -> bool:
    """Is this thread in the network namespace that the test session was started in?"""
    return os.readlink("/proc/thread-self/ns/net") == _machine


class Namespace:
    """A network namespace. The one of the fixture `netns` is entered for the whole test."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._others: list[Namespace] = []

    @property
    def path(self) -> str:
        """For `ip link set … netns PATH` and setns(2)."""
        return f"/proc/{os.getpid()}/fd/{self.descriptor}"

    @contextlib.contextmanager
    def entered(self) -> collections.abc.Iterator["Namespace"]:
        """Be in this namespace for the length of a with block."""
        with _way_back():
            enter(self.descriptor)
            yield self

    def another(self) -> "Namespace":
        """One more namespace, with its loopback up: the far end of a cable. Gone when the test ends."""
        with _way_back():
            other = _make()
        self._others.append(other)
        return other

    def ip(self, *arguments: str) -> str:
        """What `ip` prints, run in here. AssertionError, with what it complained of, when it fails."""
        with self.entered():
            done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def ip_json(self, *arguments: str) -> typing.Any:
        """What `ip -j -d` prints, as values."""
        return json.loads(self.ip("-j", "-d", *arguments) or "[]")

    def close(self) -> None:
        """Let the kernel destroy it, once nothing in it is open any more."""
        for other in self._others:
            other.close()
        os.close(self.descriptor)


@contextlib.contextmanager
def fresh(*, sysfs: bool = True) -> collections.abc.Iterator[Namespace]:
    """Be in a new, empty namespace for the length of a with block: loopback up, /sys/class/net its own."""
    with _way_back():
        namespace = _make()
        mounted = sysfs and mount_sysfs() is None
        try:
            yield namespace
        finally:
            if mounted:
                unmount_sysfs()
            namespace.close()


def mount_sysfs() -> OSError | None:
    """Mount a /sys that shows the namespace we are in; the error where a user namespace may not."""
    try:
        mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except OSError as error:
        return error
    return None


def unmount_sysfs() -> None:
    """Undo the last mount_sysfs()."""
    _checked(_libc.umount2(b"/sys", MNT_DETACH), "umount /sys")


def enter(descriptor: int) -> None:
    """setns(2) of the calling thread."""
    _checked(_libc.setns(descriptor, CLONE_NEWNET), "setns")


@pytest.fixture
def netns(request: pytest.FixtureRequest) -> collections.abc.Iterator[Namespace]:
    """A fresh network namespace that the test runs in: loopback up, nothing else, /sys showing it where that is allowed.

    A test with a host of its own (alone.py) is in one already.
    """
    if "alone" in request.fixturenames:
        own = Namespace(_open_own())
        yield own
        own.close()
        return
    with fresh() as namespace:
        yield namespace


@pytest.fixture
def netns_sysfs() -> collections.abc.Iterator[Namespace]:
    """As `netns`, and fails where /sys cannot be made to show the namespace."""
    with fresh(sysfs=False) as namespace:
        error = mount_sysfs()
        if error is not None:
            pytest.fail(f"/sys cannot be mounted for this namespace: {error}; mark the test needs('sysfs')")
        try:
            yield namespace
        finally:
            unmount_sysfs()


def _make() -> Namespace:
    unshare(CLONE_NEWNET)
    loopback_up()
    return Namespace(_open_own())


def _open_own() -> int:
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


@contextlib.contextmanager
def _way_back() -> collections.abc.Iterator[None]:
    before = _open_own()
    try:
        yield
    finally:
        enter(before)
        os.close(before)


def loopback_up() -> None:
    """Where we are."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack_from("h", fcntl.ioctl(control, SIOCGIFFLAGS, request), 16)
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def unshare(flags: int) -> None:
    """unshare(2) of the calling thread."""
    _checked(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2)."""
    of_kind, said = (one.encode() if one is not None else None for one in (kind, data))
    _checked(_libc.mount(source.encode(), target.encode(), of_kind, ctypes.c_ulong(flags), said), f"mount {target}")


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
