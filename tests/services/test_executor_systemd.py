"""The shipped units of the executor under real systemd: asked by the agent's user, killed in its sandbox, back after a boot.

Bond, VLAN and bridge are set up from inside the sandbox; the guard runs outside of it, and so outlives it.
"""

import json
import pathlib
import sys
import typing

import pytest

from tests.lab import guest

SHIPPED = pathlib.Path("packaging/systemd")
SYSUSERS = pathlib.Path("packaging/sysusers.d/linkhold.conf")

CARDS = """
[Unit]
Description=Two cards with cables in them
DefaultDependencies=no
After=local-fs.target
Before=linkhold-networks-restore.service sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /run/lab/cards.sh
[Install]
WantedBy=sysinit.target
"""

CARDS_SCRIPT = """
set -e
modprobe veth
ip link set lo up
for number in 1 2; do
    ip link add veth_$number type veth peer name far$number
    ip link set veth_$number up
    ip link set far$number up
done
"""

NETWORKS = {"red": {"bonding": "bond0", "vlan": 101, "ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}}
BONDINGS = {"bond0": {"nics": ["veth_1", "veth_2"], "options": "mode=1 miimon=100"}}

ASK = """
import asyncio, json, sys, time
from linkhold.wire.call import RpcError
from linkhold.wire.local_client import LocalClient

async def work():
    ask = LocalClient("/run/linkhold/executor.sock")
    verb, params, speaks = sys.argv[1], json.loads(sys.argv[2]), len(sys.argv) > 3

    async def speak():
        while True:
            await ask.call("heard", {"requester": "engine", "at": time.clock_gettime(time.CLOCK_BOOTTIME)})
            await asyncio.sleep(0.2)

    speaking = asyncio.ensure_future(speak()) if speaks else None
    try:
        print(json.dumps({"result": await ask.call(verb, params)}))
    except RpcError as error:
        print(json.dumps({"code": error.code, "message": error.message, "data": error.data}))
    finally:
        if speaking:
            speaking.cancel()

asyncio.run(work())
"""

FIRST = """
set -ex
systemd-sysusers {sysusers}
install -m 0644 /run/lab/ask.py /usr/local/ask.py
systemctl start linkhold-executor.socket
test "$(stat -c '%a %U %G' /run/linkhold/executor.sock)" = '660 root linkhold'
ask() {{ setpriv --reuid=linkhold --regid=linkhold --clear-groups {python} /usr/local/ask.py "$@"; }}
tell() {{ cat /run/lab/killed.json /run/lab/heard.json; journalctl -u linkhold-executor.service --no-pager -o cat | tail -30; }}
trap 'test $? = 9 || tell' EXIT
within() {{ for _ in $(seq 100); do if "$@"; then return 0; fi; sleep 0.5; done; return 1; }} 2>/dev/null
never() {{ if "$@"; then exit 1; fi; }}
never ip link show red

: asked by a stranger
never setpriv --reuid=nobody --regid=nogroup --clear-groups {python} /usr/local/ask.py hello '{{}}'
never systemctl is-active linkhold-executor.service

: started by its socket
ask hello '{{}}' | grep -q protocol
systemctl is-active linkhold-executor.service
grep -q 'NoNewPrivs:.*1' /proc/$(systemctl show -P MainPID linkhold-executor.service)/status

: killed while it waits
ask setup-networks '{silent}' >/run/lab/killed.json 2>&1 &
within sh -c 'grep -qs agrees /var/lib/linkhold/pending/*'
systemctl --no-legend list-units 'linkhold-guard-*' | grep running
ip link show red
systemctl kill --signal=KILL linkhold-executor.service
within sh -c 'ls /var/lib/linkhold/history/*.rolled-back.jsonl'
never ip link show red
never ip link show bond0

: heard in time
ask setup-networks '{heard}' speak >/run/lab/heard.json
ip link show red
ask keep '{{}}'
cp /var/lib/linkhold/networks/safe.json /run/lab/safe.json
journalctl -u linkhold-executor.service --no-pager -o cat >/run/lab/log
sync
: first is done
sleep 1
exit 9
"""

AGAIN = """
set -ex
systemctl is-active linkhold-networks-restore.service
ip -j address show red >/run/lab/red.json
cat /sys/class/net/bond0/bonding/mode >/run/lab/mode
{linkhold} networks list >/run/lab/list
{linkhold} networks restore >/run/lab/restore
exit 9
"""


CUT = """
set -ex
ask() {{ setpriv --reuid=linkhold --regid=linkhold --clear-groups {python} /usr/local/ask.py "$@"; }}
install -m 0644 /run/lab/ask.py /usr/local/ask.py
getent passwd linkhold || systemd-sysusers {sysusers}
systemctl start linkhold-executor.socket
ip link show red
ask setup-networks '{change}' &
for _ in $(seq 100); do grep -qs agrees /var/lib/linkhold/pending/* && break; sleep 0.5; done
ip link show blue
never() {{ if "$@"; then exit 1; fi; }}
never ip link show red
sync
echo now cut
sleep 100
"""

AFTER = """
set -ex
ls /var/lib/linkhold/pending /var/lib/linkhold/history >/run/lab/journals
ip -j link >/run/lab/links
{linkhold} networks list --json >/run/lab/list
exit 9
"""


def units() -> dict[str, str]:
    """The shipped ones, with the paths of this tree."""
    found = {"cards.service": CARDS}
    for path in SHIPPED.glob("linkhold-*"):
        if path.name.startswith(("linkhold-executor.", "linkhold-networks-restore", "linkhold-boot-guard")):
            found[path.name] = guest.of_this_tree(path.read_text())
    return found


def request(seconds: int) -> str:
    options = {"connectivityCheck": True, "connectivityTimeout": seconds}
    return json.dumps({"networks": NETWORKS, "bondings": BONDINGS, "options": options, "requester": "engine"})


@pytest.mark.needs("uml")
@pytest.mark.limit(600)
def test_from_the_socket_over_a_boot_and_a_power_cut_to_the_next(tmp_path: pathlib.Path) -> None:
    words: dict[str, object] = {"python": sys.executable, "linkhold": guest.LINKHOLD, "sysusers": SYSUSERS.absolute()}
    first = FIRST.format(silent=request(15), heard=request(60), **words)
    files = {"ask.py": ASK, "cards.sh": CARDS_SCRIPT}
    enabled = ["cards.service", "linkhold-networks-restore.service", "linkhold-boot-guard.service"]
    options: dict[str, typing.Any] = {
        "disk": tmp_path / "disk",
        "units": units(),
        "files": files,
        "enabled": enabled,
        "timeout": 220,
    }
    with guest.Guest(first, **options) as host:
        assert host.wait() == 9, host.tail()
        heard = json.loads((host.work / "heard.json").read_text())
        safe = json.loads((host.work / "safe.json").read_text())
        log = (host.work / "log").read_text()
    assert heard["result"]["outcome"] == "committed"
    assert set(safe["configuration"]["networks"]) == {"red"}
    events = [json.loads(line)["event"] for line in log.splitlines() if line.startswith("{")]
    assert {"ready", "desired", "waits", "finished", "kept"} <= set(events)
    with guest.Guest(AGAIN.format(**words), **options) as again:
        assert again.wait() == 9, again.tail()
        [red] = json.loads((again.work / "red.json").read_text())
        assert (again.work / "mode").read_text().startswith("active-backup")
        assert "red" in (again.work / "list").read_text()
        assert "Nothing to do" in (again.work / "restore").read_text()
    assert "192.0.2.7" in [one["local"] for one in red["addr_info"]]
    _power_cut(words, options)


def _power_cut(words: dict[str, object], options: dict[str, typing.Any]) -> None:
    """While a change waits for its requester: the next boot brings what was kept, and nothing of the change."""
    change = {
        "networks": {"red": {"remove": True}, "blue": {"bonding": "bond0", "vlan": 102}},
        "options": {"connectivityTimeout": 600},
        "requester": "engine",
    }
    with guest.Guest(CUT.format(change=json.dumps(change), **words), **options) as host:
        host.wait_for("now cut")
        host.kill()
    with guest.Guest(AFTER.format(**words), **options) as after:
        assert after.wait() == 9, after.tail()
        links = {one["ifname"] for one in json.loads((after.work / "links").read_text())}
        listed = json.loads((after.work / "list").read_text())
        journals = (after.work / "journals").read_text()
    assert "red" in links
    assert "blue" not in links
    assert set(listed["running"]["networks"]) == set(listed["safe"]["networks"]) == {"red"}
    assert listed["dirty"] is False
    assert journals.count("rolled-back") == 2
