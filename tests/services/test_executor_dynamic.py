"""Source rules of networks with leases, laid by the executor: they come with the lease and follow it to another subnet."""

import asyncio
import collections.abc
import pathlib
import time
import zlib

import pytest

from tests.agent.executors import Asker, Executor
from tests.services.rigs.peer import Peer

pytestmark = [pytest.mark.needs("alone", "dhcpcd", "dnsmasq"), pytest.mark.limit(120)]

TABLE = zlib.adler32(b"red")
FIRST, SECOND = "192.0.2", "198.51.100"


@pytest.fixture
def executor(peer: Peer, tmp_path: pathlib.Path) -> collections.abc.Iterator[Executor]:
    peer.cable("eth1")
    peer.dhcp("eth1", f"{FIRST}.1/24", options=(f"option:router,{FIRST}.1",))
    one = Executor(tmp_path)
    one.environment["LINKHOLD_ROOT"] = ""  # this host is the test's own
    one.start()
    yield one
    one.close()


def rules(peer: Peer) -> set[str]:
    """The rules to the network's table: ``from 192.0.2.0/24``, ``to 192.0.2.0/24``."""
    found = set()
    for one in peer.here.ip_json("rule", "show"):
        if str(one["table"]) == str(TABLE):
            assert one["priority"] == 3200
            found |= {f"from {one['src']}/{one.get('srclen', 32)}"} if one["src"] != "all" else set()
            found |= {f"to {one['dst']}/{one.get('dstlen', 32)}"} if "dst" in one else set()
    return found


def until_rules(peer: Peer, executor: Executor, *subnets: str) -> None:
    wanted = {f"{way} {subnet}.0/24" for subnet in subnets for way in ("from", "to")}
    end = time.monotonic() + 60
    while rules(peer) != wanted:
        assert time.monotonic() < end, f"{rules(peer)} are not {wanted}\n{executor.log.read_text()}"
        time.sleep(0.1)


def ask(executor: Executor, networks: dict[str, object]) -> None:
    async def work() -> None:
        asker = Asker(executor.socket)
        await asker.networks(networks, check=False)
        await asker.close()

    asyncio.run(work())


def test_rules_follow_the_lease(executor: Executor, peer: Peer) -> None:
    ask(executor, {"red": {"nic": "eth1", "bootproto": "dhcp", "defaultRoute": False}})
    until_rules(peer, executor, FIRST)
    routes = peer.here.ip_json("route", "show", "table", str(TABLE))
    assert any(one["dst"] == "default" and one["gateway"] == f"{FIRST}.1" for one in routes)

    peer.there.ip("address", "flush", "dev", "far-eth1")
    peer.dhcp("eth1", f"{SECOND}.1/24", options=(f"option:router,{SECOND}.1",))
    for state in ("down", "up"):
        peer.there.ip("link", "set", "far-eth1", state)
        time.sleep(2)  # the kernel tells of carriers once a second
    until_rules(peer, executor, SECOND)

    assert not [line for line in executor.lines() if line["event"] == "drift"], (
        "rules that are about to come are no drift"
    )

    ask(executor, {"red": {"remove": True}})
    until_rules(peer, executor)


def test_a_restarted_executor_lays_what_is_missing(executor: Executor, peer: Peer) -> None:
    ask(executor, {"red": {"nic": "eth1", "bootproto": "dhcp", "defaultRoute": False}})
    until_rules(peer, executor, FIRST)
    executor.kill()
    peer.here.ip("rule", "del", "priority", "3200", "from", f"{FIRST}.0/24", "table", str(TABLE))
    executor.start()
    until_rules(peer, executor, FIRST)
