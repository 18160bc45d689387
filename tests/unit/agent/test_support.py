"""What is given to support: everything, and no secret."""

import datetime
import json
import os
import pathlib
import stat
import tarfile
import typing

import pytest

from linkhold.agent.settings import Settings
from linkhold.agent.support import asking, bundle, status
from linkhold.agent.support.asking import Unanswered
from linkhold.agent.support.scrubbing import Scrubber
from tests.unit.agent.authority import DAY, Authority, now

SECRET = "hunter2-and-more"
"""Planted."""
ANSWERS: dict[str, typing.Any] = {
    "hello": {"version": "0.1.0", "protocol": 1},
    "snapshot": {
        "generation": 1,
        "state": {"interfaces": [{"name": "macsec0", "macsec": {"mka-cak": SECRET}}]},
        "running": {"networks": {"red": {"nic": "eth0"}}, "bonds": {}, "devices": {}},
        "dirty": False,
        "waits": None,
    },
    "show": {"interfaces": []},
    "history": [],
    "drift": {"plan": {"changes": []}, "text": ""},
    "neighbours": Unanswered("neighbours: no answer"),
}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, typing.Any]:
    told = dict(ANSWERS)

    def ask_all(path: str, verbs: typing.Iterable[str]) -> dict[str, typing.Any]:
        return {verb: told[verb] for verb in verbs}

    def output(*command: str) -> str | Unanswered:
        if command[0] == "journalctl":
            return f'<6>{{"event": "said", "text": "the key is {SECRET}"}}\nAuthorization: Bearer abc.def-ghi\n'
        if command[:2] == ("systemctl", "show"):
            return "StatusText=listens on port 54321\nLoadState=loaded\nActiveState=active\n"
        return "systemd 252\n"

    for module in (bundle, status):
        monkeypatch.setattr(module, "ask_all", ask_all)
        monkeypatch.setattr(module, "output", output)
    return told


def settings(tmp_path: pathlib.Path) -> Settings:
    folder = tmp_path / "pki"
    return Settings(certificate=f"{folder}/agent.crt", key=f"{folder}/agent.key", ca=f"{folder}/ca.crt", user="")


def enrolled(said: Settings, **lifetime: datetime.datetime) -> None:
    from linkhold.agent.enrolment import enrolling
    from linkhold.agent.enrolment.files import files_of

    authority = Authority()
    request = enrolling.ask(files_of(said), "host.example")
    certificate = authority.sign(request, **lifetime)
    enrolling.take(files_of(said), certificate, authority.pem, authority.fingerprint)


