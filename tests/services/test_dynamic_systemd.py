"""Clients as units of a real systemd, in a guest of its own: started, started again, ended, brought back by a boot."""

import pathlib

import pytest

from tests.lab import guest
from tests.services.test_power import units

SCRIPT = """
set -e
say() {{ echo "step: $*"; }}
modprobe veth; modprobe ipv6 2>/dev/null || true
ip link set lo up
ip netns add far
ip link add eth1 type veth peer name far1 netns far
ip -n far link set far1 up
ip -n far address add 192.0.2.1/24 dev far1
ip netns exec far dnsmasq --conf-file=/dev/null --user=root --port=0 --no-ping --leasefile-ro --dhcp-authoritative \\
    --interface=far1 --bind-dynamic --dhcp-range=192.0.2.100,192.0.2.150,1h --pid-file=/run/dnsmasq.pid
unit=linkhold-lease-eth1-ipv4.service
address() {{ ip -4 -o address show dev eth1 | grep -o '192.0.2.1[0-9]*' | head -1; }}
pid() {{ systemctl show --property=MainPID --value $unit; }}

say start
{linkhold} apply /run/lab/leased.yml
systemctl is-active $unit
leased=$(address)
test -n "$leased"
{linkhold} show eth1 | grep -q 'dhcp: true'

say killed
first=$(pid)
kill -KILL "$first"
for _ in $(seq 100); do
    test "$(pid)" != "$first" && test "$(pid)" != 0 && systemctl -q is-active $unit && break
    sleep 0.2
done
test "$(pid)" != "$first"
test "$(address)" = "$leased"
{linkhold} plan /run/lab/leased.yml | grep -qi 'nothing\\|no change'

say stopped
systemctl stop $unit
{linkhold} show eth1 | grep -q 'dhcp: false'
{linkhold} restore
systemctl is-active $unit

say ended
{linkhold} apply /run/lab/static.yml
! systemctl -q is-active $unit
test ! -d /run/linkhold/leases/eth1/ipv4
test "$(address)" = ""
say done
exit 9
"""

LEASED = "interfaces: [{name: eth1, type: ethernet, state: up, ipv4: {dhcp: true}, wait-ip: ipv4}]"
STATIC = "interfaces: [{name: eth1, ipv4: {dhcp: false, address: [{ip: 198.51.100.7, prefix-length: 24}]}}]"
NOTHING = """
[Unit]
Description=Nothing
[Service]
Type=oneshot
ExecStart=true
[Install]
WantedBy=multi-user.target
"""


@pytest.mark.needs("uml")
@pytest.mark.limit(240)
def test_clients_are_units() -> None:
    files = {"leased.yml": LEASED, "static.yml": STATIC}
    script = SCRIPT.format(linkhold=guest.LINKHOLD)
    with guest.Guest(script, units={"nothing.service": NOTHING}, files=files, timeout=200) as host:
        assert host.wait() == 9, host.tail()


CABLE = """
[Unit]
Description=A card, and a server at its other end
DefaultDependencies=no
After=local-fs.target
Before=linkhold-restore.service
[Service]
Type=forking
ExecStart=/bin/sh /run/lab/cable.sh
[Install]
WantedBy=sysinit.target
"""

CABLE_SCRIPT = """
set -e
modprobe veth
ip link set lo up
ip netns add far
ip link add eth1 type veth peer name far1 netns far
ip -n far link set far1 up
ip -n far address add 192.0.2.1/24 dev far1
ip netns exec far dnsmasq --conf-file=/dev/null --user=root --port=0 --no-ping --leasefile-ro --dhcp-authoritative \\
    --interface=far1 --bind-dynamic --dhcp-range=192.0.2.100,192.0.2.150,1h --pid-file=/run/dnsmasq.pid
"""

FIRST = """
set -e
{linkhold} apply /run/lab/leased.yml
ip -4 -o address show dev eth1 | grep -q 192.0.2.1
echo now cut
sleep 100
"""

AGAIN = """
set -e
systemctl is-active linkhold-restore.service linkhold-lease-eth1-ipv4.service
ip -4 -o address show dev eth1 | grep -q 192.0.2.1
{linkhold} show eth1 | grep -q 'dhcp: true'
exit 9
"""


@pytest.mark.needs("uml")
@pytest.mark.limit(300)
def test_a_power_cut_takes_no_lease_away(tmp_path: pathlib.Path) -> None:
    """What lies in /run is gone; the committed document starts the client again."""
    files = {"leased.yml": LEASED, "cable.sh": CABLE_SCRIPT}
    disk, all_units = tmp_path / "disk", {**units(), "cable.service": CABLE}
    first = FIRST.format(linkhold=guest.LINKHOLD)
    with guest.Guest(first, disk=disk, units=all_units, files=files, timeout=140) as host:
        host.wait_for("now cut")
        host.kill()
    again = AGAIN.format(linkhold=guest.LINKHOLD)
    with guest.Guest(again, disk=disk, units=all_units, files=files, timeout=140) as host:
        assert host.wait() == 9, host.tail()
