"""The real command on a folder of documents."""

import json
import pathlib

import pytest

from tests.kernel.command_line import BRIDGE, CommandLine
from tests.lab import namespaces


@pytest.fixture
def linkhold(netns: namespaces.Namespace, tmp_path: pathlib.Path) -> CommandLine:
    found = CommandLine(tmp_path)
    (tmp_path / "root/etc/linkhold/documents").mkdir(parents=True)
    return found


def put(linkhold: CommandLine, name: str, text: str) -> pathlib.Path:
    path = linkhold.folder / "root/etc/linkhold/documents" / name
    path.write_text(text)
    return path


POLICY = """\
capture:
  bridges: interfaces.type == "linux-bridge"
desiredState:
  interfaces:
  - name: "{{ capture.bridges.interfaces.0.name }}"
    mtu: 1400
"""


def test_documents_and_policies_in_order(linkhold: CommandLine, netns: namespaces.Namespace) -> None:
    first, second = put(linkhold, "10-bridge.yml", BRIDGE), put(linkhold, "20-mtu.yml", POLICY)
    done = linkhold("service")
    assert (done.returncode, done.stdout) == (0, "10-bridge.yml: applied\n20-mtu.yml: applied\n"), done.stderr
    (link,) = [one for one in netns.ip_json("link") if one["ifname"] == "br0"]
    assert link["mtu"] == 1400
    assert not first.exists()
    assert second.with_name("20-mtu.yml.applied").read_text() == POLICY
    assert linkhold("service").stdout == ""


def test_one_that_fails_makes_the_command_fail_and_no_other(linkhold: CommandLine, netns: namespaces.Namespace) -> None:
    put(linkhold, "10-bad.yml", "interfaces:\n- name: br1\n  type: linux-brige\n")
    put(linkhold, "20-good.yml", BRIDGE)
    done = linkhold("service")
    assert done.returncode == 1
    assert done.stdout == "20-good.yml: applied\n"
    assert "10-bad.yml: failed" in done.stderr
    assert "10-bad.yml:3:" in done.stderr
    assert "linux-bridge" in done.stderr
    told = json.loads((linkhold.folder / "root/run/linkhold/service.json").read_text())
    assert told["failed"] == ["10-bad.yml"]
    assert told["ended"] >= told["began"]
    again = linkhold.json("service")
    assert [(one["name"], one["outcome"]) for one in again] == [("10-bad.yml", "failed")]


def test_another_folder_whose_files_stay(linkhold: CommandLine, netns: namespaces.Namespace) -> None:
    folder = linkhold.folder / "nmstate"
    folder.mkdir()
    (folder / "1.yml").write_text(BRIDGE)
    (folder / "nmstate.conf").write_text("[service]\nkeep_state_file_after_apply = true\n")
    assert linkhold("service", "-c", str(folder)).stdout == "1.yml: applied\n"
    assert linkhold("service", "-c", str(folder)).stdout == "1.yml: known\n"
    assert (folder / "1.yml").exists()
