"""Scripts of the dispatcher."""

import os
import pathlib
import subprocess

import pytest

from linkhold.planning.change import Change
from linkhold.providers.networkmanager import scripts
from linkhold.state.interfaces.common import Dispatch
from linkhold.state.interfaces.ethernet import Ethernet


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("NMSTATE_NM_DISPATCH_DIR", str(tmp_path))
    return tmp_path


def _change(before: Dispatch | None, after: Dispatch | None) -> Change:
    sides = {
        key: Ethernet(name="eth1", **({"dispatch": said} if said else {}))
        for key, said in (("before", before), ("after", after))
    }
    return Change(action="~", subject="interface", name="eth1", provider="networkmanager", **sides)


def test_a_script_is_written_read_and_removed(folder: pathlib.Path) -> None:
    said = Dispatch(post_activation="echo up\necho again", post_deactivation="")
    scripts.write_scripts([_change(None, said)])
    file = folder / "nmstate-eth1-up.sh"
    assert file.stat().st_mode & 0o777 == 0o744
    assert scripts.read_scripts() == {"eth1": Dispatch(post_activation="echo up\necho again")}
    scripts.write_scripts([_change(said, Dispatch(post_activation=""))])
    assert list(folder.iterdir()) == []


def test_a_script_runs_for_its_interface_and_event_only(folder: pathlib.Path) -> None:
    scripts.write_scripts([_change(None, Dispatch(post_activation="echo ran"))])
    file = str(folder / "nmstate-eth1-up.sh")

    def run(*words: str) -> str:
        return subprocess.run([file, *words], capture_output=True, text=True, check=True).stdout

    assert run("eth1", "up") == "ran\n"
    assert run("eth2", "up") == run("eth1", "down") == ""


def test_scripts_come_back(folder: pathlib.Path) -> None:
    scripts.write_scripts([_change(None, Dispatch(post_activation="echo old"))])
    (folder / "nmstate-eth2-up.sh").write_text("somebody else's")
    saved = scripts.saved_scripts()
    scripts.write_scripts([_change(None, Dispatch(post_activation="echo new", post_deactivation="echo gone"))])
    (folder / "nmstate-eth2-up.sh").write_text("changed meanwhile")
    scripts.put_scripts_back(saved, ["eth1"])
    assert scripts.read_scripts()["eth1"] == Dispatch(post_activation="echo old")
    assert (folder / "nmstate-eth2-up.sh").read_text() == "changed meanwhile"
    assert not os.path.exists(scripts.path_of("eth1", "down"))
