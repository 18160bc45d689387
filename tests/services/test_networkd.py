"""Files for systemd-networkd, read by a real one (and those for udev, by udevadm)."""

import json
import pathlib
import re
import shutil
import subprocess

from linkhold.foundation.diagnostics import Invalid
from linkhold.foundation.driving import drive
from linkhold.generating.files import Generated, generate
from linkhold.planning import planner
from linkhold.providers.contract import Scope
from linkhold.providers.kernel.provider import Kernel
from linkhold.state.document import parse
from linkhold.state.network import NetworkState
from tests.lab import namespaces
from tests.services.rigs.daemons import LOGS, Daemon, tool

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = sorted([*(ROOT / "examples").glob("*.yml"), *(ROOT / "tests/unit/generating/words").glob("*.yml")])
"""And documents with all that such files can hold."""
FOLDER = pathlib.Path("/etc/systemd/network")
COMPLAINT = re.compile(r"/etc/systemd/network/\S+:\d+:|Failed to parse|Failed to open configuration")
"""A file and the line in it; or all of it."""
PROGRAM = "/lib/systemd/systemd-networkd"


class Networkd(Daemon):
    """systemd-networkd, with nothing but these files; it runs as a user of its own once it has started."""

    def __init__(self, generated: Generated) -> None:
        self.journal = LOGS / "networkd.log"
        super().__init__("networkd", [PROGRAM], lambda: "Enumeration completed" in self.said())
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        for file in generated.files:
            path = FOLDER / file.name
            path.write_text(file.text)
            path.chmod(file.mode)
            if file.group:
                shutil.chown(path, group=file.group)
        self.journal.unlink(missing_ok=True)

    def said(self) -> str:
        """All of its log."""
        return self.journal.read_text(errors="replace") if self.journal.exists() else ""


def _generated(path: pathlib.Path) -> Generated | None:
    try:
        return generate(parse(path.read_text(), source=path.name), "networkd")
    except Invalid:
        return None


def test_every_file_of_every_example_is_understood(alone: None) -> None:
    wrong: list[str] = []
    read = 0
    for example in EXAMPLES:
        generated = _generated(example)
        if generated is None:
            continue
        networkd = Networkd(generated).start()
        networkd.stop()
        said = networkd.said()
        looked = subprocess.run(
            ["udevadm", "test-builtin", "net_setup_link", "/sys/class/net/lo"],
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line for line in (said + looked.stderr).splitlines() if COMPLAINT.search(line)]
        wrong += [f"{example.stem}: {line}" for line in lines]
        assert all(file.name in looked.stderr for file in generated.files if file.name.endswith(".link")), looked.stderr
        read += len(generated.files)
    assert not wrong, "\n".join(wrong)
    assert read > len(EXAMPLES)


DOCUMENT = """
interfaces:
- {name: eth1, type: ethernet, mtu: 1450, ipv4: {enabled: true, address: [{ip: 192.0.2.1, prefix-length: 24}]},
   ipv6: {enabled: true, address: [{ip: "2001:db8::1", prefix-length: 64}]}}
- name: br0
  type: linux-bridge
  mac-address: 02:00:5E:00:00:01
  bridge:
    options: {stp: {enabled: false, priority: 16384}, mac-ageing-time: 100}
    port: [{name: left, stp-path-cost: 77, stp-hairpin-mode: true}, {name: eth2}]
- {name: left, type: veth, veth: {peer: right}}
- {name: right, type: veth, veth: {peer: left}, ipv4: {enabled: true, address: [{ip: 198.51.100.1, prefix-length: 24}]}}
- {name: vx7, type: vxlan, vxlan: {id: 7, base-iface: eth1, remote: 192.0.2.7, destination-port: 4789, learning: false}}
- {name: mv0, type: mac-vlan, mac-vlan: {base-iface: right, mode: bridge}}
routes:
  config:
  - {destination: 203.0.113.0/24, next-hop-interface: eth1, next-hop-address: 192.0.2.9, metric: 150}
  - {destination: 203.0.113.128/25, next-hop-interface: right, table-id: 77}
  - {destination: "2001:db8:5::/64", next-hop-interface: eth1, next-hop-address: "2001:db8::9"}
  - {destination: 10.66.0.0/16, route-type: blackhole}
route-rules:
  config:
  - {ip-from: 192.0.2.0/24, route-table: 77, priority: 30000}
  - {ip-to: 198.51.100.0/24, fwmark: 0x10, fwmask: 0xf0, route-table: 77, priority: 30001, iif: eth1}
"""


def test_what_networkd_makes_of_it_is_what_the_document_says(alone: None, netns: namespaces.Namespace) -> None:
    for number in (1, 2):
        netns.ip("link", "add", f"eth{number}", "type", "veth", "peer", f"far{number}")
        netns.ip("link", "set", f"far{number}", "up")
    document = parse(DOCUMENT)
    networkd = Networkd(generate(document, "networkd")).start()
    try:
        networkd.wait_until(lambda: not _unlike(document), "the host is as the document says")
    except AssertionError as error:
        raise AssertionError("\n".join([*_unlike(document), str(error)])) from error
    assert netns.ip_json("link", "show", "mv0")[0]["link"] == "right"
    assert json.loads(tool("bridge", "-json", "-details", "link", "show", "dev", "left"))[0]["cost"] == 77


def _unlike(document: NetworkState) -> list[str]:
    """What there would still be to do."""
    kernel = Kernel()
    try:
        host = drive(kernel.observe(Scope()))
    finally:
        kernel.close()
    return [str(one) for one in planner.plan(document, host).plan.changes]
