"""The units: nothing is given to a service that it does not need."""

import configparser
import pathlib
import subprocess

import pytest

from tests.architecture import source

UNITS = source.REPOSITORY / "packaging/systemd"
EXPOSURE = {"linkhold-agent.service": 13, "linkhold-executor.service": 30}
"""The most that `systemd-analyze security` may say, in tenths."""


class Repeated(dict[str, str]):
    """Values of a key that is said several times, one after the other."""

    def __setitem__(self, key: str, value: object) -> None:
        if key in self and isinstance(value, list):
            value = [*super().__getitem__(key), *value]
        super().__setitem__(key, value)  # type: ignore[assignment]


def unit(name: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, dict_type=Repeated)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((UNITS / name).read_text())
    return parser


@pytest.mark.parametrize("name", sorted(EXPOSURE))
def test_a_service_is_not_more_exposed_than_was_agreed(name: str) -> None:
    command = ["systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE[name]}", str(UNITS / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_the_executor_may_do_what_networks_take_and_no_more() -> None:
    service = unit("linkhold-executor.service")["Service"]
    assert set(service["CapabilityBoundingSet"].split()) == {
        "CAP_NET_ADMIN",
        "CAP_NET_RAW",
        "CAP_DAC_OVERRIDE",
        "CAP_KILL",
    }
    assert "AmbientCapabilities" not in service
    assert set(service["RestrictAddressFamilies"].split()) == {
        "AF_UNIX",
        "AF_NETLINK",
        "AF_INET",
        "AF_INET6",
        "AF_PACKET",
    }


def test_the_agent_may_do_nothing_but_talk() -> None:
    service = unit("linkhold-agent.service")["Service"]
    assert (service["User"], service["CapabilityBoundingSet"], service["AmbientCapabilities"]) == ("linkhold", "", "")
    assert set(service["RestrictAddressFamilies"].split()) == {"AF_UNIX", "AF_NETLINK", "AF_INET", "AF_INET6"}
    assert (service["ProtectSystem"], service["ReadWritePaths"]) == ("strict", "-/etc/pki/linkhold")


def test_the_socket_is_for_root_and_the_agents_group() -> None:
    socket = unit("linkhold-executor.socket")["Socket"]
    assert (socket["SocketUser"], socket["SocketGroup"], socket["SocketMode"]) == ("root", "linkhold", "0660")


def test_the_executor_is_given_time_to_bring_a_change_to_its_end() -> None:
    from linkhold.executor.service.daemon import GRACE

    assert float(unit("linkhold-executor.service")["Service"]["TimeoutStopSec"]) > GRACE


def test_networks_are_restored_before_anybody_waits_for_the_network() -> None:
    parts = unit("linkhold-networks-restore.service")["Unit"]
    assert {"network.target", "network-online.target", "linkhold-executor.service"} <= set(parts["Before"].split())
    assert "linkhold-restore.service" in parts["After"].split()


def test_an_incomplete_restore_is_no_failure_that_is_tried_for_ever() -> None:
    from linkhold.cli.codes import INCOMPLETE

    assert unit("linkhold-networks-restore.service")["Service"]["SuccessExitStatus"] == str(INCOMPLETE)


@pytest.mark.parametrize("path", sorted(UNITS.iterdir()), ids=lambda path: path.name)
def test_a_unit_says_why_it_is_there(path: pathlib.Path) -> None:
    assert path.read_text().startswith("# ")
