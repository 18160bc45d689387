"""The fixture `stage`."""

import pathlib

import pytest

from tests.unit.transaction.stage import Stage


@pytest.fixture
def stage(tmp_path: pathlib.Path) -> Stage:
    return Stage(tmp_path)
