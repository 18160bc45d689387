"""Drift of what a host was given: changes by others, and what is not there any more, which is drift as well."""

import asyncio
import pathlib

import pytest

from linkhold.executor.setup import planning_ahead
from linkhold.executor.setup.snapshot import Seen
from linkhold.networks.configuration import Bonding, Configuration, Network
from linkhold.networks.facts import Facts
from linkhold.state.document import read
from tests.unit.transaction.stage import HOST, Stage

HERE = Network(interface="eth0", mtu=1400, bridged=False, ipaddr="192.0.2.1", prefix=24, nameservers=())
LOST = Network(interface="eth9", bridged=False, nameservers=())


def drift(path: pathlib.Path, running: Configuration, committed: str = "") -> planning_ahead.Drift:
    documents = read({"interfaces": [{"name": committed, "mtu": 1300}]}) if committed else None
    seen = Seen(HOST, Facts())
    return asyncio.run(planning_ahead.drift(running, seen, Stage(path).host, documents))


def test_a_host_that_was_given_nothing_has_not_drifted(tmp_path: pathlib.Path) -> None:
    assert drift(tmp_path, Configuration()).lines == ()


def test_what_somebody_changed_is_a_line(tmp_path: pathlib.Path) -> None:
    assert "~ interface eth0" in drift(tmp_path, Configuration(networks={"red": HERE})).lines


def test_a_network_whose_card_is_gone_is_drift(tmp_path: pathlib.Path) -> None:
    found = drift(tmp_path, Configuration(networks={"lost": LOST}))
    assert found.missing == ('Nic "eth9" required by network lost is missing.',)
    assert found.lines == ('! Nic "eth9" required by network lost is missing.',)


@pytest.mark.parametrize("ports", [("eth8", "eth9"), ("eth1", "eth9")])
def test_a_bond_without_one_of_its_ports_is_drift(tmp_path: pathlib.Path, ports: tuple[str, ...]) -> None:
    found = drift(tmp_path, Configuration(bondings={"bond0": Bonding(ports=ports)}))
    assert any("eth9" in line for line in found.lines)


def test_documents_that_were_committed_count_as_well(tmp_path: pathlib.Path) -> None:
    found = drift(tmp_path, Configuration(networks={"lost": LOST}), committed="eth1")
    assert [one.name for one in found.outcome.plan.changes] == ["eth1"]
    assert found.missing
