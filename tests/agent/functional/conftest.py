"""Hosts that the tests of a module share, and strangers on them; each leaves its host as it found it, or the test fails."""

import collections.abc

import pytest

from tests.agent.functional import agreement, shared
from tests.agent.functional.shared import SharedHost
from tests.agent.functional.stranger import Stranger


@pytest.fixture(scope="module")
def kernel_host() -> collections.abc.Iterator[SharedHost]:
    """The kernel alone."""
    with shared.running() as host:
        yield host


@pytest.fixture(scope="module")
def switched_host() -> collections.abc.Iterator[SharedHost]:
    """The kernel and Open vSwitch."""
    with shared.running("openvswitch") as host:
        yield host


@pytest.fixture(scope="module")
def managed_host() -> collections.abc.Iterator[SharedHost]:
    """The kernel and NetworkManager, which manages all cards."""
    with shared.running("networkmanager") as host:
        yield host


def _visit(host: SharedHost) -> collections.abc.Iterator[Stranger]:
    before = agreement.picture(host)
    stranger = Stranger(host)
    try:
        yield stranger
        stranger.leave()
        found = agreement.unlike(before, agreement.picture(host))
        assert not found, "\n".join(found)
    finally:
        stranger.close()


@pytest.fixture
def stranger(kernel_host: SharedHost) -> collections.abc.Iterator[Stranger]:
    """On a host of Linux bridges."""
    yield from _visit(kernel_host)


@pytest.fixture
def switched(switched_host: SharedHost) -> collections.abc.Iterator[Stranger]:
    """On a host that has Open vSwitch."""
    yield from _visit(switched_host)


@pytest.fixture
def managed(managed_host: SharedHost) -> collections.abc.Iterator[Stranger]:
    """On a host with NetworkManager."""
    yield from _visit(managed_host)
