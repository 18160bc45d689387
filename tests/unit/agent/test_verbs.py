"""Each verb: what it asks of the executor, what it answers, how what goes wrong is told."""

import asyncio
import json
import pathlib
import typing

import pytest

from linkhold.agent.verbs import ALL
from linkhold.foundation.failures import TimedOut
from linkhold.wire.call import Peer, RpcError
from tests.unit.agent.hosts import ENGINE, STATE, Desk, snapshot

REQUEST = {"networks": {"red": {"nic": "eth0"}}, "bondings": {}, "options": {"connectivityCheck": "false"}}
DONE = {"transaction": "0001-abc", "outcome": "committed", "timings": {"apply": 0.1}, "notes": []}


def put(folder: pathlib.Path, point: str, text: str) -> None:
    path = folder / f"{point}.d" / "10"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_request_is_passed_on_with_who_asked_and_the_centres_id() -> None:
    desk = Desk()
    desk.executor.answers["setup-networks"] = DONE
    answer = asyncio.run(desk.ask("Host.setupNetworks", REQUEST, flow="7c0ffee"))
    assert answer == {"code": 0, "message": "Done"}
    assert desk.executor.asked == [("setup-networks", {**REQUEST, "requester": "engine.example"}, "7c0ffee")]


def test_parameters_by_position_and_left_out() -> None:
    desk = Desk()
    desk.executor.answers["setup-networks"] = DONE
    asyncio.run(desk.ask("Host.setupNetworks", [REQUEST["networks"]]))
    assert desk.executor.params("setup-networks")[0] == {
        "networks": REQUEST["networks"],
        "bondings": {},
        "options": {},
        "requester": "engine.example",
    }


def test_whoever_has_no_name_goes_by_the_fingerprint() -> None:
    desk = Desk()
    desk.executor.answers["setup-networks"] = DONE
    asyncio.run(desk.ask("Host.setupNetworks", REQUEST, peer=ENGINE._replace(name="")))
    assert desk.executor.params("setup-networks")[0]["requester"] == "f" * 64


def test_a_second_request_is_refused_while_one_runs() -> None:
    desk = Desk()

    async def both() -> tuple[typing.Any, list[RpcError]]:
        go_on = asyncio.Event()

        async def slow() -> typing.Any:
            await go_on.wait()
            return DONE

        desk.executor.answers["setup-networks"] = lambda _: slow()
        first = asyncio.create_task(desk.ask("Host.setupNetworks", REQUEST))
        await asyncio.sleep(0)
        others = ("Host.setupNetworks", "Host.setSafeNetworkConfig", "Host.hostdevChangeNumvfs", "Linkhold.apply")
        params = ({}, {}, ["pci_0000_05_00_0", 1], [{}])
        refused = [await desk.refused(verb, said) for verb, said in zip(others, params, strict=True)]
        go_on.set()
        return await first, refused

    answer, refused = asyncio.run(both())
    assert answer == {"code": 0, "message": "Done"}
    assert {(error.code, error.message) for error in refused} == {(40, "Resource unavailable")}


def test_after_a_refusal_the_next_one_may_write() -> None:
    desk = Desk()
    desk.executor.answers["setup-networks"] = RpcError(21, "no")
    assert asyncio.run(desk.refused("Host.setupNetworks", REQUEST)).code == 21
    desk.executor.answers["keep"] = True
    assert asyncio.run(desk.ask("Host.setSafeNetworkConfig")) is True


def test_errors_of_the_executor_come_through_as_they_are() -> None:
    desk = Desk()
    desk.executor.answers["setup-networks"] = RpcError(23, "Nic eth9 does not exist", {"diagnostics": [1]})
    error = asyncio.run(desk.refused("Host.setupNetworks", REQUEST))
    assert (error.code, error.message, error.data) == (23, "Nic eth9 does not exist", {"diagnostics": [1]})


def test_scripts_rewrite_the_request_and_later_ones_see_it_as_it_came(tmp_path: pathlib.Path) -> None:
    desk = Desk(tmp_path)
    desk.executor.answers["setup-networks"] = DONE
    put(tmp_path, "before_network_setup", 'sed -i s/eth0/eth9/ "$_hook_json"')
    put(tmp_path, "after_network_setup", f'cp "$_hook_json" {tmp_path}/after')
    asyncio.run(desk.ask("Host.setupNetworks", REQUEST))
    assert desk.executor.params("setup-networks")[0]["networks"] == {"red": {"nic": "eth9"}}
    assert json.loads((tmp_path / "after").read_text()) == {"request": REQUEST}


