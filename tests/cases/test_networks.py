"""Golden cases of setup-networks requests: a host, what it was given, a request, and the document that this means.

A case is a file ``networks/<topic>/<case>.yml``. The host is that of `CARDS`, with the requests of ``given`` carried out one
by one (in memory), unless ``current`` or ``running`` say otherwise; ``changed`` is a document laid over it afterwards, as if
by somebody else. ``request`` is as the centre sends it, ``document`` what comes of it (or ``mistakes``). After a deliberate
change of translation, ``LINKHOLD_UPDATE_CASES=1 pytest tests/cases/test_networks.py`` writes the documents anew; read the
diff.

Of each it is tested, too, that the document can be planned and carried out, that the same request means nothing to be done
then, that ports of others stay where they are, and that no interface changes which is none of the request's business.
"""

import functools
import os
import pathlib

import pytest
import yaml

from linkhold.foundation.record import UNSET
from linkhold.networks import forms
from linkhold.networks.configuration import Configuration
from linkhold.networks.facts import Facts
from linkhold.networks.request import Rejected
from linkhold.networks.setup import prepare
from linkhold.planning import planner
from linkhold.state.document import read
from tests.cases.hosts import carry_out, host, look, observed

HERE = pathlib.Path(__file__).parent / "networks"
CASES = sorted(str(one.relative_to(HERE).with_suffix("")) for one in HERE.glob("*/*.yml"))
CARDS = {
    "interfaces": [
        {"name": name, "type": "ethernet", "mtu": 1500, "mac-address": f"02:00:00:00:00:0{number}"}
        for number, name in enumerate(("eth0", "eth1", "eth2", "eth3"))
    ]
    + [{"name": name, "type": "tun", "tun": {"mode": "tap"}, "mtu": 1500} for name in ("vnet0", "vnet1")]
}


@functools.cache
def load(case):
    return yaml.safe_load((HERE / f"{case}.yml").read_text())


def over(state, plain):
    """A host with a document carried out."""
    memory = host(state)
    outcome = planner.plan(read(plain) if isinstance(plain, dict) else plain, state)
    assert outcome.errors == ()
    carry_out(memory, outcome.plan)
    return look(memory)


@functools.cache
def situation(case):
    """What runs, and the host, at the moment of the request."""
    said = load(case)
    current = observed(said.get("current", CARDS))
    running = forms.read(said["running"]) if "running" in said else Configuration()
    for request in said.get("given", ()):
        setup = prepare(request, running, current, Facts())
        current, running = over(current, setup.desired), setup.after
    return running, over(current, said["changed"]) if "changed" in said else current


def translated(case):
    running, current = situation(case)
    return prepare(load(case)["request"], running, current, Facts())


@pytest.mark.parametrize("case", CASES)
def test_request_means_this_document(case):
    said = load(case)
    try:
        found = {"document": translated(case).document}
    except Rejected as rejected:
        found = {"mistakes": [str(one) for one in rejected.diagnostics.errors()], "number": rejected.number}
    if os.environ.get("LINKHOLD_UPDATE_CASES"):
        kept = {key: value for key, value in said.items() if key not in ("document", "mistakes", "number")}
        comment = "".join(
            line + "\n" for line in (HERE / f"{case}.yml").read_text().splitlines() if line.startswith("#")
        )
        text = yaml.safe_dump({**kept, **found}, sort_keys=False, default_flow_style=None, width=128)
        (HERE / f"{case}.yml").write_text(comment + text)
    else:
        assert found == {key: said[key] for key in ("document", "mistakes", "number") if key in said}


FOLLOWED = [case for case in CASES if "document" in load(case)]


@pytest.mark.parametrize("case", FOLLOWED)
def test_document_can_be_carried_out_and_then_asks_for_nothing(case):
    _, current = situation(case)
    setup = translated(case)
    outcome = planner.plan(setup.desired, current)
    assert [str(one) for one in outcome.errors] == []
    there = over(current, setup.desired)
    assert planner.plan(setup.desired, there).plan.changes == ()
    again = prepare(load(case)["request"], setup.after, there, Facts()) if not removes(load(case)) else None
    if again is not None:
        assert planner.plan(again.desired, there).plan.changes == ()


def removes(said):
    """Whether a request takes something away, so that it can't be sent twice."""
    named = [*said["request"].get("networks", {}).values(), *said["request"].get("bondings", {}).values()]
    return any("remove" in one for one in named)


@pytest.mark.parametrize("case", FOLLOWED)
def test_ports_of_others_stay(case):
    _, before = situation(case)
    after = over(before, translated(case).desired)
    taps = {key: one for key, one in before.by_key.items() if one.name.startswith("vnet")}
    for key, tap in taps.items():
        if tap.controller not in (UNSET, "") and any(one.name == tap.controller for one in after.by_key.values()):
            assert after.by_key[key] == tap


@pytest.mark.parametrize("case", FOLLOWED)
def test_nothing_changes_that_the_request_does_not_mean(case):
    running, before = situation(case)
    setup = translated(case)
    touched = {one.name.partition("/")[0] for one in planner.plan(setup.desired, before).plan.changes}
    named = set(load(case)["request"].get("networks", ())) | set(load(case)["request"].get("bondings", ()))
    implied = set(setup.request.networks) - named
    for name, network in running.networks.items():
        if name not in named | implied and network.base not in setup.request.bondings:
            assert not touched & {network.next_hop(name), *({name} if network.bridged else ())} - {network.base}
            assert setup.after.networks[name] == network


@pytest.mark.parametrize("case", FOLLOWED)
def test_what_runs_then_can_be_stored(case):
    after = translated(case).after
    assert forms.read(forms.write(after)) == after
