"""Virtual functions that are not there yet: their card first, the rest when they have come, and all of it taken back."""

import asyncio
import pathlib
import typing

import pytest

from linkhold.foundation.diagnostics import Invalid
from linkhold.planning.change import Change
from linkhold.planning.change import Stage as StageOf
from linkhold.providers.memory.faults import Fault
from linkhold.providers.memory.host import Host
from linkhold.providers.memory.provider import Memory
from linkhold.state.document import parse
from linkhold.state.interfaces.ethernet import Ethernet, EthernetConfig, SrIov, VirtualFunction
from linkhold.state.network import NetworkState
from linkhold.transaction import runner
from linkhold.transaction.attempt import Attempt
from linkhold.transaction.documents import committed
from linkhold.transaction.options import Options
from linkhold.transaction.progress import Stopwatch
from linkhold.transaction.recovery import recover
from tests.unit.transaction.stage import HOST, Stage, card, ordered

PLAIN = card("eth0", "192.0.2.1").replace(ethernet=EthernetConfig(sr_iov=SrIov(total_vfs=0, vfs=())))
CARDS = HOST.replace(interfaces=(PLAIN, card("eth1", "198.51.100.1")))

DOCUMENT = """
interfaces:
- name: eth0
  ethernet: {sr-iov: {total-vfs: 2}}
- name: "sriov:eth0:1"
  mtu: 1400
- name: br0
  type: linux-bridge
  bridge: {port: [{name: "sriov:eth0:0"}]}
"""


class Card(Memory):
    """A host whose card shows its virtual functions some seconds after it was told to."""

    SECONDS = 20.0

    async def apply(self, stage: StageOf, changes: typing.Sequence[Change]) -> None:
        await super().apply(stage, changes)
        for change in changes:
            if change.name == "eth0" and stage == "configure":
                self.later(self.SECONDS, lambda host: _appear(host))


def _settle(host: Host) -> None:
    """The driver: an interface for each function that there shall be, none for the others."""
    eth0 = host.interfaces["eth0", ""]
    total = eth0.ethernet.sr_iov.total_vfs  # type: ignore[attr-defined]
    functions = tuple(VirtualFunction(id=number, iface_name=f"eth0v{number}") for number in range(total))
    config = EthernetConfig(sr_iov=SrIov(total_vfs=total, vfs=functions))
    host.put(eth0.replace(ethernet=config))
    for number in range(8):
        key = (f"eth0v{number}", "")
        if number < total:
            host.put(host.interfaces.get(key, Ethernet(name=key[0], state="down", mtu=1500)))
        else:
            host.interfaces.pop(key, None)


def _appear(host: Host) -> None:
    _settle(host)


@pytest.fixture
def stage(tmp_path: pathlib.Path) -> Stage:
    scene = Stage(tmp_path)
    scene.host = Card(CARDS, clock=scene.clock)
    scene.ground = scene.ground._replace(provider=scene.host)
    return scene


def run(stage: Stage, text: str = DOCUMENT, **said: typing.Any) -> typing.Any:
    return asyncio.run(runner.run(parse(text), stage.ground, Options(**said)))


def test_what_comes_late_is_set_up_in_the_same_transaction(stage: Stage) -> None:
    result = run(stage)
    assert result.outcome == "committed"
    there = stage.state().by_key
    assert there["eth0v1", ""].mtu == 1400
    assert there["eth0v0", ""].controller == "br0"
    assert [one.state for one in stage.folder.history()] == ["committed"]
    assert {one.name for one in result.plan.changes if one.subject == "interface"} == {"eth0", "br0"}
    assert run(stage).outcome == "unchanged"


def test_names_that_udev_gives_a_moment_later_are_the_ones_that_count(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def born(host: Host) -> None:
        _settle(host)
        eth0 = host.interfaces["eth0", ""]
        for number, one in enumerate(eth0.ethernet.sr_iov.vfs):  # type: ignore[attr-defined]
            stage.host.later(0.2 + 0.3 * number, lambda host, name=one.iface_name: _rename(host, name))

    monkeypatch.setattr(f"{__name__}._appear", born)
    result = run(stage)
    assert result.outcome == "committed"
    assert stage.state().by_key["ens1v1", ""].mtu == 1400
    assert stage.state().by_key["ens1v0", ""].controller == "br0"


def _rename(host: Host, name: str) -> None:
    """What udev does to an interface that has just appeared."""
    new = name.replace("eth0", "ens1")
    host.put(host.interfaces.pop((name, "")).replace(name=new))
    eth0 = host.interfaces["eth0", ""]
    section = eth0.ethernet.sr_iov  # type: ignore[attr-defined]
    functions = tuple(one.replace(iface_name=new) if one.iface_name == name else one for one in section.vfs)
    host.put(eth0.replace(ethernet=EthernetConfig(sr_iov=section.replace(vfs=functions))))


def test_the_whole_document_is_stored_not_the_first_pass(stage: Stage) -> None:
    run(stage)
    stored = {one.name for one in committed(stage.folder).by_key.values()}
    assert stored == {"eth0", "br0", "eth0v1"}


def test_both_passes_are_taken_back(stage: Stage) -> None:
    before = stage.state()
    with pytest.raises(Invalid, match="virtual function 9"):
        run(stage, DOCUMENT.replace("sriov:eth0:1", "sriov:eth0:9"))
    assert _settled(stage) == before
    stage.host.refuse(_refusal())
    assert run(stage).outcome == "rolled-back"
    assert _settled(stage) == before


def test_what_never_comes_is_waited_for_and_then_taken_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stage.state()
    monkeypatch.setattr(Card, "SECONDS", 1e6)
    result = run(stage)
    assert result.outcome == "rolled-back"
    assert "virtual functions" in result.reason
    assert stage.state() == before


def test_functions_that_no_driver_takes_are_not_waited_for(stage: Stage) -> None:
    before, began = stage.state(), stage.clock.time
    text = DOCUMENT.replace("total-vfs: 2", "total-vfs: 2, drivers-autoprobe: false")
    with pytest.raises(Invalid, match="virtual function 1"):
        run(stage, text)
    assert stage.clock.time - began < 60
    assert _settled(stage) == before


def test_a_plan_says_that_more_comes_later(stage: Stage) -> None:
    watch = Stopwatch(stage.clock.monotonic)
    outcome = asyncio.run(runner.prepare(parse(DOCUMENT), stage.ground, Options(), watch))
    assert [one.code for one in outcome.diagnostics] == ["later"]
    assert [one.name for one in outcome.plan.changes if one.subject == "interface"] == ["eth0"]


def _settled(stage: Stage) -> NetworkState:
    stage.clock.time += 100.0
    stage.host.revision()
    return ordered(stage.host.host.state())


def _refusal() -> Fault:
    return Fault(stage="create", name="br0")


def test_who_died_in_the_second_pass_is_taken_back_from_both(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stage.state()
    monkeypatch.setattr(Attempt, "_back", _die)
    stage.host.refuse(_refusal())
    with pytest.raises(Died):
        run(stage)
    monkeypatch.undo()
    with stage.folder.lock():
        (ended,) = asyncio.run(recover(stage.ground))
    assert ended.missing == ()
    assert _settled(stage) == before


class Died(BaseException):
    """As SIGKILL would end it."""


async def _die(attempt: Attempt, why: BaseException) -> typing.NoReturn:
    raise Died from why
