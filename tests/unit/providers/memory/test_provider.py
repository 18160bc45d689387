"""What the provider around the simulated host adds: files, watching, scopes."""

import asyncio
import pathlib

import pytest

from linkhold.foundation.driving import drive
from linkhold.foundation.failures import Permanent, Refused
from linkhold.planning.change import Change
from linkhold.providers.contract import ALL_DETAILS, Scope
from linkhold.providers.memory.faults import Fault
from linkhold.providers.memory.provider import Memory
from linkhold.state.interfaces.dummy import Dummy
from linkhold.state.interfaces.ethernet import Ethernet
from linkhold.state.interfaces.ethtool import Ethtool
from linkhold.state.network import NetworkState
from linkhold.state.routes import Route, Routes

ADD = Change(action="+", subject="interface", name="d1", after=Dummy(name="d1"))


def names(memory: Memory) -> set[str]:
    return {one.name for one in drive(memory.observe(Scope())).interfaces}


def test_two_processes_see_one_host(tmp_path: pathlib.Path) -> None:
    file = str(tmp_path / "host.json")
    learned = Route(destination="203.0.113.0/24", next_hop_interface="d0")
    first = Memory(
        NetworkState(interfaces=(Dummy(name="d0", state="up"),), routes=Routes(running=(learned,))), file=file
    )
    second = Memory(file=file)
    assert names(second) == {"d0"}
    drive(second.apply("create", [ADD]))
    assert names(first) == {"d0", "d1"}
    state = drive(first.observe(Scope()))
    assert state.routes.running == (learned,)
    assert drive(Memory(file=file).observe(Scope())) == state


def test_faults_travel_in_the_file(tmp_path: pathlib.Path) -> None:
    file = str(tmp_path / "host.json")
    Memory(NetworkState(), file=file).refuse(Fault(stage="create", times=-1))
    for _ in range(2):
        with pytest.raises(Refused):
            drive(Memory(file=file).apply("create", [ADD]))
    assert names(Memory(file=file)) == set()


def test_a_file_of_something_else_is_named(tmp_path: pathlib.Path) -> None:
    (tmp_path / "x").write_text("hello")
    with pytest.raises(Permanent, match="not a simulated host"):
        Memory(file=str(tmp_path / "x"))


def test_details_and_names_are_given_when_asked_for() -> None:
    card = Ethernet(name="eth0", state="up", ethtool=Ethtool())
    memory = Memory(NetworkState(interfaces=(card, Dummy(name="d0")), routes=Routes(running=())))
    assert drive(memory.observe(Scope(names=frozenset({"eth0"}), details=ALL_DETAILS))).interfaces == (card,)
    bare = drive(memory.observe(Scope(names=frozenset({"eth0"}), running=False)))
    assert "ethtool" not in bare.interfaces[0].said()
    assert "running" not in bare.routes.said()


def test_watching_hears_what_happens_here_and_elsewhere(tmp_path: pathlib.Path) -> None:
    file = str(tmp_path / "host.json")
    memory, other = Memory(NetworkState(), file=file), Memory(file=file)

    async def story() -> None:
        watch = memory.watch()
        assert not await watch.changed(0)
        await memory.apply("create", [ADD])
        assert await watch.changed(0)
        assert not await watch.changed(0.05)
        waiting = asyncio.ensure_future(watch.changed(5))
        await asyncio.sleep(0)
        await other.apply("activate", [ADD])
        assert await waiting
        memory.later(0.05, lambda host: host.set_down(host.find("d1")))
        assert await watch.changed(5)
        assert (await memory.observe(Scope())).interfaces[0].state == "down"

    asyncio.run(story())
