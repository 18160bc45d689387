"""The executor where Open vSwitch is the switch: networks are ports of its bridges, taken back with every row."""

import collections.abc
import pathlib
import subprocess
import typing

import pytest

from tests.agent.executors import Asker, Executor, asking
from tests.lab.namespaces import Namespace
from tests.services.rigs.openvswitch import OpenVSwitch

pytestmark = [pytest.mark.needs("alone", "openvswitch", "openvswitch-datapath"), pytest.mark.limit(120)]

RED = {
    "red": {"nic": "veth_1", "vlan": 101, "switch": "ovs", "ipaddr": "192.0.2.7", "netmask": "255.255.255.0"},
    "blue": {"nic": "veth_1", "switch": "ovs"},
}


@pytest.fixture
def executor(openvswitch: OpenVSwitch, netns: Namespace, tmp_path: pathlib.Path) -> collections.abc.Iterator[Executor]:
    netns.ip("link", "add", "veth_1", "type", "veth", "peer", "far1")
    for name in ("veth_1", "far1"):
        netns.ip("link", "set", name, "up")
    one = Executor(tmp_path)
    one.environment["LINKHOLD_ROOT"] = ""  # this host is the test's own
    one.start()
    yield one
    one.close()


def bridges() -> dict[str, set[str]]:
    """The ports of each."""

    def told(*words: str) -> list[str]:
        return subprocess.run(["ovs-vsctl", *words], capture_output=True, text=True, check=True).stdout.split()

    return {name: set(told("list-ports", name)) for name in told("list-br")}


def test_networks_come_and_go_as_ports(executor: Executor, netns: Namespace) -> None:
    async def work(ask: Asker) -> None:
        async with ask.speaking():
            assert (await ask.networks(RED, seconds=30))["outcome"] == "committed"
        [ports] = bridges().values()
        assert ports == {"veth_1", "red", "blue"}
        snapshot = await ask("snapshot", generation=-1)
        assert snapshot["running"]["networks"]["red"]["switch"] == "ovs"
        assert (await ask("drift"))["text"] == "Nothing to do."
        async with ask.speaking():
            await ask.networks({name: {"remove": True} for name in RED}, seconds=30)

    asking(executor, work)
    assert bridges() == {}


def test_not_heard_in_time_the_database_is_as_before(executor: Executor) -> None:
    async def work(ask: Asker) -> None:
        error = await ask.error("setup-networks", networks=RED, options={"connectivityTimeout": 2}, requester="engine")
        assert error.code == 10, error.data
        assert typing.cast("dict[str, object]", error.data)["missing"] == []

    asking(executor, work)
    assert bridges() == {}
