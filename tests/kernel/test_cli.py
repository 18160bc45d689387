"""The command line on a real kernel: what each command prints and leaves behind, and with which exit code it ends."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from tests.kernel.command_line import BRIDGE, GONE, CommandLine

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"

pytestmark = pytest.mark.needs("bridge", "veth")


@pytest.fixture
def linkhold(netns, tmp_path):
    return CommandLine(tmp_path)


def names(netns):
    return {one["ifname"] for one in netns.ip_json("link")}


def test_apply_and_apply_again(linkhold, netns):
    document = linkhold.file("office.yml", BRIDGE)
    done = linkhold("apply", document)
    assert (done.returncode, done.stderr) == (0, "")
    assert "+ interface br0 (linux-bridge)" in done.stdout
    assert "The host is as the document says, and stays so." in done.stdout
    assert "\x1b" not in done.stdout
    assert "192.0.2.1/24" in netns.ip("address", "show", "br0")
    again = linkhold("apply", document)
    assert again.returncode == 0
    assert again.stdout.startswith("The host already was as the document says; nothing was touched.")


def test_apply_reads_standard_input_with_and_without_a_dash(linkhold, netns):
    assert linkhold("apply", text=BRIDGE).returncode == 0
    assert "br0" in names(netns)
    assert linkhold("apply", "-", text=GONE).returncode == 0
    assert "br0" not in names(netns)


def test_several_documents_are_several_transactions(linkhold, netns):
    other = BRIDGE.replace("br0", "br1").replace("192.0.2.1", "198.51.100.1")
    done = linkhold("apply", linkhold.file("one.yml", BRIDGE), linkhold.file("two.yml", other))
    assert done.returncode == 0
    assert {"br0", "br1"} <= names(netns)
    assert [one["number"] for one in linkhold.json("history")] == [1, 2]


def test_a_mistake_in_the_second_document_keeps_the_first_from_being_applied(linkhold, netns):
    done = linkhold("apply", linkhold.file("one.yml", BRIDGE), linkhold.file("two.yml", "interfaces: 7"))
    assert done.returncode == 65
    assert "two.yml:1:13: error" in done.stderr
    assert "br0" not in names(netns)


def test_quiet_prints_nothing_that_is_good(linkhold):
    done = linkhold("apply", "-q", text=BRIDGE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_apply_json_is_one_value(linkhold):
    result = linkhold.json("apply", text=BRIDGE)
    assert result["outcome"] == "committed"
    assert result["plan"]["changes"][0]["name"] == "br0"
    assert result["warnings"] == []


def test_a_refusal_of_the_kernel_is_told_and_taken_back(linkhold, netns):
    assert linkhold("apply", "-q", text=BRIDGE).returncode == 0
    route = "{destination: 203.0.113.0/24, next-hop-interface: br0, next-hop-address: 10.99.99.1}"
    broken = f"interfaces: [{{name: br0, mtu: 1400}}]\nroutes: {{config: [{route}]}}"
    done = linkhold("apply", text=broken)
    assert done.returncode == 1
    assert "Not applied:" in done.stderr
    assert "ENETUNREACH" in done.stderr
    assert "The host is as it was before." in done.stderr
    (bridge,) = netns.ip_json("link", "show", "br0")
    assert bridge["mtu"] == 1500
    told = linkhold.json("apply", text=broken)
    assert (told["outcome"], told["sentence"]) == ("rolled-back", "The host is as it was before.")


def test_plan_touches_nothing(linkhold, netns):
    document = linkhold.file("office.yml", BRIDGE)
    done = linkhold("plan", document, "--order")
    assert done.returncode == 0
    assert "Plan: 1 to create." in done.stdout
    assert "create    br0" in done.stdout
    assert linkhold("plan", document, "--exit-code").returncode == 4
    assert "br0" not in names(netns)
    assert not linkhold.state.exists()
    assert linkhold("apply", "-q", document).returncode == 0
    assert linkhold("plan", document, "--exit-code").returncode == 0


def test_plan_json(linkhold):
    told = linkhold.json("plan", text=BRIDGE)
    assert [(one["action"], one["name"]) for one in told["changes"]] == [("+", "br0")]
    assert told["feasible"] is True
    assert told["diagnostics"] == []
    assert linkhold.json("plan", text="interfaces: []") == {
        "changes": [], "levels": [], "feasible": True, "diagnostics": [],
    }  # fmt: skip


def test_what_nobody_here_can_do_is_planned_but_not_applied(linkhold, netns):
    document = str(EXAMPLES / "ovs-bridge.yml")
    planned = linkhold("plan", document)
    assert planned.returncode == 0
    assert "(ovs-bridge)" in planned.stdout
    assert "no provider on this host can set up interfaces of kind ovs-bridge" in planned.stderr
    assert linkhold.json("plan", document)["feasible"] is False
    before = netns.ip("link")
    applied = linkhold("apply", document)
    assert applied.returncode == 69
    assert "nothing was touched" in applied.stderr
    assert linkhold.json("apply", document)["exit-code"] == 69
    assert netns.ip("link") == before
    assert linkhold.json("history") == []


def test_confirm_over_a_changed_address(linkhold, netns):
    assert linkhold("apply", "-q", text=BRIDGE).returncode == 0
    moved = BRIDGE.replace("192.0.2.1", "192.0.2.99")
    waiting = linkhold("apply", "--no-commit", text=moved, SSH_CONNECTION="192.0.2.7 50000 192.0.2.1 22")
    assert waiting.returncode == 0
    assert "loses 192.0.2.1" in waiting.stdout
    assert "linkhold confirm" in waiting.stdout
    confirmed = linkhold("confirm", SSH_CONNECTION="192.0.2.7 50001 192.0.2.99 22")
    assert confirmed.returncode == 0
    assert "kept and stored" in confirmed.stdout
    assert "192.0.2.99/24" in netns.ip("address", "show", "br0")
    assert [one["state"] for one in linkhold.json("history")] == ["committed", "committed"]


def test_rollback_takes_back_at_once(linkhold, netns):
    assert linkhold("apply", "-q", "--no-commit", text=BRIDGE).returncode == 0
    assert "br0" in names(netns)
    told = linkhold.json("rollback")
    assert told["outcome"] == "rolled-back"
    assert "br0" not in names(netns)


@pytest.mark.parametrize("command", ["confirm", "rollback"])
def test_nothing_to_confirm(linkhold, command):
    done = linkhold(command)
    assert done.returncode == 1
    assert "no transaction waits" in done.stderr
    assert linkhold.json(command)["error"] == "NothingToConfirm"


def test_two_at_once_the_second_is_told_whose_the_first_is(linkhold):
    first = linkhold.start("apply", linkhold.file("one.yml", BRIDGE), "--probe", linkhold.hanging_probe())
    try:
        linkhold.wait_for("hanging")
        second = linkhold("apply", text=GONE)
        assert second.returncode == 75
        assert "another transaction is running" in second.stderr
        assert f"process {first.pid} of alice: linkhold apply" in second.stderr
    finally:
        first.terminate()
        first.communicate(timeout=20)


def test_a_change_that_waits_keeps_others_out(linkhold):
    assert linkhold("apply", "-q", "--no-commit", text=BRIDGE).returncode == 0
    second = linkhold.json("apply", text=GONE)
    assert (second["error"], second["exit-code"]) == ("Busy", 75)
    assert "of alice: linkhold apply -q --no-commit" in second["message"]
    assert linkhold("rollback").returncode == 0


def test_waiting_for_another_transaction(linkhold, netns):
    first = linkhold.start("apply", linkhold.file("one.yml", BRIDGE), "--probe", linkhold.hanging_probe())
    linkhold.wait_for("hanging")
    second = linkhold.start("apply", linkhold.file("two.yml", BRIDGE.replace("br0", "br1")), "--wait", "30")
    first.terminate()
    first.communicate(timeout=20)
    assert second.wait(30) == 0
    second.communicate()
    assert "br1" in names(netns)
    assert "br0" not in names(netns)


def test_history_tells_who_and_how_and_why(linkhold):
    linkhold("apply", "-q", linkhold.file("office.yml", BRIDGE), SSH_CONNECTION="203.0.113.9 1 192.0.2.1 22")
    linkhold("apply", "-q", "--no-commit", text=GONE)
    waiting = linkhold("history").stdout
    assert "waits until" in waiting
    linkhold("rollback")
    first, second = linkhold.json("history")
    assert first["by"] == "alice from 203.0.113.9"
    assert first["command"] == f"linkhold apply -q {linkhold.folder}/office.yml"
    assert (first["state"], first["stored"]) == ("committed", True)
    assert (second["state"], second["stored"], second["waits"]) == ("rolled-back", False, False)
    one = linkhold("history", "1").stdout
    assert "+ interface br0 (linux-bridge)" in one
    assert "confirmed" in one
    assert [entry["number"] for entry in linkhold.json("history", "-n", "1")] == [2]
    missing = linkhold("history", "77")
    assert missing.returncode == 1
    assert "no transaction 77" in missing.stderr


def test_memory_only_is_not_stored(linkhold):
    assert linkhold("apply", "-q", "--memory-only", text=BRIDGE).returncode == 0
    (only,) = linkhold.json("history")
    assert only["stored"] is False
    assert linkhold("restore").returncode == 1


def test_restore_puts_back_what_was_committed(linkhold, netns):
    linkhold("apply", "-q", text=BRIDGE)
    netns.ip("link", "delete", "br0")
    assert linkhold("restore").returncode == 0
    assert "192.0.2.1/24" in netns.ip("address", "show", "br0")


def test_show_of_one_interface_tells_no_dns_and_no_hostname(linkhold, netns):
    told = linkhold.json("show", "lo")
    assert set(told) == {"interfaces", "routes", "route-rules"}
    assert [one["name"] for one in told["interfaces"]] == ["lo"]
    assert linkhold("show", "lo").stdout.startswith("---\n")


def test_show_of_an_unknown_name_is_empty_and_fine(linkhold):
    done = linkhold("show", "nope")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("interfaces: []\n")


def test_show_json_is_compact_and_the_same_each_time(linkhold, netns):
    netns.ip("link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
    first, second = linkhold("show", "--json").stdout, linkhold("show", "--json").stdout
    assert first == second
    assert first.count("\n") == 1
    assert [one["name"] for one in json.loads(first)["interfaces"]] == ["lo", "veth0", "veth1"]


def test_show_tells_of_a_missing_carrier(linkhold, netns):
    netns.ip("link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
    netns.ip("link", "set", "veth0", "up")
    (one,) = linkhold.json("show", "veth0")["interfaces"]
    assert (one["state"], one["carrier"]) == ("up", False)
    netns.ip("link", "set", "veth1", "up")
    (one,) = linkhold.json("show", "veth0")["interfaces"]
    assert one["carrier"] is True
    assert "carrier" not in linkhold.json("show", "-r", "veth0")["interfaces"][0]


def test_what_is_shown_can_be_applied(linkhold):
    linkhold("apply", "-q", text=BRIDGE)
    for words in (["show"], ["show", "-r"], ["show", "--json"], ["show", "-d", "br0"]):
        shown = linkhold(*words).stdout
        planned = linkhold("plan", "--exit-code", text=shown)
        assert (words, planned.returncode, planned.stderr) == (words, 0, "")


def test_diff_of_a_document_and_the_host(linkhold):
    document = linkhold.file("office.yml", BRIDGE)
    assert linkhold("diff", document, "--exit-code").returncode == 4
    linkhold("apply", "-q", document)
    same = linkhold("diff", document, "--exit-code")
    assert (same.returncode, same.stdout) == (0, "No differences.\n")


def test_a_reader_that_goes_away_is_no_failure(linkhold):
    script = f"{sys.executable} -m linkhold schema | head -c 10"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script], capture_output=True, text=True, env=linkhold.environment, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def somebody(linkhold, public):
    """The command as a user without any privilege, who may pass through the folder of the test."""
    for folder in (linkhold.folder, *linkhold.folder.parents):
        if folder.stat().st_uid == os.geteuid() and folder != pathlib.Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)

    interpreter, environment = public

    def run(*words, text=""):
        prefix = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"]
        return subprocess.run(
            [*prefix, interpreter, "-m", "linkhold", *words],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env={**linkhold.environment, **environment},
        )

    return run


@pytest.mark.needs("users")
def test_without_privilege_what_can_be_read_is_shown(somebody, linkhold):
    linkhold("apply", "-q", text=BRIDGE)
    shown = somebody("show", "br0", "--json")
    assert shown.returncode == 0
    assert shown.stdout == linkhold("show", "br0", "--json").stdout
    planned = somebody("plan", text=GONE)
    assert planned.returncode == 0
    assert "- interface br0" in planned.stdout
    assert "only root" in planned.stderr


@pytest.mark.needs("users")
def test_without_privilege_what_cannot_be_read_is_said(somebody, linkhold):
    linkhold("apply", "-q", text=BRIDGE)
    for command in (["history"], ["confirm"], ["rollback"], ["watch", "--drift", "--once"]):
        done = somebody(*command)
        assert done.returncode == 77, command
        assert "NotPermitted" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.needs("users")
@pytest.mark.parametrize("own_state", [False, True], ids=["system's state", "own state"])
def test_without_privilege_nothing_is_applied(somebody, linkhold, netns, own_state):
    more = []
    if own_state:
        folder = linkhold.folder / "mine"
        folder.mkdir()
        folder.chmod(0o777)
        more = ["--state-dir", str(folder)]
    done = somebody("apply", *more, text=BRIDGE)
    assert done.returncode == 77
    assert "NotPermitted" in done.stderr
    assert "br0" not in names(netns)


@pytest.mark.parametrize(("more", "told"), [([], True), (["--commit"], False), (["--probe", "command:true"], False)])
def test_a_script_is_told_that_its_own_connection_was_not_tried(linkhold, netns, more, told):
    netns.ip("link", "add", "eth1", "type", "veth", "peer", "name", "far1")
    netns.ip("address", "add", "192.0.2.10/24", "dev", "eth1")
    for name in ("eth1", "far1"):
        netns.ip("link", "set", name, "up")
    move = "interfaces: [{name: eth1, ipv4: {enabled: true, address: [{ip: 192.0.2.99, prefix-length: 24}]}}]"
    done = linkhold("apply", *more, text=move, SSH_CONNECTION="192.0.2.77 50022 192.0.2.10 22")
    assert done.returncode == 0
    assert ("kept without being tried" in done.stderr) is told
