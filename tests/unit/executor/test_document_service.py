"""A folder of documents is applied, whatever is wrong with some of them."""

import json
import os
import pathlib

import pytest

from linkhold.executor import document_service
from linkhold.executor.document_service import Served, keeps, serve
from linkhold.foundation.diagnostics import Diagnostics, Invalid
from linkhold.foundation.driving import drive
from linkhold.foundation.failures import Busy, Permanent, Refused
from linkhold.planning.change import Plan
from linkhold.transaction.result import SENTENCES, Result


class Host:
    """What is applied to it is remembered; some texts go wrong in their own way, each at most `times` times."""

    def __init__(self) -> None:
        self.applied: list[str] = []
        self.slept: list[float] = []
        self.busy = 1

    async def apply(self, text: bytes, source: str) -> Result:
        word = text.decode()
        self.applied.append(word)
        if word == "invalid":
            found = Diagnostics()
            found.error("x", ("interfaces",), "a mistake")
            raise Invalid(found)
        if word == "refused":
            raise Refused("the kernel said no")
        if word == "busy" and self.busy:
            self.busy -= 1
            raise Busy("somebody else is at it")
        outcome = word if word in SENTENCES else "committed"
        return Result(outcome=outcome, sentence=SENTENCES[outcome], plan=Plan(), transaction="17-x", reason="so it was")

    def now(self) -> float:
        return 1000.0

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "docs").mkdir()
    return tmp_path


def outcomes(host: Host, root: pathlib.Path, *, keep: bool | None = None) -> dict[str, Served]:
    served = drive(serve(str(root / "docs"), host.apply, host, keep=keep, root=str(root)))
    return {one.name: one for one in served}


def put(root: pathlib.Path, **files: str) -> None:
    for name, text in files.items():
        (root / "docs" / name.replace("_", ".")).write_text(text)


def files(root: pathlib.Path) -> set[str]:
    return set(os.listdir(root / "docs"))


def status(root: pathlib.Path) -> dict[str, object]:
    return json.loads((root / "run/linkhold/service.json").read_text())


def test_in_the_order_of_their_names_and_only_documents(root: pathlib.Path) -> None:
    put(root, b_yml="second", a_yml="first", c_yaml="third", README="no", d_json="no", a_yml_applied="no")
    (root / "docs/z.yml").mkdir()
    host = Host()
    found = outcomes(host, root)
    assert host.applied == ["first", "second", "third"]
    assert [one.outcome for one in found.values()] == ["applied"] * 3
    assert files(root) == {"a.yml.applied", "b.yml.applied", "c.yaml.applied", "README", "d.json", "z.yml"}
    assert (root / "docs/a.yml.applied").read_text() == "first"
    assert host.slept == []


def test_what_was_renamed_is_left_alone(root: pathlib.Path) -> None:
    put(root, a_yml="first")
    outcomes(Host(), root)
    again = Host()
    assert outcomes(again, root) == {}
    assert again.applied == []


def test_a_bad_file_stops_none_of_the_others(root: pathlib.Path) -> None:
    put(root, a_yml="invalid", b_yml="refused", c_yml="rolled-back", d_yml="stranded", e_yml="good", f_yml="unchanged")
    found = outcomes(Host(), root)
    assert {name: one.outcome for name, one in found.items()} == {
        "a.yml": "failed",
        "b.yml": "failed",
        "c.yml": "failed",
        "d.yml": "stranded",
        "e.yml": "applied",
        "f.yml": "unchanged",
    }
    assert [one.good for one in found.values()] == [False] * 4 + [True] * 2
    assert (found["a.yml"].reason, found["b.yml"].reason, found["c.yml"].reason) == (
        "a mistake",
        "the kernel said no",
        "so it was",
    )
    assert len(found["a.yml"].diagnostics) == 1
    assert files(root) == {"a.yml", "b.yml", "c.yml", "d.yml", "e.yml.applied", "f.yml.applied"}
    told = status(root)
    assert (told["began"], told["ended"], told["failed"]) == (1000.0, 1000.0, ["a.yml", "b.yml", "c.yml", "d.yml"])
    assert [one["name"] for one in told["files"]] == list(found)


