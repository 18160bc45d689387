"""Files of profiles, kept and put back without a daemon."""

import pathlib
import stat

import pytest

from linkhold.providers.networkmanager import leaving, profile_files
from linkhold.providers.networkmanager.inventory import Profile

KEYFILE = "[connection]\nid={name}\ntype=ethernet\ninterface-name={name}\n"


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    made = tmp_path / "etc/NetworkManager/system-connections"
    made.mkdir(parents=True)
    return made


def _text(name: str) -> str:
    return KEYFILE.format(name=name)


def test_what_was_changed_and_removed_comes_back(tmp_path: pathlib.Path, folder: pathlib.Path) -> None:
    (folder / "eth1.nmconnection").write_text(_text("eth1"))
    (folder / "eth2.nmconnection").write_text(_text("eth2"))
    originals = profile_files.read_all(str(tmp_path))
    (folder / "eth1.nmconnection").write_text("changed")
    (folder / "eth2.nmconnection").unlink()
    assert profile_files.put_back(str(tmp_path), originals, ["eth1", "eth2"])
    assert (folder / "eth1.nmconnection").read_text() == _text("eth1")
    assert (folder / "eth2.nmconnection").read_text() == _text("eth2")
    assert stat.S_IMODE((folder / "eth1.nmconnection").stat().st_mode) == 0o600
    assert not profile_files.put_back(str(tmp_path), originals, ["eth1", "eth2"])
    assert sorted(one.name for one in folder.iterdir()) == ["eth1.nmconnection", "eth2.nmconnection"]


def test_new_profiles_go_only_where_they_are_ours(tmp_path: pathlib.Path, folder: pathlib.Path) -> None:
    originals = profile_files.read_all(str(tmp_path))
    (folder / "ours.nmconnection").write_text(_text("br0"))
    (folder / "theirs.nmconnection").write_text(_text("wlan0"))
    assert profile_files.put_back(str(tmp_path), originals, ["br0"])
    assert [one.name for one in folder.iterdir()] == ["theirs.nmconnection"]


def test_profiles_of_the_old_plugin_come_back_with_their_keys(tmp_path: pathlib.Path) -> None:
    old = tmp_path / "etc/sysconfig/network-scripts"
    old.mkdir(parents=True)
    (old / "ifcfg-eth1").write_text("DEVICE=eth1\n")
    (old / "keys-eth1").write_text("SECRET=x\n")
    originals = profile_files.read_all(str(tmp_path), ["/etc/sysconfig/network-scripts/ifcfg-eth1"])
    (old / "ifcfg-eth1").unlink()
    (old / "keys-eth1").unlink()
    (old / "route-eth1").write_text("new")
    profile_files.put_back(str(tmp_path), originals, ["eth1"])
    assert sorted(one.name for one in old.iterdir()) == ["ifcfg-eth1", "keys-eth1"]


def test_bytes_that_are_no_text_survive(tmp_path: pathlib.Path, folder: pathlib.Path) -> None:
    raw = b"[connection]\nid=caf\xe9\n"
    (folder / "odd.nmconnection").write_bytes(raw)
    originals = profile_files.read_all(str(tmp_path))
    (folder / "odd.nmconnection").unlink()
    profile_files.put_back(str(tmp_path), originals, [])
    assert (folder / "odd.nmconnection").read_bytes() == raw


def test_the_interface_of_a_keyfile_stands_in_its_first_section() -> None:
    assert profile_files.interface_of("[connection]\ninterface-name=eth1\n[match]\ninterface-name=eth2\n") == "eth1"
    assert profile_files.interface_of("[match]\ninterface-name=eth2\n") == ""


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("", True),
        ("/run/NetworkManager/system-connections/a.nmconnection", True),
        ("/etc/NetworkManager/system-connections/a.nmconnection", False),
    ],
)
def test_a_profile_below_run_is_gone_after_a_reboot(file: str, expected: bool) -> None:
    assert profile_files.in_memory(Profile("/", file, 0)) is expected


def test_what_is_left_to_others_stands_in_one_file(tmp_path: pathlib.Path) -> None:
    root = str(tmp_path)
    leaving.leave(["eth2", "eth1"], root)
    leaving.leave(["eth2"], root)
    text = (tmp_path / "etc/NetworkManager/conf.d/95-linkhold.conf").read_text()
    assert text.endswith("[keyfile]\nunmanaged-devices+=interface-name:=eth1;interface-name:=eth2\n")
    originals = profile_files.read_all(root)
    leaving.take(["eth1", "eth2"], root)
    assert leaving.left(root) == frozenset()
    assert profile_files.put_back(root, originals, [])
    assert leaving.left(root) == {"eth1", "eth2"}
    assert profile_files.put_back(root, {}, [])
    assert leaving.left(root) == frozenset()
