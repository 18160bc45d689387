"""What tests of the wire and the agent have at hand."""

import pathlib

import pytest

from tests.agent.wires import Place


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Certificates of a host, a centre and a foreigner."""
    return Place(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def path(tmp_path: pathlib.Path) -> str:
    """Where a unix socket can be."""
    return str(tmp_path / "executor.sock")
