"""Speeds where a kernel has no ethtool family: from the files of sysfs."""

import pathlib

import pytest

from linkhold.providers.kernel.inventory import speeds
from linkhold.providers.kernel.netlink.generic import Unsupported


class Without:
    """A socket on a kernel without the family."""

    def __enter__(self):
        raise Unsupported("ethtool")

    def __exit__(self, *error):
        return None


@pytest.fixture
def root(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(speeds, "Generic", Without)
    for name, (speed, duplex) in {"eth0": ("1000", "full"), "eth1": ("-1", "unknown")}.items():
        folder = tmp_path / "sys/class/net" / name
        folder.mkdir(parents=True)
        (folder / "speed").write_text(f"{speed}\n")
        (folder / "duplex").write_text(f"{duplex}\n")
    return str(tmp_path)


def test_files_tell_speeds_too(root):
    assert speeds.read({1: "lo", 2: "eth0", 3: "eth1"}, root) == {2: (1000, "full"), 3: (0, "unknown")}
