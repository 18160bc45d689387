"""The library as programs use it, on a real kernel: typed values in and out, exceptions that say what state the host is in."""

import asyncio

import pytest

import linkhold
import linkhold.aio
from linkhold.planning.planner import Infeasible
from linkhold.state.network import NetworkState
from tests.kernel.command_line import BRIDGE

DOCUMENT = {
    "interfaces": [
        {
            "name": "br0",
            "type": "linux-bridge",
            "ipv4": {"enabled": True, "address": [{"ip": "192.0.2.1", "prefix-length": 24}]},
        }
    ]
}
REFUSED = {
    "interfaces": [{"name": "br0", "mtu": 1400}],
    "routes": {
        "config": [
            {"destination": "203.0.113.0/24", "next-hop-interface": "br0", "next-hop-address": "10.99.99.1"},
        ]
    },
}

pytestmark = pytest.mark.needs("bridge", "veth")


@pytest.fixture
def host(netns, tmp_path, monkeypatch):
    """A host of one's own: namespace, state directory, files."""
    (tmp_path / "root/etc").mkdir(parents=True)
    monkeypatch.setenv("LINKHOLD_ROOT", str(tmp_path / "root"))
    monkeypatch.setenv("LINKHOLD_STATE_DIR", str(tmp_path / "state"))
    return netns


def names():
    return [one.name for one in linkhold.show().interfaces]


def test_show_gives_typed_values(host):
    (loopback,) = linkhold.show(["lo"]).interfaces
    assert (loopback.kind, loopback.state, loopback.mtu) == ("loopback", "up", 65536)
    assert loopback.ipv4.address[0].ip == "127.0.0.1"
    assert linkhold.show(["nope"]).interfaces == ()


@pytest.mark.parametrize(
    "form", [DOCUMENT, BRIDGE, BRIDGE.encode(), linkhold.aio.read(DOCUMENT)], ids=lambda x: type(x).__name__
)
def test_a_document_in_every_form(host, form):
    outcome = linkhold.plan(form)
    assert [(change.action, change.name) for change in outcome.plan.changes] == [("+", "br0")]
    assert names() == ["lo"]
    result = linkhold.apply(form)
    assert (result.outcome, result.good) == ("committed", True)
    assert names() == ["br0", "lo"]
    assert linkhold.plan(form).plan.empty
    assert linkhold.apply(form).outcome == "unchanged"


def test_what_was_planned_can_be_required(host):
    approved = linkhold.plan(DOCUMENT).plan
    host.ip("link", "add", "br0", "type", "bridge")
    with pytest.raises(linkhold.Failure, match="the host has changed since the plan was approved"):
        linkhold.apply(DOCUMENT, approved=approved)
    assert linkhold.apply(DOCUMENT, approved=linkhold.plan(DOCUMENT).plan).good


def test_confirm_and_rollback(host):
    result = linkhold.apply(DOCUMENT, commit=False, timeout=60)
    assert result.outcome == "unconfirmed"
    with pytest.raises(linkhold.Busy):
        linkhold.apply(DOCUMENT)
    assert linkhold.rollback() == result.transaction
    assert names() == ["lo"]
    second = linkhold.apply(DOCUMENT, commit=False)
    assert linkhold.commit() == second.transaction
    assert [one.state for one in linkhold.history()] == ["rolled-back", "committed"]


def test_a_refusal_carries_its_result(host):
    linkhold.apply(DOCUMENT)
    with pytest.raises(linkhold.NotApplied, match="The host is as it was before") as caught:
        linkhold.apply(REFUSED)
    assert caught.value.result.outcome == "rolled-back"
    assert "203.0.113.0/24" in caught.value.result.failed
    assert "ENETUNREACH" in caught.value.result.answer
    assert linkhold.show(["br0"]).interfaces[0].mtu == 1500


def test_mistakes_are_values(host):
    with pytest.raises(linkhold.Invalid) as caught:
        linkhold.apply({"interfaces": [{"name": "br0", "type": "linux-brigde"}, {"name": "x", "mtu": "big"}]})
    assert len(caught.value.diagnostics) >= 1
    assert caught.value.diagnostics[0].hint == "did you mean 'linux-bridge'?"


def test_what_this_host_cannot_do_is_planned_in_the_exception(host):
    with pytest.raises(Infeasible) as caught:
        linkhold.plan({"interfaces": [{"name": "ovs0", "type": "ovs-bridge"}]})
    assert caught.value.outcome.plan.changes[0].action == "+"
    assert isinstance(caught.value, linkhold.Invalid)


def test_drift(host):
    with pytest.raises(linkhold.Failure, match="nothing was committed"):
        linkhold.drift()
    linkhold.apply(DOCUMENT)
    assert linkhold.drift().plan.empty
    host.ip("address", "flush", "dev", "br0")
    (change,) = linkhold.drift().plan.changes
    assert (change.action, change.name) == ("~", "br0")
    linkhold.restore()
    assert linkhold.drift().plan.empty


def test_probes_decide(host):
    kept = linkhold.apply(DOCUMENT, probes=["command:true"])
    assert kept.outcome == "committed"
    assert kept.probes[0].passed is True
    with pytest.raises(linkhold.Failure, match="pigeon"):
        linkhold.apply(DOCUMENT, probes=["pigeon:home"])


def test_progress_is_told_as_values(host):
    told = []
    linkhold.apply(DOCUMENT, progress=told.append)
    phases = [one.phase for one in told]
    assert phases[0] == "observe"
    assert phases[-1] == "done"
    assert {"guard", "apply", "verify"} <= set(phases)


def test_coroutines_side_by_side_in_one_loop(host):
    async def scene():
        result = await linkhold.aio.apply(DOCUMENT)
        return result, await linkhold.aio.show(["br0"]), await linkhold.aio.history()

    result, state, history = asyncio.run(scene())
    assert result.good
    assert state.interfaces[0].name == "br0"
    assert history[0].name == result.transaction


def test_a_cancelled_transaction_goes_back_and_says_so(host, tmp_path):
    """As a program would be stopped: the task is cancelled while a probe runs that never ends."""
    slow = tmp_path / "slow"
    slow.write_text(f"#!/bin/sh\ncd {tmp_path}; if [ -e one ]; then touch two; exec sleep 60; fi; touch one\n")
    slow.chmod(0o755)

    async def scene():
        task = asyncio.create_task(linkhold.aio.apply(DOCUMENT, probes=[f"command:{slow}"]))
        while not (tmp_path / "two").exists():
            await asyncio.sleep(0.02)
        assert "br0" in host.ip("link")
        task.cancel("enough")
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return caught.value.__notes__

    assert asyncio.run(scene()) == ["The host is as it was before."]
    assert names() == ["lo"]
    assert linkhold.history()[-1].reason == "enough"


def test_watch(host):
    async def scene():
        watch = linkhold.aio.watch(at_once=True)
        first = await anext(watch)
        await asyncio.to_thread(host.ip, "link", "add", "br5", "type", "bridge")
        second = await anext(watch)
        await watch.aclose()
        return first, second

    first, second = asyncio.run(asyncio.wait_for(scene(), 20))
    assert first.empty
    assert [(one.action, one.name) for one in second.changes] == [("+", "br5")]


def test_public_names():
    assert all(hasattr(linkhold, name) for name in linkhold.__all__)
    assert callable(linkhold.plan)
    with pytest.raises(AttributeError, match="no attribute 'aply'"):
        linkhold.aply  # noqa: B018
    assert isinstance(linkhold.aio.read(DOCUMENT), NetworkState)