def test_a_bundle_holds_what_is_known_and_no_secret(tmp_path: pathlib.Path, answers: dict[str, typing.Any]) -> None:
    said = settings(tmp_path)
    enrolled(said)
    etc = tmp_path / "etc"
    (etc / "documents").mkdir(parents=True)
    (etc / "linkhold.toml").write_text("[agent]\nport = 1\n")
    (etc / "documents/vpn.yml").write_text(f"interfaces:\n- name: m\n  802.1x:\n    private-key-password: {SECRET}\n")
    (etc / "documents/broken.yml").write_text(f"password: {SECRET}\n- x: [\n")
    hook = etc / "hooks/before_network_setup.d/10"
    hook.parent.mkdir(parents=True)
    hook.write_text(f"#!/bin/sh\ncurl -u admin:{SECRET}\n")
    hook.chmod(0o755)
    path = tmp_path / "report.tar.gz"
    made = bundle.collect(said, etc=str(etc))
    made.write(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with tarfile.open(path) as archive:
        files = {one.name: archive.extractfile(one).read().decode() for one in archive}  # type: ignore[union-attr]
    everything = "\n".join(files.values())
    key = [line for line in pathlib.Path(said.key).read_text().splitlines() if "-----" not in line]
    assert [word for word in (SECRET, "abc.def-ghi", "PRIVATE KEY", *key) if word in everything] == []
    assert json.loads(files["report/executor/snapshot.json"])["running"]["networks"] == {"red": {"nic": "eth0"}}
    assert "the key is <hidden>" in files["report/logs/linkhold-agent.log"]
    assert "port = 1" in files["report/settings/linkhold.toml"]
    assert "report/settings/hooks/before_network_setup.d/10.name" in files
    assert "executor/neighbours.json: neighbours: no answer" in files["report/missing.txt"]
    assert json.loads(files["report/about.json"])["packages"]["kernel"]["version"]


def test_a_bundle_does_not_overwrite(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "report.tar.gz"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        bundle.Bundle().write(str(path))
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    "text",
    [
        f"password={SECRET}",
        f'"psk": "{SECRET}"',
        f"wpa-psk = '{SECRET}'",
        f"Authorization: Bearer {SECRET}",
        f"token: {SECRET}, next",
        f"-----BEGIN EC PRIVATE KEY-----\n{SECRET}\n-----END EC PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}",
        f"MKA_CAK={SECRET}",
        f"private-key: {SECRET}",
        f"PrivateKey = {SECRET}",
        f'"preshared-key": "{SECRET}"',
    ],
)
def test_what_looks_like_a_secret_goes(text: str) -> None:
    scrubbed = Scrubber().text(f"before\n{text}\nafter")
    assert SECRET not in scrubbed
    assert scrubbed.startswith("before\n")


@pytest.mark.parametrize(
    "text",
    [
        "the token was refused",
        '{"token": null, "secret": "", "password": false}',
        "tokens=12 secretary=Ann cake=1",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    ],
)
def test_what_does_not_stays(text: str) -> None:
    assert Scrubber().text(text) == text


def test_a_secret_that_was_seen_goes_from_everywhere() -> None:
    scrubber = Scrubber()
    scrubber.learn({"802.1x": [{"private-key-password": 'with "quotes" in it'}], "psk": "short"})
    assert scrubber.plain({"note": 'with "quotes" in it', "list": ["a shortcut"]}) == {
        "note": "<hidden>",
        "list": ["a shortcut"],
    }


def test_status_of_a_host_that_is_well(tmp_path: pathlib.Path, answers: dict[str, typing.Any]) -> None:
    enrolled(settings(tmp_path))
    found = status.status(settings(tmp_path), now())
    lines = {line.what: line.how for line in found.lines}
    assert found.good
    assert lines["agent"] == "active: listens on port 54321"
    assert lines["executor"] == "answers, version 0.1.0"
    assert lines["networks"] == "red; bonds: none"
    assert lines["saved"] == "a reboot brings them back"
    assert lines["certificate"].endswith("renewed by hand")


@pytest.mark.parametrize(
    ("fault", "line", "words"),
    [
        ("dirty", "saved", "not saved yet"),
        ("drift", "drift", "2 changes would be needed"),
        ("missing", "drift", 'Nic "ens3" required by network red is missing.'),
        ("executor", "executor", "nobody listens"),
        ("waits", "waits", "0003-x for engine"),
        ("enrolled", "certificate", "not enrolled"),
        ("expires", "certificate", "(2 days)"),
    ],
)
def test_status_says_what_is_to_be_done(
    tmp_path: pathlib.Path, answers: dict[str, typing.Any], fault: str, line: str, words: str
) -> None:
    if fault != "enrolled":
        ends = {"ends": now() + 3 * DAY} if fault == "expires" else {}
        enrolled(settings(tmp_path), **ends)
    snapshot = answers["snapshot"]
    answers |= {
        "dirty": {"snapshot": {**snapshot, "dirty": True}},
        "drift": {"drift": {"plan": {"changes": [1, 2]}}},
        "missing": {"drift": {"plan": {}, "missing": ['Nic "ens3" required by network red is missing.']}},
        "executor": {"hello": Unanswered("hello: nobody listens")},
        "waits": {"snapshot": {**snapshot, "waits": {"transaction": "0003-x", "requester": "engine"}}},
    }.get(fault, {})
    found = status.status(settings(tmp_path), now())
    bad = {one.what: one.how for one in found.lines if not one.good}
    assert set(bad) == {line}
    assert words in bad[line]


def test_who_is_not_there_does_not_answer(tmp_path: pathlib.Path) -> None:
    told = asking.ask_all(f"{tmp_path}/none.sock", ["hello"])
    assert "nobody listens" in told["hello"].reason
    assert isinstance(asking.output("/no/such/tool"), Unanswered)
    assert asking.output("sh", "-c", "echo a; echo b >&2") == "a\nb\n"
    assert os.path.exists(tmp_path)