def test_a_failing_script_refuses_and_those_for_failures_run(tmp_path: pathlib.Path) -> None:
    desk = Desk(tmp_path)
    put(tmp_path, "before_network_setup", "echo no way >&2; exit 1")
    put(tmp_path, "after_network_setup_fail", f'cp "$_hook_json" {tmp_path}/failed')
    put(tmp_path, "after_network_setup", f"touch {tmp_path}/after")
    error = asyncio.run(desk.refused("Host.setupNetworks", REQUEST))
    assert (error.code, "no way" in error.message) == (78, True)
    assert json.loads((tmp_path / "failed").read_text()) == {"request": REQUEST}
    assert not (tmp_path / "after").exists()
    assert desk.executor.asked == []


@pytest.mark.parametrize("left", ["[]", '{"request": 1}', '{"request": {"networks": []}}'])
def test_scripts_that_leave_no_request_are_told(tmp_path: pathlib.Path, left: str) -> None:
    desk = Desk(tmp_path)
    put(tmp_path, "before_network_setup", f"echo '{left}' > \"$_hook_json\"")
    error = asyncio.run(desk.refused("Host.setupNetworks", REQUEST))
    assert (error.code, "no request" in error.message) == (78, True)
    assert desk.executor.asked == []


def test_being_heard_carries_the_moment_of_arrival() -> None:
    desk = Desk()
    desk.executor.answers["heard"] = True
    desk.clock.at = 4711.5
    for verb in ("Host.confirmConnectivity", "Host.ping"):
        assert asyncio.run(desk.ask(verb)) is True
    assert desk.executor.params("heard") == [{"requester": "engine.example", "at": 4711.5}] * 2


def test_ping2_is_answered_without_an_executor_and_confirms_nothing() -> None:
    desk = Desk()
    desk.executor.there = False
    assert asyncio.run(desk.ask("Host.ping2")) is True
    assert desk.executor.asked == []


NEEDS_ROOT = [verb for verb in ALL if verb.root]


@pytest.mark.parametrize("verb", NEEDS_ROOT, ids=lambda verb: verb.name)
def test_what_needs_the_executor_is_recovering_without_it(verb: typing.Any) -> None:
    desk = Desk()
    desk.executor.there = False
    params = {"document": {}} if any(one.name == "document" for one in verb.params) else {}
    params |= {"deviceName": "pci_0", "numvfs": 1} if "hostdevChange" in verb.name else {}
    error = asyncio.run(desk.refused(verb.name, params))
    assert (error.code, error.message) == (99, "Recovering from crash or Initializing")
    assert "nobody listens" in error.data["reason"]


@pytest.mark.parametrize("verb", [verb for verb in ALL if not verb.root], ids=lambda verb: verb.name)
def test_what_does_not_need_it_is_answered(verb: typing.Any) -> None:
    desk = Desk()
    desk.executor.there = False
    assert asyncio.run(desk.ask(verb.name))


def test_an_executor_that_goes_away_says_what_may_have_been_changed() -> None:
    desk = Desk()
    desk.executor.answers |= {"setup-networks": TimedOut("no answer"), "show": TimedOut("no answer")}
    changing, looking = (asyncio.run(desk.refused(verb)) for verb in ("Host.setupNetworks", "Linkhold.show"))
    assert "kept or taken back" in changing.data["sentence"]
    assert "nothing was changed" in looking.data["sentence"]


def test_capabilities_tell_the_network_and_the_host() -> None:
    desk = Desk()
    told = asyncio.run(desk.ask("Host.getCapabilities"))
    assert told["networks"]["red"]["iface"] == "red"
    assert told["networks"]["red"]["addr"] == "192.0.2.7"
    assert (told["netConfigDirty"], told["lastClientIface"], told["ovnConfigured"]) == ("False", "red", False)
    assert int(told["cpuThreads"]) > 0
    assert int(told["memSize"]) > 0
    assert told["packages2"]["kernel"]["version"]
    assert told["software_version"] == "4.50"
    assert json.loads(json.dumps(told)) == told


def test_capabilities_of_the_network_alone() -> None:
    desk = Desk()
    told = asyncio.run(desk.ask("Host.getNetworkCapabilities"))
    expected = {"networks", "bridges", "bondings", "vlans", "nics", "nameservers", "supportsIPv6", "netConfigDirty"}
    assert set(told) == expected


def test_capabilities_are_made_once_for_each_generation() -> None:
    desk = Desk()

    async def several() -> list[typing.Any]:
        first = await desk.ask("Host.getNetworkCapabilities")
        desk.executor.answers["snapshot"] = {"generation": 1}
        same = await desk.ask("Host.getNetworkCapabilities")
        desk.executor.answers["snapshot"] = snapshot(2, dirty=True)
        return [first, same, await desk.ask("Host.getNetworkCapabilities")]

    first, same, other = asyncio.run(several())
    assert same is first
    assert (first["netConfigDirty"], other["netConfigDirty"]) == ("False", "True")
    assert [params["generation"] for params in desk.executor.params("snapshot")] == [-1, 1, 1]


