"""Here the kernel provider is tested by itself, whatever services the machine has."""

import pytest


@pytest.fixture(autouse=True)
def _kernel_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKHOLD_PROVIDER", "kernel")
