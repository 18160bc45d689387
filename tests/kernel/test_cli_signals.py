"""Ctrl-C, SIGTERM and a terminal that goes away: whenever they come, the host is as before or as asked for, and it is told."""

import os
import signal
import time

import pytest

from tests.kernel.command_line import BRIDGE, CommandLine, Terminal, wait_until

pytestmark = pytest.mark.needs("bridge", "veth")


@pytest.fixture
def linkhold(netns, tmp_path):
    return CommandLine(tmp_path)


def has_bridge(netns):
    return any(one["ifname"] == "br0" for one in netns.ip_json("link"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_during_apply_takes_the_change_back(linkhold, netns, number, code):
    running = linkhold.start("apply", linkhold.file("office.yml", BRIDGE), "--probe", linkhold.hanging_probe())
    linkhold.wait_for("hanging")
    assert has_bridge(netns)
    running.send_signal(number)
    _, complaint = running.communicate(timeout=20)
    assert running.returncode == code
    assert f"interrupted by {number.name}. The host is as it was before." in complaint
    assert "Traceback" not in complaint
    assert not has_bridge(netns)
    (only,) = linkhold.json("history")
    assert (only["state"], only["reason"]) == ("rolled-back", f"interrupted by {number.name}")


def test_a_second_signal_does_not_stop_the_way_back(linkhold, netns):
    running = linkhold.start("apply", linkhold.file("office.yml", BRIDGE), "--probe", linkhold.hanging_probe())
    linkhold.wait_for("hanging")
    for _ in range(5):
        running.send_signal(signal.SIGINT)
    _, complaint = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "The host is as it was before." in complaint
    assert not has_bridge(netns)


def test_a_signal_while_waiting_for_another_touches_nothing(linkhold, netns):
    first = linkhold.start("apply", linkhold.file("one.yml", BRIDGE), "--probe", linkhold.hanging_probe())
    linkhold.wait_for("hanging")
    other = linkhold.file("other.yml", BRIDGE.replace("br0", "br1"))
    waiting = linkhold.start("apply", other, "--wait", "60")
    time.sleep(1.0)
    assert waiting.poll() is None
    waiting.send_signal(signal.SIGINT)
    _, complaint = waiting.communicate(timeout=20)
    assert waiting.returncode == 130
    assert "Nothing was touched." in complaint
    first.terminate()
    first.communicate(timeout=20)
    assert [one["command"].split()[2] for one in linkhold.json("history")] == [linkhold.file("one.yml", BRIDGE)]


def test_a_signal_that_is_to_be_ignored_does_not_end_it(linkhold, netns):
    document = linkhold.file("office.yml", BRIDGE)
    waits = "[ ! -e passed ] || { touch hanging; while [ ! -e go ]; do sleep 0.05; done; }; touch passed\n"
    probe = linkhold.file("probe", f"#!/bin/sh\n{waits}", mode=0o755)
    ignoring = "trap '' HUP; exec \"$@\""  # as nohup(1) does
    command = ["sh", "-c", ignoring, "sh", *linkhold.command("apply", document, "--probe", f"command:{probe}")]
    linkhold.command = lambda: command
    running = linkhold.start()
    linkhold.wait_for("hanging")
    running.send_signal(signal.SIGHUP)
    linkhold.file("go", "")
    running.communicate(timeout=20)
    assert running.returncode == 0
    assert has_bridge(netns)


def test_ctrl_c_on_a_terminal(linkhold, netns):
    document = linkhold.file("office.yml", BRIDGE)
    terminal = Terminal(linkhold, "apply", document, "--probe", linkhold.hanging_probe())
    linkhold.wait_for("hanging")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "interrupted by SIGINT. The host is as it was before." in terminal.text
    assert not has_bridge(netns)


def test_a_terminal_that_goes_away_during_apply_takes_the_change_back(linkhold, netns):
    document = linkhold.file("office.yml", BRIDGE)
    terminal = Terminal(linkhold, "apply", document, "--probe", linkhold.hanging_probe())
    linkhold.wait_for("hanging")
    assert terminal.close() == 129
    assert not has_bridge(netns)
    (only,) = linkhold.json("history")
    assert only["reason"] == "interrupted by SIGHUP"


def test_a_terminal_that_goes_away_before_confirmation_changes_nothing(linkhold, netns):
    terminal = Terminal(linkhold, "apply", linkhold.file("office.yml", BRIDGE), "--no-commit", "--timeout", "30")
    assert terminal.end() == 0
    time.sleep(0.5)
    assert has_bridge(netns)
    (only,) = linkhold.json("history")
    assert only["waits"] is True
    assert linkhold("confirm").returncode == 0
    assert has_bridge(netns)


def test_nobody_confirms_and_no_command_is_left(linkhold, netns):
    terminal = Terminal(linkhold, "apply", linkhold.file("office.yml", BRIDGE), "--no-commit", "--timeout", "1")
    assert terminal.end() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(terminal.pid, 0)
    wait_until(lambda: not has_bridge(netns), "the bridge is gone")
    wait_until(lambda: linkhold.json("history")[0]["state"] == "rolled-back", "the transaction is over")
    late = linkhold("confirm")
    assert late.returncode == 1
    assert "Traceback" not in late.stderr
