"""Every example is applied for real, taken back for real, and kept for real, the way a user would do it.

What a kernel must have for one is derived from the document, so that bonds, VLANs and the like run in the lab by themselves.
"""

import json
import subprocess
import sys

import pytest

import linkhold
from linkhold.cli.codes import INVALID, UNAVAILABLE
from linkhold.planning import planner
from linkhold.state.document import parse
from linkhold.state.interfaces.common import Interface
from tests.kernel.example_host import Example, all_examples, furnish, picture

EXAMPLES = all_examples()
TO_APPLY = [pytest.param(one, id=one.name, marks=pytest.mark.needs(*one.needs)) for one in EXAMPLES if not one.refused]
RESOLV_CONF = "# by hand\nnameserver 192.0.2.99\nsearch example.org\n"
TO_REFUSE = [pytest.param(one, id=one.name, marks=pytest.mark.needs("ethernet")) for one in EXAMPLES if one.refused]


@pytest.fixture
def host(netns, tmp_path, monkeypatch):
    """A host with four NICs, files and a state directory of its own; gives what `picture` needs."""
    furnish(netns)
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/resolv.conf").write_text(RESOLV_CONF)
    monkeypatch.setenv("LINKHOLD_ROOT", str(root))
    monkeypatch.setenv("LINKHOLD_STATE_DIR", str(tmp_path / "state"))
    return lambda: picture(netns, root)


def prepare(example: Example) -> None:
    """What has to be there before."""
    for command in example.commands:
        subprocess.run(command.split(), check=True)
    for one in example.earlier:
        linkhold.apply(one.text)


def command_line(*words: str) -> subprocess.CompletedProcess[str]:
    """Our command as a process."""
    command = [sys.executable, "-m", "linkhold", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


@pytest.mark.parametrize("example", TO_APPLY)
def test_an_example_can_be_taken_back_and_kept(example: Example, host, tmp_path) -> None:
    prepare(example)
    before = host()

    result = linkhold.apply(example.text, commit=False)
    if result.outcome == "unconfirmed":
        assert host() != before
        linkhold.rollback()
        assert host() == before

    done = command_line("apply", str(example.path), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == ("committed" if result.outcome == "unconfirmed" else "unchanged")

    again = linkhold.plan(example.text)
    assert [change.name for change in again.plan.changes] == []
    assert linkhold.apply(example.text).outcome == "unchanged"


@pytest.mark.parametrize("example", TO_REFUSE)
def test_what_nobody_here_can_do_is_planned_but_refused_before_anything_is_touched(example: Example, host) -> None:
    prepare(example)
    before = host()
    desired = parse(example.text)
    elsewhere = planner.plan(desired, _with_hardware(linkhold.show(), desired))
    assert elsewhere.errors == ()
    assert not elsewhere.plan.empty

    with pytest.raises(linkhold.Invalid) as refusal:
        linkhold.apply(example.text)
    assert example.refused.lower() in str(refusal.value).lower()
    done = command_line("apply", str(example.path))
    only_unsupported = {one.code for one in refusal.value.diagnostics.errors()} == {"unsupported"}
    assert done.returncode == (UNAVAILABLE if only_unsupported else INVALID)
    assert example.refused.lower() in done.stderr.lower()
    assert host() == before
    assert linkhold.history() == ()


def _with_hardware(current, desired):
    """The host, with the hardware that a document speaks of plugged in."""
    there = {one.name for one in current.interfaces}
    missing = [one for one in desired.interfaces if not one.virtual and one.name not in there]
    return current.replace(interfaces=(*current.interfaces, *(_plugged_in(one) for one in missing)))


def _plugged_in(interface: Interface) -> Interface:
    section = {key: interface.get(key) for key in ("infiniband",) if key in type(interface).field_names()}
    return type(interface)(name=interface.name, state="down", mtu=2044, **section)


def test_the_examples_name_only_examples() -> None:
    names = {one.path.name for one in EXAMPLES}
    for one in EXAMPLES:
        assert {two.path.name for two in one.earlier} <= names


def test_an_example_needs_what_its_kinds_need() -> None:
    by_name = {one.name: one.needs for one in EXAMPLES}
    assert {"bond", "bridge", "vlan"} <= set(by_name["bridge-on-bond-with-vlans"])
    assert "bond" in by_name["remove-interfaces"]
    assert "policy-routing" in by_name["two-uplinks"]
    assert "bridge-vlan-filtering" in by_name["bridge-vlan-filtering"]
    assert "bridge-vlan-filtering" not in by_name["bridge-on-bond-with-vlans"]
