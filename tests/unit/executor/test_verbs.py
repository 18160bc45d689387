"""The verbs over a host in a file: what is stored, told, restored, and what happens at boot."""

import asyncio
import json
import pathlib
import subprocess
import sys
import typing

import pytest

from linkhold.executor import host, verbs
from linkhold.executor.together import Together
from linkhold.foundation.failures import NotPermitted, Permanent
from linkhold.providers.memory.faults import Fault
from linkhold.providers.memory.provider import Memory
from linkhold.state.document import parse
from linkhold.transaction.ground import Ground
from linkhold.transaction.options import Options
from linkhold.transaction.owner import myself
from linkhold.transaction.result import Result
from tests.unit.executor.crashes import Scene
from tests.unit.transaction.stage import DOCUMENT, HOST


@pytest.fixture
def ground(tmp_path: pathlib.Path) -> Ground:
    return verbs.standing(str(tmp_path / "state"), provider=Memory(HOST, file=str(tmp_path / "host.json")))


def apply(ground: Ground, text: str, **options: typing.Any) -> Result:
    return asyncio.run(verbs.apply(parse(text.encode()), Options(**options), ground=ground))


def names(ground: Ground) -> set[str]:
    interfaces = asyncio.run(verbs.show(ground=ground)).interfaces
    assert isinstance(interfaces, tuple)
    return {one.name for one in interfaces}


def test_planning_touches_nothing(ground: Ground) -> None:
    before = names(ground)
    outcome = asyncio.run(verbs.plan(parse(DOCUMENT.encode()), ground=ground))
    assert {one.name for one in outcome.plan.changes} >= {"br0", "eth0.7"}
    assert names(ground) == before
    assert verbs.history(folder=ground.folder) == ()


def test_the_history_tells_who_what_when_and_why(ground: Ground) -> None:
    apply(ground, DOCUMENT)
    assert isinstance(ground.provider, Memory)
    ground.provider.refuse(Fault(stage="create"))
    apply(ground, "interfaces: [{name: d0, type: dummy}]")
    apply(ground, "interfaces: [{name: d1, type: dummy}]", confirming="later", confirm_timeout=30)
    first, second = verbs.history(folder=ground.folder)
    (third,) = verbs.pending(folder=ground.folder)
    assert [one.number for one in (first, second, third)] == [1, 2, 3]
    assert (first.state, second.state, third.state) == ("committed", "rolled-back", "confirming")
    assert first.owner == myself()
    assert first.ended is not None
    assert first.ended >= first.began
    assert {one.name for one in first.plan.changes} >= {"br0", "eth0.7"}
    assert "can't create d0" in second.reason
    assert third.waits
    assert third.deadline is not None
    assert 0 < third.deadline.left(ground.clock) <= 30
    assert asyncio.run(verbs.rollback(ground=ground)).missing == ()


def test_restoring_brings_back_what_was_committed(ground: Ground) -> None:
    with pytest.raises(Permanent, match="nothing was committed"):
        asyncio.run(verbs.restore(ground=ground))
    apply(ground, DOCUMENT)
    apply(ground, "interfaces: [{name: d0, type: dummy}]", memory_only=True)
    assert isinstance(ground.provider, Memory)
    rebooted = ground._replace(provider=Memory(HOST))
    result = asyncio.run(verbs.restore(ground=rebooted))
    assert result.outcome == "committed"
    assert {"br0", "eth0.7"} <= names(rebooted)
    assert "d0" not in names(rebooted)
    assert asyncio.run(verbs.restore(ground=rebooted)).outcome == "unchanged"


def test_the_boot_guard_ends_what_a_dead_command_left(tmp_path: pathlib.Path) -> None:
    scene = Scene(tmp_path, DOCUMENT, {"LINKHOLD_PROVIDER": f"memory:{tmp_path / 'host.json'}"})
    memory = Memory(HOST, file=str(tmp_path / "host.json"))
    boot = [sys.executable, "-m", "linkhold.executor.boot"]
    quiet = subprocess.run(boot, env=scene.environment, capture_output=True, text=True, check=True)
    assert quiet.stderr == ""
    before = memory.host.state()
    assert scene.run(crash_at=9, guard=False) == ""
    ended = subprocess.run(boot, env=scene.environment, capture_output=True, text=True, check=True)
    assert "was taken back: its owner died" in ended.stderr
    assert scene.ending() == "rolled-back"
    assert Memory(file=str(tmp_path / "host.json")).host.state() == before


def test_a_provider_is_chosen_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.delenv("LINKHOLD_PROVIDER", raising=False)
    whole = host.provider()
    assert isinstance(whole, Together)
    assert whole.base.name == "kernel"
    monkeypatch.setenv("LINKHOLD_PROVIDER", f"memory:{tmp_path / 'host.json'}")
    assert host.provider().name == "memory"
    with pytest.raises(Permanent, match=r"there is no provider 'carrier-pigeon'; known: auto, kernel, .*memory"):
        host.provider("carrier-pigeon")


def test_the_state_directory_is_chosen_and_kept_private(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setenv("LINKHOLD_STATE_DIR", str(tmp_path / "by-environment"))
    assert verbs.standing().folder.path == str(tmp_path / "by-environment")
    chosen = verbs.standing(str(tmp_path / "by-option"))
    assert chosen.folder.path == str(tmp_path / "by-option")
    chosen.folder.prepare()
    assert all(one.stat().st_mode & 0o077 == 0 for one in (tmp_path / "by-option").rglob("*"))


def test_a_state_directory_that_others_own_is_said_to_be_so(
    public: tuple[str, dict[str, str]], tmp_path: pathlib.Path
) -> None:
    code = (
        "import os, sys, json; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "from linkhold.executor import verbs\n"
        "from linkhold.foundation.failures import NotPermitted\n"
        "try: verbs.history(folder=verbs.standing(sys.argv[1]).folder)\n"
        "except NotPermitted as error: print(json.dumps(str(error)))\n"
    )
    folder = verbs.standing(str(tmp_path / "state")).folder
    folder.prepare()
    tmp_path.chmod(0o755)
    interpreter, environment = public
    command = [interpreter, "-c", code, folder.path]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd="/")
    assert "Permission denied" in json.loads(done.stdout)
    assert issubclass(NotPermitted, Permanent)
