"""The command ``nmstatectl``, as scripts run it."""

import collections.abc
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import typing

import pytest
import yaml

import libnmstate
from tests.compat.checks import apply, assert_absent, gone, names, one, up
from tests.compat.conftest import Host
from tests.compat.test_transactions import wait_until

COMMAND = str(pathlib.Path(sys.executable).with_name("nmstatectl"))
MTU = "interfaces:\n- name: eth1\n  type: ethernet\n  state: up\n  mtu: {mtu}\n"
IPV4 = {"enabled": True, "dhcp": False, "address": [{"ip": "192.0.2.251", "prefix-length": 24}]}


def run(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *words], input=given, capture_output=True, text=True, check=False, timeout=60)


def done(*words: str, given: str = "") -> str:
    """What it prints; it has to succeed."""
    ended = run(*words, given=given)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture
def file(tmp_path: pathlib.Path) -> collections.abc.Callable[[str], str]:
    def written(text: str) -> str:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.yml"
        path.write_text(text)
        return str(path)

    return written


def test_version() -> None:
    assert libnmstate.__version__ in done("--version")
    assert libnmstate.__version__ in done("version")


def test_an_unknown_verb() -> None:
    ended = run("no-such-oper")
    assert ended.returncode == 2
    assert "nmstatectl: error: invalid choice: 'no-such-oper'" in ended.stderr


def test_without_a_verb() -> None:
    assert run().returncode != 0


def test_show_prints_what_the_library_shows(kernel_host: Host) -> None:
    shown = libnmstate.show()
    for verb in ("show", "s"):
        assert yaml.safe_load(done(verb)) == shown
    assert json.loads(done("show", "--json")) == shown
    assert yaml.safe_load(done("show", "-k")) == libnmstate.show(kernel_only=True)
    assert yaml.safe_load(done("show", "-r")) == libnmstate.show_running_config()


def test_show_of_one_interface(kernel_host: Host) -> None:
    apply(up("eth1", "ethernet", ipv4=IPV4))
    route = {
        "destination": "198.51.100.0/24",
        "next-hop-interface": "eth1",
        "next-hop-address": "192.0.2.1",
        "table-id": 50,
    }
    apply({"routes": {"config": [route]}})
    apply({"route-rules": {"config": [{"ip-from": "198.51.100.0/24", "route-table": 50, "priority": 100}]}})
    shown = yaml.safe_load(done("show", "eth1"))
    assert [entry["name"] for entry in shown["interfaces"]] == ["eth1"]
    assert shown["routes"]["config"] == [route | {"metric": 0}]
    assert [rule["route-table"] for rule in shown["route-rules"]["config"]] == [50]
    assert shown.keys() == {"interfaces", "routes", "route-rules"}
    assert yaml.safe_load(done("show", "eth9"))["interfaces"] == []


@pytest.mark.parametrize("verb", ["apply", "a", "set"])
def test_apply_from_standard_input(kernel_host: Host, verb: str) -> None:
    ended = run(verb, given=MTU.format(mtu=1400))
    assert ended.returncode == 0, ended.stderr
    assert one("eth1")["mtu"] == 1400
    assert ("Using 'set' is deprecated, use 'apply' instead." in ended.stderr) is (verb == "set")
    done(verb, "-", given=MTU.format(mtu=1300))
    assert one("eth1")["mtu"] == 1300


def test_apply_prints_what_changes(kernel_host: Host, file: collections.abc.Callable[[str], str]) -> None:
    printed = yaml.safe_load(done("apply", file(MTU.format(mtu=1400))))
    assert printed["interfaces"] == [{"name": "eth1", "type": "ethernet", "state": "up", "mtu": 1400}]


