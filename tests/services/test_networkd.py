"""Files for systemd-networkd, read by a real one (and those for udev, by udevadm)."""

import json
import pathlib
import re
import shutil
import subprocess
import typing

import pytest

from linkhold.foundation.diagnostics import Invalid
from linkhold.generating.files import Generated, generate
from linkhold.state.document import parse
from tests.lab import guest, namespaces
from tests.services.by_files import DOCUMENT, KINDS, NEEDED, missing
from tests.services.rigs.daemons import LOGS, Daemon, tool
from tests.services.rigs.networkmanager import Udev

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
        for folder in ("links", "leases", "lldp"):
            pathlib.Path("/run/systemd/netif", folder).mkdir(parents=True, exist_ok=True)
        tool("chown", "-R", "systemd-network:systemd-network", "/run/systemd/netif")
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        for file in generated.files:
            path = FOLDER / file.name
            path.write_text(file.text)
            path.chmod(file.mode)
            if file.group:
                shutil.chown(path, group=file.group)
        self.journal.unlink(missing_ok=True)

    def start(self) -> "typing.Self":
        """With udev, where /sys can be written to: it waits for that."""
        if guest.inside():
            Udev().start()
        return super().start()

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


def made_by_networkd(netns: namespaces.Namespace, text: str) -> None:
    """Two cards, and what networkd makes of a document on them: wait until it is as that says."""
    for number in (1, 2):
        netns.ip("link", "add", f"eth{number}", "type", "veth", "peer", f"far{number}")
        netns.ip("link", "set", f"far{number}", "up")
    document = parse(text)
    networkd = Networkd(generate(document, "networkd")).start()
    try:
        networkd.wait_until(lambda: not missing(document), "the host is as the document says")
    except AssertionError as error:
        raise AssertionError("\n".join([*missing(document), str(error)])) from error


def test_what_networkd_makes_of_it_is_what_the_document_says(alone: None, netns: namespaces.Namespace) -> None:
    made_by_networkd(netns, DOCUMENT)
    assert netns.ip_json("link", "show", "mv0")[0]["link"] == "right"
    assert json.loads(tool("bridge", "-json", "-details", "link", "show", "dev", "left"))[0]["cost"] == 77


@pytest.mark.needs(*NEEDED)
def test_networkd_makes_the_kinds_that_need_more_of_the_kernel(alone: None, netns: namespaces.Namespace) -> None:
    made_by_networkd(netns, KINDS)
