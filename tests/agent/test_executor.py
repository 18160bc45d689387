"""A real executor on a real unix socket and a real kernel: in time, too late, killed, two at once, strangers."""

import asyncio
import collections.abc
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
import typing

import pytest

from linkhold.foundation.failures import Temporary
from tests.agent.executors import PATIENCE, Asker, Executor, asking, boot_seconds
from tests.lab.namespaces import Namespace

STRANGER = 12345
RED = {"red": {"nic": "veth_1", "ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}}
MANY = {f"many{number}": {"bridged": True} for number in range(40)}
"""Networks over nothing: enough work that one can get between."""

Public = tuple[str, dict[str, str]]
"""A Python for every user, and its environment (tests/lab/public.py)."""


@pytest.fixture
def host(netns: Namespace) -> Namespace:
    """Two cards with cables in them."""
    for number in ("1", "2"):
        netns.ip("link", "add", f"veth_{number}", "type", "veth", "peer", f"far{number}")
        for name in (f"veth_{number}", f"far{number}"):
            netns.ip("link", "set", name, "up")
    return netns


@pytest.fixture
def executor(host: Namespace, tmp_path: pathlib.Path) -> collections.abc.Iterator[Executor]:
    one = Executor(tmp_path, agent=STRANGER)
    one.start()
    yield one
    one.close()


def names(host: Namespace) -> set[str]:
    return {link["ifname"] for link in host.ip_json("link")}


def until(true: collections.abc.Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)


def test_it_says_what_it_is_and_what_the_host_looks_like(executor: Executor) -> None:
    async def work(ask: Asker) -> None:
        assert (await ask("hello"))["protocol"] == 1
        snapshot = await ask("snapshot", generation=-1)
        assert {one["name"] for one in snapshot["state"]["interfaces"]} >= {"veth_1", "veth_2", "lo"}
        assert "veth_1" in snapshot["facts"]["interfaces"]
        assert (snapshot["dirty"], snapshot["waits"]) == (False, None)
        assert snapshot["running"] == snapshot["safe"] == {"networks": {}, "bonds": {}, "devices": {}}
        again = await ask("snapshot", generation=snapshot["generation"])
        assert again == {"generation": snapshot["generation"]}

    asking(executor, work)


def test_heard_in_time_a_network_is_set_up_and_stays(executor: Executor, host: Namespace) -> None:
    async def work(ask: Asker) -> None:
        before = (await ask("snapshot", generation=-1))["generation"]
        async with ask.speaking():
            answer = await ask.networks(RED)
        assert answer["outcome"] == "committed"
        snapshot = await ask("snapshot", generation=before)
        assert snapshot["generation"] > before
        assert snapshot["running"]["networks"]["red"]["ipaddr"] == "192.0.2.7"
        assert snapshot["dirty"] is True
        assert await ask("keep") is True
        later = await ask("snapshot", generation=snapshot["generation"])
        assert later["dirty"] is False
        assert later["safe"] == later["running"]

    asking(executor, work)
    [red] = host.ip_json("address", "show", "red")
    assert [one["local"] for one in red["addr_info"] if one["family"] == "inet"] == ["192.0.2.7"]
    [port] = host.ip_json("link", "show", "veth_1")
    assert port["master"] == "red"
    assert executor.history() == ["committed"]


def test_not_heard_in_time_the_host_is_as_before(executor: Executor, host: Namespace) -> None:
    before = host.ip_json("address")

    async def work(ask: Asker) -> None:
        error = await ask.error(
            "setup-networks", networks=RED, options={"connectivityTimeout": 1}, requester="engine", request="flow-9"
        )
        assert error.code == 10
        assert error.message.startswith("connectivity check failed")
        assert typing.cast("dict[str, object]", error.data)["outcome"] == "rolled-back"

    asking(executor, work)
    assert _settled(host.ip_json("address")) == _settled(before)
    assert executor.history() == ["rolled-back"]
    flow = [line["event"] for line in executor.lines() if line.get("request") == "flow-9"]
    assert flow == ["asked", "desired", "transaction", "waits", "failed", "answered"]


def _settled(links: list[dict[str, typing.Any]]) -> list[tuple[object, ...]]:
    """What has to be the same: names, controllers, MTUs and addresses but link-local ones, which come and go."""
    return [
        (
            one["ifname"],
            one.get("master"),
            one["mtu"],
            one["address"],
            tuple(address["local"] for address in one["addr_info"] if address["scope"] == "global"),
        )
        for one in links
    ]


def test_two_requests_at_once(executor: Executor) -> None:
    async def work(ask: Asker) -> None:
        first = asyncio.create_task(ask.networks(RED))
        await ask.until_waits()
        second = await ask.error("setup-networks", networks={"blue": {"nic": "veth_2"}}, requester="another")
        assert (second.code, second.message) == (40, "Resource unavailable")
        assert (await ask.error("keep")).code == 40
        await ask.heard("another")
        await asyncio.sleep(0.2)
        assert not first.done(), "it is not for another to confirm"
        await ask.heard("engine")
        assert (await first)["outcome"] == "committed"

    asking(executor, work)
    assert executor.history() == ["committed"]


def test_a_snapshot_during_a_change_is_that_before_it(executor: Executor) -> None:
    seen: list[int] = []

    async def work(ask: Asker) -> None:
        watcher = Asker(executor.socket)
        task = asyncio.create_task(ask.networks(MANY, check=False))
        while not task.done():
            state = (await watcher("snapshot", generation=-1))["state"]
            seen.append(sum(one["name"].startswith("many") for one in state["interfaces"]))
        await task
        state = (await watcher("snapshot", generation=-1))["state"]
        seen.append(sum(one["name"].startswith("many") for one in state["interfaces"]))
        await watcher.close()

    asking(executor, work)
    assert set(seen) == {0, len(MANY)}
    assert seen == sorted(seen)
    assert seen.count(0) > 1, "it answered while it was busy"


def test_killed_while_it_changes_the_host_the_guard_takes_it_back(executor: Executor, host: Namespace) -> None:
    async def work(ask: Asker) -> None:
        task = asyncio.create_task(ask.networks(MANY))

        def applying() -> bool:
            return any(b'"event":"level"' in path.read_bytes() for path in executor.pending())

        await asyncio.to_thread(until, applying, "the change is applied")
        executor.kill()
        with pytest.raises(Temporary):
            await task

    asking(executor, work)
    until(lambda: executor.history() == ["rolled-back"], "the guard has rolled back")
    assert not any(name.startswith("many") for name in names(host))
    executor.start()

    async def after(ask: Asker) -> None:
        assert (await ask("snapshot", generation=-1))["running"]["networks"] == {}
        assert (await ask.networks(RED, check=False))["outcome"] == "committed"

    asking(executor, after)


def test_killed_while_it_waits_and_started_again_being_heard_keeps_it(executor: Executor, host: Namespace) -> None:
    _kill_while_waiting(executor)
    executor.start()

    async def work(ask: Asker) -> None:
        waits = await ask.until_waits()
        assert waits["requester"] == "engine"
        assert waits["deadline"] > boot_seconds()
        assert (await ask.error("setup-networks", networks={"blue": {"nic": "veth_2"}}, requester="engine")).code == 40
        await ask.heard()
        await asyncio.to_thread(until, lambda: executor.history() == ["committed"], "it is committed")
        await ask.until_over()
        assert "red" in (await ask("snapshot", generation=-1))["running"]["networks"]

    asking(executor, work)
    assert "red" in names(host)


def test_killed_while_it_waits_and_never_started_again_the_guard_takes_it_back(
    executor: Executor, host: Namespace
) -> None:
    _kill_while_waiting(executor, seconds=2)
    until(lambda: executor.history() == ["rolled-back"], "the guard has rolled back")
    assert "red" not in names(host)


def _kill_while_waiting(executor: Executor, seconds: float = 60) -> None:
    async def work(ask: Asker) -> None:
        task = asyncio.create_task(ask.networks(RED, seconds=seconds))
        await ask.until_waits()
        executor.kill()
        with pytest.raises(Temporary):
            await task

    asking(executor, work)


def test_an_asker_that_dies_changes_nothing(executor: Executor, host: Namespace) -> None:
    """Its request is carried out; without anybody to be heard it is taken back."""
    program = (
        "import asyncio, sys\n"
        "from tests.agent.executors import Asker\n"
        "async def work():\n"
        "    ask = Asker(sys.argv[1])\n"
        f"    await ask.networks({RED!r}, seconds=float(sys.argv[2]))\n"
        "asyncio.run(work())\n"
    )

    def die(seconds: str) -> None:
        asker = subprocess.Popen([sys.executable, "-c", program, executor.socket, seconds], stderr=subprocess.DEVNULL)
        asking(executor, lambda ask: ask.until_waits())
        asker.kill()
        asker.wait()

    die("1")
    until(lambda: executor.history() == ["rolled-back"], "it was taken back")
    assert "red" not in names(host)
    asking(executor, lambda ask: ask.until_over())
    die("30")
    asking(executor, lambda ask: ask.heard())
    until(lambda: executor.history() == ["rolled-back", "committed"], "it was kept")
    assert "red" in names(host)


def test_told_to_end_it_brings_a_change_to_its_end(executor: Executor, host: Namespace) -> None:
    async def work(ask: Asker) -> None:
        task = asyncio.create_task(ask.networks(MANY, check=False))
        await asyncio.to_thread(until, lambda: executor.pending(), "it has begun")
        assert await asyncio.to_thread(executor.end) == 0
        assert (await task)["outcome"] == "committed"

    asking(executor, work)
    assert set(MANY) <= names(host)
    assert executor.history() == ["committed"]


def test_told_to_end_while_it_waits_it_leaves_that_to_the_next(executor: Executor) -> None:
    async def work(ask: Asker) -> None:
        task = asyncio.create_task(ask.networks(RED, seconds=60))
        await ask.until_waits()
        assert await asyncio.to_thread(executor.end) == 0
        with pytest.raises(Temporary):
            await task
        await asyncio.to_thread(executor.start)
        await ask.until_waits()
        await ask.heard()

    asking(executor, work)
    until(lambda: executor.history() == ["committed"], "it was kept")


def test_events_tell_of_what_others_do(executor: Executor, host: Namespace) -> None:
    async def work(ask: Asker) -> None:
        told: list[tuple[str, dict[str, typing.Any]]] = []
        follower = Asker(executor.socket)
        connected = asyncio.Event()
        task = asyncio.create_task(
            follower.client.follow(lambda event, params: told.append((event, params)), connected.set)
        )
        await connected.wait()
        await ask.networks(RED, check=False)
        await _told(told, "transaction", lambda one: one["outcome"] == "committed")
        await _told(told, "changed", lambda one: "red" in one["interfaces"])
        host.ip("link", "set", "far1", "down")
        await _told(told, "changed", lambda one: "carrier" in one["what"] and "veth_1" in one["interfaces"])
        host.ip("link", "set", "veth_1", "nomaster")
        drift = await _told(told, "drift", lambda one: one["drifted"])
        assert any("veth_1" in line for line in drift["changes"])
        assert "veth_1" in (await ask("drift"))["text"]
        host.ip("link", "set", "veth_1", "master", "red")
        await _told(told, "drift", lambda one: not one["drifted"])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asking(executor, work)


async def _told(
    told: list[tuple[str, dict[str, typing.Any]]], event: str, fits: collections.abc.Callable[[typing.Any], bool]
) -> dict[str, typing.Any]:
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                for name, params in told:
                    if name == event and fits(params):
                        return params
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"no such {event} among {told}") from None


def test_a_translation_touches_nothing(executor: Executor, host: Namespace) -> None:
    async def work(ask: Asker) -> None:
        told = await ask("translate", networks=RED, options={}, requester="engine")
        assert {"red", "veth_1"} <= {one["name"] for one in told["document"]["interfaces"]}
        assert "+ interface red" in told["text"]
        planned = await ask("plan", document=told["document"])
        assert planned["text"] == told["text"]
        assert planned["diagnostics"] == []

    asking(executor, work)
    assert "red" not in names(host)
    assert executor.history() == []


def test_documents_are_applied_confirmed_and_taken_back(executor: Executor, host: Namespace) -> None:
    document = {"interfaces": [{"name": "br9", "type": "linux-bridge", "bridge": {"port": []}}]}

    async def work(ask: Asker) -> None:
        left = await ask("apply", document=document, commit=False, timeout=60)
        assert left["outcome"] == "unconfirmed"
        assert await ask("rollback") == left["transaction"]
        assert "br9" not in names(host)
        left = await ask("apply", document=document, commit=False, timeout=60)
        assert await ask("confirm") == left["transaction"]
        assert "br9" in names(host)
        shown = await ask("show", details=False)
        assert "br9" in {one["name"] for one in shown["interfaces"]}
        assert [one["state"] for one in await ask("history")] == ["rolled-back", "committed"]
        error = await ask.error("apply", document={"interfaces": [{"name": "br9", "mtu": "x"}]})
        assert error.code == 21
        assert await ask("neighbours") == {}

    asking(executor, work)


@pytest.mark.needs("users")
def test_a_user_that_may_not_ask_is_refused_and_named_in_the_log(executor: Executor, public: Public) -> None:
    os.chmod(executor.socket, 0o666)  # as if the file's mode had been lost: the kernel still says who it is
    assert _ask_as(public, STRANGER + 1, executor, "hello", {}) == "Temporary"
    [refused] = [line for line in executor.lines() if line["event"] == "refused"]
    assert refused["uid"] == STRANGER + 1


@pytest.mark.needs("users")
def test_the_socket_is_not_for_everyone(executor: Executor, public: Public) -> None:
    assert os.stat(executor.socket).st_mode & 0o777 == 0o660
    assert _ask_as(public, STRANGER + 1, executor, "hello", {}) == "NotPermitted"


@pytest.mark.needs("users")
def test_the_agents_user_may_ask_and_may_not_have_programs_run_as_root(
    executor: Executor, public: Public, tmp_path: pathlib.Path
) -> None:
    os.chmod(executor.socket, 0o666)
    assert _ask_as(public, STRANGER, executor, "hello", {}) == "result"
    script = {"interfaces": [{"name": "veth_1", "dispatch": {"post-activation": f"touch {tmp_path}/done"}}]}
    assert _ask_as(public, STRANGER, executor, "apply", {"document": script}) == "-32602"
    document = {"interfaces": [{"name": "veth_1", "mtu": 1400}]}
    probes = {"document": document, "probes": [f"command:touch {tmp_path}/done"]}
    assert _ask_as(public, STRANGER, executor, "apply", probes) == "-32602"
    assert executor.history() == []


def _ask_as(public: Public, user: int, executor: Executor, verb: str, params: dict[str, typing.Any]) -> str:
    """What another user gets: ``result``, the code of an error, or the name of a failure."""
    program = (
        "import asyncio, json, sys\n"
        "from linkhold.foundation.failures import Failure\n"
        "from linkhold.wire.call import RpcError\n"
        "from linkhold.wire.local_client import LocalClient\n"
        "async def work():\n"
        "    try:\n"
        "        await LocalClient(sys.argv[1]).call(sys.argv[2], json.loads(sys.argv[3]), timeout=20)\n"
        "        return 'result'\n"
        "    except RpcError as error:\n"
        "        return str(error.code)\n"
        "    except Failure as failure:\n"
        "        return type(failure).__name__\n"
        "print(asyncio.run(work()))\n"
    )
    python, environment = public
    command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", python, "-c", program]
    done = subprocess.run(
        [*command, executor.socket, verb, json.dumps(params)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_socket_that_systemd_opened_is_served(host: Namespace, tmp_path: pathlib.Path) -> None:
    executor = Executor(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(executor.socket)
        listening.listen()
        program = (
            "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()));"
            "os.execv(sys.executable, [sys.executable, '-m', 'linkhold.executor'])"
        )
        command = [sys.executable, "-c", program, str(listening.fileno())]
        with executor.log.open("wb") as log:
            executor.process = subprocess.Popen(
                command, env=executor.environment, stderr=log, pass_fds=[listening.fileno()]
            )
    try:
        assert asking(executor, lambda ask: ask("hello"))["protocol"] == 1
        assert executor.end() == 0
        assert os.path.exists(executor.socket), "it is systemd's"
    finally:
        executor.close()


def test_the_networks_at_a_command_line(executor: Executor, host: Namespace) -> None:
    asking(executor, lambda ask: ask.networks(RED, check=False))
    listed = executor.cli("networks", "list")
    assert "red" in listed.stdout
    assert "no" in listed.stdout.splitlines()[1].split()
    asking(executor, lambda ask: ask("keep"))
    host.ip("link", "del", "red")
    restored = executor.cli("networks", "restore")
    assert restored.returncode == 0, restored.stderr
    assert "red" in names(host)
    assert "Nothing to do" in executor.cli("networks", "restore").stdout
    cleared = executor.cli("networks", "clear", "--all", "--json")
    assert json.loads(cleared.stdout)["outcome"] == "committed"
    assert "red" not in names(host)

    async def work(ask: Asker) -> None:
        snapshot = await ask("snapshot", generation=-1)
        assert snapshot["running"]["networks"] == snapshot["safe"]["networks"] == {}
        assert snapshot["dirty"] is False

    asking(executor, work)


def test_a_restore_without_a_card_says_so_by_its_exit_code(host: Namespace, tmp_path: pathlib.Path) -> None:
    executor = Executor(tmp_path)
    folder = tmp_path / "netconf"
    (folder / "nets").mkdir(parents=True)
    (folder / "nets" / "red").write_text(json.dumps(RED["red"]))
    (folder / "nets" / "lost").write_text('{"nic": "veth_9"}')
    imported = executor.cli("networks", "import", str(folder))
    assert imported.returncode == 0, imported.stderr
    assert executor.cli("networks", "import", str(folder)).returncode == 1, "only with --replace"
    restored = executor.cli("networks", "restore")
    executor.close()
    assert restored.returncode == 5
    assert 'Nic "veth_9" required by network lost is missing.' in restored.stderr
    assert "red" in names(host)
