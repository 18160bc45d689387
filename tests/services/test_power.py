"""Power cuts: the whole guest is killed in the middle of a transaction and boots again from its disk, with real systemd.

Of what was written to the disk, only what was synced is there again. The boot guard and the restoring unit are the ones
that are shipped. The guard of the first boot runs as a transient unit.
"""

import json
import pathlib
import sys

import pytest

from tests.lab import guest

SHIPPED = pathlib.Path("packaging/systemd")

BASE = """
interfaces:
- {name: d0, type: dummy}
- name: bond0
  type: bond
  link-aggregation: {mode: active-backup, port: [d0]}
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
"""

CHANGE = """
interfaces:
- {name: bond0, ipv4: {enabled: false}}
- name: bond0.7
  type: vlan
  vlan: {base-iface: bond0, id: 7}
  ipv4: {enabled: true, address: [{ip: 198.51.100.1, prefix-length: 24}]}
- {name: d1, type: dummy}
"""

FIRST = """
set -e
{linkhold} apply /run/lab/base.yml
{act}
echo now cut
sleep 100
"""

ACTS = {
    "half-way": (
        "TEST_SIGNAL=SIGSTOP {python} tests/unit/executor/child.py /var/lib/linkhold /run/lab/change.yml '{{}}' 7 & pid=$!\n"
        "until grep -q ') T ' /proc/$pid/stat; do sleep 0.2; done\n"
        "systemctl --no-legend list-units 'linkhold-guard-*' | grep -q running"
    ),
    "unconfirmed": "{linkhold} apply --no-commit --timeout 90 /run/lab/change.yml",
    "committed": "{linkhold} apply /run/lab/change.yml",
}

LOOK = """
import json, os
from linkhold.executor import verbs
told = [one.state for one in verbs.history()]
pending = len(verbs.pending())
json.dump({"told": told, "pending": pending, "interfaces": sorted(os.listdir("/sys/class/net"))}, open("/run/lab/seen", "w"))
"""


def units() -> dict[str, str]:
    """The shipped units, with the paths of this tree."""
    names = ("linkhold-boot-guard.service", "linkhold-restore.service")
    return {name: guest.of_this_tree((SHIPPED / name).read_text()) for name in names}


@pytest.mark.needs("uml")
@pytest.mark.limit(300)
@pytest.mark.parametrize("act", ACTS)
def test_after_a_power_cut_the_host_boots_as_before_or_as_asked_for(tmp_path: pathlib.Path, act: str) -> None:
    words = {"linkhold": guest.LINKHOLD, "python": sys.executable}
    script = FIRST.format(act=ACTS[act].format(**words), **words)
    disk, files = tmp_path / "disk", {"base.yml": BASE, "change.yml": CHANGE}
    with guest.Guest(script, disk=disk, units=units(), files=files, timeout=140) as first:
        first.wait_for("now cut")
        first.kill()
    with guest.Guest([sys.executable, "-c", LOOK], disk=disk, units=units(), timeout=140) as again:
        assert again.wait() == 0, again.tail()
        seen = json.loads((again.work / "seen").read_text())
    there = set(seen["interfaces"])
    assert seen["pending"] == 0
    assert {"d0", "bond0"} <= there, again.tail()
    if act == "committed":
        assert seen["told"][:2] == ["committed", "committed"]
        assert {"bond0.7", "d1"} <= there
    else:
        assert seen["told"][:2] == ["committed", "rolled-back"]
        assert not {"bond0.7", "d1"} & there
