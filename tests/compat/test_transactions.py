"""All or nothing, as programs see it: the old state is back when `apply` raises; what is not committed goes back by itself."""

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
import typing

import pytest

import libnmstate
from libnmstate.error import (
    NmstateConflictError,
    NmstateError,
    NmstateInternalError,
    NmstateNotSupportedError,
    NmstateValueError,
    NmstateVerificationError,
)
from linkhold.planning.change import Change, Stage
from linkhold.providers.kernel.provider import Kernel
from tests.compat.checks import apply, assert_absent, gone, names, one, static_addresses, up
from tests.compat.conftest import Host

ADDRESS = {"enabled": True, "address": [{"ip": "192.0.2.251", "prefix-length": 24}]}


def wait_until(true: typing.Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def run(program: str) -> subprocess.CompletedProcess[str]:
    """A program of somebody else, to its end."""
    text = "import libnmstate\n" + textwrap.dedent(program)
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, timeout=60)


def test_apply_returns_nothing(host: Host) -> None:
    assert libnmstate.apply(up("eth1", "ethernet", mtu=1400)) is None  # type: ignore[func-returns-value]
    assert one("eth1")["mtu"] == 1400


def test_a_wrong_document_touches_nothing(host: Host) -> None:
    before = libnmstate.show()["interfaces"]
    document = {"interfaces": [*up("eth1", "ethernet", mtu=1400)["interfaces"], {"name": "nowhere0", "state": "up"}]}
    with pytest.raises(NmstateValueError, match="nowhere0"):
        libnmstate.apply(document)
    assert libnmstate.show()["interfaces"] == before


