"""The shipped unit for a folder of documents, under real systemd; and what it starts there: a listener for LLDP, scripts."""

import json
import pathlib

import pytest

from tests.lab import guest

UNIT = pathlib.Path("packaging/systemd/linkhold-documents.service")

GOOD = """\
interfaces:
- name: v0
  type: veth
  state: up
  veth: {peer: v1}
  lldp: {enabled: true}
  dispatch:
    post-activation: |
      echo "$1 $2" >/run/lab/script
"""
BAD = "interfaces:\n- {name: v9, type: veht}\n"

SCRIPT = """\
set -ex
mkdir -p /etc/linkhold/documents
cp /run/lab/good.yml /etc/linkhold/documents/20-good.yml
cp /run/lab/bad.yml /etc/linkhold/documents/10-bad.yml
! systemctl start linkhold-documents.service
systemctl is-failed linkhold-documents.service
journalctl -u linkhold-documents.service --no-pager | grep -q '10-bad.yml:2:'
cp /run/linkhold/service.json /run/lab/failed.json
test ! -e /etc/linkhold/documents/20-good.yml
ip link show v0
grep -qx 'v0 up' /run/lab/script

rm /etc/linkhold/documents/10-bad.yml
cp /run/lab/good.yml /etc/linkhold/documents/30-again.yml
systemctl start linkhold-documents.service
systemctl is-active linkhold-documents.service
cp /run/linkhold/service.json /run/lab/good.json

systemctl is-active linkhold-lldp.service
first=$(systemctl show -P MainPID linkhold-lldp.service)
kill -KILL $first
until second=$(systemctl show -P MainPID linkhold-lldp.service); test "$second" != 0 -a "$second" != $first; do sleep 0.3; done
until {linkhold} show v0 --json | grep -q '"lldp": *{{"enabled": *true'; do sleep 0.3; done
echo 'interfaces: [{{name: v0, lldp: {{enabled: false}}}}]' | {linkhold} apply -
while systemctl is-active linkhold-lldp.service; do sleep 0.3; done
exit 9
"""


@pytest.mark.needs("uml")
@pytest.mark.limit(240)
def test_a_folder_of_documents_under_systemd() -> None:
    units = {UNIT.name: guest.of_this_tree(UNIT.read_text())}
    files = {"good.yml": GOOD, "bad.yml": BAD}
    script = SCRIPT.format(linkhold=guest.LINKHOLD)
    with guest.Guest(script, units=units, files=files, timeout=200) as host:
        assert host.wait() == 9, host.tail()
        failed = json.loads((host.work / "failed.json").read_text())
        good = json.loads((host.work / "good.json").read_text())
    assert failed["failed"] == ["10-bad.yml"]
    assert [(one["name"], one["outcome"]) for one in failed["files"]] == [
        ("10-bad.yml", "failed"),
        ("20-good.yml", "applied"),
    ]
    assert [(one["name"], one["outcome"]) for one in good["files"]] == [("30-again.yml", "unchanged")]
