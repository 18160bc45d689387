"""History in words."""

import pytest

from linkhold.cli.history_command import _overview
from linkhold.cli.terminal import Ink
from linkhold.executor.store import Told
from linkhold.transaction.owner import Owner, as_typed


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (["/usr/bin/python3", "/usr/local/bin/linkhold", "apply", "office.yml"], "linkhold apply office.yml"),
        (["/venv/bin/python", "-m", "linkhold", "apply", "my file.yml"], "linkhold apply 'my file.yml'"),
        (["python3.11", "-I", "-X", "dev", "/opt/agent.py", "--run"], "agent.py --run"),
        (["python3", "-c", "import linkhold"], "python3 -c 'import linkhold'"),
        (["/usr/bin/linkhold", "restore"], "linkhold restore"),
        (["python3"], "python3"),
        ([""], "''"),
    ],
)
def test_a_command_as_it_is_typed(words, typed):
    assert as_typed(words) == typed


def told(**more):
    owner = Owner(pid=7, start=1, boot="b", uid=0, user="alice", command="linkhold apply office.yml", peer="192.0.2.7")
    return Told(
        **{"name": "000001-x", "number": 1, "state": "committed", "began": 0.0, "ended": 1.5, "owner": owner, **more}
    )


def test_a_line_for_each(monkeypatch):
    text = _overview(
        [told(), told(number=2, state="rolled-back", reason="nobody confirmed it in time")], Ink(colour=False), 0
    )
    lines = text.splitlines()
    assert lines[0].split() == ["NUMBER", "BEGAN", "TOOK", "BY", "CHANGES", "OUTCOME", "COMMAND"]
    assert "alice from 192.0.2.7" in lines[1]
    assert lines[1].endswith("committed    linkhold apply office.yml")
    assert lines[2].endswith("rolled back  linkhold apply office.yml (nobody confirmed it in time)")


def test_narrow_terminals_are_spared_what_can_be_spared():
    text = _overview([told()], Ink(colour=False), 90)
    assert "TOOK" not in text
    assert "CHANGES" not in text
