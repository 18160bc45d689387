"""Both processes, real TLS: every verb of the agent, as a centre sees it."""

import asyncio
import json
import os
import pathlib
import subprocess
import sys
import typing
import urllib.request

import pytest

from linkhold.foundation.failures import Failure
from linkhold.wire.call import RpcError
from linkhold.wire.client import Client
from tests.agent.pair import HOOKS, USER, Pair, put_hook
from tests.lab import namespaces

RED = {"nic": "eth1", "bridged": True, "ipaddr": "192.0.2.7", "netmask": "255.255.255.0", "switch": "legacy"}
LINKHOLD = pathlib.Path(sys.executable).with_name("linkhold")
UNCHECKED = {"connectivityCheck": "false"}


@pytest.fixture
def pair(alone: None, netns: namespaces.Namespace) -> typing.Iterator[Pair]:
    """Both run, and there is a card: eth1, its cable ending in a namespace of its own."""
    far = netns.another()
    netns.ip("link", "add", "eth1", "type", "veth", "peer", "far1", "netns", far.path)
    netns.ip("link", "set", "eth1", "up")
    far.ip("link", "set", "far1", "up")
    both = Pair('fake_cards = ["eth*"]\n', far).start()
    yield both
    both.stop()


def asked(pair: Pair, work: typing.Callable[[Client], typing.Awaitable[typing.Any]]) -> typing.Any:
    """What somebody gets who is connected as the centre."""

    async def connected() -> typing.Any:
        async with pair.engine() as engine:
            return await work(engine)

    return asyncio.run(connected())


def call(pair: Pair, verb: str, params: typing.Any = None, **more: typing.Any) -> typing.Any:
    return asked(pair, lambda engine: engine.call(verb, params, **more))


def refused(pair: Pair, verb: str, params: typing.Any = None) -> RpcError:
    with pytest.raises(RpcError) as caught:
        call(pair, verb, params)
    return caught.value


def setup(pair: Pair, networks: dict[str, typing.Any], **options: typing.Any) -> typing.Any:
    request = {"networks": networks, "bondings": {}, "options": {**UNCHECKED, **options}}
    return call(pair, "Host.setupNetworks", request, correlation="flow-1")


def test_a_network_from_the_request_to_the_report(pair: Pair, netns: namespaces.Namespace) -> None:
    assert setup(pair, {"red": RED}) == {"code": 0, "message": "Done"}
    (address,) = netns.ip_json("-4", "addr", "show", "red")[0]["addr_info"]
    assert (address["local"], address["prefixlen"]) == ("192.0.2.7", 24)
    caps = call(pair, "Host.getCapabilities")
    assert caps["networks"]["red"]["southbound"] == "eth1"
    assert caps["bridges"]["red"]["ipv4addrs"] == ["192.0.2.7/24"]
    assert (caps["netConfigDirty"], caps["lastClientIface"]) == ("True", "lo")
    assert call(pair, "Host.setSafeNetworkConfig") is True
    assert call(pair, "Host.getNetworkCapabilities")["netConfigDirty"] == "False"
    assert setup(pair, {"red": {"remove": "true"}}, commitOnSuccess=True) == {"code": 0, "message": "Done"}
    caps = call(pair, "Host.getCapabilities")
    assert (caps["networks"], caps["netConfigDirty"]) == ({}, "False")


def test_the_request_is_followed_through_both_logs(pair: Pair) -> None:
    setup(pair, {"red": RED})
    (start,) = pair.told("agent", "START")
    assert (start["request"], start["verb"], start["peer"]) == ("flow-1", "Host.setupNetworks", "engine.example")
    assert start["params"]["networks"]["red"]["nic"] == "eth1"
    (asked_line,) = pair.told("executor", "asked")
    assert (asked_line["request"], asked_line["requester"]) == ("flow-1", "engine.example")
    (finish,) = pair.told("agent", "FINISH")
    assert (finish["outcome"], finish["request"]) == ("ok", "flow-1")


def test_the_desired_document_of_the_log_is_one_that_plan_takes(pair: Pair) -> None:
    setup(pair, {"red": RED})
    (desired,) = pair.told("executor", "desired")
    assert desired["request"] == "flow-1"
    text = json.dumps(desired["document"])
    done = subprocess.run([LINKHOLD, "plan", "-", "--json"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout).get("changes", [])) == (0, []), done.stderr


def test_mistakes_come_back_with_their_numbers(pair: Pair) -> None:
    error = refused(pair, "Host.setupNetworks", {"networks": {"red": {"nic": "eth9"}}, "options": UNCHECKED})
    assert (error.code, "eth9" in error.message) == (23, True)
    assert [one["code"] for one in typing.cast(typing.Any, error.data)["diagnostics"]] == ["bad-nic"]
    assert refused(pair, "Host.setupNetworks", {"networks": 1}).code == -32602
    assert refused(pair, "Host.nothing").code == -32601