def test_apply_of_several_files(kernel_host: Host, file: collections.abc.Callable[[str], str]) -> None:
    done("apply", file(MTU.format(mtu=1400)), file(MTU.format(mtu=1450).replace("eth1", "eth2")))
    assert (one("eth1")["mtu"], one("eth2")["mtu"]) == (1400, 1450)
    ended = run("apply", file(MTU.format(mtu=1401)), file("interfaces: [{name: eth2, foo: 1, type: ethernet}]"))
    assert ended.returncode == 1
    assert one("eth1")["mtu"] == 1401


def test_what_goes_wrong_is_told_by_its_kind(kernel_host: Host, tmp_path: pathlib.Path) -> None:
    ended = run("apply", given="interfaces: [{name: eth1, type: ethernet, foo: 1}]")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "NmstateError: InvalidArgument: <stdin>:1:43: interfaces[eth1].foo: unknown key 'foo'" in ended.stderr
    missing = run("apply", str(tmp_path / "missing.yml"))
    assert missing.returncode == 1
    assert "missing.yml" in missing.stderr
    assert run("commit").returncode == 1


def test_commit_and_rollback(host: Host, file: collections.abc.Callable[[str], str]) -> None:
    done("apply", "--no-commit", file(MTU.format(mtu=1400)))
    assert run("apply", file(MTU.format(mtu=1401))).returncode == 1
    done("rollback")
    assert one("eth1")["mtu"] == 1500
    done("apply", "--no-commit", "--timeout", "60", file(MTU.format(mtu=1400)))
    done("commit")
    assert one("eth1")["mtu"] == 1400


def test_what_is_not_committed_goes_back_by_itself(host: Host, file: collections.abc.Callable[[str], str]) -> None:
    done("apply", "--no-commit", "--timeout", "2", file(MTU.format(mtu=1400)))
    assert one("eth1")["mtu"] == 1400
    wait_until(lambda: one("eth1")["mtu"] == 1500)


