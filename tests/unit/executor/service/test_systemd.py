"""What the executor says to systemd and takes from it."""

import os
import pathlib
import socket

import pytest

from linkhold.executor.service import sockets
from linkhold.foundation.notify import Notify


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told(tmp_path: pathlib.Path, abstract: bool) -> None:
    address = f"@linkhold-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + address[1:] if abstract else address)
        notify = Notify(address, "20000000")
        notify.ready()
        notify.alive()
        notify.status("two\nlines")
        notify.stopping()
        heard = [listening.recv(100) for _ in range(4)]
    assert heard == [b"READY=1", b"WATCHDOG=1", b"STATUS=two lines", b"STOPPING=1"]
    assert notify.interval == 10.0


def test_without_systemd_nobody_is_told() -> None:
    notify = Notify("", "")
    notify.ready()
    assert notify.interval == 0


def test_a_systemd_that_is_away_is_no_failure(tmp_path: pathlib.Path) -> None:
    Notify(str(tmp_path / "nobody"), "").alive()


def activated(monkeypatch: pytest.MonkeyPatch, pid: int, count: str) -> None:
    monkeypatch.setenv("LISTEN_PID", str(pid))
    monkeypatch.setenv("LISTEN_FDS", count)


def test_a_socket_is_taken_over_and_hidden_from_children(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, bool]] = []
    monkeypatch.setattr(os, "set_inheritable", lambda fd, inheritable: calls.append((fd, inheritable)))
    activated(monkeypatch, os.getpid(), "1")
    assert sockets.inherited() == 3
    assert calls == [(3, False)]
    assert "LISTEN_FDS" not in os.environ
    assert sockets.inherited() is None


def test_a_socket_for_another_process_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    activated(monkeypatch, os.getpid() + 1, "1")
    assert sockets.inherited() is None


def test_none_and_several(monkeypatch: pytest.MonkeyPatch) -> None:
    activated(monkeypatch, os.getpid(), "0")
    assert sockets.inherited() is None
    activated(monkeypatch, os.getpid(), "2")
    with pytest.raises(ValueError, match="2 sockets"):
        sockets.inherited()
