"""Hosts for programs written for nmstate: one with its kernel alone, one where NetworkManager runs; two NICs in each."""

import os
import typing

import pytest

from tests.lab import namespaces
from tests.services.rigs.networkmanager import NetworkManager

NICS = ("eth1", "eth2")


class Host:
    """What the tests know of the host they run on. `manager` is the NetworkManager that runs there, if one does."""

    def __init__(self, netns: namespaces.Namespace, manager: NetworkManager | None) -> None:
        self.netns, self.manager = netns, manager
        self.far = netns.another()

    def plug(self, name: str) -> None:
        """A NIC with a cable to somewhere else."""
        self.netns.ip("link", "add", name, "type", "veth", "peer", f"{name}p", "netns", self.far.path)
        self.far.ip("link", "set", f"{name}p", "up")
        if self.manager is not None:
            self.manager.wait_for_state(name, "disconnected")


@pytest.fixture(params=["kernel", pytest.param("networkmanager", marks=pytest.mark.needs("networkmanager"))])
def host(request: pytest.FixtureRequest, alone: None, netns: namespaces.Namespace) -> Host:
    """A host of its own for the test, with two NICs that nobody has configured."""
    manager = request.getfixturevalue("networkmanager") if request.param == "networkmanager" else None
    made = Host(netns, manager)
    for name in NICS:
        made.plug(name)
    return made


@pytest.fixture
def kernel_host(alone: None, netns: namespaces.Namespace) -> Host:
    """The same without NetworkManager, for what it has no part in."""
    made = Host(netns, None)
    for name in NICS:
        made.plug(name)
    return made


@pytest.fixture
def open_files() -> typing.Callable[[], int]:
    """How many files this process has open."""
    return lambda: len(os.listdir("/proc/self/fd"))
