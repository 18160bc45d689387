"""NetworkManager killed at bad moments: the host is as before, its files too."""

import collections.abc
import os
import pathlib
import re
import signal
import threading
import time
import typing

import pytest

import linkhold
from linkhold.transaction.attempt import UNNOTED
from linkhold.transaction.journal import Journal
from linkhold.transaction.progress import Progress
from tests.lab import namespaces
from tests.services.managed import addresses, files, static
from tests.services.rigs.networkmanager import NetworkManager

BRIDGE = {**static("br0", "203.0.113.1/24"), "type": "linux-bridge", "bridge": {"port": [{"name": "eth2"}]}}
CHANGE = {"interfaces": [static("eth1", "192.0.2.7/24"), BRIDGE, static("eth2")]}


@pytest.fixture
def office(nm: NetworkManager) -> NetworkManager:
    """A host whose eth1 was set up by nmcli."""
    nm.nmcli(
        "connection add type ethernet con-name office ifname eth1 ip4 192.0.2.1/24 ipv6.method disabled connection.zone dmz"
    )
    nm.wait_for_state("eth1", "connected")
    return nm


def kills_at(nm: NetworkManager, stage: str, *, again: bool) -> collections.abc.Callable[[Progress], None]:
    """Told of progress: kills NetworkManager as this stage begins, and starts it again a moment later if asked for."""

    def told(progress: Progress) -> None:
        if nm.alive and progress.phase == "apply" and progress.message.startswith(stage) and not killed:
            killed.append(time.monotonic())
            nm.kill()
            if again:
                threading.Timer(0.5, nm.start).start()

    killed: list[float] = []
    return told


@pytest.mark.parametrize("again", [True, False], ids=["restarted", "gone"])
@pytest.mark.parametrize("stage", ["create", "attach", "address"])
def test_killed_while_a_change_is_applied(
    office: NetworkManager, netns: namespaces.Namespace, stage: str, again: bool
) -> None:
    before = files()
    with pytest.raises(linkhold.NotApplied):
        linkhold.apply(CHANGE, progress=kills_at(office, stage, again=again))
    assert files() == before
    assert addresses(netns, "eth1") == ["192.0.2.1/24"]
    assert "br0" not in {one["ifname"] for one in netns.ip_json("link")}
    if again:
        assert office.profiles() == {"lo": "lo", "office": "eth1"}


@pytest.mark.parametrize("again", [True, False], ids=["restarted", "gone"])
def test_killed_while_a_change_waits_for_confirmation(
    office: NetworkManager, netns: namespaces.Namespace, again: bool
) -> None:
    before = files()
    linkhold.apply(CHANGE, commit=False)
    office.kill()
    if again:
        office.start()
    linkhold.rollback()
    assert files() == before
    assert addresses(netns, "eth1") == ["192.0.2.1/24"]
    assert "br0" not in {one["ifname"] for one in netns.ip_json("link")}


def test_killed_after_the_checkpoint_was_given_up(office: NetworkManager, netns: namespaces.Namespace) -> None:
    """What is committed stays, whoever dies then."""
    linkhold.apply({"interfaces": [static("eth1", "192.0.2.7/24")]})
    office.kill()
    office.start()
    office.wait_for_state("eth1", "connected")
    assert addresses(netns, "eth1") == ["192.0.2.7/24"]
    assert office.profiles()["office"] == "eth1"


def test_a_command_killed_before_it_could_note_the_checkpoint_holds_nobody_up_for_long(office: NetworkManager) -> None:
    before = files()
    child = os.fork()
    if child == 0:
        write = Journal.write

        def dying(self: Journal, event: str, **rest: typing.Any) -> None:
            if event == "checkpoint-taken":
                os.kill(os.getpid(), signal.SIGKILL)
            write(self, event, **rest)

        Journal.write = dying  # type: ignore[method-assign, assignment]
        linkhold.apply(CHANGE)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    with pytest.raises(linkhold.Busy) as busy:
        linkhold.apply(CHANGE, wait=20)  # the guard has to find out first that nothing was done
    ends = re.search(r"it ends in (\d+) s", str(busy.value))
    assert ends is not None
    assert int(ends[1]) <= UNNOTED + 1
    assert files() == before


def test_a_checkpoint_that_is_noted_lasts_as_long_as_the_application_may(office: NetworkManager) -> None:
    seen: list[int] = []

    def look(progress: Progress) -> None:
        if progress.phase == "apply" and not seen:
            seen.append(office.checkpoint_timeout())

    linkhold.apply(CHANGE, progress=look)
    assert seen[0] > 10 * UNNOTED


def test_frozen_it_is_not_waited_for_without_end(
    office: NetworkManager, netns: namespaces.Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from linkhold.providers.networkmanager import inventory

    monkeypatch.setattr(inventory, "READING", 1.0)
    office.freeze()
    started = time.monotonic()
    shown = linkhold.show(["eth1"])
    assert time.monotonic() - started < 8
    assert typing.cast("typing.Any", shown.interfaces)[0].provider != "networkmanager"
    office.thaw()


def test_the_files_come_back_where_it_does_not_run_yet(
    office: NetworkManager, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at boot, before NetworkManager starts: what was not confirmed is gone from its files."""
    before = files()
    linkhold.apply(CHANGE, commit=False)
    assert files() != before
    office.kill()
    office.bus.kill()
    linkhold.rollback()
    assert files() == before
