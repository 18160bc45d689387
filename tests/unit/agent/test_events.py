"""What the centre is told without asking, and when."""

import asyncio
import json
import typing

import pytest

from linkhold.agent.events import Events, managed
from linkhold.agent.metrics import Metrics
from linkhold.agent.writing import Writing
from linkhold.foundation.logs import Log
from linkhold.networks.configuration import Bonding, Configuration, Network
from linkhold.wire.call import RpcError

RUNNING = Configuration(
    networks={"red": Network(bonding="bond0", vlan=7), "blue": Network(interface="eth2", bridged=False)},
    bondings={"bond0": Bonding(ports=("eth0", "eth1"))},
)
HOST = "|net|host_conn|no_id"


class Told:
    """Events, and what came of them."""

    def __init__(self) -> None:
        self.published: list[tuple[str, str, dict[str, typing.Any]]] = []
        self.writing, self.metrics = Writing(), Metrics()
        log = Log("test", write=lambda line: json.loads(line), journal=False)
        self.running: Configuration | RpcError = RUNNING
        self.events = Events(self._publish, self.writing, self._running, self.metrics, log, lambda: 4711)

    async def _running(self) -> Configuration:
        if isinstance(self.running, RpcError):
            raise self.running
        return self.running

    def _publish(self, *told: typing.Any) -> None:
        self.published.append(told)

    def changed(self, *names: str, what: str = "address") -> None:
        asyncio.run(self.events.changed({"generation": 2, "interfaces": list(names), "what": [what]}))


def test_what_belongs_to_networks() -> None:
    assert managed(RUNNING) == {"red", "bond0", "bond0.7", "eth0", "eth1", "eth2"}


@pytest.mark.parametrize("what", ["address", "lease", "carrier", "active-port", "link"])
def test_a_change_of_a_managed_interface_is_told(what: str) -> None:
    told = Told()
    told.changed("eth1", "tap0", what=what)
    assert told.published == [("jms.queue.events", HOST, {"notify_time": 4711})]


@pytest.mark.parametrize(("name", "what"), [("tap0", "address"), ("eth1", "statistics")])
def test_others_are_not(name: str, what: str) -> None:
    told = Told()
    told.changed(name, what=what)
    assert told.published == []


def test_while_a_change_runs_nothing_is_told_and_then_once() -> None:
    told = Told()
    with told.writing.alone("Host.setupNetworks"):
        told.changed("eth0")
        told.changed("red")
        assert told.published == []
    assert [method for _, method, _ in told.published] == [HOST]
    with told.writing.alone("Host.setupNetworks"):
        pass
    assert len(told.published) == 1


def test_also_when_the_change_fails() -> None:
    told = Told()

    def fail() -> None:
        with told.writing.alone("Host.setupNetworks"):
            told.changed("eth0")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [method for _, method, _ in told.published] == [HOST]


def test_after_a_time_without_events_the_centre_is_told_to_look() -> None:
    told = Told()
    told.events.missed()
    assert [method for _, method, _ in told.published] == [HOST]


def test_drift_and_its_metrics() -> None:
    told = Told()
    told.events.heard("drift", {"drifted": True, "changes": ["~ interface red", "+ route default"]})
    _, method, params = told.published[0]
    assert (method, params["drifted"], params["notify_time"]) == ("|linkhold|drift|no_id", True, 4711)
    assert "linkhold_drift 1\n" in told.metrics.text()
    assert "linkhold_drift_differences 2\n" in told.metrics.text()
    told.events.heard("drift", {"drifted": False, "changes": []})
    assert "linkhold_drift 0\n" in told.metrics.text()


def test_transactions_are_told_and_counted_when_they_end() -> None:
    told = Told()
    told.events.heard("transaction", {"transaction": "0001-a", "phase": "confirm", "outcome": ""})
    assert "transactions_total" not in told.metrics.text()
    told.events.heard("transaction", {"transaction": "0001-a", "phase": "done", "outcome": "rolled-back"})
    assert [method for _, method, _ in told.published] == ["|linkhold|transaction|0001-a"] * 2
    assert 'linkhold_transactions_total{outcome="rolled-back"} 1' in told.metrics.text()


def test_an_event_that_nobody_knows_is_left_alone() -> None:
    told = Told()
    told.events.heard("of tomorrow", {})
    assert told.published == []


def test_a_network_that_came_with_the_change_counts() -> None:
    """Its lease may be the first that is heard of it."""
    told = Told()
    told.running = Configuration(networks={"green": Network(interface="eth7")})
    told.changed("green", what="lease")
    assert [method for _, method, _ in told.published] == [HOST]


def test_where_nothing_is_known_the_centre_is_told_to_look() -> None:
    told = Told()
    told.running = RpcError(99, "recovering")
    told.changed("anything")
    assert [method for _, method, _ in told.published] == [HOST]


def test_changes_are_looked_at_in_order() -> None:
    async def heard() -> list[str]:
        told = Told()
        task = asyncio.ensure_future(told.events.run())
        for name in ("tap0", "eth0", "eth1"):
            told.events.heard("changed", {"interfaces": [name], "what": ["carrier"]})
        async with asyncio.timeout(20):
            while len(told.published) < 2:
                await asyncio.sleep(0)
        task.cancel()
        return [method for _, method, _ in told.published]

    assert asyncio.run(heard()) == [HOST, HOST]
