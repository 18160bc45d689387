"""``linkhold generate``: what is printed, what is written, and what is said of what is left out."""

import json
import pathlib
import stat

import pytest
import yaml

import linkhold
from linkhold.cli import codes, main

EXAMPLES = pathlib.Path(__file__).parents[3] / "examples"


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main.main(["generate", *words])
    return code, *capsys.readouterr()


def test_it_prints_a_map_of_files(capsys: pytest.CaptureFixture[str]) -> None:
    code, text, complaint = _run(capsys, str(EXAMPLES / "vlan.yml"))
    assert (code, complaint) == (codes.DONE, "")
    files = dict(yaml.safe_load(text)["NetworkManager"])
    assert "[vlan]\nflags=1\nid=101\nparent=eth1\n" in files["eth1.101.nmconnection"]
    code, as_json, _ = _run(capsys, "--json", str(EXAMPLES / "vlan.yml"))
    assert json.loads(as_json) == yaml.safe_load(text)
    document = (EXAMPLES / "vlan.yml").read_text()
    assert dict(linkhold.generate_configurations(document)["NetworkManager"]) == files
    assert "10-eth1.101.netdev" in dict(linkhold.generate_configurations(document, kind="networkd")["networkd"])


def test_it_writes_files_that_the_daemons_can_read_and_others_not(
    capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path
) -> None:
    code, text, _ = _run(capsys, "--output", str(tmp_path), str(EXAMPLES / "wireguard.yml"))
    assert code == codes.DONE
    written = sorted(tmp_path.iterdir())
    assert text.split() == [str(path) for path in written]
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    _run(capsys, "--for", "networkd", "--output", str(tmp_path), str(EXAMPLES / "wireguard.yml"))
    modes = {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {".nmconnection": 0o600, ".netdev": 0o640, ".network": 0o644}


def test_a_file_that_is_there_is_replaced_with_its_rights(
    capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path
) -> None:
    there = tmp_path / "eth1.nmconnection"
    there.write_text("old")
    there.chmod(0o666)
    _run(capsys, "--output", str(tmp_path), str(EXAMPLES / "address-on-nic.yml"))
    assert "192.0.2.10/24" in there.read_text()
    assert stat.S_IMODE(there.stat().st_mode) == 0o600


def test_what_is_left_out_is_told_with_its_place(capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path) -> None:
    document = tmp_path / "names.yml"
    document.write_text("interfaces:\n- name: eth1\n  type: ethernet\n  alt-names:\n  - name: uplink\n")
    code, _, complaint = _run(capsys, str(document))
    assert code == codes.DONE
    assert "names.yml:4:" in complaint
    assert "alt-names" in complaint


def test_what_can_not_be_held_is_refused_before_anything_is_written(
    capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path
) -> None:
    code, text, complaint = _run(capsys, "--for", "networkd", "-o", str(tmp_path), str(EXAMPLES / "ovs-bridge.yml"))
    assert (code, text) == (codes.UNAVAILABLE, "")
    assert "no files for interfaces of kind ovs-bridge" in complaint
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_a_failure_in_words(
    capsys: pytest.CaptureFixture[str], tmp_path: pathlib.Path
) -> None:
    code, _, complaint = _run(capsys, "-o", str(tmp_path / "missing"), str(EXAMPLES / "vlan.yml"))
    assert code == codes.FAILED
    assert "No such file or directory" in complaint
