"""Golden cases of capabilities: a host, facts about it, the networks it was given, and what its centre is told.

A case is a folder of ``reports`` with ``current.yml``, ``facts.yml`` (as `networks.facts_form` writes them), ``running.yml``
and ``report.yml``. After a deliberate change, ``LINKHOLD_UPDATE_CASES=1 pytest tests/cases`` writes the reports anew; read
the diff.
"""

import json
import os
import pathlib

import pytest
import yaml

from linkhold.networks.configuration import Bonding, Configuration, Curve, HostQos, Network
from linkhold.networks.facts_form import from_plain
from linkhold.networks.reporting.caps import capabilities
from tests.cases.hosts import observed

HERE = pathlib.Path(__file__).parent / "reports"
CASES = sorted(one.name for one in HERE.iterdir() if one.is_dir())


def load(case: str, name: str) -> dict:
    return yaml.safe_load((HERE / case / f"{name}.yml").read_text())


def running(plain: dict) -> Configuration:
    """A configuration under the names that its records give their fields."""
    return Configuration(
        networks={name: _network(dict(said)) for name, said in plain.get("networks", {}).items()},
        bondings={name: _bonding(dict(said)) for name, said in plain.get("bondings", {}).items()},
    )


def _network(said: dict) -> Network:
    if "host_qos" in said:
        said["host_qos"] = HostQos(**{key: Curve(**curve) for key, curve in said["host_qos"].items()})
    return Network(**said)


def _bonding(said: dict) -> Bonding:
    return Bonding(**{**said, "ports": tuple(said["ports"])})


@pytest.mark.parametrize("case", CASES)
def test_the_report_is_as_written(case):
    current = load(case, "current")
    state = observed(current)
    told = capabilities(state, from_plain(load(case, "facts")), running(load(case, "running")), False)
    words = json.loads(json.dumps({"maps": told.maps, "warnings": list(told.warnings)}))
    path = HERE / case / "report.yml"
    if os.environ.get("LINKHOLD_UPDATE_CASES"):
        path.write_text(yaml.safe_dump(words, sort_keys=False, width=150, allow_unicode=True))
    assert words == yaml.safe_load(path.read_text())
