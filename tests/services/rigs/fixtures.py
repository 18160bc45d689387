"""The rigs as fixtures; each puts the test on a host of its own (tests/lab/alone.py), where nothing runs but what is asked for.

`netns`, asked for along with them, is that host's network.
"""

import pytest

from tests.lab import namespaces
from tests.services.rigs.networkmanager import NetworkManager
from tests.services.rigs.openvswitch import OpenVSwitch
from tests.services.rigs.peer import Peer


@pytest.fixture
def networkmanager(alone: None) -> NetworkManager:
    """NetworkManager runs. Every device that NetworkManager can handle is managed, none gets a profile by itself."""
    return NetworkManager().start()


@pytest.fixture
def openvswitch(alone: None) -> OpenVSwitch:
    """Open vSwitch runs, with an empty database."""
    return OpenVSwitch().start()


@pytest.fixture
def peer(alone: None, netns: namespaces.Namespace) -> Peer:
    """The other end of cables, without a daemon at first."""
    return Peer(netns)
