"""The Debian packages, installed in a guest with real systemd: what starts, what works, what comes back, what is left."""

import collections.abc
import hashlib
import json
import pathlib
import ssl
import subprocess
import sys
import typing

import pytest

from tests.agent.certificates import Authority
from tests.lab import guest

BUILD = guest.REPOSITORY / "packaging/debian/build.py"
HOST = pathlib.Path(__file__).with_name("package_host.py")
QUICK = "[Service]\nWatchdogSec=6\nTimeoutAbortSec=1\n"
"""What systemd waits for signs of life is a minute; here it is seconds."""

pytestmark = [pytest.mark.needs("uml"), pytest.mark.limit(420)]


class Seen(typing.NamedTuple):
    """What `package_host.py` wrote, and the console."""

    acts: dict[str, typing.Any]
    console: str

    def __getitem__(self, act: typing.Any) -> typing.Any:
        assert act in self.acts, self.console
        return self.acts[act]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> collections.abc.Iterator[Seen]:
    folder = tmp_path_factory.mktemp("packages")
    subprocess.run([sys.executable, str(BUILD), str(folder)], check=True)
    authority = Authority(tmp_path_factory.mktemp("authority"))
    centre = authority.issue("engine.example")
    files = {
        "ca.pem": authority.certificate.read_text(),
        "ca.key": authority.key.read_text(),
        "engine.crt": pathlib.Path(centre.certificate).read_text(),
        "engine.key": pathlib.Path(centre.key).read_text(),
        "fingerprint": hashlib.sha256(ssl.PEM_cert_to_DER_cert(authority.certificate.read_text())).hexdigest(),
        "quick.conf": QUICK,
    }
    command = (
        "mkdir -p /run/systemd/system/linkhold-executor.service.d\n"
        "cp /run/lab/quick.conf /run/systemd/system/linkhold-executor.service.d/\n"
        f"exec /usr/bin/python3 -P {HOST} /srv/packages"
    )
    # Any unit makes systemd pid 1.
    units, folders = {"nothing.target": "[Unit]\nDescription=Nothing\n"}, {"/srv/packages": folder}
    with guest.Guest(command, units=units, enabled=(), files=files, persistent=folders, timeout=400) as host:
        host.wait()
        yield Seen(json.loads((host.work / "seen").read_text()), host.tail(200))


def test_it_is_ready_once_it_is_installed(seen: Seen) -> None:
    units = seen["install"]
    enabled = {unit for unit, state in units["enabled"].items() if state == "enabled"}
    assert enabled == {
        "boot-guard.service",
        "restore.service",
        "networks-restore.service",
        "executor.socket",
        "agent.service",
        "agent.path",
    }
    active = {unit for unit, state in units["active"].items() if state == "active"}
    assert active == {"executor.socket", "agent.path"}, "nothing restores the network, nothing answers it"
    assert units["nmstate"] == "disabled"
    assert units["compiled"] == 1
    assert units["complaints"] == []


def test_only_root_and_the_agent_get_at_what_is_theirs(seen: Seen) -> None:
    found = seen["install"]
    assert found["socket"] == "660 root:linkhold"
    assert found["nobody"] == "PermissionError"
    assert found["state"] == "700 root:root"
    assert found["keys"] == "755 linkhold:linkhold"
    assert seen["enrol"]["key"] == "600 linkhold:linkhold"
    assert seen["networks"]["safe"] == "600 root:root"


def test_the_commands_work_for_everybody_on_the_host(seen: Seen) -> None:
    found = seen["commands"]
    assert found["where"] == "/usr/lib/python3/dist-packages/linkhold/__init__.py\n"
    assert found["show"] == "lo"
    assert "- name: lo\n" in found["nmstatectl"]
    assert found["completion"].endswith("_linkhold linkhold\n")
    assert found["status"]["executor"]["good"], "the socket starts it"
    assert not found["status"]["certificate"]["good"]


def test_an_enrolled_host_answers_at_once(seen: Seen) -> None:
    assert seen["enrol"]["ping"] == "true"
    assert (seen["enrol"]["user"], seen["enrol"]["executor"]) == ("linkhold", "root")


def test_networks_are_set_up_over_tls(seen: Seen) -> None:
    found = seen["networks"]
    code, _, complaint = found["answer"]
    assert code == 0, complaint
    assert found["addresses"] == ["192.0.2.7"]
    assert found["kept"] == 0
    assert found["status"]["good"], found["status"]


def test_what_is_installed_is_as_locked_in_as_was_agreed(seen: Seen) -> None:
    from tests.architecture.test_units import EXPOSURE

    for name in ("agent", "executor"):
        assert float(seen["exposure"][name]) * 10 <= EXPOSURE[f"linkhold-{name}.service"]


def test_who_dies_or_hangs_comes_back_and_the_network_stays(seen: Seen) -> None:
    assert seen["deaths"] == {"same": True, "result": "1"}


def test_an_upgrade_renews_the_services_and_not_the_network(seen: Seen) -> None:
    found = seen["upgrade"]
    assert found["same"]
    assert found["renewed"]
    assert found["restored"] == "0"
    assert found["decided"] == "disabled", "what the administrator switched off stays off"


def test_code_does_not_go_away_under_a_transaction(seen: Seen) -> None:
    found = seen["unfinished"]
    for way, (code, said) in found["refused"].items():
        assert code != 0, way
        assert "linkhold rollback" in said
    assert found["kept"]


def test_removal_leaves_the_network_and_what_was_committed(seen: Seen) -> None:
    found = seen["remove"]
    assert found["addresses"] == ["192.0.2.7"]
    assert found["running"] == []
    assert not found["socket"]
    assert {"/etc/linkhold", "/etc/pki/linkhold", "/var/lib/linkhold"} <= set(found["left"])
    assert [path for path in found["left"] if path.startswith(("/usr", "/lib", "/var/cache"))] == []


def test_purging_leaves_what_people_wrote_and_the_user(seen: Seen) -> None:
    found = seen["purge"]
    assert found["left"] == ["/etc/linkhold"], "a document of the administrator is in there"
    assert found["addresses"] == ["192.0.2.7"]
    assert found["user"] == "linkhold"
    assert found["masked"] != "masked"
