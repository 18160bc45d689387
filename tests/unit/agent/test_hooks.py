"""Scripts at points: which run, what they may rewrite, what is told when they fail, and that none takes for ever."""

import asyncio
import json
import os
import pathlib
import time
import typing

import pytest

from linkhold.agent.hooks.folders import scripts
from linkhold.agent.hooks.points import Hooks
from linkhold.foundation.logs import Log
from linkhold.wire.call import RpcError

REQUEST = {"request": {"networks": {"red": {"nic": "eth0"}}, "bondings": {}, "options": {}}}


class Scripts:
    """A folder of scripts for one point, and what was logged."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.lines: list[dict[str, typing.Any]] = []

    def put(self, name: str, text: str, *, point: str = "before_network_setup", mode: int = 0o755) -> pathlib.Path:
        path = self.folder / f"{point}.d" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(mode)
        return path

    def hooks(self, seconds: float = 20.0) -> Hooks:
        log = Log("test", write=lambda line: self.lines.append(json.loads(line)), journal=False)
        return Hooks([f"{self.folder}/{{point}}.d"], log, seconds=seconds)

    def before(self, value: object = REQUEST, *, seconds: float = 20.0) -> typing.Any:
        return asyncio.run(self.hooks(seconds).before("before_network_setup", value))


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> Scripts:
    return Scripts(tmp_path)


def test_nothing_is_done_where_there_are_no_scripts(folder: Scripts) -> None:
    assert folder.before() is REQUEST


def test_a_script_may_rewrite_what_it_is_given(folder: Scripts) -> None:
    folder.put("10-rename", 'sed -i s/eth0/eth9/ "$_hook_json"')
    folder.put("20-mtu", """sed -i 's/"nic"/"mtu": 9000, "nic"/' "$_hook_json" """)
    assert folder.before()["request"]["networks"] == {"red": {"mtu": 9000, "nic": "eth9"}}


def test_only_its_own_environment_is_given(folder: Scripts, tmp_path: pathlib.Path, monkeypatch: typing.Any) -> None:
    monkeypatch.setenv("SECRET_OF_OURS", "x")
    folder.put("10", f"env > {tmp_path}/environment; stat -c %a $_hook_json > {tmp_path}/mode")
    folder.before()
    assert "SECRET_OF_OURS" not in (tmp_path / "environment").read_text()
    assert (tmp_path / "mode").read_text().strip() == "600"


def test_every_failing_script_is_told_with_what_it_said(folder: Scripts) -> None:
    folder.put("10-first", "echo the first is unhappy >&2; exit 1")
    folder.put("20-good", "echo all is well >&2")
    folder.put("30-third", "echo the third as well >&2; exit 3")
    with pytest.raises(RpcError) as caught:
        folder.before()
    assert caught.value.code == 78
    assert caught.value.message.startswith("Hook error: ")
    assert "the first is unhappy" in caught.value.message
    assert "the third as well" in caught.value.message
    assert "all is well" not in caught.value.message
    assert [one["code"] for one in caught.value.data["scripts"]] == [1, 3]


@pytest.mark.parametrize(("code", "ran"), [(1, True), (2, False), (3, True)])
def test_two_means_stop_and_other_codes_go_on(folder: Scripts, tmp_path: pathlib.Path, code: int, ran: bool) -> None:
    folder.put("10", f"exit {code}")
    folder.put("20", f"touch {tmp_path}/ran")
    with pytest.raises(RpcError):
        folder.before()
    assert (tmp_path / "ran").exists() is ran


def test_afterwards_a_failure_is_only_told_in_the_log(folder: Scripts) -> None:
    folder.put("10", "echo no >&2; exit 1", point="after_network_setup")
    assert asyncio.run(folder.hooks().after("after_network_setup", REQUEST)) == REQUEST
    told = [line for line in folder.lines if line["event"] == "hook"]
    assert [(line["level"], line["rc"], line["err"]) for line in told] == [("warning", 1, "no")]


def test_what_is_left_must_be_json(folder: Scripts) -> None:
    folder.put("10", 'echo "{" > "$_hook_json"')
    with pytest.raises(RpcError, match="no JSON") as caught:
        folder.before()
    assert caught.value.code == 78
    assert asyncio.run(folder.hooks().after("before_network_setup", REQUEST)) == REQUEST


def test_a_script_that_takes_too_long_dies_with_all_it_started(folder: Scripts, tmp_path: pathlib.Path) -> None:
    folder.put("10", f"sleep 1000 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(RpcError, match="took too long"):
        folder.before(seconds=2.0)
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        if _gone(child):
            return
        time.sleep(0.05)
    raise AssertionError("the script's child is still there")


def _gone(pid: int) -> bool:
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def test_a_flood_of_words_is_cut(folder: Scripts) -> None:
    folder.put("10", "head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 1")
    with pytest.raises(RpcError) as caught:
        folder.before()
    assert len(caught.value.data["scripts"][0]["stderr"]) == 64 * 1024


def test_what_can_not_be_started_is_a_failure(folder: Scripts) -> None:
    folder.put("10", "").write_text("#!/no/such/interpreter\n")
    with pytest.raises(RpcError, match="can't be started"):
        folder.before()


def test_scripts_of_all_folders_are_run_in_the_order_of_their_names(tmp_path: pathlib.Path) -> None:
    for name in ("a/10-one", "b/05-zero", "b/20-two", "a/15-half"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch(0o755)
    found = scripts([f"{tmp_path}/a", f"{tmp_path}/b", f"{tmp_path}/none"], "point")
    assert [os.path.basename(path) for path in found.scripts] == ["05-zero", "10-one", "15-half", "20-two"]


def test_what_is_not_executable_is_not_run_and_what_everybody_may_write_is_told(folder: Scripts) -> None:
    folder.put("10", "exit 1", mode=0o644)
    path = folder.put("20", "exit 1")
    path.chmod(0o777)
    assert folder.before() == REQUEST
    assert [(line["event"], line["script"]) for line in folder.lines] == [("hook-passed-over", str(path))]


@pytest.mark.parametrize("what", ['rm "$_hook_json"', 'echo nonsense > "$_hook_json"', 'echo [1] > "$_hook_json"'])
def test_what_was_done_stays_done_whatever_a_script_leaves_of_its_file(folder: Scripts, what: str) -> None:
    folder.put("10-tidy", what, point="after_network_setup")
    assert asyncio.run(folder.hooks().after("after_network_setup", REQUEST)) is REQUEST
    assert [one["event"] for one in folder.lines] == ["hook", "hook-failed"]


def test_a_file_that_is_gone_refuses_what_is_asked_for(folder: Scripts) -> None:
    folder.put("10-tidy", 'rm "$_hook_json"')
    with pytest.raises(RpcError) as caught:
        folder.before()
    assert caught.value.code == 78


def test_a_full_disk_does_not_undo_what_was_done(folder: Scripts, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.put("10", "true", point="after_network_setup")
    monkeypatch.setattr("tempfile.mkstemp", _no_space)
    assert asyncio.run(folder.hooks().after("after_network_setup", REQUEST)) is REQUEST


def _no_space(**_: str) -> typing.NoReturn:
    raise OSError(28, "No space left on device")
