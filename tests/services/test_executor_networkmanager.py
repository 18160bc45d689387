"""The executor where NetworkManager owns the interfaces: what runs is in its memory only, and comes back as it was."""

import collections.abc
import pathlib
import subprocess
import typing

import pytest

from tests.agent.executors import Asker, Executor, asking
from tests.lab.namespaces import Namespace
from tests.services.rigs.networkmanager import NetworkManager

pytestmark = [pytest.mark.needs("alone", "networkmanager"), pytest.mark.limit(120)]

RED = {"red": {"nic": "veth_1", "ipaddr": "192.0.2.7", "netmask": "255.255.255.0"}}


@pytest.fixture
def executor(
    networkmanager: NetworkManager, netns: Namespace, tmp_path: pathlib.Path
) -> collections.abc.Iterator[Executor]:
    netns.ip("link", "add", "veth_1", "type", "veth", "peer", "far1")
    for name in ("veth_1", "far1"):
        netns.ip("link", "set", name, "up")
    one = Executor(tmp_path)
    one.environment["LINKHOLD_ROOT"] = ""  # this host is the test's own
    one.start()
    yield one
    one.close()


def profiles() -> dict[str, str]:
    """Where each profile is kept, by the interface it is for."""
    done = subprocess.run(
        ["nmcli", "-t", "-f", "DEVICE,FILENAME", "connection", "show", "--active"],
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split(":", 1) for line in done.stdout.splitlines())


def test_a_network_runs_in_memory_and_is_taken_off_again(executor: Executor, netns: Namespace) -> None:
    async def work(ask: Asker) -> None:
        async with ask.speaking():
            assert (await ask.networks(RED, seconds=30))["outcome"] == "committed"
        kept = profiles()
        assert kept["red"].startswith("/run/NetworkManager/"), kept
        assert kept["veth_1"].startswith("/run/NetworkManager/"), kept
        snapshot = await ask("snapshot", generation=-1)
        [red] = [one for one in snapshot["state"]["interfaces"] if one["name"] == "red"]
        assert red["provider"] == "networkmanager"
        async with ask.speaking():
            await ask.networks({"red": {"remove": True}}, seconds=30)

    asking(executor, work)
    assert "red" not in {link["ifname"] for link in netns.ip_json("link")}
    assert "red" not in profiles()


def test_not_heard_in_time_profiles_and_kernel_are_as_before(executor: Executor, netns: Namespace) -> None:
    before = profiles()

    async def work(ask: Asker) -> None:
        error = await ask.error("setup-networks", networks=RED, options={"connectivityTimeout": 2}, requester="engine")
        assert error.code == 10, error.data
        assert typing.cast("dict[str, object]", error.data)["missing"] == []

    asking(executor, work)
    assert profiles() == before
    assert "red" not in {link["ifname"] for link in netns.ip_json("link")}
