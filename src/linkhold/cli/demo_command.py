"""``linkhold demo``: everything at once, on real kernel objects, in a network namespace that is thrown away.

It unshares network and mounts, makes two connected pairs of interfaces that play the host's NICs, and then runs the real
command line in child processes, printing each command before its output. Nothing of the machine's own network is touched.
"""

import argparse
import difflib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time
import typing

from linkhold.cli.terminal import Ink
from linkhold.foundation.failures import NotPermitted, Permanent

_MARK: typing.Final = "LINKHOLD_DEMO_NAMESPACE"
_WAIT: typing.Final = 3

OFFICE: typing.Final = """\
# The office network: a bridge for virtual machines on the first NIC, an overlay on the second.
interfaces:
- name: eth1
  type: ethernet
  state: up
- name: br0
  type: linux-bridge
  state: up
  ipv4:
    enabled: true
    address:
    - {ip: 192.0.2.10, prefix-length: 24}
  bridge:
    options:
      stp: {enabled: false}
    port:
    - name: eth1
- name: eth2
  type: ethernet
  state: up
  mtu: 1600
  ipv4:
    enabled: true
    address:
    - {ip: 198.51.100.10, prefix-length: 24}
- name: overlay7
  type: vxlan
  state: up
  mtu: 1500
  vxlan: {id: 7, base-iface: eth2, remote: 198.51.100.77, destination-port: 4789}
routes:
  config:
  - destination: 0.0.0.0/0
    next-hop-interface: br0
    next-hop-address: 192.0.2.1
route-rules:
  config:
  - ip-from: 198.51.100.0/24
    route-table: 200
    priority: 1000
"""

BROKEN: typing.Final = """\
# Looks fine, but no neighbour of br0 owns this gateway: the kernel will refuse the route after br0 was changed.
interfaces:
- name: br0
  mtu: 1400
- name: overlay8
  type: vxlan
  state: up
  vxlan: {id: 8, base-iface: eth2, remote: 198.51.100.78, destination-port: 4789}
routes:
  config:
  - destination: 203.0.113.0/24
    next-hop-interface: br0
    next-hop-address: 10.99.99.1
"""

MOVED: typing.Final = """\
# A new address for the bridge. Who was connected over the old one had better confirm over the new one.
interfaces:
- name: br0
  ipv4:
    enabled: true
    address:
    - {ip: 192.0.2.99, prefix-length: 24}
"""

TYPO: typing.Final = """\
interfaces:
- name: br0
  type: linux-brigde
- name: eth2
  type: ethernet
  mtu: big
  ipv4:
    enabeld: true
    address:
    - {ip: 198.51.100.300, prefix-length: 24}
"""


