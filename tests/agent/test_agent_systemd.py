"""The shipped units under real systemd: the user is made, the host enrolled, both services locked in, and all of it works."""

import json
import pathlib
import tarfile
import typing

import pytest

from tests.lab import guest

PACKAGING = pathlib.Path("packaging")
SERVICES = ("linkhold-executor.socket", "linkhold-executor.service", "linkhold-agent.service")

REQUEST: dict[str, typing.Any] = {
    "networks": {
        "red": {
            "bonding": "bond0",
            "vlan": "7",
            "bridged": "true",
            "ipaddr": "192.0.2.7",
            "netmask": "255.255.255.0",
            "mtu": 1500,
            "switch": "legacy",
        }
    },
    "bondings": {"bond0": {"nics": ["eth1", "eth2"], "options": "mode=active-backup miimon=100", "switch": "legacy"}},
    "options": {"connectivityCheck": "false", "commitOnSuccess": True},
}

SETTINGS = """\
[agent]
fake_cards = ["eth*"]
[something]
password = "planted-secret-1"
"""

HOOK = '#!/bin/sh\nid -un >&2\nsed -i \'s/^{/{"mine": true, /\' "$_hook_json"\n'

SCRIPT = """\
set -ex
trap 'test $? = 9 || journalctl --no-pager -o cat -u linkhold-agent -u linkhold-executor | tail -40' EXIT
until_() {{ for n in $(seq 60); do if "$@" >/dev/null; then return; fi; sleep 0.5; done; return 1; }}
systemd-sysusers /run/lab/sysusers.conf
systemd-tmpfiles --create /run/lab/tmpfiles.conf
systemctl restart linkhold-executor.socket
mkdir -p /etc/linkhold/hooks/after_get_caps.d /etc/ca
cp /run/lab/linkhold.toml /etc/linkhold/linkhold.toml
install -m 755 /run/lab/hook /etc/linkhold/hooks/after_get_caps.d/10
for n in 1 2; do ip link add eth$n type veth peer far$n; ip link set far$n up; ip link set eth$n up; done

cd /etc/ca
new="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
openssl req -x509 $new -days 30 -subj /CN=ca -keyout ca.key -out ca.pem
openssl req $new -subj /CN=engine -keyout engine.key -out engine.csr
openssl x509 -req -in engine.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out engine.pem
systemctl start linkhold-agent.service
{linkhold} agent enrol --request host.csr --name host1
openssl x509 -req -in host.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out host.pem
pin=$(openssl x509 -in ca.pem -noout -fingerprint -sha256 | cut -d= -f2)
{linkhold} agent enrol --certificate host.pem --ca ca.pem --ca-fingerprint $pin
test "$(stat -c '%U %a' /etc/pki/linkhold/agent.key)" = 'linkhold 600'
systemctl reload linkhold-agent.service

keys="--ca /etc/ca/ca.pem --cert /etc/ca/engine.pem --key /etc/ca/engine.key"
call() {{ {linkhold} agent call localhost "$@" --any-name $keys; }}
until_ call Host.ping2
call Host.setupNetworks - --flow 5d0c1a7e </run/lab/request.json
call Host.getCapabilities >/run/lab/caps.json
call Host.getStats >/run/lab/stats.json
call Host.getLldp >/run/lab/lldp.json
cp /proc/$(systemctl show -P MainPID linkhold-agent)/status /run/lab/process
inside="nsenter -t $(systemctl show -P MainPID linkhold-agent) -m -r --"
$inside touch /etc/pki/linkhold/agent.key
! $inside touch /etc/linkhold/linkhold.toml
! $inside ls /var/lib/linkhold
{linkhold} agent status --json >/run/lab/status.json || true
{linkhold} agent report -o /run/lab/report.tar.gz

first=$(systemctl show -P MainPID linkhold-agent)
kill -KILL $first
another() {{ second=$(systemctl show -P MainPID linkhold-agent); test "$second" != 0 -a "$second" != $first; }}
until_ another
until_ call Host.ping2
systemctl kill -s KILL linkhold-executor.service
until_ call Host.getNetworkCapabilities
call Host.getNetworkCapabilities >/run/lab/again.json
journalctl -u linkhold-agent -o cat --no-pager >/run/lab/agent.log
systemctl stop linkhold-agent.service
test "$(systemctl show -P Result linkhold-agent)" = success
exit 9
"""


@pytest.mark.needs("uml")
@pytest.mark.limit(300)
def test_the_agent_under_systemd() -> None:
    units = {name: guest.of_this_tree((PACKAGING / "systemd" / name).read_text()) for name in SERVICES}
    files = {
        "request.json": json.dumps(REQUEST),
        "linkhold.toml": SETTINGS,
        "hook": HOOK,
        "sysusers.conf": (PACKAGING / "sysusers.d/linkhold.conf").read_text(),
        "tmpfiles.conf": (PACKAGING / "tmpfiles.d/linkhold.conf").read_text(),
    }
    script = SCRIPT.format(linkhold=guest.LINKHOLD)
    with guest.Guest(script, units=units, enabled=[], files=files, timeout=120) as host:
        assert host.wait() == 9, host.tail()
        told = {path.name: path.read_text() for path in host.work.iterdir() if path.suffix in (".json", ".log")}
        process = (host.work / "process").read_text()
        with tarfile.open(host.work / "report.tar.gz") as archive:
            report = {one.name: archive.extractfile(one).read().decode() for one in archive}  # type: ignore[union-attr]

    caps = json.loads(told["caps.json"])
    assert caps["networks"]["red"]["southbound"] == "bond0.7"
    assert caps["bondings"]["bond0"]["slaves"] == ["eth1", "eth2"]
    assert caps["bridges"]["red"]["addr"] == "192.0.2.7"
    assert (caps["mine"], caps["netConfigDirty"]) == (True, "False")
    assert json.loads(told["again.json"])["networks"] == caps["networks"]
    assert json.loads(told["stats.json"])["network"]["bond0"]["state"] == "up"
    assert set(json.loads(told["lldp.json"])) == {"eth1", "eth2"}

    found = dict(line.split(":", 1) for line in process.splitlines() if ":" in line)
    assert (int(found["CapBnd"], 16), found["NoNewPrivs"].strip(), found["Seccomp"].strip()) == (0, "1", "2")

    lines = [json.loads(line) for line in told["agent.log"].splitlines() if line.startswith("{")]
    events = [line["event"] for line in lines]
    assert {"not-enrolled", "listening", "START", "FINISH", "hook"} <= set(events)
    assert {line["err"] for line in lines if line["event"] == "hook"} == {"linkhold"}
    assert [line for line in lines if line["level"] == "error"] == []

    status = json.loads(told["status.json"])
    assert status["agent"] == {"good": True, "how": "active: listens on port 54321"}
    assert (status["networks"]["how"], status["saved"]["good"]) == ("red; bonds: bond0", True)
    assert status["drift"]["good"], status["drift"]

    everything = "\n".join(report.values())
    assert "planted-secret-1" not in everything
    assert "5d0c1a7e" in report["report/logs/linkhold-executor.log"]
    assert json.loads(report["report/history.json"])[0]["plan"]["changes"]
