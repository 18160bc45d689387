"""The command line on a terminal: colours, tables that fit, progress, questions."""

import re

import pytest

from tests.kernel.command_line import BRIDGE, CommandLine, Terminal, wait_until

pytestmark = pytest.mark.needs("bridge", "veth")


@pytest.fixture
def linkhold(netns, tmp_path):
    return CommandLine(tmp_path)


def shown(linkhold, *words, **how):
    terminal = Terminal(linkhold, *words, **how)
    assert terminal.end() == 0
    return terminal.text


def bare(text):
    return re.sub(r"\x1b\[[0-9;]*[mK]", "", text)


def test_a_person_gets_a_table_in_colours(linkhold, netns):
    netns.ip("link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
    netns.ip("link", "set", "veth0", "up")
    text = shown(linkhold, "show")
    assert "\x1b[33mno carrier\x1b[0m" in text
    assert re.search(r"^lo +loopback +up +65536 +127\.0\.0\.1/8 ::1/128$", bare(text), re.MULTILINE)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_a_table_without_colours_where_none_are_wanted(linkhold, environment):
    text = shown(linkhold, "show", **environment)
    assert "\x1b" not in text
    assert text.startswith("NAME")


@pytest.mark.parametrize("width", [60, 80])
def test_tables_fit_a_narrow_terminal(linkhold, netns, width):
    for last in range(1, 9):
        netns.ip("address", "add", f"192.0.2.{last}/24", "dev", "lo")
    linkhold("apply", "-q", text=BRIDGE)
    for words in (["show"], ["history"]):
        text = bare(shown(linkhold, *words, width=width))
        assert all(len(line) <= width for line in text.splitlines()), text


def test_link_local_addresses_are_counted_not_listed(linkhold, netns):
    netns.ip("link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
    for name in ("veth0", "veth1"):
        netns.ip("link", "set", name, "up")
    text = bare(shown(linkhold, "show"))
    assert "fe80" not in text
    assert "(2 IPv6 link-local not listed" in text
    assert "fe80" in shown(linkhold, "show", "--yaml")


def test_an_unknown_name_is_said_to_people(linkhold):
    assert "there is no interface nope" in shown(linkhold, "show", "nope")


def test_progress_is_drawn_on_one_line_and_gone_at_the_end(linkhold):
    text = shown(linkhold, "apply", linkhold.file("office.yml", BRIDGE))
    progress = [part for part in text.split("\r\x1b[K") if part]
    assert any(part.startswith("apply") for part in progress)
    assert any(part.startswith("verify") for part in progress)
    assert "\n" not in "".join(progress[:-1])
    assert bare(progress[-1]).startswith("+ interface br0")


@pytest.mark.parametrize(("answer", "applied"), [("y\n", True), ("n\n", False), ("\n", False), ("\x04", False)])
def test_ask(linkhold, netns, answer, applied):
    terminal = Terminal(linkhold, "apply", linkhold.file("office.yml", BRIDGE), "--ask")
    terminal.read_until("Apply this? [y/N]")
    terminal.type(answer)
    assert terminal.end() == (0 if applied else 1)
    assert ("Nothing was touched." in terminal.text) is not applied
    assert any(one["ifname"] == "br0" for one in netns.ip_json("link")) is applied


def test_ask_needs_somebody_to_ask(linkhold, netns):
    done = linkhold("apply", linkhold.file("office.yml", BRIDGE), "--ask")
    assert done.returncode == 1
    assert "--ask needs a terminal" in done.stderr
    assert len(netns.ip_json("link")) == 1


def test_what_was_agreed_to_is_what_is_applied(linkhold, netns):
    terminal = Terminal(linkhold, "apply", linkhold.file("office.yml", BRIDGE), "--ask")
    terminal.read_until("Apply this? [y/N]")
    netns.ip("link", "add", "br0", "type", "bridge")
    terminal.type("y\n")
    assert terminal.end() == 1
    assert "the host has changed since the plan was approved" in terminal.text
    assert netns.ip_json("address", "show", "br0")[0]["addr_info"] == []


@pytest.mark.parametrize(("answer", "code", "kept"), [("y\n", 0, True), ("n\n", 1, False), ("\x04", 1, False)])
def test_who_works_on_the_own_connection_is_asked_afterwards(linkhold, netns, answer, code, kept):
    terminal = over_ssh(linkhold, netns)
    terminal.read_until("Does it still work, and is it to stay? [y/N]")
    assert "! 192.0.2.10, the address you are connected to, goes away from eth1" in bare(terminal.text)
    assert addresses(netns) == ["192.0.2.99"]
    terminal.type(answer)
    assert terminal.end() == code
    assert addresses(netns) == (["192.0.2.99"] if kept else ["192.0.2.10"])
    assert linkhold.json("history")[-1]["state"] == ("committed" if kept else "rolled-back")


def test_whose_connection_is_gone_need_not_do_anything(linkhold, netns):
    terminal = over_ssh(linkhold, netns, "--timeout", "1")
    terminal.read_until("Does it still work")
    terminal.close()
    wait_until(lambda: addresses(netns) == ["192.0.2.10"], "it goes back")


def test_who_wants_no_question_says_so(linkhold, netns):
    assert over_ssh(linkhold, netns, "--commit").end() == 0
    assert addresses(netns) == ["192.0.2.99"]


def over_ssh(linkhold, netns, *words):
    """Move the address that an operator came to, on the operator's terminal."""
    netns.ip("link", "add", "eth1", "type", "veth", "peer", "name", "far1")
    netns.ip("address", "add", "192.0.2.10/24", "dev", "eth1")
    for name in ("eth1", "far1"):
        netns.ip("link", "set", name, "up")
    move = "interfaces: [{name: eth1, ipv4: {enabled: true, address: [{ip: 192.0.2.99, prefix-length: 24}]}}]"
    session = "192.0.2.77 50022 192.0.2.10 22"
    return Terminal(linkhold, "apply", linkhold.file("move.yml", move), *words, SSH_CONNECTION=session)


def addresses(netns):
    return [one["local"] for one in netns.ip_json("-4", "address", "show", "eth1")[0]["addr_info"]]
