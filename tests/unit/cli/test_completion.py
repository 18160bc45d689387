"""Completion, really tried in bash."""

import shutil
import subprocess

import pytest

from linkhold.cli import main
from linkhold.cli.completion_command import completed

TRY = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _linkhold; printf "%s\\n" "${COMPREPLY[@]}"'


@pytest.fixture
def complete(capsys, tmp_path):
    assert main.main(["completion", "bash"]) == 0
    script = tmp_path / "linkhold.bash"
    script.write_text(capsys.readouterr().out)
    subprocess.run(["bash", "-n", str(script)], check=True)
    (tmp_path / "net work.yml").touch()
    (tmp_path / "other.yml").touch()

    def run(*words):
        command = ["bash", "-c", TRY, "bash", str(script), "linkhold", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
        assert done.stderr == ""
        return set(done.stdout.splitlines()) - {""}

    return run


def test_commands(complete):
    assert complete("") == {name.split()[0] for name in main.COMMANDS}
    assert complete("co") == {"confirm", "completion"}
    assert complete("--") == set()


@pytest.mark.parametrize("group", main.GROUPS)
def test_commands_of_a_group(complete, group):
    assert complete(group, "") == {name.split()[1] for name in main.COMMANDS if name.startswith(f"{group} ")}


@pytest.mark.parametrize("name", main.COMMANDS)
def test_options(complete, name):
    assert complete(*name.split(), "--") == set(completed(name).options)
    assert "--help" in completed(name).options


def test_files_also_with_a_blank_in_their_name(complete):
    assert complete("apply", "net") == {"net work.yml"}
    assert {"net work.yml", "other.yml"} <= complete("validate", "")


def test_interfaces(complete):
    assert "lo" in complete("show", "")
    assert complete("edit", "l") >= {"lo"}
    assert "other.yml" not in complete("show", "")


def test_values_of_options(complete):
    assert complete("apply", "--probe", "") == {"gateway", "tcp:", "dns:", "command:"}
    assert complete("apply", "--timeout", "") == set()
    assert "/etc" in complete("plan", "--state-dir", "/et")
    assert complete("agent", "call", "--key", "net") == {"net work.yml"}


def test_shells(complete):
    assert complete("completion", "") == {"bash", "zsh", "fish"}


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells(capsys, tmp_path, shell):
    assert main.main(["completion", shell]) == 0
    text = capsys.readouterr().out
    assert all(word in text for name in main.COMMANDS for word in name.split())
    if shutil.which(shell):  # a syntax check where there is somebody to ask
        script = tmp_path / "script"
        script.write_text(text)
        subprocess.run([shell, "-n", str(script)], check=True)