def test_a_snapshot_that_is_forgotten_while_the_executor_answers_that_it_holds_is_still_one() -> None:
    desk = Desk()

    def still(_: object) -> dict[str, int]:
        desk.host.snapshots.forget()  # events came again meanwhile
        return {"generation": 1}

    async def work() -> None:
        before = await desk.host.snapshots.now()
        desk.executor.answers["snapshot"] = still
        assert await desk.host.snapshots.now() is before

    asyncio.run(work())


def test_who_calls_from_elsewhere_is_on_no_interface() -> None:
    desk = Desk()
    elsewhere = ENGINE._replace(local_address="198.51.100.1")
    assert asyncio.run(desk.ask("Host.getCapabilities", peer=elsewhere))["lastClientIface"] == ""


def test_ovn_is_configured_where_its_controller_was_told_all() -> None:
    desk = Desk()
    ids = {"ovn-remote": "ssl:192.0.2.1:6642", "ovn-encap-ip": "192.0.2.7", "ovn-encap-type": "geneve"}
    desk.executor.answers["snapshot"] = snapshot(state={**STATE, "ovs-db": {"external_ids": ids}})
    assert asyncio.run(desk.ask("Host.getCapabilities"))["ovnConfigured"] is True


def test_scripts_add_to_capabilities_and_statistics(tmp_path: pathlib.Path) -> None:
    desk = Desk(tmp_path)
    for point in ("after_get_caps", "after_get_stats"):
        put(tmp_path, point, 'sed -i \'s/^{/{"mine": 1, /\' "$_hook_json"')
    assert asyncio.run(desk.ask("Host.getCapabilities"))["mine"] == 1
    assert asyncio.run(desk.ask("Host.getStats"))["mine"] == 1
    assert "mine" not in asyncio.run(desk.ask("Host.getNetworkCapabilities"))
    assert asyncio.run(desk.ask("Host.getCapabilities"))["hooks"] == {
        "after_get_caps": {"10": {}},
        "after_get_stats": {"10": {}},
    }


def test_a_failing_script_before_them_is_an_error(tmp_path: pathlib.Path) -> None:
    desk = Desk(tmp_path)
    put(tmp_path, "before_get_caps", "exit 2")
    assert asyncio.run(desk.refused("Host.getCapabilities")).code == 78


def test_statistics_tell_every_link_of_this_kernel() -> None:
    told = asyncio.run(Desk().ask("Host.getStats"))
    assert told["network"]["lo"]["name"] == "lo"
    assert set(told["network"]["lo"]) >= {"state", "speed", "rx", "tx", "rxErrors", "txDropped", "sampleTime"}
    assert float(told["cpuIdle"]) >= 0
    assert told["memFree"] > 0
    assert json.loads(json.dumps(told)) == told


def test_neighbours_of_the_cards_that_are_asked_for() -> None:
    desk = Desk()
    heard = [[{"type": 5, "system-name": "switch"}]]
    desk.executor.answers["neighbours"] = {"eth0": {"enabled": True, "neighbors": heard}}
    everything = asyncio.run(desk.ask("Host.getLldp"))
    assert everything["eth0"]["enabled"] is True
    assert everything["eth0"]["tlvs"][0]["properties"] == {"system name": "switch"}
    assert asyncio.run(desk.ask("Host.getLldp", {"filter": {"devices": []}})) == everything
    assert asyncio.run(desk.ask("Host.getLldp", [{"devices": ["eth1"]}])) == {}
    assert asyncio.run(desk.refused("Host.getLldp", {"filter": "eth0"})).code == -32602


def test_virtual_functions() -> None:
    desk = Desk()
    desk.executor.answers["change-functions"] = True
    assert asyncio.run(desk.ask("Host.hostdevChangeNumvfs", ["pci_0000_05_00_0", 4])) is True
    assert desk.executor.params("change-functions") == [{"device": "pci_0000_05_00_0", "count": 4}]
    assert asyncio.run(desk.refused("Host.hostdevChangeNumvfs", ["pci_0000_05_00_0", -1])).code == -32602


def test_devices() -> None:
    desk = Desk()
    found = asyncio.run(desk.ask("Host.hostdevListByCaps", {"caps": ["net"]}))
    assert [name for name in found if name.startswith("net_eth0")]