@pytest.mark.needs("bridge")
def test_an_interrupt_takes_back_what_was_begun(kernel_host: Host) -> None:
    document = yaml.safe_dump(
        {"interfaces": [{"name": f"br{number}", "type": "linux-bridge"} for number in range(300)]}
    )
    for _ in range(20):
        with subprocess.Popen(
            [COMMAND, "apply"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdin is not None
            process.stdin.write(document)
            process.stdin.close()
            while process.poll() is None and not os.path.exists("/sys/class/net/br5"):
                time.sleep(0.001)
            process.send_signal(signal.SIGINT)
        if process.returncode == 130:
            break
        libnmstate.apply(gone(*(name for name in names() if name.startswith("br"))))
    else:
        pytest.fail("it was always too quick to be interrupted")
    assert not any(name.startswith("br") for name in names())


@pytest.mark.needs("bridge")
def test_memory_only_and_no_verify(host: Host) -> None:
    text = "interfaces: [{name: br0, type: linux-bridge}]"
    done("apply", "--memory-only", "--no-verify", "-k", given=text)
    assert "br0" in names()
    done("apply", "-k", given="interfaces: [{name: br0, type: linux-bridge, state: absent}]")
    assert_absent("br0")


@pytest.mark.parametrize("verb", ["format", "fmt", "f"])
def test_format(verb: str, file: collections.abc.Callable[[str], str]) -> None:
    text = "interfaces:\n- mtu: '1400'\n  state: up\n  type: ethernet\n  name: eth1\n"
    for printed in (done(verb, file(text)), done(verb, "-", given=text), done(verb, given=text)):
        assert (
            printed.removeprefix("---\n") == "interfaces:\n- name: eth1\n  type: ethernet\n  state: up\n  mtu: 1400\n"
        )
    assert run(verb, given="what: 1").returncode == 1


POLICY = """\
capture:
  by-mtu: interfaces.mtu=="1400"
desiredState:
  interfaces:
  - name: "{{ capture.by-mtu.interfaces.0.name }}"
    type: ethernet
    state: up
    mtu: 1450
"""


def test_policies(kernel_host: Host, file: collections.abc.Callable[[str], str]) -> None:
    apply(up("eth1", "ethernet", mtu=1400))
    printed = yaml.safe_load(done("policy", file(POLICY)))
    assert [(entry["name"], entry["mtu"]) for entry in printed["interfaces"]] == [("eth1", 1450)]
    done("apply", file(POLICY))
    assert one("eth1")["mtu"] == 1450
    ended = run("p", file(POLICY))
    assert ended.returncode == 1
    assert "NmstateError: PolicyError: " in ended.stderr


def test_policies_of_other_hosts(tmp_path: pathlib.Path, file: collections.abc.Callable[[str], str]) -> None:
    host = file("interfaces: [{name: eth7, type: ethernet, state: up, mtu: 1400}]")
    kept = str(tmp_path / "captured.yml")
    policy = file(POLICY)
    first = done("policy", policy, "-c", host, "-o", kept)
    assert yaml.safe_load(pathlib.Path(kept).read_text())["by-mtu"]["metaInfo"]["version"] == "0"
    assert yaml.safe_load(first)["interfaces"][0]["name"] == "eth7"
    assert json.loads(done("policy", policy, "-c", host, "-a", kept, "--json")) == yaml.safe_load(first)


def test_statistic(file: collections.abc.Callable[[str], str]) -> None:
    bridge = (
        "interfaces: [{name: br0, type: linux-bridge, bridge: {port: [{name: eth1}]}}, {name: eth1, type: ethernet}]"
    )
    host = file("interfaces: [{name: eth1, type: ethernet, state: up}]")
    for verb in ("statistic", "st"):
        printed = yaml.safe_load(done(verb, file(bridge), "-c", host))
        assert printed["topology"] == ["linux-bridge -> ethernet"]
    assert json.loads(done("statistic", file(bridge), "-c", host, "--json"))["features"] == []


def test_files_for_networkmanager(file: collections.abc.Callable[[str], str]) -> None:
    printed = yaml.safe_load(done("gc", file(MTU.format(mtu=1400))))
    ((name, content),) = printed["NetworkManager"]
    assert name == "eth1.nmconnection"
    assert "mtu=1400" in content.splitlines()


def test_what_takes_back_a_document(file: collections.abc.Callable[[str], str]) -> None:
    host = file("interfaces: [{name: eth1, type: ethernet, state: up, mtu: 1500}]")
    printed = yaml.safe_load(done("gr", file(MTU.format(mtu=1400)), "-c", host))
    assert [(entry["name"], entry["mtu"]) for entry in printed["interfaces"]] == [("eth1", 1500)]


def test_the_service_applies_a_folder(kernel_host: Host, tmp_path: pathlib.Path) -> None:
    (tmp_path / "1.yml").write_text("what: 1")
    (tmp_path / "2.yml").write_text(MTU.format(mtu=1400))
    ended = run("service", "-c", str(tmp_path))
    assert ended.returncode != 0
    assert one("eth1")["mtu"] == 1400
    assert (tmp_path / "2.applied").exists() or (tmp_path / "2.yml.applied").exists()
    assert (tmp_path / "1.yml").exists()


@pytest.mark.parametrize("command", [["nmstatectl", "autoconf"], ["nmstate-autoconf"]], ids=" ".join)
def test_nothing_is_made_where_nothing_is_announced(kernel_host: Host, command: list[str]) -> None:
    program = str(pathlib.Path(sys.executable).with_name(command[0]))
    before = names()
    ended = subprocess.run([program, *command[1:], "--dry-run"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert names() == before


def test_edit(kernel_host: Host, tmp_path: pathlib.Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/mtu: 1500/mtu: 1400/' \"$1\"\n")
    editor.chmod(0o755)
    environment: dict[str, typing.Any] = {**os.environ, "EDITOR": str(editor), "VISUAL": ""}
    ended = subprocess.run([COMMAND, "edit", "eth1"], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert one("eth1")["mtu"] == 1400