def test_the_agent_has_no_privilege(pair: Pair) -> None:
    status = pathlib.Path(f"/proc/{pair.agent.pid}/status").read_text()
    found = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    assert found["Uid"].split() == [str(USER)] * 4
    assert int(found["CapEff"], 16) == 0


def test_a_change_that_waits_is_confirmed_by_being_heard(pair: Pair) -> None:
    async def patient(engine: Client) -> typing.Any:
        options = {"connectivityCheck": True, "connectivityTimeout": 30}
        request = engine.call("Host.setupNetworks", {"networks": {"red": RED}, "bondings": {}, "options": options})
        task = asyncio.ensure_future(request)
        while not task.done():
            assert await engine.call("Host.confirmConnectivity") is True
            await asyncio.sleep(0.1)
        return await task

    assert asked(pair, patient) == {"code": 0, "message": "Done"}
    assert "red" in call(pair, "Host.getCapabilities")["networks"]


def test_silence_takes_everything_back(pair: Pair, netns: namespaces.Namespace) -> None:
    before = netns.ip_json("link")
    options = {"connectivityCheck": "true", "connectivityTimeout": 1}
    error = refused(pair, "Host.setupNetworks", {"networks": {"red": RED}, "bondings": {}, "options": options})
    assert (error.code, error.message.startswith("connectivity check failed")) == (10, True)
    assert {link["ifname"] for link in netns.ip_json("link")} == {link["ifname"] for link in before}
    assert call(pair, "Host.getCapabilities")["networks"] == {}


def test_another_requester_does_not_confirm(pair: Pair) -> None:
    other = pair.authority.issue("somebody.else")

    async def both() -> RpcError:
        async with pair.engine() as engine, pair.engine(files=other) as stranger:
            options = {"connectivityCheck": True, "connectivityTimeout": 2}
            request = {"networks": {"red": RED}, "bondings": {}, "options": options}
            task = asyncio.ensure_future(engine.call("Host.setupNetworks", request))
            while not task.done():
                await stranger.call("Host.confirmConnectivity")
                await asyncio.sleep(0.1)
            with pytest.raises(RpcError) as caught:
                await task
            return caught.value

    assert asyncio.run(both()).code == 10


def test_one_request_at_a_time(pair: Pair) -> None:
    async def two(engine: Client) -> tuple[list[typing.Any], typing.Any]:
        options = {"connectivityCheck": True, "connectivityTimeout": 3}
        request = {"networks": {"red": RED}, "bondings": {}, "options": options}
        first = asyncio.ensure_future(engine.call("Host.setupNetworks", request))
        await asyncio.sleep(0.2)
        others = [engine.call(verb) for verb in ("Host.setupNetworks", "Host.setSafeNetworkConfig")]
        answers = await asyncio.gather(*others, return_exceptions=True)
        caps = await engine.call("Host.getNetworkCapabilities")
        return [getattr(one, "code", one) for one in answers], (caps, await asyncio.wait([first]))

    codes, (caps, _) = asked(pair, two)
    assert codes == [40, 40]
    assert caps["networks"] == {}


def test_scripts_around_a_request(pair: Pair) -> None:
    put_hook("before_network_setup", "10", 'sed -i s/192.0.2.7/192.0.2.8/ "$_hook_json"')
    put_hook("after_get_caps", "10", 'sed -i \'s/^{/{"mine": true, /\' "$_hook_json"')
    setup(pair, {"red": RED})
    caps = call(pair, "Host.getCapabilities")
    assert (caps["networks"]["red"]["addr"], caps["mine"]) == ("192.0.2.8", True)
    put_hook("before_network_setup", "20", "echo not today >&2; exit 1")
    error = refused(pair, "Host.setupNetworks", {"networks": {"red": RED}, "options": UNCHECKED})
    assert (error.code, "not today" in error.message) == (78, True)
    assert HOOKS.exists()


def test_statistics(pair: Pair) -> None:
    told = call(pair, "Host.getStats")
    assert told["network"]["eth1"]["state"] == "up"
    assert int(told["network"]["lo"]["rx"]) > 0
    assert set(call(pair, "Host.getNetworkStatistics")["network"]) == set(told["network"])


def test_devices_and_neighbours(pair: Pair) -> None:
    assert call(pair, "Host.getLldp", {"filter": {"devices": []}}) == {"eth1": {"enabled": False, "tlvs": []}}
    assert isinstance(call(pair, "Host.hostdevListByCaps", {"caps": ["pci"]}), dict)
    error = refused(pair, "Host.hostdevChangeNumvfs", {"deviceName": "pci_ffff_00_00_0", "numvfs": 1})
    assert 20 < error.code < 30


