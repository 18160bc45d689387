"""Whether NetworkManager runs, told from two paths."""

import pathlib

import pytest

from linkhold.providers.networkmanager import presence


@pytest.mark.parametrize("folder", [True, False])
@pytest.mark.parametrize("socket", [True, False])
def test_both_the_daemon_and_a_bus_are_needed(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, folder: bool, socket: bool
) -> None:
    bus = tmp_path / "bus"
    if socket:
        bus.touch()
    if folder:
        (tmp_path / "run").mkdir()
    monkeypatch.setattr(presence, "RUN", str(tmp_path / "run"))
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={bus},guid=1234")
    assert presence.present() is (folder and socket)


def test_a_bus_elsewhere_is_believed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "RUN", str(tmp_path))
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "tcp:host=192.0.2.1,port=1")
    assert presence.present()
