"""The power goes while a change waits for confirmation: NetworkManager starts with the profiles from before."""

import json
import pathlib
import sys

import pytest

from tests.lab import guest


@pytest.mark.needs("uml")
@pytest.mark.limit(300)
def test_what_networkmanager_wrote_before_confirmation_does_not_survive_a_power_cut(tmp_path: pathlib.Path) -> None:
    disk = tmp_path / "disk"
    program = [sys.executable, "-m", "tests.services.power_host"]
    with guest.Guest([*program, "first"], disk=disk, timeout=140) as one:
        one.wait_for("now cut", 120)
        one.kill()
    with guest.Guest([*program, "again"], disk=disk, timeout=140) as two:
        assert two.wait() == 0, two.tail()
        seen = json.loads((two.work / "seen").read_text())
    assert set(seen["found"]) > {"office.nmconnection"}, "the new profiles were on the disk"
    assert seen["guard"] == 0
    assert seen["between"] == seen["before"][0]
    assert seen["after"] == seen["before"]
    assert seen["states"][-1] == "rolled-back"