def test_pings(pair: Pair) -> None:
    for verb in ("Host.ping", "Host.ping2", "Host.confirmConnectivity"):
        assert call(pair, verb) is True


def test_documents(pair: Pair, netns: namespaces.Namespace) -> None:
    document = {"interfaces": [{"name": "d1", "type": "linux-bridge", "state": "up"}]}
    planned = call(pair, "Linkhold.plan", {"document": document})
    assert [change["name"] for change in planned["plan"]["changes"]] == ["d1"]
    assert call(pair, "Linkhold.apply", {"document": document})["outcome"] == "committed"
    assert netns.ip_json("link", "show", "d1")
    shown = call(pair, "Linkhold.show")
    assert "d1" in [one["name"] for one in shown["interfaces"]]
    assert call(pair, "Linkhold.drift")["plan"].get("changes", []) == []
    netns.ip("link", "del", "d1")
    assert [change["name"] for change in call(pair, "Linkhold.drift")["plan"]["changes"]] == ["d1"]
    assert [one["state"] for one in call(pair, "Linkhold.history")] == ["committed"]
    mistaken = {"document": {"interfaces": [{"name": "d1", "mtu": "x"}]}}
    assert refused(pair, "Linkhold.plan", mistaken).code == 21


def test_drift_from_networks_and_documents_together(pair: Pair, netns: namespaces.Namespace) -> None:
    document = {"interfaces": [{"name": "d1", "type": "linux-bridge", "state": "up"}]}
    call(pair, "Linkhold.apply", {"document": document})
    setup(pair, {"red": RED})
    assert call(pair, "Linkhold.drift")["plan"].get("changes", []) == []
    netns.ip("link", "del", "d1")
    netns.ip("address", "add", "192.0.2.99/24", "dev", "red")
    assert {change["name"] for change in call(pair, "Linkhold.drift")["plan"]["changes"]} == {"d1", "red"}


def test_a_document_that_waits(pair: Pair, netns: namespaces.Namespace) -> None:
    def apply(name: str) -> typing.Any:
        document = {"interfaces": [{"name": name, "type": "linux-bridge", "state": "up"}]}
        return call(pair, "Linkhold.apply", {"document": document, "commit": False, "timeout": 60})["outcome"]

    def there() -> set[str]:
        return {link["ifname"] for link in netns.ip_json("link")} & {"d1", "d2"}

    assert apply("d1") == "unconfirmed"
    assert call(pair, "Linkhold.confirm")
    assert apply("d2") == "unconfirmed"
    assert there() == {"d1", "d2"}
    assert call(pair, "Linkhold.rollback")
    assert there() == {"d1"}


def test_what_a_request_would_do_and_the_plan_accepts_it(pair: Pair, netns: namespaces.Namespace) -> None:
    request = {"networks": {"red": RED}, "bondings": {}, "options": UNCHECKED}
    translated = call(pair, "Linkhold.translate", request)
    assert "red" in translated["text"]
    assert "red" not in {link["ifname"] for link in netns.ip_json("link")}
    again = call(pair, "Linkhold.plan", {"document": translated["document"]})
    assert again["plan"] == translated["plan"]


def test_the_description_names_every_verb(pair: Pair) -> None:
    names = {method["name"] for method in call(pair, "rpc.discover")["methods"]}
    assert names >= {"Host.setupNetworks", "Linkhold.show"}
    assert call(pair, "Linkhold.discover")["openrpc"] == "1.3.2"


def test_events_of_the_host(pair: Pair, netns: namespaces.Namespace) -> None:
    setup(pair, {"red": RED})

    async def heard(engine: Client) -> list[str]:
        await asyncio.sleep(1)  # the change itself was told, and nobody has asked for capabilities yet
        netns.ip("address", "add", "192.0.2.99/24", "dev", "red")
        found: list[str] = []
        async with asyncio.timeout(20):
            async for event in engine.events():
                found.append(event.method)
                assert event.params["notify_time"] > 0
                if {"|net|host_conn|no_id", "|linkhold|drift|no_id"} <= set(found):
                    return found
        return found

    assert "|net|host_conn|no_id" in asked(pair, heard)


def test_transactions_are_told(pair: Pair) -> None:
    async def heard(engine: Client) -> typing.Any:
        request = {"networks": {"red": RED}, "bondings": {}, "options": UNCHECKED}
        await engine.call("Host.setupNetworks", request)
        async with asyncio.timeout(20):
            async for event in engine.events():
                if event.method.startswith("|linkhold|transaction|") and event.params.get("outcome"):
                    return event.params["outcome"]
        return None

    assert asked(pair, heard) == "committed"