def test_what_may_pass_is_tried_once_more_after_all_others(root: pathlib.Path) -> None:
    put(root, a_yml="busy", b_yml="good", c_yml="refused")
    host = Host()
    found = outcomes(host, root)
    assert host.applied == ["busy", "good", "refused", "busy"]
    assert host.slept == [document_service.AGAIN_AFTER]
    assert found["a.yml"].outcome == "applied"
    host.busy = 9
    put(root, a_yml="busy")
    assert outcomes(host, root)["a.yml"].reason == "somebody else is at it"


def test_files_that_are_kept_count_again_when_they_differ(root: pathlib.Path) -> None:
    put(root, a_yml="first", b_yml="refused")
    assert outcomes(Host(), root, keep=True)["a.yml"].outcome == "applied"
    assert files(root) == {"a.yml", "a.yml.applied", "b.yml"}
    assert (root / "docs/a.yml.applied").stat().st_mode & 0o777 == 0o600
    host = Host()
    assert outcomes(host, root, keep=True)["a.yml"].outcome == "known"
    assert host.applied == ["refused"]
    put(root, a_yml="other")
    assert outcomes(Host(), root, keep=True)["a.yml"].outcome == "applied"
    assert (root / "docs/a.yml.applied").read_text() == "other"


@pytest.mark.parametrize("place", ["etc/linkhold/linkhold.toml", "docs/nmstate.conf"])
def test_configuration_says_whether_they_are_kept(root: pathlib.Path, place: str) -> None:
    file = root / place
    file.parent.mkdir(parents=True, exist_ok=True)
    assert not keeps(str(root / "docs"), str(root))
    file.write_text("[service]\nkeep_state_file_after_apply = true\n")
    assert keeps(str(root / "docs"), str(root))
    put(root, a_yml="first")
    outcomes(Host(), root)
    assert "a.yml" in files(root)
    file.write_text('[service]\nkeep_state_file_after_apply = "yes"\n')
    with pytest.raises(Permanent, match="true or false"):
        keeps(str(root / "docs"), str(root))
    file.write_text("[service")
    with pytest.raises(Permanent, match=str(file)):
        keeps(str(root / "docs"), str(root))


def test_our_configuration_comes_first(root: pathlib.Path) -> None:
    (root / "etc/linkhold").mkdir(parents=True)
    (root / "etc/linkhold/linkhold.toml").write_text("[service]\nkeep_state_file_after_apply = false\n")
    put(root, nmstate_conf="[service]\nkeep_state_file_after_apply = true\n")
    assert not keeps(str(root / "docs"), str(root))


def test_without_a_folder_there_is_nothing_to_do(tmp_path: pathlib.Path) -> None:
    host = Host()
    assert drive(serve(str(tmp_path / "none"), host.apply, host, root=str(tmp_path))) == ()
    assert status(tmp_path)["failed"] == []


def test_what_can_not_be_marked_is_told(root: pathlib.Path) -> None:
    put(root, a_yml="first", b_yml="second")
    (root / "docs/a.yml.applied").mkdir()
    (root / "docs/a.yml.applied/x").touch()
    found = outcomes(Host(), root)
    assert found["a.yml"].outcome == "failed"
    assert "a.yml" in found["a.yml"].reason
    assert found["b.yml"].outcome == "applied"


def test_the_unit_comes_after_what_it_builds_on_and_before_the_network_is_online() -> None:
    lines = pathlib.Path("packaging/systemd/linkhold-documents.service").read_text().splitlines()
    after = {word for line in lines if line.startswith("After=") for word in line.removeprefix("After=").split()}
    assert {"linkhold-restore.service", "NetworkManager.service"} <= after
    assert "Before=network-online.target" in lines
