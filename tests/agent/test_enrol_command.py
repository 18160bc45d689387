"""``linkhold agent enrol``, ``status`` and ``report`` on a host of their own, and an agent that waits for its certificate."""

import os
import pathlib
import signal
import stat
import subprocess
import sys
import tarfile
import time

import pytest

from tests.agent.pair import PKI, Pair, listens
from tests.lab import namespaces
from tests.unit.agent.authority import Authority, Centre

LINKHOLD = pathlib.Path(sys.executable).with_name("linkhold")


@pytest.fixture
def pair(alone: None, netns: namespaces.Namespace) -> Pair:
    """A host whose certificates are gone again."""
    both = Pair("", netns)
    for path in PKI.iterdir():
        path.unlink()
    return both


def run(*words: str, text: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run([LINKHOLD, "agent", *words], input=text, capture_output=True, text=True, check=False)


def owner_and_mode(path: pathlib.Path) -> tuple[int, str]:
    found = path.stat()
    return found.st_uid, oct(stat.S_IMODE(found.st_mode))


def test_by_files_as_root_for_the_agents_user(pair: Pair) -> None:
    authority = Authority()
    asked = run("enrol", "--request", "-", "--name", "host1.example")
    assert "BEGIN CERTIFICATE REQUEST" in asked.stdout, asked.stderr
    for name, text in (("crt", authority.sign(asked.stdout.encode())), ("ca", authority.pem)):
        pathlib.Path(f"/etc/{name}").write_bytes(text)
    files = ("--certificate", "/etc/crt", "--ca", "/etc/ca")
    asking = run("enrol", *files)
    assert (asking.returncode, f"--ca-fingerprint {authority.fingerprint}" in asking.stderr) == (1, True)
    assert not (PKI / "agent.crt").exists()
    done = run("enrol", *files, "--ca-fingerprint", authority.fingerprint)
    assert (done.returncode, "certificate for" in done.stdout) == (0, True), done.stderr
    assert owner_and_mode(PKI / "agent.key") == (990, "0o600")
    assert owner_and_mode(PKI / "agent.crt") == (990, "0o644")


def test_from_a_centre_while_the_agent_waits(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The token comes from standard input, where no other process can see it."""
    pair.agent.ready = lambda: bool(pair.told("agent", "not-enrolled"))
    pair.agent.start()
    assert not listens()
    authority = Authority()
    with Centre(authority, tmp_path_factory.mktemp("centre")).serving() as url:
        words = ("enrol", "--engine", url, "--token-file", "-", "--ca-fingerprint", authority.fingerprint)
        wrong = run(*words, text="twice\n")
        assert (wrong.returncode, "token does not count" in wrong.stderr) == (1, True)
        done = run(*words, text="once\n")
        assert done.returncode == 0, done.stderr
    os.kill(pair.agent.pid, signal.SIGHUP)
    pair.agent.wait_until(listens, "listens once it is enrolled")
    pair.agent.stop()


def test_one_way_at_a_time(pair: Pair) -> None:
    assert run("enrol").returncode == 2
    assert run("enrol", "--request", "-", "--engine", "https://x").returncode == 2


def test_status_and_report_tell_what_is_not_there(pair: Pair) -> None:
    told = run("status")
    assert (told.returncode, "nobody listens" in told.stdout, "not enrolled" in told.stdout) == (1, True, True)
    path = f"/run/report-{time.monotonic_ns()}.tar.gz"
    done = run("report", "-o", path)
    assert (done.returncode, done.stdout.strip()) == (0, path), done.stderr
    assert "executor/snapshot.json: snapshot" in done.stderr
    with tarfile.open(path) as archive:
        assert any(name.endswith("/about.json") for name in archive.getnames())
    assert oct(stat.S_IMODE(os.stat(path).st_mode)) == "0o600"
    assert run("report", "-o", path).returncode == 1