@pytest.fixture
def idle_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes of existing interfaces are accepted without effect."""
    really = Kernel.apply

    async def only_others(self: Kernel, stage: Stage, changes: typing.Sequence[Change]) -> None:
        if stage != "configure":
            await really(self, stage, changes)

    monkeypatch.setattr(Kernel, "apply", only_others)


@pytest.mark.needs("bridge")
def test_the_old_state_is_back_when_verification_fails(kernel_host: Host, idle_driver: None) -> None:
    apply(up("eth1", "ethernet", ipv4=ADDRESS))
    both = [*up("br0", "linux-bridge")["interfaces"], *up("eth2", "ethernet", mtu=1300)["interfaces"]]
    with pytest.raises(NmstateVerificationError) as caught:
        libnmstate.apply({"interfaces": both})
    assert str(caught.value).startswith("Verification failure: eth2.interface.mtu desire '1300', current '1500'")
    assert_absent("br0")
    assert one("eth2")["mtu"] == 1500
    assert static_addresses("eth1", "ipv4") == [("192.0.2.251", 24)]


def test_nobody_verifies_what_is_not_to_be_verified(kernel_host: Host, idle_driver: None) -> None:
    libnmstate.apply(up("eth2", "ethernet", mtu=1300), verify_change=False)
    assert one("eth2")["mtu"] == 1500


@pytest.mark.needs("bridge")
def test_commit_keeps_and_rollback_takes_back(host: Host) -> None:
    mac = "02:00:00:00:00:07"  # without one, NetworkManager without udev takes another at random each time
    libnmstate.apply(up("br0", "linux-bridge", mac_address=mac), commit=False)
    libnmstate.commit()
    assert one("br0")["mac-address"] == mac
    libnmstate.apply(gone("br0"), commit=False)
    assert_absent("br0")
    libnmstate.rollback()
    assert one("br0")["mac-address"] == mac


def test_a_document_that_changes_nothing_can_be_committed(host: Host) -> None:
    """As programs do that never look whether anything was to be done."""
    apply(up("eth1", "ethernet"))
    for end in (libnmstate.commit, libnmstate.rollback):
        libnmstate.apply(up("eth1", "ethernet"), commit=False)
        end()


@pytest.mark.parametrize("function", [libnmstate.commit, libnmstate.rollback])
def test_nothing_waits_for_an_end(kernel_host: Host, function: typing.Callable[..., None]) -> None:
    for expected in (NmstateInternalError, NmstateValueError):
        with pytest.raises(expected):
            function()
    libnmstate.apply({}, commit=False)
    with pytest.raises(NmstateError, match="Checkpoint /no/such"):
        function(checkpoint="/no/such")
    function(checkpoint="")


def test_another_change_while_one_waits_is_a_conflict(kernel_host: Host) -> None:
    libnmstate.apply(up("eth1", "ethernet", mtu=1400), commit=False)
    for expected in (NmstateConflictError, NmstateInternalError):
        with pytest.raises(expected, match="waits for confirmation"):
            libnmstate.apply(up("eth2", "ethernet", mtu=1400))
    assert one("eth2")["mtu"] == 1500
    libnmstate.rollback()
    assert one("eth1")["mtu"] == 1500


def test_what_nobody_commits_goes_back_without_the_program(host: Host) -> None:
    """The program has ended long before; nothing of it is there when the time is over."""
    done = run(
        """
        state = {"interfaces": [{"name": "eth1", "type": "ethernet", "state": "up", "mtu": 1400}]}
        libnmstate.apply(state, commit=False, rollback_timeout=2)
        """
    )
    assert done.returncode == 0, done.stderr
    assert one("eth1")["mtu"] == 1400
    wait_until(lambda: one("eth1")["mtu"] == 1500)
    with pytest.raises(NmstateError):
        libnmstate.commit()


@pytest.mark.needs("bridge")
@pytest.mark.parametrize("stage", ["create", "configure", "activate"])
def test_a_program_that_is_killed_half_way_leaves_the_old_state(kernel_host: Host, stage: str) -> None:
    done = run(
        f"""
        import os, signal
        from linkhold.providers.kernel.provider import Kernel

        really = Kernel.apply

        async def deadly(self, stage, changes):
            await really(self, stage, changes)
            if stage == {stage!r}:
                assert os.path.exists("/sys/class/net/br0")
                os.kill(os.getpid(), signal.SIGKILL)

        Kernel.apply = deadly
        port = {{"name": "eth1", "mtu": 1400}}
        bridge = {{"name": "br0", "type": "linux-bridge", "bridge": {{"port": [{{"name": "eth1"}}]}}}}
        libnmstate.apply({{"interfaces": [bridge, port]}})
        """
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    wait_until(lambda: not os.path.exists("/sys/class/net/br0"))
    wait_until(lambda: one("eth1")["mtu"] == 1500 and "controller" not in one("eth1"))


def test_open_files_do_not_grow(host: Host, open_files: typing.Callable[[], int]) -> None:
    document = up("eth1", "ethernet", mtu=1400)
    libnmstate.apply(document)
    libnmstate.show()
    before = open_files()
    for number in range(100):
        libnmstate.show()
        if number % 10 == 0:
            libnmstate.apply(up("eth1", "ethernet", mtu=1401 + number))
        else:
            libnmstate.apply(document if number % 10 == 1 else {})
    assert open_files() <= before


def test_it_can_be_called_from_a_thread_and_within_an_event_loop(kernel_host: Host) -> None:
    import asyncio
    import threading

    thread = threading.Thread(target=lambda: libnmstate.apply(up("eth1", "ethernet", mtu=1400)))
    thread.start()
    thread.join()
    assert one("eth1")["mtu"] == 1400

    async def program() -> int:
        libnmstate.apply(up("eth1", "ethernet", mtu=1300))
        return typing.cast("int", one("eth1")["mtu"])

    assert asyncio.run(program()) == 1300


def test_the_kernel_alone(host: Host) -> None:
    libnmstate.apply(up("eth1", "ethernet", mtu=1400, ipv4=ADDRESS), kernel_only=True)
    assert one("eth1", libnmstate.show(kernel_only=True))["mtu"] == 1400
    libnmstate.apply(up("eth1", "ethernet", mtu=1500), kernel_only=True, commit=False)
    libnmstate.rollback()
    assert one("eth1", libnmstate.show(kernel_only=True))["mtu"] == 1400


def test_what_is_for_this_boot_only(host: Host) -> None:
    apply(up("eth1", "ethernet", mtu=1400), save_to_disk=False)
    apply(up("eth1", "ethernet", mtu=1400))


@pytest.mark.needs("bridge")
def test_what_is_absent_for_this_boot_only_keeps_its_profile(host: Host) -> None:
    libnmstate.apply(up("br0", "linux-bridge"))
    libnmstate.apply(gone("br0"), save_to_disk=False)
    shown = [entry["state"] for entry in libnmstate.show()["interfaces"] if entry["name"] == "br0"]
    assert shown in ([], ["down"])
    if host.manager is not None:
        assert "br0" in host.manager.profiles()
    libnmstate.apply(up("br0", "linux-bridge"))
    assert one("br0")["state"] == "up"


def test_what_the_whole_host_shows_can_be_applied(host: Host) -> None:
    libnmstate.apply(
        up("eth1", "ethernet", ipv4={"enabled": True, "address": [{"ip": "192.0.2.7", "prefix-length": 24}]})
    )
    libnmstate.apply(libnmstate.show())
    libnmstate.apply(libnmstate.show_running_config())
    assert one("eth1")["ipv4"]["address"] == [{"ip": "192.0.2.7", "prefix-length": 24}]


def test_warnings_are_logged(kernel_host: Host, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        libnmstate.apply(up("eth1", "ethernet", description="a note that the kernel has no place for"))
    assert [record for record in caplog.records if record.levelno >= logging.DEBUG]


def test_what_this_host_lacks_is_told_before_anything_is_touched(kernel_host: Host) -> None:
    before = names()
    with pytest.raises(NmstateError) as caught:
        libnmstate.apply(
            {"interfaces": [{"name": "ovsbr0", "type": "ovs-bridge"}, {"name": "br0", "type": "linux-bridge"}]}
        )
    assert not isinstance(caught.value, NmstateNotSupportedError)
    assert names() == before