def test_without_the_executor_only_what_needs_it_is_recovering(pair: Pair) -> None:
    pair.executor.kill()
    assert refused(pair, "Host.getCapabilities").code == 99
    assert refused(pair, "Host.confirmConnectivity").code == 99
    assert call(pair, "Host.ping2") is True
    assert "lo" in call(pair, "Host.getStats")["network"]
    pair.executor.start()
    assert "networks" in call(pair, "Host.getCapabilities")


@pytest.mark.parametrize("confirmed", [True, False])
def test_an_agent_that_dies_while_a_change_waits(pair: Pair, netns: namespaces.Namespace, confirmed: bool) -> None:
    """What was promised is kept without it: the next one's centre may confirm, and silence takes the change back."""

    async def ask(engine: Client) -> None:
        options = {"connectivityCheck": True, "connectivityTimeout": 60 if confirmed else 3}
        request = {"networks": {"red": RED}, "bondings": {}, "options": options}
        task = asyncio.ensure_future(engine.call("Host.setupNetworks", request))
        while not pair.told("executor", "waits"):
            await asyncio.sleep(0.05)
        pair.agent.kill()
        with pytest.raises(Failure):
            await task

    asked(pair, ask)
    assert "red" in {link["ifname"] for link in netns.ip_json("link")}
    pair.agent.start()
    if confirmed:
        assert call(pair, "Host.confirmConnectivity") is True
    over = "finished" if confirmed else "failed"
    pair.executor.wait_until(lambda: bool(pair.told("executor", over)), f"the change {over}")
    assert ("red" in {link["ifname"] for link in netns.ip_json("link")}) is confirmed
    assert ("red" in call(pair, "Host.getCapabilities")["networks"]) is confirmed


def test_a_centre_over_the_changed_network(pair: Pair, netns: namespaces.Namespace) -> None:
    """It calls from the far end of the cable, by an address that the change itself moves to another interface."""
    netns.ip("address", "add", "192.0.2.7/24", "dev", "eth1")
    far = pair.far
    far.ip("address", "add", "192.0.2.1/24", "dev", "far1")

    async def patient(engine: Client) -> typing.Any:
        options = {"connectivityCheck": True, "connectivityTimeout": 30}
        request = {"networks": {"red": RED}, "bondings": {}, "options": options}
        before = await engine.call("Host.getCapabilities")
        task = asyncio.ensure_future(engine.call("Host.setupNetworks", request))
        while not task.done():
            await engine.call("Host.confirmConnectivity", timeout=20)
            await asyncio.sleep(0.1)
        after = await engine.call("Host.getCapabilities")
        return before["lastClientIface"], await task, after["lastClientIface"]

    async def connected() -> typing.Any:
        with far.entered():
            connecting = pair.engine("192.0.2.7")
            engine = await connecting.__aenter__()
        try:
            return await patient(engine)
        finally:
            await connecting.__aexit__(None, None, None)

    assert asyncio.run(connected()) == ("eth1", {"code": 0, "message": "Done"}, "red")


def test_metrics(pair: Pair) -> None:
    setup(pair, {"red": RED})
    call(pair, "Host.getCapabilities")
    with urllib.request.urlopen("http://127.0.0.1:9547/metrics", timeout=10) as page:
        text = page.read().decode()
    assert 'linkhold_requests_total{outcome="ok",verb="Host.setupNetworks"} 1' in text
    assert 'linkhold_interface_up{interface="red"} 1' in text
    assert "linkhold_unsaved 1" in text


def test_a_certificate_that_is_replaced_is_used_for_new_connections(pair: Pair) -> None:
    async def across(engine: Client) -> bool:
        pair._enrol(pair.authority.issue("host1-renewed"))
        os.kill(pair.agent.pid, 1)
        for _ in range(100):
            if pair.told("agent", "certificate-loaded"):
                break
            await asyncio.sleep(0.05)
        return bool(await engine.call("Host.ping2"))  # over the old connection

    assert asked(pair, across) is True
    shown = subprocess.run(
        ["openssl", "s_client", "-connect", "[::1]:54321", "-showcerts"],
        input="",
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    assert "host1-renewed" in shown


def test_the_command_line_calls(pair: Pair) -> None:
    files = pair.centre
    keys = ["--ca", files.authority, "--cert", files.certificate, "--key", files.key]
    words = ["agent", "call", "localhost", "Host.ping2", *keys]
    done = subprocess.run([LINKHOLD, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)) == (0, True)
