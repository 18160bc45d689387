"""`linkhold edit` with editors that do it right, wrong, not at all, and right after all."""

import pathlib

import pytest

from tests.kernel.command_line import BRIDGE, CommandLine, Terminal

pytestmark = pytest.mark.needs("bridge", "veth")


@pytest.fixture
def linkhold(netns, tmp_path):
    command = CommandLine(tmp_path)
    assert command("apply", "-q", text=BRIDGE).returncode == 0
    command.environment.update({"TMPDIR": str(tmp_path / "tmp"), "VISUAL": ""})
    (tmp_path / "tmp").mkdir()
    return command


@pytest.fixture
def editor(linkhold):
    """Makes a script the editor; it finds the file in $1."""

    def make(script):
        linkhold.environment["EDITOR"] = linkhold.file("editor", f"#!/bin/sh\n{script}\n", mode=0o755)

    return make


def addresses(netns):
    return [one["local"] for one in netns.ip_json("-4", "address", "show", "br0")[0]["addr_info"]]


def left_over(linkhold):
    return list((linkhold.folder / "tmp").iterdir())


def test_what_was_edited_is_applied(linkhold, editor, netns):
    editor("sed -i s/192.0.2.1/192.0.2.7/ $1")
    done = linkhold("edit", "br0")
    assert done.returncode == 0
    assert addresses(netns) == ["192.0.2.7"]
    assert left_over(linkhold) == []


def test_the_file_says_what_can_be_done_with_it(linkhold, editor):
    editor("cp $1 seen")
    assert linkhold("edit", "br0").returncode == 0
    seen = (linkhold.folder / "seen").read_text()
    assert "state: absent" in seen.split("---")[0]
    assert "name: lo" not in seen


def test_nothing_edited_nothing_touched(linkhold, editor):
    editor(":")
    done = linkhold("edit")
    assert (done.returncode, done.stdout) == (0, "Nothing was edited, nothing was touched.\n")
    assert len(linkhold.json("history")) == 1


def test_a_mistake_keeps_the_text(linkhold, editor, netns):
    editor("sed -i s/192.0.2.1/192.0.2.777/ $1")
    done = linkhold("edit", "br0")
    assert done.returncode == 65
    assert "'192.0.2.777' is not an IP address" in done.stderr
    (kept,) = left_over(linkhold)
    assert f"your text is kept in {kept}" in done.stderr
    assert "192.0.2.777" in pathlib.Path(kept).read_text()
    assert addresses(netns) == ["192.0.2.1"]


def test_a_mistake_can_be_mended(linkhold, editor, netns):
    editor(
        "if [ -e once ]; then sed -i s/192.0.2.777/192.0.2.8/ $1; else touch once; sed -i s/192.0.2.1/192.0.2.777/ $1; fi"
    )
    terminal = Terminal(linkhold, "edit", "br0")
    terminal.read_until("Edit again? [Y/n]")
    terminal.type("\n")
    assert terminal.end() == 0
    assert addresses(netns) == ["192.0.2.8"]
    assert left_over(linkhold) == []


def test_an_editor_that_fails_changes_nothing(linkhold, editor, netns):
    editor("sed -i s/192.0.2.1/192.0.2.7/ $1; exit 3")
    done = linkhold("edit", "br0")
    assert done.returncode == 1
    assert "ended with 3; nothing was touched" in done.stderr
    assert addresses(netns) == ["192.0.2.1"]


def test_an_editor_that_is_not_there(linkhold):
    done = linkhold("edit", "br0", EDITOR="/nonexistent/editor --wait")
    assert done.returncode == 1
    assert "can't run the editor '/nonexistent/editor'" in done.stderr


def test_an_interface_that_is_not_there(linkhold, editor):
    editor("touch started")
    done = linkhold("edit", "nope")
    assert done.returncode == 1
    assert "there is no interface nope" in done.stderr
    assert not (linkhold.folder / "started").exists()
