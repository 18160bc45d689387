"""A host of a fleet with real systemd, NetworkManager, Open vSwitch, a bond and VLANs loses its power, boots with a card less.

Of three requests the first was kept, the second confirmed and not kept, the third applied and not confirmed when the power
went. The next boot brings the first one alone, in one transaction, before anything waits for the network.
"""

import json
import pathlib
import sys
import typing

import pytest

from tests.lab import guest
from tests.services.rigs.networkmanager import SETTINGS
from tests.services.test_executor_systemd import ASK, SYSUSERS, units

SERVICES = ("NetworkManager.service", "openvswitch-switch.service")

CARDS = """
set -e
ip link set lo up
mkdir -p /etc/NetworkManager/conf.d /etc/NetworkManager/system-connections /etc/udev/rules.d /etc/openvswitch
rm -f /etc/NetworkManager/conf.d/*
cp /run/lab/nm.conf /etc/NetworkManager/NetworkManager.conf
: >/etc/NetworkManager/conf.d/10-globally-managed-devices.conf
: >/etc/udev/rules.d/85-nm-unmanaged.rules
for folder in openvswitch NetworkManager/system-connections; do
    mkdir -p /var/lib/linkhold/disk/$folder
    mount --bind /var/lib/linkhold/disk/$folder /etc/$folder
done
for number in {cards}; do
    ip link add veth_$number address 02:00:5e:00:00:0$number type veth peer far$number
    ip link set veth_$number up
    ip link set far$number up
done
/lib/systemd/systemd-udevd --daemon
udevadm trigger --subsystem-match=net --action=add
udevadm settle --timeout=20
"""

OVS = {"switch": "ovs"}
KEPT: dict[str, typing.Any] = {
    "networks": {
        "red": {"bonding": "bond0", "vlan": 101, "ipaddr": "192.0.2.7", "netmask": "255.255.255.0", **OVS},
        "blue": {"nic": "veth_3", "ipaddr": "198.51.100.7", "netmask": "255.255.255.0", **OVS},
    },
    "bondings": {"bond0": {"nics": ["veth_1", "veth_2"], "options": "mode=1 miimon=100", **OVS}},
    "options": {"connectivityCheck": False, "commitOnSuccess": True},
}
CONFIRMED = {"networks": {"green": {"nic": "veth_4", **OVS}}, "options": {"connectivityCheck": False}}
WAITING = {
    "networks": {"red": {**KEPT["networks"]["red"], "vlan": 102}},
    "options": {"connectivityTimeout": 600},
    "requester": "engine",
}

FIRST = """
set -ex
install -m 0644 /run/lab/ask.py /usr/local/ask.py
systemd-sysusers {sysusers}
systemctl is-active NetworkManager.service openvswitch-switch.service
trap 'journalctl -u linkhold-executor.service --no-pager -o cat | cut -c1-1000 | tail -30' EXIT
systemctl start linkhold-executor.socket
ask() {{ {python} /usr/local/ask.py setup-networks "$1" | tee /run/lab/answer; grep -q '"result"' /run/lab/answer; }}
ask '{kept}'
ask '{confirmed}'
ask '{waiting}' &
for _ in $(seq 100); do grep -qs agrees /var/lib/linkhold/pending/* && break; sleep 0.5; done
test "$(ovs-vsctl get Port red tag)" = 102
ip link show green
sync
echo now cut
sleep 100
"""

AGAIN = """
set -ex
restoring() {{ test "$(systemctl show -P ActiveState linkhold-networks-restore)" = activating; }}
for _ in $(seq 100); do restoring || break; sleep 0.5; done
systemctl start network-online.target
systemctl show -P ActiveState -P ExecMainStatus linkhold-networks-restore.service >/run/lab/restore
journalctl -u linkhold-networks-restore.service --no-pager -o cat >/run/lab/journal
systemctl show -P ExecMainExitTimestampMonotonic linkhold-networks-restore.service >/run/lab/times
systemctl show -P ActiveEnterTimestampMonotonic network-online.target >>/run/lab/times
systemctl is-active NetworkManager.service openvswitch-switch.service
ip -j address >/run/lab/addresses
ovs-vsctl get Port red tag >/run/lab/tag
ovs-vsctl show >/run/lab/switch
ls /var/lib/linkhold/history /var/lib/linkhold/pending /etc/NetworkManager/system-connections >/run/lab/files
{linkhold} networks list --json >/run/lab/list
exit 9
"""


def _boot(command: str, disk: pathlib.Path, cards: str) -> guest.Guest:
    files = {
        "ask.py": ASK,
        "cards.sh": CARDS.format(cards=cards),
        "nm.conf": SETTINGS.format(dns="none", level="INFO"),
    }
    enabled = ["cards.service", "linkhold-networks-restore.service", "linkhold-boot-guard.service", *SERVICES]
    command = command.format(
        python=sys.executable,
        sysusers=SYSUSERS.absolute(),
        linkhold=guest.LINKHOLD,
        kept=json.dumps(KEPT),
        confirmed=json.dumps(CONFIRMED),
        waiting=json.dumps(WAITING),
    )
    return guest.Guest(command, disk=disk, units=units(), enabled=enabled, files=files, timeout=200)


@pytest.mark.needs("uml")
@pytest.mark.limit(450)
def test_what_was_kept_is_back_and_nothing_else(tmp_path: pathlib.Path) -> None:
    disk = tmp_path / "disk"
    with _boot(FIRST, disk, "1 2 3 4") as host:
        host.wait_for("now cut", 180)
        host.kill()
    with _boot(AGAIN, disk, "1 2 4") as again:
        assert again.wait() == 9, again.tail()
        told = {path.name: path.read_text() for path in again.work.iterdir() if path.is_file()}
    links = {one["ifname"]: one for one in json.loads(told["addresses"])}
    assert "192.0.2.7" in [one["local"] for one in links["red"]["addr_info"]]
    assert told["tag"].strip() == "101"
    assert not {"blue", "green"} & links.keys(), told["switch"]
    assert {links[f"veth_{number}"]["master"] for number in (1, 2)} == {"bond0"}
    assert sorted(told["restore"].split()) == ["5", "active"]
    assert 'Nic "veth_3" required by network blue is missing.' in told["journal"]
    ended, online = map(int, told["times"].split())
    assert 0 < ended <= online
    listed = json.loads(told["list"])
    assert set(listed["running"]["networks"]) == {"red"}
    assert set(listed["safe"]["networks"]) == {"red", "blue"}
    assert told["files"].count(".committed.") == 3, "what was kept, what was confirmed, and one to restore"
    assert told["files"].count(".rolled-back.") == 1
    assert ".nmconnection" not in told["files"]
