"""Hosts on which services run."""

import pathlib

import pytest

from tests.lab import namespaces
from tests.services.rigs.networkmanager import NetworkManager


@pytest.fixture
def nm(
    networkmanager: NetworkManager, netns: namespaces.Namespace, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> NetworkManager:
    """NetworkManager with two cards, eth1 and eth2, that nobody has set up."""
    monkeypatch.setenv("LINKHOLD_STATE_DIR", str(tmp_path / "state"))
    for number in (1, 2):
        netns.ip("link", "add", f"eth{number}", "type", "veth", "peer", f"far{number}")
        netns.ip("link", "set", f"far{number}", "up")
    networkmanager.wait_for_state("eth1", "disconnected")
    networkmanager.wait_for_state("eth2", "disconnected")
    return networkmanager
