"""A network namespace of its own for each test here."""

import ctypes
import os

import pytest

from linkhold.providers.kernel.netlink.socket import Netlink

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def _call(function, *arguments):
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@pytest.fixture
def namespace():
    """Puts this thread, and the programs it starts, into a fresh network namespace and back afterwards."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            _call(LIBC.unshare, CLONE_NEWNET)
        except PermissionError:
            pytest.skip("needs the right to make a network namespace (root)")
        try:
            yield
        finally:
            _call(LIBC.setns, home, CLONE_NEWNET)
    finally:
        os.close(home)


@pytest.fixture
def netlink(namespace):
    with Netlink() as opened:
        yield opened
