"""`linkhold persist-nic-names` on a host in memory."""

import json
import pathlib

import pytest

from linkhold.cli.main import main
from tests.unit.executor.test_card_names import HOST


@pytest.fixture
def root(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setattr("linkhold.library.show", lambda: HOST)
    return tmp_path


def test_all_of_it(root: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["persist-nic-names", "--root", str(root)]
    assert main([*words, "--dry-run"]) == 0
    assert "98-nmstate-eth0.link: would be written, since it has static addresses" in capsys.readouterr().out
    assert list(root.iterdir()) == []
    assert main([*words, "--inspect"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[:4] == ["eth0", "02:00:00:00:00:01", "?", "no"]
    assert main([*words, "--kargs-out", str(root / "kargs")]) == 0
    assert (root / "kargs").read_text().startswith("ifname=eth0:02:00:00:00:00:01 ifname=eth1:")
    capsys.readouterr()
    assert main([*words, "--kargs-out", str(root / "again")]) == 0
    assert "pinned before" in capsys.readouterr().out
    assert not (root / "again").exists()
    assert main([*words, "--inspect", "--json"]) == 0
    assert [one["pinned"] for one in json.loads(capsys.readouterr().out)] == [True] * 3
    assert main([*words, "--cleanup"]) == 0
    assert capsys.readouterr().out == "Nothing to do.\n"