@pytest.mark.parametrize(
    ("verb", "params", "asked"),
    [
        ("show", {}, ("show", {"details": False})),
        ("show", [True], ("show", {"details": True})),
        ("plan", {"document": {"a": 1}}, ("plan", {"document": {"a": 1}})),
        ("apply", [{}], ("apply", {"document": {}, "commit": True})),
        (
            "apply",
            {"document": {}, "commit": False, "timeout": 30, "probes": ["ping:192.0.2.1"]},
            ("apply", {"document": {}, "commit": False, "timeout": 30, "probes": ["ping:192.0.2.1"]}),
        ),
        ("confirm", {}, ("confirm", {})),
        ("rollback", {}, ("rollback", {})),
        ("history", {}, ("history", {})),
        ("drift", {}, ("drift", {})),
        ("translate", REQUEST, ("translate", {**REQUEST, "requester": "engine.example"})),
    ],
)
def test_our_own_verbs_are_passed_on(verb: str, params: typing.Any, asked: tuple[str, typing.Any]) -> None:
    desk = Desk()
    desk.executor.answers[asked[0]] = {"answer": verb}
    assert asyncio.run(desk.ask(f"Linkhold.{verb}", params)) == {"answer": verb}
    assert desk.executor.asked == [(*asked, "")]


@pytest.mark.parametrize(
    ("verb", "params"),
    [
        ("Linkhold.show", {"detials": True}),
        ("Linkhold.plan", {}),
        ("Linkhold.apply", {"document": {}, "timeout": 0}),
        ("Linkhold.apply", {"document": {}, "probes": [1]}),
        ("Linkhold.apply", {"document": "interfaces: []"}),
        ("Host.setupNetworks", {"networks": []}),
        ("Host.setupNetworks", {"networks": {"red": "eth0"}}),
        ("Host.hostdevListByCaps", {"caps": "net"}),
    ],
)
def test_parameters_of_another_shape_go_nowhere(verb: str, params: typing.Any) -> None:
    desk = Desk()
    assert asyncio.run(desk.refused(verb, params)).code == -32602
    assert desk.executor.asked == []


def test_an_unknown_verb() -> None:
    assert asyncio.run(Desk().refused("Host.addNetwork")).code == -32601


@pytest.mark.parametrize(
    ("clients", "allowed"), [((), True), (("engine.*",), True), (("FF:" * 32,), True), (("x",), False)]
)
def test_who_may_call(clients: tuple[str, ...], allowed: bool) -> None:
    desk = Desk(clients=tuple(one.rstrip(":") for one in clients))
    if allowed:
        assert asyncio.run(desk.ask("Host.ping2")) is True
    else:
        assert asyncio.run(desk.refused("Host.ping2")).code == -32001


def test_a_bug_is_an_internal_error_with_a_traceback_in_the_log() -> None:
    desk = Desk()
    desk.executor.answers["history"] = KeyError("bug")
    error = asyncio.run(desk.refused("Linkhold.history"))
    assert (error.code, error.message.startswith("Internal JSON-RPC error: {'reason': ")) == (-32603, True)
    assert [line for line in desk.lines if "traceback" in line]


def test_what_changes_something_is_told_when_it_begins_and_ends() -> None:
    desk = Desk()
    desk.executor.answers["setup-networks"] = DONE
    asyncio.run(desk.ask("Host.setupNetworks", REQUEST, flow="7c"))
    asyncio.run(desk.ask("Host.ping2"))
    told = {line["event"]: line for line in desk.lines}
    assert [line["event"] for line in desk.lines] == ["START", "setup-networks", "FINISH"]
    assert told["START"]["params"] == REQUEST
    assert (told["START"]["from"], told["START"]["peer"]) == ("192.0.2.1", "engine.example")
    assert told["setup-networks"]["timings"] == {"apply": 0.1}
    assert told["FINISH"]["outcome"] == "ok"
    assert {line["request"] for line in desk.lines} == {"7c"}


def test_requests_are_counted() -> None:
    desk = Desk()
    asyncio.run(desk.ask("Host.ping2"))
    asyncio.run(desk.refused("Nobody.knows" + "x" * 50))
    text = desk.host.metrics.text()
    assert 'linkhold_requests_total{outcome="ok",verb="Host.ping2"} 1' in text
    assert 'linkhold_requests_total{outcome="-32601",verb="unknown"} 1' in text


def test_peers_are_told_apart() -> None:
    desk = Desk()
    desk.executor.answers["heard"] = True
    asyncio.run(desk.ask("Host.confirmConnectivity", peer=Peer("other", "0" * 64, "::1", "::1")))
    assert desk.executor.params("heard")[0]["requester"] == "other"
