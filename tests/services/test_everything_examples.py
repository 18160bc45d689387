"""Every example on hosts with real services: applied, taken back, kept, and applied again, as a user would do it.

NetworkManager gets all examples that it can hold, Open vSwitch those that speak of it; on the third host both run.
"""

import json
import subprocess
import sys
import typing

import pytest

import linkhold
from tests.kernel.example_host import Example, all_examples
from tests.lab import namespaces
from tests.services.whole_host import WholeHost, assert_same, unlike

NOWHERE = frozenset({"infiniband", "ipsec", "virtual-functions", "wireguard", "xfrm"})
"""What no kernel of ours has the hardware or the modules for."""

SUPPLICANT = frozenset({"port-authentication"})
"""What NetworkManager hands on to wpa_supplicant, which has nobody to talk to here."""

BEYOND = {
    "bond-arp-monitor": "priorities of ports are held since 1.44",
    "encrypted-link": "sealed0",  # its profiles of MACsec need keys (mka-ckn)
    "macsec": "macsec0",
}
"""What this release of NetworkManager can't hold: refused, with these words; the host is as before."""

SWITCHED = frozenset(one.name for one in all_examples() if one.name.startswith("ovs-"))


def examples(where: typing.Callable[[Example], bool], *needs: str) -> list[typing.Any]:
    """As parameters, each with what it needs."""
    chosen = [one for one in all_examples() if one.name not in NOWHERE | SUPPLICANT and where(one)]
    return [pytest.param(one, id=one.name, marks=pytest.mark.needs(*needs, *one.needs)) for one in chosen]


@pytest.fixture
def host(netns: namespaces.Namespace) -> WholeHost:
    """The network; services are put beside it by the tests."""
    return WholeHost(netns)


@pytest.mark.parametrize("example", examples(lambda one: one.name not in SWITCHED))
def test_where_networkmanager_runs(example: Example, networkmanager: typing.Any, host: WholeHost) -> None:
    host.manager = networkmanager
    host.furnish()
    if example.name in BEYOND:
        before = host.picture()
        with pytest.raises((linkhold.Invalid, linkhold.NotApplied), match=BEYOND[example.name]):
            linkhold.apply(example.text)
        assert_same(before, host.picture())
    else:
        there_and_back(example, host)


@pytest.mark.parametrize("example", examples(lambda one: one.name in SWITCHED, "openvswitch-datapath"))
def test_where_open_vswitch_runs(example: Example, openvswitch: typing.Any, host: WholeHost) -> None:
    host.switch = openvswitch
    host.furnish()
    there_and_back(example, host)


@pytest.mark.parametrize("example", examples(lambda one: one.name in SWITCHED, "openvswitch-datapath"))
def test_where_both_run(example: Example, networkmanager: typing.Any, openvswitch: typing.Any, host: WholeHost) -> None:
    host.manager, host.switch = networkmanager, openvswitch
    host.furnish()
    there_and_back(example, host)


def there_and_back(example: Example, host: WholeHost) -> None:
    """Apply without keeping, take back, apply as a process, apply again."""
    host.prepare(example)
    before = host.picture()

    result = linkhold.apply(example.text, commit=False)
    if result.outcome == "unconfirmed":
        assert unlike(before, host.picture()) != []
        linkhold.rollback()
        assert_same(before, host.picture())

    command = [sys.executable, "-m", "linkhold", "apply", str(example.path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == ("committed" if result.outcome == "unconfirmed" else "unchanged")

    again = linkhold.plan(example.text)
    assert [(change.name, change.differences) for change in again.plan.changes] == []
    assert linkhold.apply(example.text).outcome == "unchanged"