EXAMPLES: typing.Final = """\
  linkhold demo      about five seconds; touches nothing of this machine's network"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


def run(options: argparse.Namespace) -> int:
    """Enter a namespace (again as ourselves, inside), then tell the story."""
    if os.environ.get(_MARK):
        return _story()
    unshare = ["unshare", "--net", "--mount"]
    if os.geteuid() != 0:
        unshare += ["--user", "--map-root-user"]
    inside = [*unshare, "--", sys.executable, "-m", "linkhold", "demo"]
    try:
        return subprocess.run(inside, env={**os.environ, _MARK: _namespace()}, check=False).returncode
    except FileNotFoundError as error:
        raise Permanent("the command 'unshare' (package util-linux) is needed for a throw-away namespace") from error


def _namespace() -> str:
    """The network namespace of this process, as its inode number (namespaces(7))."""
    return str(os.stat("/proc/self/ns/net").st_ino)


def _story() -> int:
    if os.environ[_MARK] == _namespace():
        raise NotPermitted("this is the machine's own network: the demonstration runs in a namespace only")
    with tempfile.TemporaryDirectory(prefix="linkhold-demo-") as place:
        return _Story(pathlib.Path(place)).tell()


class _Story:
    """The scenes, in a folder of their own."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.ink = Ink(sys.stdout)
        root = folder / "host"
        (root / "etc").mkdir(parents=True)
        (root / "etc/hostname").write_text("demo\n")
        self.environment = {
            **os.environ,
            "LINKHOLD_STATE_DIR": str(folder / "state"),
            "LINKHOLD_ROOT": str(root),
        }

    def tell(self) -> int:
        """All scenes; the number of those that did not go as told is the exit code."""
        self._make_host()
        wrong = 0
        self._title("A host with two NICs, as Linkhold sees it")
        wrong += self._linkhold("show") != 0
        self._title("A document with mistakes: all are found at once, nothing is touched")
        wrong += self._linkhold("validate", self._file("typo.yml", TYPO)) != 65
        self._title("A document, and what it would change")
        office = self._file("office.yml", OFFICE, show=True)
        wrong += self._linkhold("plan", office) != 0
        self._title("Applied as a transaction, and verified")
        wrong += self._linkhold("apply", office) != 0
        self._title("Applied again: nothing to do")
        wrong += self._linkhold("apply", office) != 0
        before = self._snapshot()
        self._title("A change that fails half-way comes back to exactly what stood before")
        wrong += self._linkhold("apply", self._file("broken.yml", BROKEN, show=True)) != 1
        wrong += self._same(before)
        self._title(f"A change that nobody confirms rolls itself back ({_WAIT} seconds)")
        moved = self._file("moved.yml", MOVED, show=True)
        wrong += self._linkhold("apply", moved, "--no-commit", "--timeout", str(_WAIT)) != 0
        wrong += self._linkhold("show", "br0") != 0
        wrong += self._wait_for(before)
        wrong += self._same(before)
        self._title("What happened here")
        wrong += self._linkhold("history") != 0
        print()
        print(self.ink("All as told." if not wrong else f"{wrong} scenes did not go as told.", "bold"))
        return min(wrong, 1)

    def _make_host(self) -> None:
        subprocess.run(["mount", "-t", "sysfs", "sysfs", "/sys"], check=True)
        for which in (
            "all",
            "default",
        ):  # no duplicate address detection: nothing may change by itself in these pictures
            pathlib.Path(f"/proc/sys/net/ipv6/conf/{which}/accept_dad").write_text("0")
        for command in (
            "link set lo up",
            "link add eth1 type veth peer name switch1",
            "link add eth2 type veth peer name switch2",
            "link set switch1 up",
            "link set switch2 mtu 9000 up",
            "link set eth1 up",
            "address add 192.0.2.10/24 dev eth1",
        ):
            subprocess.run(["ip", *command.split()], check=True)

    def _title(self, text: str) -> None:
        print(f"\n{self.ink('── ' + text + ' ' + '─' * max(0, 90 - len(text)), 'cyan', 'bold')}", flush=True)

    def _file(self, name: str, text: str, *, show: bool = False) -> str:
        (self.folder / name).write_text(text)
        if show:
            print(self.ink(f"$ cat {name}", "bold"))
            print(self.ink(text.rstrip(), "dim"), flush=True)
        return name

    def _linkhold(self, *words: str) -> int:
        print(self.ink(f"$ linkhold {shlex.join(words)}", "bold"), flush=True)
        command = [sys.executable, "-m", "linkhold", *words]
        return subprocess.run(command, cwd=self.folder, env=self.environment, check=False).returncode

    def _snapshot(self) -> str:
        """What the kernel itself shows, by another program than ours."""
        commands = ("link show", "address show", "route show table all", "rule show")
        texts = [
            subprocess.run(["ip", *one.split()], check=True, capture_output=True, text=True).stdout for one in commands
        ]
        lines = re.sub(r" state [A-Z]+", "", "".join(texts)).splitlines()  # the carrier's: settles up to a second later
        return "\n".join(line.strip() for line in lines if "valid_lft" not in line)

    def _wait_for(self, before: str) -> int:
        print(self.ink("$ sleep 3   # nobody confirms", "bold"), flush=True)
        deadline = time.monotonic() + _WAIT + 5
        while time.monotonic() < deadline:
            time.sleep(0.2)
            if self._snapshot() == before:
                return 0
        return 1

    def _same(self, before: str) -> int:
        same = self._snapshot() == before
        said = "the same as before" if same else "DIFFERENT from before"
        print(self.ink(f"(ip link, address, route, rule: {said})", "green" if same else "red"), flush=True)
        if not same:
            print("\n".join(difflib.unified_diff(before.splitlines(), self._snapshot().splitlines(), lineterm="")))
        return int(not same)
