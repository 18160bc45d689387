"""What reports tell beside the network, from files made up for it."""

import pathlib

import pytest

from linkhold.agent.hooks.points import Hooks
from linkhold.agent.machine import capabilities, identity, memory, processors
from linkhold.agent.machine.statistics import Statistics
from linkhold.agent.settings import Settings
from linkhold.foundation.logs import Log
from tests.unit.agent.hosts import Clock

TWO_SOCKETS = """\
processor\t: 0
model name\t: Fine CPU
cpu MHz\t\t: 2100.000
physical id\t: 0
core id\t\t: 0
flags\t\t: fpu vmx

processor\t: 1
physical id\t: 0
core id\t\t: 0
flags\t\t: fpu vmx

processor\t: 3
physical id\t: 1
core id\t\t: 0
flags\t\t: fpu vmx
"""


@pytest.fixture
def root(tmp_path: pathlib.Path) -> str:
    (tmp_path / "proc").mkdir()
    (tmp_path / "etc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text(TWO_SOCKETS)
    (tmp_path / "proc/stat").write_text("cpu  100 20 30 800 50 1 2 3 0 0\n")
    (tmp_path / "proc/misc").write_text("232 kvm\n183 hw_random\n")
    (tmp_path / "proc/meminfo").write_text(
        "MemTotal:  2097152 kB\nMemAvailable: 524288 kB\nSwapTotal: 1024 kB\nSwapFree: 0 kB\nHugePages_Total: 0\n"
    )
    (tmp_path / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n# x=y\n')
    return str(tmp_path)


def test_processors_are_counted_by_thread_core_and_socket(root: str) -> None:
    found = processors.read(root)
    assert (found.threads, found.cores, found.sockets, found.online) == (3, 2, 2, (0, 1, 3))
    assert (found.model, found.speed, found.flags) == ("Fine CPU", "2100.000", ("fpu", "vmx"))


def test_a_processor_that_says_little_counts_all_the_same(root: str) -> None:
    pathlib.Path(root, "proc/cpuinfo").write_text("processor: 0\nFeatures: fp asimd\n\nHardware: board\n")
    found = processors.read(root)
    assert (found.threads, found.cores, found.sockets, found.flags) == (1, 1, 1, ("fp", "asimd"))


def test_load_is_what_was_spent_since_the_last_look(root: str) -> None:
    load = processors.Load(root)
    assert load.since()["cpuIdle"] == "100.00"
    pathlib.Path(root, "proc/stat").write_text("cpu  150 20 50 820 60 1 2 3 0 0\n")
    told = load.since()
    assert (told["cpuUser"], told["cpuSys"], told["cpuIdle"]) == ("50.00", "20.00", "30.00")


def test_memory_in_mebibytes(root: str) -> None:
    told = memory.stats(root)
    assert (memory.size(root), told["memFree"], told["memUsed"]) == (2048, 512, "75")
    assert (told["swapTotal"], told["swapFree"]) == (1, 0)


def test_capabilities_have_the_texts_that_a_centre_reads(root: str) -> None:
    told = capabilities.read(Settings(software_version="4.5"), root)
    assert (told["cpuThreads"], told["cpuFlags"], told["onlineCpus"]) == ("3", "fpu,vmx", "0,1,3")
    assert (told["memSize"], told["kvmEnabled"], told["software_version"]) == ("2048", "true", "4.5")
    expected = {"name": "DEBIAN", "version": "12", "release": "", "pretty_name": "Debian 12"}
    assert told["operatingSystem"] == expected
    pathlib.Path(root, "proc/misc").write_text("183 hw_random\n")
    assert capabilities.read(Settings(), root)["kvmEnabled"] == "false"


def test_times(root: str) -> None:
    told = Statistics(Clock(1_000_000.0), root)()
    assert (told["elapsedTime"], told["dateTime"]) == ("1000000", "1970-01-12T13:46:40 GMT")
    assert told["bootTime"] == "0"


def test_the_uuid_stays_and_does_not_tell_the_machine_id(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "machine-id"
    path.write_text("0123456789abcdef0123456789abcdef\n")
    first, again = identity.host_uuid(str(path)), identity.host_uuid(str(path))
    path.write_text("1123456789abcdef0123456789abcdef\n")
    other = identity.host_uuid(str(path))
    assert (first == again, first == other, len(first)) == (True, False, 36)
    assert "0123456789abcdef" not in first.replace("-", "")
    assert identity.host_uuid(f"{tmp_path}/none") == ""


def test_it_is_read_once_a_minute_but_for_scripts(root: str, tmp_path: pathlib.Path) -> None:
    clock = Clock()
    hooks = Hooks([f"{tmp_path}/{{point}}.d"], Log("test", write=lambda _: None))
    machine = capabilities.Machine(Settings(), hooks, clock, root)
    assert machine()["memSize"] == "2048"
    pathlib.Path(root, "proc/meminfo").write_text("MemTotal: 1024 kB\n")
    script = tmp_path / "after_get_caps.d/10"
    script.parent.mkdir()
    script.touch(0o755)
    assert (machine()["memSize"], machine()["hooks"]) == ("2048", {"after_get_caps": {"10": {}}})
    clock.at += 61
    assert machine()["memSize"] == "1"
