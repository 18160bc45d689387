"""What runs in a guest whose power is cut: ``power_host.py first|again``, by test_everything_power.py.

The state directory and NetworkManager's profiles are on the guest's disk, the cards are made anew at each boot.
"""

import json
import pathlib
import subprocess
import sys
import time

import linkhold
from tests.lab import namespaces
from tests.services.rigs.networkmanager import PROFILES, NetworkManager

DISK = pathlib.Path("/var/lib/linkhold")
OUTCOME = pathlib.Path("/run/lab/seen")

CHANGE = """
interfaces:
- {name: eth1, mtu: 1400, ipv4: {enabled: false}}
- name: br0
  type: linux-bridge
  bridge: {options: {stp: {enabled: false}}, port: [{name: eth1}]}
  ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]}
"""


def boot() -> NetworkManager:
    """Cards and the disk are there, NetworkManager does not run yet."""
    for number in (1, 2):
        words = f"link add eth{number} address 02:00:5e:00:00:0{number} type veth peer name far{number}"
        subprocess.run(["ip", *words.split()], check=True)
        subprocess.run(["ip", "link", "set", f"far{number}", "up"], check=True)
    manager = NetworkManager()
    (DISK / "profiles").mkdir(exist_ok=True)
    namespaces.mount(str(DISK / "profiles"), str(PROFILES), None, 4096)
    return manager


def profiles() -> dict[str, list[str]]:
    """What they say, but for when they were last active."""
    lines = {path.name: path.read_text().splitlines() for path in PROFILES.iterdir()}
    return {name: [one for one in some if not one.startswith("timestamp=")] for name, some in lines.items()}


def addresses() -> list[str]:
    """Of all cards and bridges."""
    found = json.loads(subprocess.run(["ip", "-j", "-4", "address"], check=True, capture_output=True).stdout)
    return sorted(f"{one['ifname']} {each['local']}" for one in found for each in one["addr_info"])


def first() -> None:
    """A profile by nmcli; a change that nobody has confirmed yet; the power goes."""
    manager = boot().start()
    words = "connection add type ethernet con-name office ifname eth1 ip4 192.0.2.1/24 ipv6.method disabled"
    manager.wait_for_state("eth1", "disconnected")
    manager.nmcli(f"{words} connection.zone work")
    manager.wait_for_state("eth1", "connected")
    (DISK / "before.json").write_text(json.dumps([profiles(), addresses()]))
    linkhold.apply(CHANGE, commit=False, timeout=100)
    assert "br0 192.0.2.1" in addresses()
    assert len(profiles()) > 1
    subprocess.run(["sync"], check=True)
    print("now cut", flush=True)
    time.sleep(100)


def again() -> None:
    """As the units do it: the boot guard before NetworkManager, which then finds its profiles."""
    manager = boot()
    found = profiles()
    guard = subprocess.run([sys.executable, "-m", "linkhold.executor.boot"], check=False)
    between = profiles()
    manager.start()
    manager.wait_for_state("eth1", "connected")
    before = json.loads((DISK / "before.json").read_text())
    states = [one.state for one in linkhold.history()]
    seen = {"found": found, "guard": guard.returncode, "states": states, "before": before, "between": between}
    OUTCOME.write_text(json.dumps({**seen, "after": [profiles(), addresses()]}))


if __name__ == "__main__":
    {"first": first, "again": again}[sys.argv[1]]()
